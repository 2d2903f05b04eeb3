import random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.models import Cell, Domain, Objective, Question, Seat
from questions.seating import has_seats, seat, seat_all
from tests.factories import ExamFactory, FamilyFactory, PublishedFactory, TopicFactory

pytestmark = pytest.mark.django_db


def numbers(**cell):
    """Numbers of the families in a cell, by slug."""
    found = Cell.objects.get(**cell)
    seats = dict(found.seats.values_list("family__slug", "number"))
    assert sorted(set(seats.values())) == list(range(found.n_families))
    return seats


def question(family="a", **fields):
    return PublishedFactory(question__family__slug=family, **fields).question


def test_publishing_seats_a_question_in_its_topic():
    question("a")
    question("b")

    assert numbers(topic__slug="smtp-transaction", pool="practice") == {"a": 0, "b": 1}
    assert has_seats()


def test_siblings_share_a_number():
    question("a")
    question("a")
    question("b")

    assert numbers(topic__slug="smtp-transaction") == {"a": 0, "b": 1}
    assert Seat.objects.filter(number=0).count() == 2


def test_the_last_takes_the_number_of_one_that_goes():
    gone = question("a")
    question("b")
    question("c")

    gone.retired_at = timezone.now()
    gone.save()
    seat([gone])

    assert numbers(topic__slug="smtp-transaction") == {"c": 0, "b": 1}


def test_two_that_go_at_once_leave_no_gap():
    first = question("a")
    question("b")
    last = question("c")
    Question.objects.filter(pk__in=[first.pk, last.pk]).update(retired_at=timezone.now())

    seat([first, last])

    assert numbers(topic__slug="smtp-transaction") == {"b": 0}


def test_a_sibling_that_goes_leaves_the_number_to_the_others():
    gone = question("a")
    question("a")
    question("b")

    gone.suspended_at = timezone.now()
    gone.save()
    seat([gone])

    assert numbers(topic__slug="smtp-transaction") == {"a": 0, "b": 1}


def test_a_question_that_moves_changes_its_cells():
    moved = question("a")
    moved.topic = TopicFactory(slug="pop3")
    moved.pool = "probe"
    moved.save()

    seat([moved])

    assert Cell.objects.get(topic__slug="smtp-transaction").n_families == 0
    assert numbers(topic__slug="pop3", pool="probe") == {"a": 0}


def test_a_new_family_gives_a_new_number():
    moved = question("a")
    question("a")
    moved.family = FamilyFactory(slug="b")
    moved.save()

    seat([moved])

    assert numbers(topic__slug="smtp-transaction") == {"a": 0, "b": 1}


@pytest.fixture
def domains():
    exam = ExamFactory()
    first = Domain.objects.create(exam=exam, number=1, name="Concepts")
    third = Domain.objects.create(exam=exam, number=3, name="Operations")
    for code, domain in (("1.4", first), ("3.4", third), ("9", None)):
        Objective.objects.create(exam=exam, code=code, domain=domain, text="…")
    return exam


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(["3.4"], [3]), (["3.4", "1.4"], [1]), (["9"], []), (["9", "3.4"], [3]), ([], [])],
)
def test_the_first_objective_of_an_exam_counts(domains, codes, expected):
    asked = question("a")
    asked.current_revision.objectives.set(Objective.objects.filter(code__in=codes))

    seat([asked])

    seats = Seat.objects.filter(cell__domain__isnull=False)
    assert list(seats.values_list("cell__domain__number", flat=True)) == expected


def test_seating_all_finds_what_seating_one_by_one_found(domains):
    for family, code in (("a", "1.4"), ("b", "3.4"), ("a", "1.4"), ("c", "1.4")):
        asked = question(family)
        asked.current_revision.objectives.set(Objective.objects.filter(code=code))
        seat([asked])
    before = seated()
    Cell.objects.all().delete()

    seat_all()

    assert seated() == before


def test_seating_all_again_changes_no_number():
    gone = question("a")
    question("b")
    question("c")
    Question.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
    seat([gone])
    before = list(Seat.objects.order_by("pk").values_list("pk", "number"))

    seat_all()

    assert list(Seat.objects.order_by("pk").values_list("pk", "number")) == before


def seated():
    seats = Seat.objects.values_list("cell__topic", "cell__domain", "question", "family")
    return sorted(seats, key=repr)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000))
def test_numbers_have_no_gap_whatever_comes_and_goes(seed):
    chance = random.Random(seed)
    Question.objects.update(retired_at=timezone.now())
    seat(Question.objects.all())
    questions = [question(f"{seed}-{chance.randrange(4)}") for _ in range(8)]

    for _ in range(12):
        one = chance.choice(questions)
        one.retired_at = None if one.retired_at else timezone.now()
        one.save()
        seat([one])
        numbers(topic__slug="smtp-transaction", pool="practice")

    live = {one.family.slug for one in questions if not one.retired_at}
    assert numbers(topic__slug="smtp-transaction", pool="practice").keys() == live
