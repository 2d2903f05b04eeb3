from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Learner, TimeChange
from attempts.timekeeping import set_time
from tests.factories import ExamAttemptFactory, LearnerFactory

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FIVE_PAST = NINE + timedelta(minutes=5)


def exam(learner, **fields):
    deadline = {"deadline_at": NINE + timedelta(minutes=20)}
    return ExamAttemptFactory(
        learner=learner, minutes=20, started_at=NINE, **{**deadline, **fields}
    )


def test_a_choice_is_kept_with_a_record(client, guest):
    client.post(reverse("settings_time"), {"time_percent": 150})

    guest.refresh_from_db()
    change = TimeChange.objects.get()
    assert guest.time_percent == 150
    assert (change.learner, change.before, change.after) == (guest, 100, 150)


def test_the_same_choice_again_is_no_change(client, guest):
    for _ in range(2):
        client.post(reverse("settings_time"), {"time_percent": 150})

    assert TimeChange.objects.count() == 1


@pytest.mark.parametrize("percent", ["", "110", "x"])
def test_another_figure_changes_nothing(client, guest, percent):
    response = client.post(reverse("settings_time"), {"time_percent": percent}, follow=True)

    guest.refresh_from_db()
    assert guest.time_percent == 100
    assert "Choose one of the times. Nothing was changed." in response.content.decode()


@pytest.mark.parametrize(
    ("percent", "deadline_at"),
    [
        (125, datetime(2026, 11, 25, 9, 25, tzinfo=UTC)),
        (150, datetime(2026, 11, 25, 9, 30, tzinfo=UTC)),
        (200, datetime(2026, 11, 25, 9, 40, tzinfo=UTC)),
        (0, None),
    ],
)
def test_a_running_exam_is_lengthened_at_once(percent, deadline_at):
    attempt = exam(LearnerFactory())

    set_time(attempt.learner, percent, now=FIVE_PAST)

    attempt.refresh_from_db()
    assert (attempt.time_percent, attempt.deadline_at) == (percent, deadline_at)


def test_a_running_exam_is_never_shortened():
    learner = LearnerFactory(time_percent=200)
    attempt = exam(learner, time_percent=200, deadline_at=NINE + timedelta(minutes=40))

    set_time(learner, 100, now=FIVE_PAST)

    attempt.refresh_from_db()
    assert attempt.deadline_at == NINE + timedelta(minutes=40)
    assert Learner.objects.get(pk=learner.pk).time_percent == 100


def test_an_exam_that_is_over_stays_over():
    attempt = exam(LearnerFactory())

    set_time(attempt.learner, 200, now=NINE + timedelta(minutes=30))

    attempt.refresh_from_db()
    assert attempt.deadline_at == NINE + timedelta(minutes=20)


def test_other_learners_keep_their_time():
    other = exam(LearnerFactory())

    set_time(LearnerFactory(), 200, now=FIVE_PAST)

    other.refresh_from_db()
    assert other.deadline_at == NINE + timedelta(minutes=20)
    assert other.learner.time_percent == 100


def test_the_settings_page_shows_the_choice(client, guest):
    set_time(guest, 125, now=NINE)

    assert 'value="125" checked' in client.get(reverse("settings")).content.decode()
