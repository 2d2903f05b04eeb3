"""What a page says between loads: changes with sequence numbers, looks, flags."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from attempts.answering import Answer, Saved, find_place, save_answer
from attempts.finishing import finish, finish_forgotten, finish_if_over
from attempts.models import Attempt, Slot
from attempts.sitting.leaving import leave_slot
from attempts.timekeeping import set_time
from tests.factories import FORWARD, ExamAttemptFactory, LearnerFactory, SlotFactory

pytestmark = pytest.mark.django_db
FIRST = "11111111-1111-4111-8111-111111111111"
SECOND = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def slot(guest):
    return SlotFactory(attempt=ExamAttemptFactory(learner=guest))


def save(client, slot, *places, base_seq=0, save_id=FIRST, **fields):
    data = {"base_seq": base_seq, "save_id": save_id, "choice": places, **fields}
    return client.post(reverse("slot_answer", args=[slot.attempt.uuid, slot.position]), data)


def test_a_change_is_acknowledged_with_its_number_and_the_servers_clock(client, slot):
    response = save(client, slot, "1")

    slot.refresh_from_db()
    ack = response.json()
    assert response.status_code == 200
    assert set(ack) == {"seq", "save_id", "saved_at", "server_now", "deadline_at"}
    assert (ack["seq"], ack["save_id"], ack["deadline_at"]) == (1, FIRST, None)
    assert (slot.seq, str(slot.save_id), slot.response) == (1, FIRST, ["order"])
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_saving_a_change_takes_three_queries(client, slot, django_assert_num_queries):
    save(client, slot, "0")

    with django_assert_num_queries(3):  # learner, slot, update
        save(client, slot, "1", base_seq=1, save_id=SECOND)


def test_the_same_change_again_gets_the_same_acknowledgement(client, slot):
    save(client, slot, "1", looked_ms="1500")

    response = save(client, slot, "1", looked_ms="1500")

    slot.refresh_from_db()
    assert (response.status_code, response.json()["seq"]) == (200, 1)
    assert (slot.seq, slot.spent_ms) == (1, 1500)


def test_a_late_copy_of_an_older_change_does_not_come_back(client, slot):
    save(client, slot, "1")
    save(client, slot, "2", base_seq=1, save_id=SECOND)

    response = save(client, slot, "1")

    slot.refresh_from_db()
    assert response.status_code == 409
    assert slot.response == ["fine"]


def test_a_conflict_brings_the_stored_answer(client, slot):
    save(client, slot, "2", certainty="unsure")

    response = save(client, slot, "0", save_id=SECOND)

    answer = response.json()
    assert response.status_code == 409
    assert answer["fields"] == [["choice", "2"]]
    assert (answer["seq"], answer["save_id"], answer["certainty"]) == (1, FIRST, "unsure")


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "3"},
        {"choice": "-1"},
        {"choice": "order"},
        {"base_seq": ""},
        {"base_seq": "-1"},
        {"base_seq": "x"},
        {"base_seq": "99999999999999999999"},
        {"save_id": "no uuid"},
        {"certainty": "very"},
        {"looked_ms": "-5"},
    ],
)
def test_what_no_page_sends_changes_nothing(client, slot, fields):
    data = {"base_seq": "0", "save_id": FIRST, "choice": "1", **fields}

    response = client.post(reverse("slot_answer", args=[slot.attempt.uuid, 1]), data)

    slot.refresh_from_db()
    assert response.status_code == 422
    assert response.json()["message"]
    assert (slot.seq, slot.response) == (0, None)


def test_certainty_is_kept_with_the_answer(client, slot):
    save(client, slot, "1", certainty="sure")

    slot.refresh_from_db()
    assert slot.certainty == "sure"


def test_looks_add_up_and_mark_the_question_as_seen(client, slot):
    url = reverse("slot_look", args=[slot.attempt.uuid, 1])

    responses = [client.post(url, {"looked_ms": "4000"}), client.post(url, {"looked_ms": "500"})]

    slot.refresh_from_db()
    assert [response.status_code for response in responses] == [200, 200]
    assert set(responses[0].json()) == {"server_now", "deadline_at"}
    assert slot.spent_ms == 4500
    assert slot.opened_at is not None


def test_a_look_is_two_hours_at_most(client, slot):
    client.post(reverse("slot_look", args=[slot.attempt.uuid, 1]), {"looked_ms": "86000000"})

    slot.refresh_from_db()
    assert slot.spent_ms == 7_200_000


def test_a_flag_is_set_as_said_however_often(client, slot):
    url = reverse("slot_flag", args=[slot.attempt.uuid, 1])

    for flagged in ("1", "1"):
        client.post(url, {"flagged": flagged})
    slot.refresh_from_db()
    assert slot.is_flagged is True

    client.post(url, {"flagged": "0"})
    slot.refresh_from_db()
    assert slot.is_flagged is False


def test_the_sheet_holds_every_open_question_and_marks_none_as_seen(client, slot):
    SlotFactory(attempt=slot.attempt, position=2)

    html = client.get(reverse("attempt_sheet", args=[slot.attempt.uuid])).content.decode()

    assert html.count("<template") == 2
    assert 'data-leaf="1"' in html
    assert 'data-leaf="2"' in html
    assert [s.opened_at for s in slot.attempt.slots.all()] == [None, None]


@pytest.mark.parametrize("n", [1, 20])
def test_the_sheet_takes_four_queries(client, slot, n, django_assert_num_queries):
    for position in range(2, n + 1):
        SlotFactory(attempt=slot.attempt, position=position)
    url = reverse("attempt_sheet", args=[slot.attempt.uuid])
    client.get(url)

    with django_assert_num_queries(4):  # learner, attempt, states, slots
        client.get(url)


def test_housekeeping_ends_what_nobody_came_back_to(guest):
    now = timezone.now()
    over = now - timedelta(seconds=11)
    started = over - timedelta(minutes=20)
    forgotten = ExamAttemptFactory(learner=guest, minutes=20, started_at=started, deadline_at=over)
    SlotFactory(attempt=forgotten, response=["order"])

    assert finish_forgotten(now) == 1
    assert finish_forgotten(now) == 0

    forgotten.refresh_from_db()
    assert (forgotten.finished_at, forgotten.ended_by) == (over, "time")
    assert forgotten.slots.get().mark == 1000


@pytest.mark.django_db(transaction=True)
def test_of_changes_made_at_once_one_wins_and_the_others_are_told(guest):
    slot = SlotFactory(attempt=ExamAttemptFactory(learner=guest))
    outcomes = in_threads(
        [
            lambda option=option: save_answer(
                find_place(slot.attempt.uuid, 1, guest),
                Answer([option], uuid.uuid4()),
                now=timezone.now(),
            )
            for option in ("syntax", "order", "fine", "order")
        ]
    )

    slot.refresh_from_db()
    assert sorted(outcome.value for outcome in outcomes) == ["conflict"] * 3 + ["saved"]
    assert slot.seq == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_saved_while_the_exam_is_submitted_is_scored_or_refused(guest):
    """Ten times: what was acknowledged has its mark, what was not is not stored."""
    for _ in range(10):
        attempt = ExamAttemptFactory(learner=guest)
        slot = SlotFactory(attempt=attempt)
        place = find_place(attempt.uuid, 1, guest)
        saved, _done = in_threads(
            [
                lambda place=place: save_answer(
                    place, Answer(["order"], uuid.uuid4()), now=timezone.now()
                ),
                lambda attempt=attempt: finish(
                    Attempt.objects.get(pk=attempt.pk), now=timezone.now()
                ),
            ]
        )

        slot.refresh_from_db()
        expected = (["order"], 1000) if saved is Saved.SAVED else (None, 0)
        assert (slot.response, slot.mark) == expected


def in_threads(deeds):
    results = [None] * len(deeds)
    gate = threading.Barrier(len(deeds))

    def run(number, deed):
        gate.wait(5)
        try:
            results[number] = deed()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def test_the_guests_exam_that_a_claim_closed_is_marked_when_it_is_looked_at(client, guest):
    account = LearnerFactory()
    kept = ExamAttemptFactory(learner=account)
    closed = ExamAttemptFactory(learner=guest)
    SlotFactory(attempt=closed, response=["order"])
    SlotFactory(attempt=closed, position=2)
    now = timezone.now()
    Attempt.objects.filter(learner=guest).move_to(account, now=now)

    assert finish_forgotten(now) == 0

    closed.refresh_from_db()
    kept.refresh_from_db()
    assert (closed.learner, closed.ended_by, closed.finished_at) == (account, "learner", now)
    assert [slot.mark for slot in closed.slots.all()] == [1000, 0]
    assert kept.finished_at is None


def before_the_next_update(deed):
    """Does something between reading a slot and writing it, as another request would."""
    waiting = [deed]

    def run(execute, sql, *args):
        if waiting and sql.lstrip().startswith("UPDATE"):
            waiting.pop()()
        return execute(sql, *args)

    return connection.execute_wrapper(run)


def test_two_copies_of_a_change_at_once_are_both_acknowledged(client, slot):
    with before_the_next_update(lambda: save(client, slot, "1")):
        response = save(client, slot, "1")

    slot.refresh_from_db()
    assert (response.status_code, response.json()["seq"]) == (200, 1)
    assert (slot.seq, slot.response) == (1, ["order"])


def test_a_question_left_while_an_answer_is_saved_says_so(client, guest):
    slot = SlotFactory(attempt=ExamAttemptFactory(learner=guest, rules=FORWARD))

    with before_the_next_update(lambda: leave_slot(slot, now=timezone.now())):
        response = save(client, slot, "1")

    slot.refresh_from_db()
    assert response.status_code == 410
    assert response.json()["message"] == "This question was left before; this answer was not saved."
    assert slot.response is None


def test_an_exam_submitted_while_an_answer_is_saved_says_so(client, slot):
    with before_the_next_update(lambda: finish(slot.attempt, now=timezone.now())):
        response = save(client, slot, "1")

    slot.refresh_from_db()
    assert response.status_code == 410
    assert response.json()["message"] == (
        "The exam was submitted before; this answer was not saved."
    )
    assert (slot.response, slot.late_response) == (None, None)


def test_an_answer_that_the_end_of_time_overtakes_is_kept_as_late(client, guest):
    """Read within the grace, written when another request has ended the exam."""
    attempt = ExamAttemptFactory(learner=guest, **times_up(seconds=5))
    slot = SlotFactory(attempt=attempt)
    later = timezone.now() + timedelta(seconds=10)

    with before_the_next_update(lambda: finish_if_over(attempt, now=later)):
        response = save(client, slot, "1")

    slot.refresh_from_db()
    assert response.status_code == 410
    assert (slot.response, slot.late_response, slot.mark) == (None, ["order"], 0)


def times_up(seconds):
    """An exam of 20 minutes whose deadline was so many seconds ago."""
    deadline_at = timezone.now() - timedelta(seconds=seconds)
    started_at = deadline_at - timedelta(minutes=20)
    return {"minutes": 20, "started_at": started_at, "deadline_at": deadline_at}


@pytest.mark.parametrize(
    ("rules", "sections"), [(FORWARD, [1, 1]), ({"navigation": "sections"}, [1, 2])]
)
@pytest.mark.parametrize("name", ["slot_answer", "slot_look", "slot_flag", "slot"])
def test_a_room_leads_to_no_later_question_by_any_address(client, guest, rules, sections, name):
    attempt = ExamAttemptFactory(learner=guest, rules=rules)
    for position, section in enumerate(sections, start=1):
        SlotFactory(attempt=attempt, position=position, section=section)
    ahead = attempt.slots.get(position=2)

    response = client.post(
        reverse(name, args=[attempt.uuid, 2]), {"base_seq": 0, "choice": "1", "flagged": "1"}
    )

    ahead.refresh_from_db()
    assert response.status_code == 404
    assert (ahead.response, ahead.opened_at, ahead.is_flagged) == (None, None, False)


def test_a_claim_ends_the_accounts_exam_whose_time_is_up_and_not_the_guests(guest):
    account = LearnerFactory()
    forgotten = ExamAttemptFactory(learner=account, **times_up(seconds=11))
    SlotFactory(attempt=forgotten, response=["order"])
    running = ExamAttemptFactory(learner=guest)
    now = timezone.now()

    Attempt.objects.filter(learner=guest).move_to(account, now=now)
    finish_forgotten(now)

    for attempt in (forgotten, running):
        attempt.refresh_from_db()
    assert (running.learner, running.finished_at) == (account, None)
    assert (forgotten.finished_at, forgotten.ended_by) == (forgotten.deadline_at, "time")
    assert forgotten.slots.get().mark == 1000


def test_the_guests_exam_whose_time_was_up_before_the_claim_ended_at_its_deadline(guest):
    account = LearnerFactory()
    ExamAttemptFactory(learner=account)
    forgotten = ExamAttemptFactory(learner=guest, **times_up(seconds=3600))
    now = timezone.now()

    Attempt.objects.filter(learner=guest).move_to(account, now=now)
    finish_forgotten(now)

    forgotten.refresh_from_db()
    assert (forgotten.finished_at, forgotten.ended_by) == (forgotten.deadline_at, "time")


def test_more_time_granted_meanwhile_keeps_an_exam_open(guest):
    """A page that read the exam before its learner was given more time does not end it."""
    attempt = ExamAttemptFactory(learner=guest, **times_up(seconds=5))
    read_before = Attempt.objects.get(pk=attempt.pk)
    now = timezone.now()
    set_time(guest, 200, now=now)

    ended = finish_if_over(read_before, now=now + timedelta(seconds=10))

    assert ended is False
    assert (read_before.finished_at, Attempt.objects.get(pk=attempt.pk).finished_at) == (None, None)
    assert read_before.deadline_at == attempt.deadline_at + timedelta(minutes=20)


def test_a_question_without_an_answer_stays_without_one_in_the_database(slot):
    finish(slot.attempt, now=timezone.now())

    unanswered = Slot.objects.filter(response__isnull=True, late_response__isnull=True)
    assert list(unanswered) == [slot]
