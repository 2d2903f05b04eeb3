import re

import pytest

from accounts.learners import SESSION_KEY
from sandbox.labs.practising import newest_session, start_run
from sandbox.models import LabRun, SandboxSession
from sandbox.recording import send_lines, send_message
from tests.factories import LearnerFactory

LIST = "/labs/"
GREET = "/labs/greet-and-leave/"
FIRST = "/labs/first-message/"
HTMX = {"HX-Request": "true"}


def say(run, text):
    send_lines(newest_session(run), text)


def page_of(client, url, **more):
    response = client.get(url, **more)
    assert response.status_code == 200
    return response.content.decode()


def ticks(page):
    """Which of the steps are ticked, in order."""
    return [word == " step--done" for word in re.findall(r'<li class="step( step--\w+)?"', page)]


def test_list_names_labs_by_level_with_what_is_passed(client, learner, greet, first):
    say(start_run(learner, greet), "EHLO laptop.example\nQUIT")
    client.get(GREET)

    page = page_of(client, LIST)

    assert re.findall(r'<h2 id="level-\d">(\w+)</h2>', page) == ["Introduction"]
    listed = re.findall(r'href="/labs/([^"]+)/">[^<]+</a>(?: <span class="[^"]+">(\w+))?', page)
    assert listed == [("greet-and-leave", "passed"), ("first-message", "")]
    assert "1 of 2 passed." in page


@pytest.mark.parametrize("n_labs", [1, 3])
def test_list_takes_three_queries(client, learner, shipped, django_assert_num_queries, n_labs):
    for slug in ["greet-and-leave", "first-message", "one-bad-recipient"][:n_labs]:
        shipped(slug)

    with django_assert_num_queries(
        3
    ):  # learner, runs that programs tried, labs with their standing
        page = page_of(client, LIST)

    assert page.count('<a href="/labs/') == n_labs + page.count('<a href="/labs/"')


def test_empty_list_says_where_labs_come_from(client, db):
    assert "No labs are loaded yet." in page_of(client, LIST)


def test_page_before_the_start_shows_goal_and_server_and_writes_nothing(client, first):
    page = page_of(client, FIRST)

    assert first.goal in page
    assert "port 25" in page
    assert '<form method="post" action="/labs/first-message/runs/"' in page
    assert 'id="checklist"' not in page
    assert "sessionid" not in client.cookies
    assert not LabRun.objects.exists()


def test_steps_and_answers_are_not_told_before_the_start(client, first):
    page = page_of(client, FIRST)

    for secret in (first.file.steps[1].say, first.file.nudge, first.file.answer, "FROM:&lt;"):
        assert secret not in page


def test_stranger_starts_a_lab_and_becomes_a_guest(client, greet):
    response = client.post(f"{GREET}runs/")

    assert (response.status_code, response.headers["Location"]) == (303, f"{GREET}#console")
    run = LabRun.objects.get()
    assert run.learner_id == client.session[SESSION_KEY]
    session = run.sessions.get()
    assert (session.channel, session.nominal_port, session.learner) == ("console", 25, run.learner)
    page = page_of(client, GREET)
    assert ticks(page) == [False, False]
    assert f'action="/sandbox/sessions/{session.uuid}/lines/"' in page


def test_checklist_ticks_what_the_server_has_seen(client, learner, first):
    run = start_run(learner, first)
    say(run, "EHLO laptop.example\nMAIL FROM:<casey@lab.example>")

    page = page_of(client, FIRST)

    assert ticks(page) == [True, True, *[False] * 8]
    assert "2 of 10 steps" in page


def test_fragment_is_the_checklist_alone(client, learner, greet):
    say(start_run(learner, greet), "EHLO laptop.example")

    response = client.get(GREET, headers=HTMX)

    fragment = response.content.decode()
    assert fragment.lstrip().startswith('<section id="checklist"')
    assert ticks(fragment) == [True, False]
    assert "HX-Request" in response.headers["Vary"]


def test_console_offers_a_new_connection_once_the_session_has_ended(client, learner, greet):
    run = start_run(learner, greet)
    url = f"/sandbox/sessions/{newest_session(run).uuid}/lines/"

    said = client.post(url, {"line": "QUIT"}, headers=HTMX).content.decode()

    assert '<form method="post" action="/labs/greet-and-leave/sessions/"' in said
    assert "<title>" not in said
    assert '<form method="post" action="/labs/greet-and-leave/sessions/"' in page_of(client, GREET)


def test_line_sent_without_javascript_leads_back_to_the_lab(client, learner, greet):
    run = start_run(learner, greet)
    url = f"/sandbox/sessions/{newest_session(run).uuid}/lines/"

    response = client.post(url, {"line": "EHLO laptop.example"})

    assert (response.status_code, response.headers["Location"]) == (303, f"{GREET}#prompt")


def test_fragment_without_a_run_asks_for_the_page_anew(client, greet):
    response = client.get(GREET, headers=HTMX)

    assert (response.status_code, response.headers["HX-Refresh"]) == (409, "true")


def test_missed_step_quotes_the_rule_of_the_reply(client, learner, first):
    say(start_run(learner, first), "EHLO laptop.example\nMAIL FROM: <casey@lab.example>")

    page = page_of(client, FIRST, headers=HTMX)

    assert '<code translate="no">MAIL FROM: &lt;casey@lab.example&gt;</code>' in page
    assert '<code translate="no">501 5.5.2</code>' in page
    assert "so this server answers 501" in page
    assert "One line was refused on the way" in page


def test_ban_that_was_broken_is_named_and_keeps_the_lab_open(client, learner, greet):
    run = start_run(learner, greet)
    say(run, "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nQUIT")

    page = page_of(client, GREET, headers=HTMX)

    assert "Not in this lab:" in page
    assert ticks(page) == [True, True]
    run.refresh_from_db()
    assert run.passed_at is None


def test_pass_is_recorded_once_and_opens_the_answer(client, learner, greet):
    run = start_run(learner, greet)
    say(run, "EHLO laptop.example\nQUIT")

    page = page_of(client, GREET)
    run.refresh_from_db()
    passed_at = run.passed_at
    client.get(GREET)

    run.refresh_from_db()
    assert run.passed_at == passed_at is not None
    assert '<h2 id="checklist-h">Passed</h2>' in page
    assert "It is mx.lab.example" in page


def test_second_session_of_a_run_goes_on_where_the_first_ended(client, learner, greet):
    run = start_run(learner, greet)
    say(run, "EHLO laptop.example")

    response = client.post(f"{GREET}sessions/")

    assert response.status_code == 303
    assert run.sessions.count() == 2
    assert run.sessions.open().count() == 1
    say(run, "QUIT")
    assert ticks(page_of(client, GREET)) == [True, True]


def test_starting_again_ends_the_run_and_its_session(client, learner, greet):
    first_run = start_run(learner, greet)
    say(first_run, "EHLO laptop.example")

    client.post(f"{GREET}runs/")

    first_run.refresh_from_db()
    assert first_run.ended_at is not None
    assert not first_run.sessions.open().exists()
    assert ticks(page_of(client, GREET)) == [False, False]


def test_hints_come_one_by_one_and_the_dialogue_only_at_the_second_try(client, learner, greet):
    start_run(learner, greet)
    say(start_run(learner, greet), "EHLO laptop.example")  # so the one before was no try
    seen = []
    for _ in range(4):
        page = page_of(client, GREET)
        rungs = (greet.file.nudge, "QUIT</code>", '<section id="solution"')
        seen.append(tuple(rung in page for rung in rungs))
        client.post(f"{GREET}hints/")
    start_run(learner, greet)
    for _ in range(3):
        client.post(f"{GREET}hints/")

    page = page_of(client, GREET)

    assert seen == [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, False),
    ]
    assert [run.n_hints for run in learner.lab_runs.order_by("pk")] == [2, 3]
    shown = page.partition('<section id="solution"')[2]
    assert "mx.lab.example closing connection" in shown


@pytest.mark.parametrize("noun", ["sessions", "hints", "clock"])
def test_without_a_run_of_ones_own_there_is_nothing_to_act_on(client, greet, noun):
    run = start_run(LearnerFactory(), greet)

    assert client.post(f"{GREET}{noun}/").status_code == 404

    run.refresh_from_db()
    assert (run.n_hints, run.sessions.count()) == (0, 1)


def test_stranger_sees_nothing_of_anothers_run(client, greet):
    say(start_run(LearnerFactory(), greet), "EHLO secret-name.example")

    page = page_of(client, GREET)

    assert "secret-name" not in page
    assert 'id="checklist"' not in page


def test_page_takes_the_same_queries_however_much_was_said(
    client, learner, first, django_assert_num_queries
):
    run = start_run(learner, first)
    say(run, "\n".join(["EHLO laptop.example", *["NOOP"] * 20]))
    client.get(FIRST)

    # learner, lab, run; what programs began; sessions, their rows; tries, passes; newest session,
    # its rows, those before it; earlier ones to list, token
    with django_assert_num_queries(13):
        client.get(FIRST)


def test_retired_lab_is_gone(client, greet):
    greet.retire()

    assert client.get(GREET).status_code == 404
    assert client.post(f"{GREET}runs/").status_code == 404
    assert "Say hello" not in page_of(client, LIST)


def test_hostile_line_is_shown_inert(client, learner, first):
    say(start_run(learner, first), "MAIL FROM:<script>alert(1)</script>")

    page = page_of(client, FIRST)

    assert "<script>alert" not in page
    assert "MAIL FROM:&lt;script&gt;alert(1)" in page


def test_whole_message_ticks_its_fields(client, learner, first):
    run = start_run(learner, first)
    say(
        run,
        "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nRCPT TO:<robin@lab.example>\nDATA",
    )
    send_message(newest_session(run), "Subject: x\nFrom: casey\nDate: today\n\nHello")

    assert ticks(page_of(client, FIRST)) == [*[True] * 9, False]
    assert SandboxSession.objects.get().lab_run == run


@pytest.fixture
def greylisting(shipped):
    return shipped("come-back-later")


TO_RCPT = "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nRCPT TO:<robin@lab.example>"


def test_server_of_a_run_remembers_whom_it_put_off(client, learner, greylisting):
    url = greylisting.get_absolute_url()
    run = start_run(learner, greylisting)
    say(run, f"{TO_RCPT}\nQUIT")
    assert ticks(page_of(client, url)) == [True, True, *[False] * 6]

    client.post(f"{url}clock/", {"seconds": "300"})
    client.post(f"{url}sessions/")
    say(run, f"{TO_RCPT}\nDATA")
    send_message(newest_session(run), "Subject: Here I am\n\nHello")

    page = page_of(client, url)
    assert ticks(page) == [True] * 8
    assert '<h2 id="checklist-h">Passed</h2>' in page


def test_server_of_a_run_puts_off_who_comes_too_soon(client, learner, greylisting):
    url = greylisting.get_absolute_url()
    run = start_run(learner, greylisting)
    say(run, f"{TO_RCPT}\nQUIT")

    client.post(f"{url}clock/", {"seconds": "60"})
    client.post(f"{url}sessions/")
    say(run, TO_RCPT)

    assert ticks(page_of(client, url)) == [True, True, *[False] * 6]


def test_new_run_starts_with_a_server_that_remembers_nothing(client, learner, greylisting):
    url = greylisting.get_absolute_url()
    say(start_run(learner, greylisting), f"{TO_RCPT}\nQUIT")
    client.post(f"{url}clock/", {"seconds": "300"})

    client.post(f"{url}runs/")
    say(learner.lab_runs.open().get(), TO_RCPT)

    assert ticks(page_of(client, url)) == [True, True, *[False] * 6]


def test_clock_in_an_open_session_lets_the_server_hang_up(client, learner, greylisting):
    url = greylisting.get_absolute_url()
    run = start_run(learner, greylisting)
    say(run, TO_RCPT)

    response = client.post(f"{url}clock/", {"seconds": "300"})

    assert response.status_code == 303
    assert newest_session(run).ended_at is not None
    assert ticks(page_of(client, url)) == [True, True, True, *[False] * 5]


@pytest.mark.parametrize("seconds", ["", "0", "-5", "soon", "86401"])
def test_clock_refuses_what_is_no_time(client, learner, greylisting, seconds):
    url = greylisting.get_absolute_url()
    run = start_run(learner, greylisting)

    response = client.post(f"{url}clock/", {"seconds": seconds})

    assert response.status_code == 422
    assert '<div id="errors"' in response.content.decode()
    assert newest_session(run).ended_at is None


TO_354 = f"{TO_RCPT}\nDATA"


def test_checklist_shows_what_arrived(client, learner, shipped):
    lab = shipped("leading-dots")
    run = start_run(learner, lab)
    say(run, TO_354)
    send_message(newest_session(run), ".profile\n..\n<b>end</b>")

    page = page_of(client, lab.get_absolute_url(), headers=HTMX)

    assert "profile\n.\n&lt;b&gt;end&lt;/b&gt;</code></pre>" in page


def test_checklist_names_what_is_broken_in_a_multipart(client, learner, shipped):
    lab = shipped("attach-a-file")
    run = start_run(learner, lab)
    say(run, TO_354)
    header = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    send_message(newest_session(run), f"{header}--x\nContent-Type: text/plain\n\nHello")

    page = page_of(client, lab.get_absolute_url(), headers=HTMX)

    assert "multipart/mixed[text/plain] – no closing delimiter</code>" in page


def test_check_is_ticked_only_when_the_steps_are_done(client, learner, shipped):
    lab = shipped("reset-not-reconnect")
    run = start_run(learner, lab)

    assert ticks(page_of(client, lab.get_absolute_url())) == [False] * 8
    say(run, "QUIT")
    client.post(f"{lab.get_absolute_url()}sessions/")
    say(run, "QUIT")

    assert "You have connected more often." in page_of(client, lab.get_absolute_url())
    assert run.sessions.count() == 2


def test_run_goes_on_though_its_sessions_were_deleted(client, learner, greet):
    run = start_run(learner, greet)
    run.sessions.all().delete()

    page = page_of(client, GREET)
    client.post(f"{GREET}clock/", {"seconds": "60"})
    client.post(f"{GREET}sessions/")
    say(run, "EHLO laptop.example\nQUIT")

    assert "There is no session any more." in page
    assert "data-stream" not in page
    assert ticks(page_of(client, GREET)) == [True, True]


def test_page_leads_to_the_earlier_sessions_of_the_run(client, learner, greet):
    run = start_run(learner, greet)
    first_session = newest_session(run)
    client.post(f"{GREET}sessions/")

    page = page_of(client, GREET)

    assert (
        f'Earlier in this lab: <a href="{first_session.get_absolute_url()}">session 1</a>' in page
    )
    shown = page_of(client, first_session.get_absolute_url())
    assert f'<a href="{GREET}">Lab: Say hello, look around, leave</a>' in shown


def test_chunks_of_a_lab_are_counted_by_the_learner(client, learner, shipped):
    lab = shipped("count-the-chunk")
    run = start_run(learner, lab)
    say(run, TO_RCPT)

    page = page_of(client, lab.get_absolute_url())

    assert 'name="lines"' in page
    assert 'name="chunk"' not in page
