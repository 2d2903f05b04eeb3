"""A run that belongs to an exam: no hints, no checklist, no solution, whatever is asked for."""

import pytest
from django.utils import timezone

from sandbox.labs.practising import end_run, measure, newest_session, start_run
from sandbox.labs.returning import SESSION_KEY
from sandbox.models import LabRun
from sandbox.recording import send_lines

GREET = "/labs/greet-and-leave/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def greet(shipped):
    return shipped("greet-and-leave")


def secrets_in(page, lab):
    """What of the lab's file, beside goal and server, stands on the page."""
    file = lab.file
    told = [step.say for step in file.steps] + [turn.say for turn in file.turns]
    return [text for text in [*told, file.nudge, file.commands] if text and text in page]


def test_the_page_of_an_examined_run_keeps_everything_but_goal_and_console(client, learner, greet):
    run = start_run(learner, greet, is_examined=True)
    send_lines(newest_session(run), "EHLO laptop.example\nQUIT")

    page = client.get(GREET).content.decode()

    assert "Part of an exam" in page
    assert greet.goal in page
    assert secrets_in(page, greet) == []
    assert 'id="checklist"' not in page
    assert "lab-checklist" not in page
    assert 'action="/labs/greet-and-leave/hints/"' not in page


def test_the_same_page_in_practice_would_show_them(client, learner, greet):
    start_run(learner, greet)

    assert secrets_in(client.get(GREET).content.decode(), greet) != []


def test_the_fragment_of_an_examined_run_says_nothing_either(client, learner, greet):
    run = start_run(learner, greet, is_examined=True)
    send_lines(newest_session(run), "EHLO laptop.example")

    page = client.get(GREET, headers=HTMX).content.decode()

    assert "Part of an exam" in page
    assert secrets_in(page, greet) == []


def test_a_pass_is_not_told_in_the_list_before_the_exam_ends(client, learner, greet):
    run = start_run(learner, greet, is_examined=True)
    send_lines(newest_session(run), "EHLO laptop.example\nQUIT")

    client.get(GREET)

    assert "1 of 1 passed." not in client.get("/labs/").content.decode()
    assert measure(run).grade.passed


def test_a_hint_asked_for_by_hand_is_refused(client, learner, greet):
    start_run(learner, greet)
    start_run(learner, greet, is_examined=True)

    client.post(f"{GREET}hints/")

    assert learner.lab_runs.open().get().n_hints == 0


def test_hints_and_dialogue_seen_before_do_not_come_along(client, learner, greet):
    run = start_run(learner, greet)
    send_lines(newest_session(run), "EHLO laptop.example\nQUIT")
    LabRun.objects.filter(pk=run.pk).update(n_hints=3, passed_at=timezone.now())

    examined = start_run(learner, greet, is_examined=True)

    assert measure(examined).n_hints_open == 0
    assert not measure(examined).may_see_solution
    assert "The whole dialogue" not in client.get(GREET).content.decode()


def test_beginning_anew_stays_within_the_exam(client, learner, greet):
    first = start_run(learner, greet, is_examined=True)
    send_lines(newest_session(first), "EHLO laptop.example")

    client.post(f"{GREET}runs/")

    again = learner.lab_runs.open().get()
    assert again.pk != first.pk
    assert again.is_examined


def test_a_run_in_which_nothing_was_said_hands_its_name_on(learner, greet):
    first = start_run(learner, greet, is_examined=True)

    again = start_run(learner, greet)

    assert again.uuid == first.uuid
    assert list(learner.lab_runs.all()) == [again]


def test_a_name_does_not_pass_from_practice_into_an_exam(learner, greet):
    first = start_run(learner, greet)

    again = start_run(learner, greet, is_examined=True)

    assert again.uuid != first.uuid


def test_an_ended_run_leaves_the_lab_free_for_practice(client, learner, greet):
    run = start_run(learner, greet, is_examined=True)

    end_run(run, now=timezone.now())

    assert newest_session(run).ended_at is not None
    client.post(f"{GREET}runs/")
    assert not learner.lab_runs.open().get().is_examined


def test_the_way_back_is_shown_in_the_run_and_forgotten_by_a_start_of_its_own(
    client, learner, greet
):
    session = client.session
    session[SESSION_KEY] = {"greet-and-leave": "/attempts/1/2/", "other": "/attempts/1/3/"}
    session.save()
    run = start_run(learner, greet)

    assert 'href="/attempts/1/2/"' in client.get(GREET).content.decode()
    end_run(run, now=timezone.now())
    client.post(f"{GREET}runs/")

    assert "/attempts/" not in client.get(GREET).content.decode()
    assert client.session[SESSION_KEY] == {"other": "/attempts/1/3/"}


def test_the_console_suggests_nothing_in_an_exam(client, learner, greet):
    run = start_run(learner, greet, is_examined=True)
    session = newest_session(run)

    page = client.get(GREET).content.decode()
    fragment = client.post(
        f"/sandbox/sessions/{session.uuid}/lines/", {"line": "EHLO laptop.example"}, headers=HTMX
    ).content.decode()

    assert 'name="chip"' not in page + fragment
    assert "250 " in client.get(GREET).content.decode()


def test_no_message_is_drafted_in_an_exam(client, learner, shipped):
    run = start_run(learner, shipped("first-message"), is_examined=True)
    send_lines(
        newest_session(run),
        "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nRCPT TO:<robin@lab.example>\nDATA",
    )

    page = client.get("/labs/first-message/").content.decode()

    assert 'name="message"' in page
    assert "Subject:" not in page
