from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import ExamAttemptFactory, LearnerFactory, NoteFactory

pytestmark = pytest.mark.django_db


def timed_exam(learner, minutes_left=10, **fields):
    now = timezone.now()
    return ExamAttemptFactory(
        learner=learner,
        minutes=20,
        started_at=now - timedelta(minutes=20 - minutes_left),
        deadline_at=now + timedelta(minutes=minutes_left),
        **fields,
    )


@pytest.fixture
def note():
    return reverse("note", args=[NoteFactory().slug])


def test_notes_are_closed_while_a_timed_exam_runs(client, guest, note):
    attempt = timed_exam(guest)

    response = client.get(note)

    assert response.status_code == 403
    assert "Closed during your exam" in response.content.decode()
    assert attempt.get_absolute_url() in response.content.decode()
    assert "Text." not in response.content.decode()


def test_they_open_when_it_is_submitted(client, guest, note):
    timed_exam(guest, finished_at=timezone.now())

    assert client.get(note).status_code == 200


def test_they_open_when_its_time_is_up(client, guest, note):
    timed_exam(guest, minutes_left=-1)

    assert client.get(note).status_code == 200


def test_an_untimed_exam_closes_nothing(client, guest, note):
    ExamAttemptFactory(learner=guest)

    assert client.get(note).status_code == 200


def test_another_learners_exam_closes_nothing(client, guest, note):
    timed_exam(LearnerFactory())

    assert client.get(note).status_code == 200


@pytest.mark.parametrize("name", ["notes", "watch", "annotate", "search"])
def test_other_books_are_closed_too(client, guest, name):
    timed_exam(guest)

    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["practice", "sandbox", "labs", "settings", "keys"])
def test_the_rest_of_the_site_stays_open(client, guest, name):
    timed_exam(guest)

    assert client.get(reverse(name)).status_code == 200


def test_they_stay_closed_while_a_late_answer_still_counts(client, guest, note):
    timed_exam(guest, minutes_left=-5 / 60)

    assert client.get(note).status_code == 403
