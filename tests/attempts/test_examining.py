"""Labs as questions: begun from the slot, marked by what the server heard."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from attempts.examining import lab_of, lab_response
from attempts.finishing import finish, finish_if_over
from attempts.models import Slot
from sandbox.labs.practising import newest_session, start_run
from sandbox.models import LabRun
from sandbox.recording import move_clock, send_lines
from tests.factories import (
    FORWARD,
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    SlotFactory,
)
from tests.sandbox.labs.conftest import shipped  # noqa: F401

pytestmark = pytest.mark.django_db
GREET = "/labs/greet-and-leave/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def greet(shipped):  # noqa: F811
    return shipped("greet-and-leave")


@pytest.fixture
def make_slot(guest, greet):
    def make(attempt=None):
        return SlotFactory(
            attempt=attempt or AttemptFactory(learner=guest),
            revision=PublishedFactory(kind="lab", lab=greet, policy="per_step", parts=()),
            policy="per_step",
            option_order=[],
        )

    return make


def lab_url(slot):
    return f"{slot.get_absolute_url()}lab/"


def run_named_by(slot):
    slot.refresh_from_db()
    return LabRun.objects.get(uuid=slot.response["run"])


def say(run, text):
    send_lines(newest_session(run), text)


def check(client, slot):
    response = client.post(slot.get_absolute_url(), {"step": "check"})
    slot.refresh_from_db()
    return response


def test_an_open_lab_shows_its_name_and_how_to_begin(client, make_slot, greet):
    slot = make_slot()

    page = client.get(slot.get_absolute_url()).content.decode()

    assert f"<h2>{greet.title}</h2>" in page
    assert greet.goal not in page
    assert f'formaction="{lab_url(slot)}"' in page
    assert "Begin the lab" in page
    assert [step.say for step in greet.file.steps if step.say in page] == []


def test_beginning_names_the_run_and_leads_to_the_lab_and_back(client, make_slot, guest):
    slot = make_slot()

    response = client.post(lab_url(slot))

    assert (response.status_code, response.url) == (303, f"{GREET}#console")
    run = run_named_by(slot)
    assert (run.learner, run.is_examined, slot.seq) == (guest, False, 1)
    assert f'href="{slot.get_absolute_url()}"' in client.get(GREET).content.decode()


def test_htmx_is_told_to_load_the_page_of_the_lab(client, make_slot):
    response = client.post(lab_url(make_slot()), headers=HTMX)

    assert response.headers["HX-Redirect"] == f"{GREET}#console"


def test_going_on_with_a_lab_begins_nothing(client, make_slot):
    slot = make_slot()
    client.post(lab_url(slot))
    run = run_named_by(slot)
    say(run, "EHLO laptop.example")

    client.post(lab_url(slot))

    assert run_named_by(slot) == run
    assert LabRun.objects.count() == 1


def test_check_needs_a_lab_that_was_begun(client, make_slot):
    slot = make_slot()

    response = check(client, slot)

    assert response.status_code == 422
    assert "Begin the lab first." in response.content.decode()
    assert slot.checked_at is None


def test_check_marks_what_the_server_heard_and_names_what_is_missing(client, make_slot, greet):
    slot = make_slot()
    client.post(lab_url(slot))
    say(run_named_by(slot), "EHLO laptop.example")
    steps = greet.file.steps
    assert len(steps) == 2

    check(client, slot)

    assert slot.mark == 500
    assert slot.response["met"] == [steps[0].id]
    assert slot.response["missed"] == steps[1].id
    page = client.get(slot.get_absolute_url()).content.decode()
    assert "1 of 2 steps done." in page
    assert "Partly right: 50 %" in page
    assert steps[1].say in page
    assert steps[1].refs[0].url in page


def test_a_passed_lab_earns_the_whole_mark(client, make_slot):
    slot = make_slot()
    client.post(lab_url(slot))
    say(run_named_by(slot), "EHLO laptop.example\nQUIT")

    check(client, slot)

    assert (slot.mark, slot.response["passed"]) == (1000, True)


def test_of_several_tries_the_last_one_counts(client, make_slot):
    slot = make_slot()
    client.post(lab_url(slot))
    say(run_named_by(slot), "EHLO laptop.example\nQUIT")
    client.post(f"{GREET}runs/")

    check(client, slot)

    assert (slot.mark, slot.response["done"]) == (0, 0)


def test_what_a_form_says_of_a_lab_is_not_heard(client, make_slot):
    slot = make_slot()
    client.post(lab_url(slot))

    client.post(slot.get_absolute_url(), {"step": "check", "done": "2", "passed": "true"})

    slot.refresh_from_db()
    assert slot.mark == 0


def test_another_learner_begins_nothing(client, make_slot):
    slot = make_slot(AttemptFactory(learner=LearnerFactory()))

    assert client.post(lab_url(slot)).status_code == 404
    assert not LabRun.objects.exists()


def test_a_question_of_another_kind_has_no_lab(client, guest):
    slot = SlotFactory(attempt__learner=guest)

    assert client.post(lab_url(slot)).status_code == 404


def test_a_lab_is_begun_by_post_only(client, make_slot):
    assert client.get(lab_url(make_slot())).status_code == 405


@pytest.mark.parametrize("ending", ["checked", "finished", "late"])
def test_a_closed_question_begins_nothing(client, make_slot, guest, ending):
    now = timezone.now()
    attempt = ExamAttemptFactory(learner=guest)
    slot = make_slot(attempt)
    if ending == "checked":
        Slot.objects.filter(pk=slot.pk).update(checked_at=now, mark=0)
    elif ending == "finished":
        finish(attempt, now=timezone.now())
    else:
        attempt.started_at, attempt.minutes = now - timedelta(minutes=11), 10
        attempt.deadline_at = now - timedelta(minutes=1)
        attempt.time_percent = 100
        attempt.save()

    client.post(lab_url(slot))

    slot.refresh_from_db()
    assert slot.response is None
    assert not LabRun.objects.exists()


def test_in_an_exam_the_run_is_examined_and_marked_at_the_end(client, make_slot, guest):
    attempt = ExamAttemptFactory(learner=guest)
    slot = make_slot(attempt)
    client.post(lab_url(slot))
    run = run_named_by(slot)
    assert run.is_examined
    say(run, "EHLO laptop.example\nQUIT")

    finish(attempt, now=timezone.now())

    slot.refresh_from_db()
    run.refresh_from_db()
    assert (slot.mark, slot.response["passed"]) == (1000, True)
    assert run.ended_at is not None


def test_saving_another_answer_keeps_the_run(client, make_slot, guest):
    slot = make_slot(ExamAttemptFactory(learner=guest))
    client.post(lab_url(slot))
    run = run_named_by(slot)

    client.post(slot.get_absolute_url(), {"base_seq": "1", "certainty": "sure", "go": "next"})

    assert run_named_by(slot) == run
    assert slot.certainty == "sure"


def test_a_lab_of_an_open_exam_is_not_practised_meanwhile(client, make_slot, guest):
    exam = make_slot(ExamAttemptFactory(learner=guest))
    client.post(lab_url(exam))
    practice = make_slot()

    client.post(lab_url(practice))

    practice.refresh_from_db()
    assert practice.response is None
    assert LabRun.objects.get() == run_named_by(exam)


def test_what_was_never_begun_is_left_as_it_is(make_slot, guest):
    assert lab_response(None, guest) is None
    gone = {"run": str(uuid.uuid4())}
    assert lab_response(gone, guest) == gone


def test_a_stranger_to_the_run_is_not_marked_by_it(make_slot, guest, greet):
    other = start_run(LearnerFactory(), greet)
    say(other, "EHLO laptop.example\nQUIT")
    named = {"run": str(other.uuid)}

    assert lab_response(named, guest) == named


def test_other_kinds_have_no_lab_to_show(guest):
    assert lab_of(SlotFactory(attempt__learner=guest)) == {}


def over_since(seconds):
    """An exam of 20 minutes that begins now, for all the labs know, and that was over so long."""
    now = timezone.now()
    started_at = now - timedelta(minutes=20, seconds=seconds)
    return {
        "minutes": 20,
        "started_at": started_at,
        "deadline_at": started_at + timedelta(minutes=20),
    }


def test_what_is_said_in_a_lab_after_the_exam_is_over_earns_nothing(make_slot, guest, greet):
    attempt = ExamAttemptFactory(learner=guest, **over_since(30))
    run = start_run(guest, greet, is_examined=True)
    began(run, attempt.started_at)
    slot = make_slot(attempt)
    Slot.objects.filter(pk=slot.pk).update(response={"run": str(run.uuid)})
    say(run, "EHLO laptop.example\nQUIT")

    finish_if_over(attempt, now=timezone.now())

    slot.refresh_from_db()
    assert (slot.mark, slot.response["done"], slot.response["passed"]) == (0, 0, False)


def test_what_was_said_in_time_counts_however_late_it_is_measured(make_slot, guest, greet):
    """Also if the learner has moved the clock of the lab far beyond, or begun it anew since."""
    attempt = ExamAttemptFactory(learner=guest, **over_since(30))
    run = start_run(guest, greet, is_examined=True)
    slot = make_slot(attempt)
    Slot.objects.filter(pk=slot.pk).update(response={"run": str(run.uuid)})
    move_clock(newest_session(run), 100)
    say(run, "EHLO laptop.example\nQUIT")
    began(run, attempt.started_at)
    start_run(guest, greet, is_examined=True)

    finish_if_over(attempt, now=timezone.now())

    slot.refresh_from_db()
    assert (slot.mark, slot.response["run"]) == (1000, str(run.uuid))


def began(run, started_at):
    """Moves a run and its sessions back in time, with all that was said in them."""
    LabRun.objects.filter(pk=run.pk).update(started_at=started_at)
    run.sessions.update(started_at=started_at)


def test_a_lab_of_a_later_question_is_not_begun(client, make_slot, guest):
    attempt = ExamAttemptFactory(learner=guest, rules=FORWARD)
    slot = make_slot(attempt)
    SlotFactory(attempt=attempt, position=2)
    Slot.objects.filter(pk=slot.pk).update(position=3)
    slot.refresh_from_db()

    response = client.post(lab_url(slot))

    assert response.status_code == 404
    assert not LabRun.objects.exists()


REASON = "The client has to introduce itself first"


def pages_of(client, run):
    """Wherever the newest session of a run is shown, and the streams that go on from there."""
    session = newest_session(run)
    lines = f"/sandbox/sessions/{session.uuid}/lines/"
    said = client.post(lines, {"line": "NOOP", "shape": "command"}, headers=HTMX)
    return [client.get(GREET), client.get(session.get_absolute_url()), said]


def test_in_an_exam_nobody_is_told_the_reasons(client, make_slot, guest):
    attempt = ExamAttemptFactory(learner=guest)
    slot = make_slot(attempt)
    client.post(lab_url(slot))
    run = run_named_by(slot)
    say(run, "MAIL FROM:<a@lab.example>")
    first = newest_session(run)

    pages = pages_of(client, run)
    client.post(f"{GREET}runs/")
    pages.append(client.get(first.get_absolute_url()))

    assert run_named_by(slot).ended_at is not None
    for page in pages:
        text = page.content.decode()
        assert "503" in text
        assert "5.5.1" in text
        assert REASON not in text

    finish(attempt, now=timezone.now())
    assert REASON in client.get(first.get_absolute_url()).content.decode()
