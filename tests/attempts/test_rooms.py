from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from attempts.models import Attempt
from questions.models import Domain, Fact, Objective, Room
from questions.seating import seat_all
from tests.factories import ExamAttemptFactory, ExamFactory, PublishedFactory, SlotFactory

pytestmark = pytest.mark.django_db


def make_room(code="N10-009", slug="n10-009", n_questions=8, **fields):
    """A room whose bank fills half of `n_questions`."""
    exam = ExamFactory(code=code)
    domain = Domain.objects.create(
        exam=exam, number=1, name="Concepts", weight_low_percent=23, weight_high_percent=23
    )
    Domain.objects.create(
        exam=exam, number=2, name="Nothing of ours", weight_low_percent=77, weight_high_percent=77
    )
    objective = Objective.objects.create(exam=exam, domain=domain, code="1.4", text="Ports")
    Fact.objects.create(
        exam=exam,
        name="Passing score",
        value="720 on a scale of 100 to 900",
        source_kind="transcription",
        checked_on=datetime(2026, 9, 30, tzinfo=UTC),
        verify=True,
    )
    for _ in range(n_questions):
        PublishedFactory().objectives.add(objective)
    seat_all()
    return Room.objects.create(
        exam=exam,
        **{
            "slug": slug,
            "n_items": 20,
            "item_seconds": 90,
            "timing": "A minute and a half each.",
            "pass_percent": 75,
            "navigation": "free",
            "count_check": "warn",
            "tutorial": "Go where you like.",
            **fields,
        },
    )


def start(client, room, **data):
    return client.post(room.get_absolute_url(), {"time_percent": 100, **data})


def test_the_start_page_says_what_will_happen_and_begins_nothing(client):
    room = make_room()

    for _ in range(2):
        html = client.get(room.get_absolute_url()).content.decode()

    text = " ".join(html.split())
    for words in (
        "4 questions, 6 minutes",
        "75 % of the marks of this form. It is ours",
        "What is saved by then is submitted by itself.",
        "free: every question can be opened again until the end".capitalize(),
        "A minute and a half each.",
        "2 Nothing of ours",
        "The bank fills 4 of them for now",
        "720 on a scale of 100 to 900",
        "not confirmed",
        "30 Sep 2026",
        "7.5 min",
        "12 min",
    ):
        assert words in text
    assert not Attempt.objects.exists()
    assert "learner" not in client.session


def test_start_begins_the_exam_and_its_clock(client):
    response = start(client, make_room())

    attempt = Attempt.objects.get()
    assert response.url == attempt.get_absolute_url()
    assert (attempt.mode, attempt.minutes, attempt.time_percent) == ("exam", 6, 100)
    assert attempt.deadline_at - attempt.started_at == timedelta(minutes=6)
    assert attempt.slots.count() == 4


@pytest.mark.parametrize(("percent", "minutes"), [(125, 7.5), (150, 9), (200, 12)])
def test_more_time_moves_the_deadline(client, percent, minutes):
    start(client, make_room(), time_percent=percent)

    attempt = Attempt.objects.get()
    assert attempt.deadline_at - attempt.started_at == timedelta(minutes=minutes)


def test_untimed_has_no_deadline(client):
    start(client, make_room(), time_percent=0)

    assert Attempt.objects.get().deadline_at is None


@pytest.mark.parametrize("percent", ["", "99", "x", "1000000"])
def test_a_time_that_is_no_choice_starts_nothing(client, percent):
    response = start(client, make_room(), time_percent=percent)

    assert response.status_code == 422
    assert "Choose one of the times." in response.content.decode()
    assert not Attempt.objects.exists()


def test_the_learners_own_time_is_chosen_already(client, guest):
    guest.time_percent = 150
    guest.save()

    html = client.get(make_room().get_absolute_url()).content.decode()

    assert 'value="150" checked' in html
    assert 'value="100" checked' not in html


def test_starting_twice_is_one_exam(client):
    room = make_room()
    first = start(client, room)

    again = start(client, room)

    assert again.url == first.url
    assert Attempt.objects.count() == 1


def test_an_open_exam_is_offered_instead_of_a_start(client, guest):
    room = make_room()
    attempt = ExamAttemptFactory(learner=guest, exam=room.exam)
    SlotFactory(attempt=attempt, response=["order"])
    SlotFactory(attempt=attempt, position=2)

    html = client.get(room.get_absolute_url()).content.decode()

    assert "This exam is open: 1 of 2 answered." in html
    assert attempt.get_absolute_url() in html
    assert ">Start<" not in html


def test_an_exam_whose_time_is_up_makes_room_for_the_next(client, guest):
    room = make_room()
    started_at = timezone.now() - timedelta(hours=2)
    old = ExamAttemptFactory(
        learner=guest,
        exam=room.exam,
        minutes=20,
        started_at=started_at,
        deadline_at=started_at + timedelta(minutes=20),
    )

    start(client, room)

    old.refresh_from_db()
    assert (old.finished_at, old.ended_by) == (old.deadline_at, "time")
    assert Attempt.objects.open().count() == 1


def test_a_bank_without_questions_starts_nothing(client):
    room = make_room(n_questions=1)

    page = client.get(room.get_absolute_url())
    response = start(client, room)

    assert "The bank holds no questions for this exam yet." in page.content.decode()
    assert response.status_code == 200
    assert not Attempt.objects.exists()


def test_after_twenty_starts_in_an_hour_the_site_waits(client, guest):
    room = make_room()

    statuses = []
    for _ in range(21):
        statuses.append(start(client, room).status_code)
        Attempt.objects.all().delete()

    assert statuses == [303] * 20 + [429]


def test_the_list_shows_every_room_with_what_became_of_it(client, guest):
    room, other = make_room(), make_room("SY0-701", "sy0-701")
    ended = {"started_at": timezone.now() - timedelta(hours=1), "finished_at": timezone.now()}
    done = ExamAttemptFactory(learner=guest, exam=room.exam, **ended)
    SlotFactory(attempt=done, mark=1000)
    SlotFactory(attempt=done, position=2, mark=0)
    SlotFactory(attempt=done, position=3, mark=1000)
    running = ExamAttemptFactory(learner=guest, exam=other.exam)

    html = client.get(reverse("exams")).content.decode()

    assert "Last result: 66 %" in html
    assert done.get_result_url() in html
    assert running.get_absolute_url() in html
    assert room.get_absolute_url() in html


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_a_query_a_room(client, guest, n, django_assert_num_queries):
    for number in range(n):
        make_room(f"X-{number}", f"x-{number}", n_questions=2)

    with django_assert_num_queries(4 + n):  # learner, rooms, results, open ones; a plan each
        client.get(reverse("exams"))


def test_there_may_be_no_room(client):
    assert "No exam room is set up." in client.get(reverse("exams")).content.decode()


def test_an_unknown_exam_is_not_found(client):
    assert client.get(reverse("exam", args=["mcse"])).status_code == 404
