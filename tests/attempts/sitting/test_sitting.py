"""Sitting an exam through its forms, as a browser without JavaScript does."""

from datetime import UTC, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from attempts.models import Exposure, Slot
from tests.factories import (
    FORWARD,
    TWO_KEYS,
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db


def sit(learner, n=3, rules=None, sections=None, **fields):
    """An exam attempt with `n` single choices whose key `order` stands at place 1."""
    attempt = ExamAttemptFactory(learner=learner, rules=rules or {}, **fields)
    for position in range(1, n + 1):
        SlotFactory(attempt=attempt, position=position, section=(sections or [1] * n)[position - 1])
    return attempt


def url(attempt, position):
    return reverse("slot", args=[attempt.uuid, position])


def send(client, attempt, position, *places, go="next", base_seq=None, **fields):
    seq = attempt.slots.get(position=position).seq if base_seq is None else base_seq
    data = {"base_seq": seq, "go": go, "choice": places, **fields}
    return client.post(url(attempt, position), data)


def slot_at(attempt, position):
    return attempt.slots.get(position=position)


def test_an_answer_is_saved_and_judged_by_nobody(client, guest):
    attempt = sit(guest)

    response = send(client, attempt, 1, "1")

    slot = slot_at(attempt, 1)
    assert response.url == url(attempt, 2)
    assert (slot.response, slot.seq, slot.mark, slot.checked_at) == (["order"], 1, None, None)
    assert slot.answered_at is not None
    assert not Exposure.objects.exists()


def test_no_page_of_an_open_exam_holds_key_or_reason(client, guest):
    attempt = sit(guest)
    texts = [
        text
        for slot in attempt.slots.all()
        for option in slot.revision.options.all()
        for text in (option.rationale, f'"{option.ident}"', f"={option.ident}")
    ]
    texts += [slot.revision.explanation for slot in attempt.slots.all()]
    texts += ["is_key", "rationale", "option--right", "Correct"]
    pages = [
        client.get(url(attempt, 1)),
        send(client, attempt, 1, "0"),
        client.get(url(attempt, 2)),
        send(client, attempt, 2, "7"),
        client.get(reverse("attempt_sheet", args=[attempt.uuid])),
        client.get(reverse("attempt_overview", args=[attempt.uuid])),
        client.get(reverse("attempt_submission", args=[attempt.uuid])),
        client.get(reverse("result", args=[attempt.uuid])),
        client.get(reverse("attempt", args=[attempt.uuid])),
        client.post(reverse("slot_answer", args=[attempt.uuid, 3]), {"base_seq": 0, "choice": "1"}),
    ]

    for page in pages:
        everything = page.content.decode() + str(page.headers)
        assert [text for text in texts if text in everything] == []
        assert "no-store" in page["Cache-Control"]


def test_a_practice_check_judges_nothing_in_an_exam(client, guest):
    attempt = sit(guest)

    response = client.post(url(attempt, 1), {"step": "check", "choice": "1"})

    assert response.status_code == 404
    assert slot_at(attempt, 1).response is None


def test_a_place_that_is_no_option_is_refused(client, guest):
    attempt = sit(guest)

    response = send(client, attempt, 1, "3")

    assert response.status_code == 422
    assert "3 is not one of the options. Nothing was saved." in response.content.decode()
    assert slot_at(attempt, 1).response is None


def test_pressing_next_again_changes_nothing(client, guest):
    attempt = sit(guest)
    send(client, attempt, 1, "1")

    send(client, attempt, 1, "1", base_seq=0)

    assert slot_at(attempt, 1).seq == 1


def test_an_older_form_does_not_overwrite_a_newer_answer(client, guest):
    attempt = sit(guest)
    send(client, attempt, 1, "1", base_seq=0)

    response = send(client, attempt, 1, "0", base_seq=0)

    assert "A newer answer was saved from another window." in response.content.decode()
    assert slot_at(attempt, 1).response == ["order"]


def test_an_answer_can_be_taken_back(client, guest):
    attempt = sit(guest)
    send(client, attempt, 1, "1")

    send(client, attempt, 1, go="review")

    assert slot_at(attempt, 1).response is None
    assert Slot.objects.filter(attempt=attempt, response__isnull=True).count() == 3


@pytest.mark.parametrize(
    ("position", "go", "expected"),
    [
        (2, "previous", "slot 1"),
        (2, "next", "slot 3"),
        (3, "next", "overview"),
        (1, "review", "overview"),
        (1, "previous", "overview"),
    ],
)
def test_each_button_leads_where_it_says(client, guest, position, go, expected):
    attempt = sit(guest)

    response = send(client, attempt, position, "0", go=go)

    overview = reverse("attempt_overview", args=[attempt.uuid])
    places = {f"slot {n}": url(attempt, n) for n in (1, 2, 3)} | {"overview": overview}
    assert response.url == places[expected]


def test_the_flag_button_saves_too_and_stays(client, guest):
    attempt = sit(guest)

    response = send(client, attempt, 1, "2", go="flag")

    slot = slot_at(attempt, 1)
    assert response.url == url(attempt, 1)
    assert (slot.is_flagged, slot.response) == (True, ["fine"])
    send(client, attempt, 1, "2", go="flag")
    assert slot_at(attempt, 1).is_flagged is False


def test_a_room_without_flags_sets_none(client, guest):
    attempt = sit(guest, rules=FORWARD)

    send(client, attempt, 1, "2", go="flag")

    assert slot_at(attempt, 1).is_flagged is False


def test_seeing_a_question_is_noted_once(client, guest):
    attempt = sit(guest)

    html = client.get(url(attempt, 2)).content.decode()
    assert 'data-place="2" data-state="not answered"' in html
    assert 'data-place="3" data-state="not seen"' in html
    first = slot_at(attempt, 2).opened_at
    client.get(url(attempt, 2))

    assert first is not None
    assert slot_at(attempt, 2).opened_at == first
    assert slot_at(attempt, 1).opened_at is None


@pytest.mark.parametrize("n", [3, 30])
def test_a_question_page_takes_the_same_few_queries(client, guest, n, django_assert_num_queries):
    attempt = sit(guest, n=n)
    client.get(url(attempt, 1))

    with django_assert_num_queries(3):  # learner, slot, sheet
        client.get(url(attempt, 1))


# rooms


def test_a_warning_room_warns_once_of_a_choice_too_few(client, guest):
    attempt = ExamAttemptFactory(learner=guest)
    SlotFactory(
        attempt=attempt, revision=two_keys(), option_order=["smtp", "pop3", "esmtp", "imap"]
    )

    first = send(client, attempt, 1, "0")
    again = send(client, attempt, 1, "0", warned="on")

    assert first.status_code == 422
    assert "Choose 2 options; you chose 1." in first.content.decode()
    assert again.status_code == 303
    assert slot_at(attempt, 1).response == ["smtp"]


def test_an_exact_room_does_not_go_on_with_a_choice_too_few(client, guest):
    attempt = ExamAttemptFactory(learner=guest, rules={"count_check": "exact"})
    SlotFactory(
        attempt=attempt, revision=two_keys(), option_order=["smtp", "pop3", "esmtp", "imap"]
    )

    responses = [send(client, attempt, 1, "0"), send(client, attempt, 1, "0", warned="on")]

    assert [response.status_code for response in responses] == [422, 422]
    assert slot_at(attempt, 1).response == ["smtp"]  # saved all the same


def test_an_exact_room_saves_no_choice_too_many(client, guest):
    attempt = ExamAttemptFactory(learner=guest, rules={"count_check": "exact"})
    SlotFactory(
        attempt=attempt, revision=two_keys(), option_order=["smtp", "pop3", "esmtp", "imap"]
    )

    response = send(client, attempt, 1, "0", "1", "2", go="review")

    assert response.status_code == 422
    assert "Choose 2 options; you chose 3." in response.content.decode()
    assert slot_at(attempt, 1).response is None


TWO_KEYS_ORDER = ["smtp", "pop3", "esmtp", "imap"]


def two_keys():
    return PublishedFactory(kind="multiple", choose=2, parts=TWO_KEYS)


def test_forward_only_leads_on_and_never_back(client, guest):
    attempt = sit(guest, rules=FORWARD)

    response = send(client, attempt, 1, "1")
    back = client.get(url(attempt, 1))
    ahead = client.get(url(attempt, 3))

    assert response.url == url(attempt, 2)
    assert back.url == url(attempt, 2)
    assert ahead.url == url(attempt, 2)
    assert "Previous" not in client.get(url(attempt, 2)).content.decode()


def test_forward_only_refuses_a_save_to_a_left_question(client, guest):
    attempt = sit(guest, rules=FORWARD)
    send(client, attempt, 1, "1")

    send(client, attempt, 1, "0")
    answer = client.post(
        reverse("slot_answer", args=[attempt.uuid, 1]), {"base_seq": 1, "choice": "0"}
    )

    assert answer.status_code == 410
    assert answer.json()["message"] == "This question was left before; this answer was not saved."
    assert slot_at(attempt, 1).response == ["order"]


def test_after_the_last_question_of_a_forward_room_comes_the_submission(client, guest):
    attempt = sit(guest, n=1, rules=FORWARD)

    response = send(client, attempt, 1, "1")

    submission = reverse("attempt_submission", args=[attempt.uuid])
    assert response.url == submission
    assert client.get(reverse("attempt", args=[attempt.uuid])).url == submission
    assert client.get(url(attempt, 1)).url == submission
    assert client.get(submission).status_code == 200


SECTIONS = {"navigation": "sections"}


def test_a_section_is_free_inside_and_closed_outside(client, guest):
    attempt = sit(guest, n=4, rules=SECTIONS, sections=[1, 1, 2, 2])

    assert client.get(url(attempt, 2)).status_code == 200
    assert client.get(url(attempt, 3)).url == url(attempt, 1)
    assert send(client, attempt, 2, "1").url == reverse("attempt_section", args=[attempt.uuid])


def test_leaving_a_section_closes_it_and_twice_is_once(client, guest):
    attempt = sit(guest, n=6, rules=SECTIONS, sections=[1, 1, 2, 2, 3, 3])
    section = reverse("attempt_section", args=[attempt.uuid])

    client.post(section, {"section": "1"})
    client.post(section, {"section": "1"})

    assert client.get(url(attempt, 1)).url == url(attempt, 3)
    assert client.get(url(attempt, 3)).status_code == 200
    assert client.get(url(attempt, 5)).url == url(attempt, 3)


def test_the_section_page_names_what_is_open(client, guest):
    attempt = sit(guest, n=4, rules=SECTIONS, sections=[1, 1, 2, 2])
    send(client, attempt, 1, "1")

    html = client.get(reverse("attempt_section", args=[attempt.uuid])).content.decode()

    assert "Finish section 1 of 2?" in html
    assert "1 question without an answer" in html
    assert "Question 2</a>" in html
    assert "Question 3</a>" not in html


# the end


def test_the_submission_page_lists_what_is_left_open(client, guest):
    attempt = sit(guest)
    send(client, attempt, 1, "1", go="flag")

    html = client.get(reverse("attempt_submission", args=[attempt.uuid])).content.decode()

    assert "Submit with 2 unanswered?" in html
    assert "1 flag of yours" in html
    attempt.refresh_from_db()
    assert attempt.finished_at is None


def test_submitting_marks_once_and_meets_every_family(client, guest):
    attempt = sit(guest)
    send(client, attempt, 1, "1")
    send(client, attempt, 2, "0")
    submission = reverse("attempt_submission", args=[attempt.uuid])

    response = client.post(submission)
    client.post(submission)

    attempt.refresh_from_db()
    assert response.url == reverse("result", args=[attempt.uuid])
    assert attempt.ended_by == "learner"
    assert [slot.mark for slot in attempt.slots.all()] == [1000, 0, 0]
    assert [slot.is_checked for slot in attempt.slots.all()] == [True, True, False]
    assert [exposure.n_met for exposure in guest.exposures.all()] == [1, 1, 1]


def test_nothing_changes_after_the_submission(client, guest):
    attempt = sit(guest)
    client.post(reverse("attempt_submission", args=[attempt.uuid]))

    page = send(client, attempt, 1, "1")
    answer = client.post(
        reverse("slot_answer", args=[attempt.uuid, 2]), {"base_seq": 0, "choice": "1"}
    )

    assert page.url == reverse("attempt", args=[attempt.uuid])
    assert answer.status_code == 410
    assert answer.json() == {
        "message": "The exam was submitted before; this answer was not saved.",
        "url": reverse("attempt", args=[attempt.uuid]),
    }
    assert [slot.response for slot in attempt.slots.all()] == [None, None, None]
    assert [slot.late_response for slot in attempt.slots.all()] == [None, None, None]


# time


def timed(learner, *, ago, minutes=20, **fields):
    started_at = timezone.now() - ago
    return sit(
        learner,
        started_at=started_at,
        minutes=minutes,
        deadline_at=started_at + timedelta(minutes=minutes),
        **fields,
    )


def test_a_save_within_the_grace_counts(client, guest):
    attempt = timed(guest, ago=timedelta(minutes=20, seconds=5))

    response = client.post(
        reverse("slot_answer", args=[attempt.uuid, 1]), {"base_seq": 0, "choice": "1"}
    )

    assert response.status_code == 200
    assert slot_at(attempt, 1).response == ["order"]


def test_a_save_after_the_grace_is_kept_and_not_scored(client, guest):
    attempt = timed(guest, ago=timedelta(minutes=20, seconds=15))

    response = client.post(
        reverse("slot_answer", args=[attempt.uuid, 1]), {"base_seq": 0, "choice": "1"}
    )

    attempt.refresh_from_db()
    slot = slot_at(attempt, 1)
    assert response.status_code == 410
    assert response.json()["message"] == (
        "The time was up when this answer arrived. It is kept and shown, but not scored."
    )
    assert (slot.response, slot.late_response, slot.mark) == (None, ["order"], 0)
    assert attempt.finished_at == attempt.deadline_at
    assert attempt.ended_by == "time"


def test_what_was_saved_in_time_is_not_late_when_it_is_sent_again(client, guest):
    attempt = timed(guest, ago=timedelta(minutes=21))
    attempt.slots.filter(position=1).update(response=["order"], seq=1)

    send(client, attempt, 1, "1")

    slot = slot_at(attempt, 1)
    assert (slot.response, slot.late_response, slot.late_at) == (["order"], None, None)


@pytest.mark.parametrize(
    "name", ["attempt", "attempt_overview", "attempt_submission", "attempt_section", "result"]
)
def test_looking_after_the_time_submits_what_was_saved(client, guest, name):
    attempt = timed(guest, ago=timedelta(minutes=30))
    Slot.objects.filter(attempt=attempt, position=1).update(response=["order"])

    client.get(reverse(name, args=[attempt.uuid]))

    attempt.refresh_from_db()
    assert attempt.finished_at == attempt.deadline_at
    assert [slot.mark for slot in attempt.slots.all()] == [1000, 0, 0]


def test_submitting_late_ends_at_the_deadline(client, guest):
    attempt = timed(guest, ago=timedelta(minutes=90))

    client.post(reverse("attempt_submission", args=[attempt.uuid]))

    attempt.refresh_from_db()
    assert attempt.finished_at == attempt.deadline_at


def test_the_page_carries_the_clock_of_the_server(client, guest):
    attempt = timed(guest, ago=timedelta(minutes=1))

    html = client.get(url(attempt, 1)).content.decode()

    assert f'data-deadline="{attempt.deadline_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}' in html
    assert 'role="timer"' in html


def test_an_untimed_exam_shows_no_clock(client, guest):
    attempt = sit(guest)

    assert 'role="timer"' not in client.get(url(attempt, 1)).content.decode()


# strangers


@pytest.mark.parametrize(
    ("method", "name", "args"),
    [
        ("get", "slot", [1]),
        ("post", "slot", [1]),
        ("post", "slot_look", [1]),
        ("post", "slot_flag", [1]),
        ("get", "attempt", []),
        ("get", "attempt_sheet", []),
        ("get", "attempt_overview", []),
        ("get", "attempt_section", []),
        ("post", "attempt_section", []),
        ("get", "attempt_submission", []),
        ("post", "attempt_submission", []),
        ("get", "result", []),
    ],
)
def test_another_learners_exam_is_not_there(client, guest, method, name, args):
    attempt = sit(LearnerFactory())

    response = getattr(client, method)(
        reverse(name, args=[attempt.uuid, *args]), {"base_seq": 0, "choice": "1", "section": "1"}
    )

    assert response.status_code == 404
    attempt.refresh_from_db()
    assert attempt.finished_at is None
    assert [slot.seq for slot in attempt.slots.all()] == [0, 0, 0]


def test_another_learners_answer_is_not_taken(client, guest):
    attempt = sit(LearnerFactory())

    response = client.post(
        reverse("slot_answer", args=[attempt.uuid, 1]), {"base_seq": 0, "choice": "1"}
    )

    assert response.status_code == 404
    assert slot_at(attempt, 1).response is None


def test_who_is_signed_out_is_told_so(client):
    attempt = sit(LearnerFactory())

    response = client.post(
        reverse("slot_answer", args=[attempt.uuid, 1]), {"base_seq": 0, "choice": "1"}
    )

    assert response.status_code == 403
    assert response.json() == {"message": "Log in again. Your answers are kept on this device."}


def test_a_form_of_an_exam_saves_nothing_in_practice(client, guest):
    slot = SlotFactory(attempt=AttemptFactory(learner=guest))

    response = send(client, slot.attempt, 1, "1")

    slot.refresh_from_db()
    assert response.status_code == 404
    assert (slot.response, slot.seq) == (None, 0)
