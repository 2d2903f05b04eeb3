import re

import pytest
from django.urls import reverse

from accounts.learners import SESSION_KEY
from sandbox.models import SandboxEvent, SandboxSession, SandboxToken
from sandbox.recording import open_console, send_lines, send_message
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory

START = "/sandbox/"
TO_CONTENT = """EHLO laptop.example
MAIL FROM:<casey@lab.example>
RCPT TO:<robin@lab.example>
DATA"""
TO_TLS = "EHLO laptop.example\nSTARTTLS\nEHLO laptop.example"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def guest(client, db):
    learner = LearnerFactory()
    session = client.session
    session[SESSION_KEY] = learner.pk
    session.save()
    return learner


@pytest.fixture
def console(guest):
    return open_console(guest)


@pytest.fixture
def program(db):
    """An unclaimed session from this machine."""
    session = SandboxSessionFactory()
    SandboxEventFactory(session=session)
    return session


def url_of(session):
    return f"/sandbox/sessions/{session.uuid}/"


def say(client, session, headers=None, **data):
    return client.post(f"{url_of(session)}lines/", data, headers=headers)


def shown_codes(response):
    return re.findall(r'<span class="code code--\d">(\d{3})</span>', transcript_of(response))


def transcript_of(response):
    return response.content.decode().partition("<template")[0]


def test_start_page_offers_a_console_and_lines_to_copy(client, db, settings):
    settings.SMTP_PORT = 2599

    response = client.get(START)

    page = response.content.decode()
    assert '<form method="post" action="/sandbox/sessions/" class="opening">' in page
    assert 'value="EHLO laptop.example"' in page
    assert "The server speaks first." in page
    assert "swaks --server 127.0.0.1:2599 --ehlo laptop.example" in page
    assert "telnet 127.0.0.1 2599" in page
    assert "Make my token" in page
    assert "Nothing yet." in page
    assert 'data-lobby="/live/sandbox/events?token=' in page


def test_start_page_of_a_public_site_offers_programs_with_a_token_only(
    client, db, settings, program
):
    settings.LOCAL_MODE = False

    page = client.get(START).content.decode()

    assert '<form method="post" action="/sandbox/sessions/" class="opening">' in page
    assert "telnet" not in page
    assert "data-lobby" not in page
    assert url_of(program) not in page


def test_token_is_made_and_exchanged_at_a_post(client, db, settings):
    settings.LOCAL_MODE = False
    client.post("/sandbox/token/")
    first = SandboxToken.objects.get()

    page = client.get(START).content.decode()
    assert f"--ehlo {first.value}.sandbox.test" in page
    assert f"telnet testserver {settings.SMTP_PORT}" in page

    client.post("/sandbox/token/")
    first.refresh_from_db()
    second = SandboxToken.objects.valid().get()
    assert first.revoked_at is not None
    page = client.get(START).content.decode()
    assert second.value in page
    assert first.value not in page


def test_first_command_is_sent_at_once(client, db):
    form = {"profile": "modern", "nominal_port": "587", "line": "EHLO laptop.example"}

    client.post("/sandbox/sessions/", form)

    session = SandboxSession.objects.get()
    assert session.nominal_port == 587
    assert shown_codes(client.get(url_of(session))) == ["220", "250"]


def test_start_page_lists_own_consoles_and_programs_of_this_machine(client, guest, program):
    own = open_console(guest)
    other = open_console(LearnerFactory())
    stranger = SandboxSessionFactory(peer="203.0.113.9")
    claimed = SandboxSessionFactory(learner=LearnerFactory())

    page = client.get(START).content.decode()

    shown = [s for s in (own, program, other, stranger, claimed) if url_of(s) in page]
    assert shown == [own, program]


@pytest.mark.parametrize("n_sessions", [1, 3])
def test_start_page_takes_three_queries(client, guest, django_assert_num_queries, n_sessions):
    for _ in range(n_sessions):
        send_message_to(open_console(guest))

    with django_assert_num_queries(3):  # learner, sessions with their counts, token
        page = client.get(START).content.decode()

    assert page.count("one message") == n_sessions


def send_message_to(session):
    send_lines(session, TO_CONTENT)
    return send_message(session, "Subject: Hello\n\nHello Robin")


@pytest.mark.parametrize("url", [START, "session"])
def test_looking_writes_nothing(client, db, program, url):
    rows = (SandboxSession.objects.count(), SandboxEvent.objects.count())

    response = client.get(url_of(program) if url == "session" else url)

    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    assert (SandboxSession.objects.count(), SandboxEvent.objects.count()) == rows


def test_stranger_opens_a_console_and_becomes_a_guest(client, db):
    response = client.post("/sandbox/sessions/", {"profile": "legacy"})

    session = SandboxSession.objects.get()
    assert response.status_code == 303
    assert response.headers["Location"] == url_of(session)
    assert (session.channel, session.profile) == ("console", "legacy")
    assert session.learner_id == client.session[SESSION_KEY]
    assert client.get(url_of(session)).status_code == 200


def test_unknown_server_is_refused_in_the_page(client, db):
    response = client.post("/sandbox/sessions/", {"profile": "nonesuch"})

    assert response.status_code == 422
    assert '<div id="errors"' in response.content.decode()
    assert not SandboxSession.objects.exists()


def test_page_shows_every_reply_with_its_reason(client, console):
    send_lines(console, "MAIL FROM:<casey@lab.example>")

    response = client.get(url_of(console))

    assert shown_codes(response) == ["220", "503"]
    page = response.content.decode()
    assert 'href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4"' in page
    assert f'data-stream="/live/sandbox/{console.uuid}/events?token=' in page
    assert 'data-last-seq="3"' in page


def test_page_takes_three_queries_however_long_the_session(
    client, console, django_assert_num_queries
):
    send_lines(console, "\n".join(["NOOP"] * 10))

    with django_assert_num_queries(3):  # learner, session, rows
        client.get(url_of(console))


def test_page_of_an_open_console_offers_what_comes_next(client, console):
    send_lines(console, "EHLO laptop.example")

    page = client.get(url_of(console)).content.decode()

    assert '<input id="id_line" name="line"' in page
    assert 'name="chip" value="MAIL FROM:&lt;casey@lab.example&gt;"' in page
    assert '<li data-step="greeted" class="here" aria-current="step">' in page


def test_page_asks_for_the_message_after_354(client, console):
    send_lines(console, TO_CONTENT)

    page = client.get(url_of(console)).content.decode()

    assert '<textarea id="id_message" name="message"' in page
    assert "ends the message" in page
    assert 'name="line"' not in page


def test_page_of_an_ended_console_offers_a_new_one(client, console):
    send_lines(console, "QUIT")

    page = client.get(url_of(console)).content.decode()

    assert "This session has ended." in page
    assert "data-stream" not in page
    assert 'name="line"' not in page


def test_page_of_a_program_has_no_prompt(client, program):
    page = client.get(url_of(program)).content.decode()

    assert "a mail program at 127.0.0.1" in page
    assert 'id="prompt"' not in page


def test_hostile_text_is_shown_inert(client, console):
    send_lines(console, TO_CONTENT)
    send_message(console, "<script>alert(1)</script> \u202e\x1b[31m")

    page = transcript_of(client.get(url_of(console)))

    esc = '<span class="glyph" data-name="ESC">␛</span>'
    assert f"&lt;script&gt;alert(1)&lt;/script&gt; U+202E{esc}[31m" in page
    assert "<script>alert" not in page


def test_long_session_shows_its_end_and_on_demand_the_whole(client, console, monkeypatch):
    monkeypatch.setattr("sandbox.viewing.showing.SHOWN_LINES", 13)
    send_lines(console, "EHLO laptop.example")

    short = client.get(url_of(console))
    whole = client.get(f"{url_of(console)}?whole=on")

    assert shown_codes(short) == ["250"]
    assert "One earlier row is not shown." in short.content.decode()
    assert shown_codes(whole) == ["220", "250"]


@pytest.mark.parametrize("local_mode", [True, False])
def test_only_loopback_at_home_is_open_to_others(client, program, settings, local_mode):
    settings.LOCAL_MODE = local_mode

    assert client.get(url_of(program)).status_code == (200 if local_mode else 404)


def test_console_of_another_is_not_found(client, guest):
    foreign = open_console(LearnerFactory())

    assert client.get(url_of(foreign)).status_code == 404
    assert say(client, foreign, line="NOOP").status_code == 404
    assert client.post(f"{url_of(foreign)}clock/", {"seconds": "60"}).status_code == 404
    assert foreign.events.count() == 1


def test_nobody_types_into_the_session_of_a_program(client, guest, program):
    assert say(client, program, line="NOOP").status_code == 404
    assert program.events.count() == 1


def test_line_is_said_and_leads_back_to_the_prompt(client, console):
    response = say(client, console, line="EHLO laptop.example")

    assert response.status_code == 303
    assert response.headers["Location"] == f"{url_of(console)}#prompt"
    assert shown_codes(client.get(url_of(console))) == ["220", "250"]


def test_line_takes_few_queries(client, console, django_assert_num_queries):
    with django_assert_num_queries(6):  # learner, session, rows; SAVEPOINT, insert, RELEASE
        say(client, console, line="EHLO laptop.example")


def test_picked_command_goes_before_the_typed_one(client, console):
    say(client, console, chip="HELO laptop.example", line="half typ")

    assert bytes(console.events.get(seq=2).octets) == b"HELO laptop.example\r\n"


def test_several_lines_are_said_one_by_one(client, console):
    say(client, console, lines="EHLO laptop.example\r\nNOOP\r\nQUIT\r\n")

    assert shown_codes(client.get(url_of(console))) == ["220", "250", "250", "221"]


@pytest.mark.parametrize(
    ("data", "octets"),
    [
        ({"lines": "NOOP\r\nNOOP", "how": "one"}, [b"NOOP\r\n", b"NOOP\r\n"]),
        ({"lines": r"NO\0OP\n", "how": "exact"}, [b"NO\0OP\n"]),
        ({"chunk": "Hi", "last": "on"}, [b"BDAT 4 LAST\r\n", b"Hi\r\n"]),
    ],
)
def test_octets_go_out_as_one_write(client, console, data, octets):
    say(client, console, **data)

    said = console.events.filter(direction="in").order_by("seq")
    assert [bytes(row.octets) for row in said] == octets
    assert said.last().data.get("early", False) is (data.get("how") == "one")


def test_login_may_be_answered_with_an_empty_line(client, console):
    send_lines(console, f"{TO_TLS}\nAUTH LOGIN")

    assert say(client, console, line="", shape="response-tls").status_code == 303
    assert console.events.filter(direction="in").count() == 5


def test_message_is_sent_with_its_dot(client, console):
    send_lines(console, TO_CONTENT)

    say(client, console, message="Subject: Hello\r\n\r\nHello Robin")

    assert shown_codes(client.get(url_of(console)))[-1] == "250"
    assert SandboxEvent.objects.get(data__event="accepted").data["size"] == 31


def test_message_where_none_is_due_is_a_conflict(client, console):
    response = say(client, console, message="Hello")

    assert response.status_code == 409
    assert "waits for a command" in response.content.decode()
    assert console.events.count() == 1


def test_fragment_holds_the_log_and_the_next_commands(client, console):
    response = say(client, console, HTMX, line="EHLO laptop.example", shape="command")

    fragment = response.content.decode()
    assert response.status_code == 200
    assert '<section id="log"' in fragment
    assert 'data-last-seq="3"' in fragment
    assert shown_codes(response) == ["220", "250"]
    assert '<ul id="suggestions"' in fragment
    assert fragment.count("data-hx-swap-oob") == 1
    assert "<html" not in fragment
    assert 'id="id_line"' not in fragment
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("before", "data", "field"),
    [
        (
            TO_CONTENT.removesuffix("DATA"),
            {"line": "DATA", "shape": "command-chunks"},
            "id_message",
        ),
        (TO_CONTENT, {"message": "Hello", "shape": "message"}, "id_line"),
        (TO_TLS, {"line": "AUTH LOGIN", "shape": "command"}, "id_line"),
    ],
)
def test_fragment_brings_a_new_prompt_where_the_mode_changes(client, console, before, data, field):
    send_lines(console, before)

    fragment = say(client, console, HTMX, **data).content.decode()

    assert '<div id="prompt" class="console" data-hx-swap-oob="true">' in fragment
    assert f'id="{field}"' in fragment
    assert fragment.count("data-hx-swap-oob") == 1


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"line": ""}, "Type a command first"),
        ({}, "Type a command first"),
        ({"line": "x" * 2001}, "at most 2000 characters"),
        ({"lines": "x" * 65_537}, "at most 65536 characters"),
        ({"message": "x" * 65_537}, "at most 65536 characters"),
        ({"lines": r"a\q", "how": "exact"}, r"\q is not an escape"),
        ({"line": "NO\0OP"}, "Null characters are not allowed"),
    ],
)
def test_bad_input_is_named_in_page_and_fragment(client, console, data, complaint):
    page = say(client, console, **data)
    fragment = say(client, console, HTMX, **data)

    assert (page.status_code, fragment.status_code) == (422, 422)
    assert complaint in page.content.decode()
    assert "<title>Error: " in page.content.decode()
    assert complaint in fragment.content.decode()
    assert "<title>Error: " in fragment.content.decode()
    assert fragment.headers["HX-Retarget"] == "#prompt"
    assert console.events.count() == 1


def test_ended_session_is_a_conflict(client, console):
    send_lines(console, "QUIT")

    page = say(client, console, line="NOOP")
    fragment = say(client, console, HTMX, line="NOOP")

    assert (page.status_code, fragment.status_code) == (409, 409)
    assert "This session has ended; the line was not sent." in page.content.decode()
    assert shown_codes(page) == ["220", "221"]
    assert fragment.headers["HX-Refresh"] == "true"


def test_clock_is_moved_on(client, console):
    response = client.post(f"{url_of(console)}clock/", {"seconds": "300"})

    page = client.get(url_of(console)).content.decode()
    assert response.status_code == 303
    assert "The clock was moved on by 300 seconds" in page
    assert "Silent for too long." in page
    ended = client.post(f"{url_of(console)}clock/", {"seconds": "300"})
    assert ended.status_code == 409


@pytest.mark.parametrize("seconds", ["0", "x", "86401"])
def test_clock_takes_up_to_a_day(client, console, seconds):
    assert client.post(f"{url_of(console)}clock/", {"seconds": seconds}).status_code == 422
    assert console.events.count() == 1


@pytest.mark.parametrize(
    ("name", "method"),
    [("sandbox", "post"), ("sandbox_sessions", "put"), ("sandbox_lines", "get")],
)
def test_other_methods_are_refused(client, console, name, method):
    args = [console.uuid] if name == "sandbox_lines" else []

    assert getattr(client, method)(reverse(name, args=args)).status_code == 405


def test_page_as_a_fragment_is_what_came_of_the_session(client, console):
    send_message_to(console)

    response = client.get(url_of(console), headers=HTMX)

    fragment = response.content.decode()
    assert '<section class="delivered"' in fragment
    assert '<h1 id="headline" data-hx-swap-oob="true">Sending one message</h1>' in fragment
    assert "<html" not in fragment
    assert 'id="log"' not in fragment
    assert "HX-Request" in response.headers["Vary"]
