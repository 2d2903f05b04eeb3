import threading

import pytest
from django.db import connection
from django.utils import timezone

from attempts.drawing import choosing, gathering
from attempts.drawing.blueprints import form_plan
from attempts.drawing.choosing import NotEnoughQuestions
from attempts.drawing.gathering import gather, gather_topics
from attempts.models import Attempt, Exposure
from attempts.starting import AlreadyOpen, start_exam, start_practice
from questions.models import Domain, Objective, Question, Revision, Room, Topic
from questions.published import items_of
from questions.seating import seat_all
from tests.factories import ExamFactory, LearnerFactory, PublishedFactory

pytestmark = pytest.mark.django_db


def make_room(sizes=(8, 6), weights=(23, 77), **fields):
    """An exam with a domain of each size; `order`-keyed single choices in families of their own."""
    exam = ExamFactory()
    for number, (size, weight) in enumerate(zip(sizes, weights, strict=True), 1):
        domain = Domain.objects.create(
            exam=exam,
            number=number,
            name=f"Domain {number}",
            weight_low_percent=weight,
            weight_high_percent=weight,
        )
        objective = Objective.objects.create(exam=exam, domain=domain, code=f"{number}.1", text="…")
        for _ in range(size):
            PublishedFactory().objectives.add(objective)
    seat_all()
    defaults = {
        "slug": "n10-009",
        "n_items": 20,
        "item_seconds": 60,
        "timing": "…",
        "pass_percent": 75,
        "navigation": "free",
        "count_check": "warn",
        "tutorial": "…",
    }
    return Room.objects.create(exam=exam, **{**defaults, **fields})


def begin(room, learner=None, now=None):
    learner = learner or LearnerFactory()
    return start_exam(learner, room, time_percent=100, now=now or timezone.now())


# blueprints


def test_a_plan_takes_half_of_a_domain_and_gives_the_rest_to_the_others():
    plan = form_plan(make_room(sizes=(30, 6), weights=(50, 50), n_items=10))

    assert [share.n_items for share in plan.shares] == [7, 3]
    assert [share.percent for share in plan.shares] == [70, 30]
    assert (plan.n_items, plan.minutes, plan.is_short) == (10, 10, False)


def test_a_plan_is_as_long_as_its_cells_allow_and_names_the_empty_ones():
    plan = form_plan(make_room(sizes=(9, 0, 1), weights=(20, 30, 50), item_seconds=70))

    assert [(share.domain.number, share.n_items) for share in plan.shares] == [(1, 4)]
    assert [domain.number for domain in plan.empty] == [2, 3]
    assert (plan.minutes, plan.is_short) == (5, True)  # 280 seconds, rounded up


def test_a_range_counts_with_its_middle():
    room = make_room(sizes=(40, 40), weights=(10, 10), n_items=10)
    room.exam.domains.filter(number=2).update(weight_low_percent=20, weight_high_percent=40)

    assert [share.n_items for share in form_plan(room).shares] == [3, 7]  # 2.5 and 7.5


def test_a_plan_takes_one_query(django_assert_num_queries):
    room = make_room()

    with django_assert_num_queries(1):
        form_plan(room)


# starting


def test_a_form_is_laid_out_with_the_rules_of_its_room():
    attempt = begin(make_room(n_items=6, navigation="sections", n_sections=2))

    slots = list(attempt.slots.all())
    assert [slot.position for slot in slots] == [1, 2, 3, 4, 5, 6]
    assert [slot.section for slot in slots] == [1, 1, 1, 2, 2, 2]
    assert {slot.policy for slot in slots} == {"exact"}
    assert all(sorted(slot.option_order) == ["fine", "order", "syntax"] for slot in slots)
    assert len({slot.revision_id for slot in slots}) == 6
    assert attempt.room == {
        "code": "N10-009",
        "name": "Network+",
        "pass_percent": 75,
        "navigation": "sections",
        "count_check": "warn",
        "has_flags": True,
        "has_review": True,
        "hides_clock_in_performance": False,
    }


def test_a_second_form_asks_what_the_first_did_not():
    room, learner = make_room(sizes=(8, 8), weights=(50, 50)), LearnerFactory()
    forms = []
    for _ in range(2):
        attempt = begin(room, learner)
        forms.append(set(attempt.slots.values_list("revision", flat=True)))
        Attempt.objects.filter(pk=attempt.pk).update(finished_at=timezone.now())
        for slot in attempt.slots.select_related("revision__question"):
            now = timezone.now()
            Exposure.objects.create(
                learner=learner,
                family=slot.revision.question.family,
                first_at=now,
                last_at=now,
            )

    assert len(forms[0]) == len(forms[1]) == 8
    assert forms[0] & forms[1] == set()


def test_a_probe_comes_before_what_practice_shows():
    room = make_room(sizes=(10,), weights=(100,), n_items=3)
    probes = Question.objects.order_by("pk")[4:7]
    Question.objects.filter(pk__in=[question.pk for question in probes]).update(pool="probe")
    seat_all()

    attempt = begin(room)

    drawn = {slot.revision.question_id for slot in attempt.slots.select_related("revision")}
    assert drawn == {question.pk for question in probes}


def test_a_retired_question_is_not_drawn_whatever_its_seat_says():
    room = make_room(sizes=(4,), weights=(100,))
    retired = Question.objects.first()
    Question.objects.filter(pk=retired.pk).update(retired_at=timezone.now())

    for _ in range(5):
        slots = begin(room).slots.select_related("revision")
        assert retired.pk not in {slot.revision.question_id for slot in slots}


def test_a_bank_that_shrank_says_which_domain_is_short():
    room = make_room(sizes=(4,), weights=(100,))
    Question.objects.update(suspended_at=timezone.now())

    with pytest.raises(NotEnoughQuestions, match="2 questions of 1 Domain 1"):
        begin(room)

    assert not Attempt.objects.exists()


def test_one_exam_is_open_at_a_time():
    room, learner = make_room(), LearnerFactory()
    first = begin(room, learner)

    with pytest.raises(AlreadyOpen) as known:
        begin(room, learner)

    assert known.value.attempt == first


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_are_one_exam():
    room, learner = make_room(), LearnerFactory()
    gate, outcomes = threading.Barrier(2), []

    def run():
        gate.wait(5)
        try:
            outcomes.append(begin(room, learner).pk)
        except AlreadyOpen as known:
            outcomes.append(known.attempt.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert outcomes == [Attempt.objects.get().pk] * 2


@pytest.mark.parametrize(("size", "whole"), [(12, 300), (60, 300), (60, 10)])
def test_a_start_takes_the_same_few_queries_from_any_bank(
    size, whole, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(choosing, "WHOLE_CELL", whole)
    monkeypatch.setattr(gathering, "WHOLE_CELL", whole)
    room = make_room(sizes=(size,), weights=(100,), n_items=5)
    learner = LearnerFactory()
    for _ in range(3):
        begin(room)  # their items are kept from now on
    items_of(Revision.objects.all())

    # plan, open one, begin, cells, seats, met, attempt, revisions, slots, commit
    with django_assert_num_queries(10):
        begin(room, learner)


def test_a_large_cell_is_read_whole_only_when_its_numbers_hold_too_few_unmet(monkeypatch):
    monkeypatch.setattr(choosing, "WHOLE_CELL", 10)
    monkeypatch.setattr(gathering, "WHOLE_CELL", 10)
    room = make_room(sizes=(60,), weights=(100,), n_items=2)
    learner = LearnerFactory()
    fresh = len(gather(learner, form_plan(room), "seed")[0].candidates)
    now = timezone.now()
    families = list(Question.objects.values_list("family", flat=True))
    Exposure.objects.bulk_create(
        Exposure(learner=learner, family_id=family, first_at=now, last_at=now)
        for family in families[:-2]
    )

    part = gather(learner, form_plan(room), "seed")[0]

    assert fresh <= 16  # two questions, eight numbers each
    assert len(part.candidates) == 60
    assert sorted(c.n_met for c in part.candidates)[:3] == [0, 0, 1]


# practice


def test_practice_from_topics_looks_at_a_few_numbers(monkeypatch):
    monkeypatch.setattr(choosing, "WHOLE_CELL", 10)
    monkeypatch.setattr(gathering, "WHOLE_CELL", 10)
    make_room(sizes=(60,), weights=(100,))
    topics = list(Topic.objects.values_list("pk", flat=True))

    candidates = gather_topics(None, topics, 3, "seed")

    assert 12 <= len(candidates) <= 24


def test_practice_never_shows_a_probe():
    make_room(sizes=(6,), weights=(100,))
    Question.objects.filter(pk__in=Question.objects.values("pk")[:3]).update(pool="probe")
    seat_all()
    topics = list(Topic.objects.values_list("pk", flat=True))

    attempt = start_practice(
        LearnerFactory(), Question.objects.practice(), 3, now=timezone.now(), topics=topics
    )

    pools = attempt.slots.values_list("revision__question__pool", flat=True)
    assert list(pools) == ["practice"] * 3


def test_practice_from_topics_falls_back_to_all_when_little_is_unmet():
    make_room(sizes=(6,), weights=(100,))
    learner, now = LearnerFactory(), timezone.now()
    for question in Question.objects.all():
        Exposure.objects.create(learner=learner, family=question.family, first_at=now, last_at=now)
    topics = list(Topic.objects.values_list("pk", flat=True))

    attempt = start_practice(learner, Question.objects.practice(), 6, now=now, topics=topics)

    assert attempt.slots.count() == 6
