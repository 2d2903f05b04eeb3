import json

import pytest

from accounts.learners import SESSION_KEY
from sandbox.keeping import KEPT_PER_LEARNER
from sandbox.models import SandboxSession
from sandbox.recording import open_console, send_lines, send_message
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory

TO_CONTENT = "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nRCPT TO:<robin@lab.example>\nDATA"


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


def url_of(session, noun=""):
    return f"/sandbox/sessions/{session.uuid}/{noun}"


def test_session_is_kept_and_let_go(client, console):
    kept = client.post(url_of(console, "keeping/"), {"kept": "on"})
    console.refresh_from_db()
    assert (kept.status_code, console.kept) == (303, True)

    client.post(url_of(console, "keeping/"))
    console.refresh_from_db()
    assert console.kept is False


def test_no_more_than_fifty_are_kept(client, guest, console):
    SandboxSessionFactory.create_batch(KEPT_PER_LEARNER, learner=guest, kept=True)

    page = client.post(url_of(console, "keeping/"), {"kept": "on"}, follow=True)

    console.refresh_from_db()
    assert console.kept is False
    assert "You keep 50 sessions already" in page.content.decode()


def test_shared_session_is_read_by_anybody_until_the_link_ends(client, console):
    send_lines(console, "EHLO laptop.example")
    client.post(url_of(console, "sharing/"), {"shared": "on"})
    console.refresh_from_db()
    link = f"/sandbox/shared/{console.share_key}/"
    assert link in client.get(url_of(console)).content.decode()
    client.logout()

    page = client.get(link).content.decode()

    assert "EHLO laptop.example" in page
    assert f'data-stream="/live/sandbox/{console.uuid}/events?token=' in page
    assert 'id="prompt"' not in page
    assert 'id="keeping"' not in page
    assert client.get(url_of(console)).status_code == 404

    SandboxSession.objects.update(share_key=None)
    assert client.get(link).status_code == 404


def test_sharing_ends_at_a_post_and_a_new_link_differs(client, console):
    client.post(url_of(console, "sharing/"), {"shared": "on"})
    console.refresh_from_db()
    first = console.share_key

    client.post(url_of(console, "sharing/"))
    console.refresh_from_db()
    assert console.share_key is None

    client.post(url_of(console, "sharing/"), {"shared": "on"})
    console.refresh_from_db()
    assert console.share_key not in (None, first)


def test_sharing_twice_keeps_the_link(client, console):
    client.post(url_of(console, "sharing/"), {"shared": "on"})
    first = SandboxSession.objects.get().share_key
    client.post(url_of(console, "sharing/"), {"shared": "on"})

    assert SandboxSession.objects.get().share_key == first


def test_who_keeps_a_session_of_this_machine_owns_it(client, db):
    program = SandboxSessionFactory()

    client.post(url_of(program, "keeping/"), {"kept": "on"})

    program.refresh_from_db()
    assert program.kept is True
    assert program.learner_id == client.session[SESSION_KEY]


def test_deletion_asks_first_and_then_takes_everything(client, console):
    asked = client.get(url_of(console, "deletion/"))
    assert SandboxSession.objects.count() == 1
    assert "Delete this session?" in asked.content.decode()

    done = client.post(url_of(console, "deletion/"), follow=True)

    assert not SandboxSession.objects.exists()
    assert "The session is deleted." in done.content.decode()
    assert client.get(url_of(console)).status_code == 404


def test_session_a_program_still_talks_in_is_not_deleted(client, db):
    program = SandboxSessionFactory()

    response = client.post(url_of(program, "deletion/"))

    assert response.status_code == 409
    assert "still talks in it" in response.content.decode()
    assert SandboxSession.objects.count() == 1


def test_download_is_the_dialogue(client, console):
    send_lines(console, TO_CONTENT)
    send_message(console, "Subject: Hi\n\nb\u00f8d \\x \x1b")
    send_lines(console, "QUIT")

    response = client.get(url_of(console, "transcript.txt"))

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    heading, _, rest = response.content.decode().partition("\nS: 220 mx.lab.example ESMTP ready\n")
    assert heading.startswith("# SMTP session of ")
    lines = rest.splitlines()
    assert lines[0] == "C: EHLO laptop.example"
    assert lines[lines.index("C: Subject: Hi") :][:4] == [
        "C: Subject: Hi",
        "C:",
        "C: b\u00f8d \\x5cx \\x1b",
        "C: .",
    ]
    assert lines[-1] == "E: close"


def test_download_of_the_rows_is_json(client, console):
    send_lines(console, "NOOP")

    rows = json.loads(client.get(url_of(console, "rows.json")).content)["rows"]

    assert [(row["seq"], row["direction"], row["event"]) for row in rows] == [
        (1, "out", "reply"),
        (2, "in", "line"),
        (3, "out", "reply"),
    ]
    assert rows[1]["octets"] == "NOOP\\x0d\\x0a"


@pytest.mark.parametrize(
    ("noun", "method"),
    [
        ("keeping/", "post"),
        ("sharing/", "post"),
        ("deletion/", "get"),
        ("deletion/", "post"),
        ("transcript.txt", "get"),
        ("rows.json", "get"),
    ],
)
def test_session_of_another_is_not_found(client, guest, noun, method):
    foreign = open_console(LearnerFactory())
    SandboxEventFactory(session=foreign, seq=99)

    assert getattr(client, method)(url_of(foreign, noun)).status_code == 404
    foreign.refresh_from_db()
    assert (foreign.kept, foreign.share_key) == (False, None)


@pytest.mark.parametrize("n_sessions", [1, 3])
def test_list_of_sessions_takes_two_queries(client, guest, django_assert_num_queries, n_sessions):
    SandboxSessionFactory.create_batch(n_sessions, learner=guest)
    SandboxSessionFactory(learner=LearnerFactory())

    with django_assert_num_queries(2):  # learner, sessions with their counts
        page = client.get("/sandbox/sessions/").content.decode()

    assert page.count(">Delete</a>") == n_sessions


def test_list_puts_kept_sessions_first(client, guest):
    kept = SandboxSessionFactory(learner=guest, kept=True)
    later = SandboxSessionFactory(learner=guest)

    page = client.get("/sandbox/sessions/").content.decode()

    assert 0 < page.index(url_of(kept)) < page.index(url_of(later))
    assert "\u00b7 kept" in page
