"""Sessions of the learner's mail programs: which run they join, and what they earn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sandbox.labs.practising import start_run
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory
from tests.sandbox.labs.test_lab_pages import GREET, LIST, page_of, say, ticks


def program_session(learner, **more):
    """A session of the learner's own program in which only EHLO was said."""
    session = SandboxSessionFactory(learner=learner, **more)
    SandboxEventFactory(session=session)
    ehlo = {"event": "line", "verb": "EHLO"}
    SandboxEventFactory(
        session=session, seq=2, direction="in", octets=b"EHLO laptop.example\r\n", data=ehlo
    )
    offer = {"event": "reply", "rule": "ehlo.ok", "code": 250, "states": ["GREETED", "READY"]}
    SandboxEventFactory(session=session, seq=3, octets=b"250 mx.lab.example\r\n", data=offer)
    return session


def test_session_of_the_learners_program_joins_the_run(client, learner, greet):
    run = start_run(learner, greet)
    session = program_session(learner)

    page = page_of(client, GREET)

    assert ticks(page) == [True, False]
    session.refresh_from_db()
    assert session.lab_run == run
    assert f'data-session="{session.uuid}"' in page
    assert 'id="id_line"' not in page


def test_console_goes_on_where_a_program_has_left(client, learner, greet):
    run = start_run(learner, greet)
    program_session(learner, ended_at=timezone.now())
    client.get(GREET)

    client.post(f"{GREET}sessions/")
    say(run, "QUIT")

    assert ticks(page_of(client, GREET)) == [True, True]


def say_and_leave(learner):
    session = program_session(learner, ended_at=timezone.now())
    SandboxEventFactory(
        session=session,
        seq=4,
        direction="in",
        octets=b"QUIT\r\n",
        data={"event": "line", "verb": "QUIT"},
    )
    bye = {"event": "reply", "rule": "quit.ok", "code": 221, "states": ["READY", "CLOSED"]}
    SandboxEventFactory(session=session, seq=5, octets=b"221 2.0.0 Bye\r\n", data=bye)


def test_pass_by_a_program_is_in_the_list_though_its_page_was_not_open(client, learner, greet):
    run = start_run(learner, greet)
    say_and_leave(learner)

    assert "1 of 1 passed." in page_of(client, LIST)
    run.refresh_from_db()
    assert run.passed_at is not None


def test_pass_by_a_program_is_kept_when_the_lab_is_begun_anew(client, learner, greet):
    run = start_run(learner, greet)
    say_and_leave(learner)

    client.post(f"{GREET}runs/")

    run.refresh_from_db()
    assert run.passed_at is not None
    assert run.ended_at is not None


@pytest.mark.parametrize("stranger", [True, False])
def test_session_from_before_or_of_somebody_else_does_not_join(client, learner, greet, stranger):
    before = timezone.now() - timedelta(hours=1)
    start_run(learner, greet)
    owner = LearnerFactory() if stranger else learner
    program_session(owner, **({} if stranger else {"started_at": before}))

    assert ticks(page_of(client, GREET)) == [False, False]


def test_program_does_not_join_a_lab_whose_server_it_cannot_reach(client, learner, shipped):
    lab = shipped("too-big")
    start_run(learner, lab)
    session = program_session(learner)

    page = page_of(client, lab.get_absolute_url())

    session.refresh_from_db()
    assert session.lab_run is None
    assert "With a program of yours" not in page
    assert ", every 5s" not in page


def test_page_says_how_a_program_joins(client, learner, greet, settings):
    settings.SMTP_PORT = 2599
    start_run(learner, greet)

    page = page_of(client, GREET)

    token = learner.sandbox_tokens.get().value
    assert f"EHLO {token}.sandbox.test" in page
    assert "127.0.0.1:2599" in page
    assert 'data-hx-trigger="refresh, every 5s"' in page


def test_session_that_earns_nothing_yet_is_left_to_the_page_that_is_opened(
    client, learner, greet, first
):
    start_run(learner, greet)
    newer = start_run(learner, first)
    session = program_session(learner)

    page_of(client, LIST)
    session.refresh_from_db()
    assert session.lab_run is None

    assert ticks(page_of(client, GREET)) == [True, False]
    assert newer.sessions.filter(channel="tcp").count() == 0


def test_session_joins_the_run_that_it_passes(client, learner, greet, first):
    run = start_run(learner, greet)
    newer = start_run(learner, first)
    say_and_leave(learner)

    assert "1 of 2 passed." in page_of(client, LIST)
    assert run.sessions.filter(channel="tcp").count() == 1
    assert newer.sessions.filter(channel="tcp").count() == 0
