import tomllib

import pytest
from django.db import IntegrityError, transaction

from questions.cataloguing import load_exam
from questions.models import Exam, Objective, Room
from questions.reading_exams import read_exam
from sandbox.tables import Table
from tests.factories import ExamFactory, PublishedFactory

EXAM = """
code = "N10-009"
name = "Network+"
vendor = "CompTIA"
[[domain]]
number = 1
name = "Concepts"
weight = 23
[[objective]]
code = "1.4"
domain = 1
text = "Ports"
"""
ROOM = """
[room]
items = 20
item_seconds = 60
timing = "A minute each."
pass_percent = 80
navigation = "free"
flags = true
review = true
count_check = "warn"
performance_percent = 15
tutorial = "Go anywhere."
"""


def read(text):
    problems = []
    exam = read_exam(Table(tomllib.loads(text), "content/exams/n10-009.toml", problems), "n10-009")
    return exam, [str(problem) for problem in problems]


def test_a_room_is_read_with_its_exam():
    exam, problems = read(EXAM + ROOM)

    assert problems == []
    assert (exam.room.slug, exam.room.n_items, exam.room.n_sections) == ("n10-009", 20, 1)
    assert (exam.room.has_flags, exam.room.performance_first) == (True, False)


def test_an_exam_may_have_no_room():
    assert read(EXAM)[0].room is None


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("items = 20", "items = 0", "items is 0; it must be 1 to 120"),
        ("item_seconds = 60", "item_seconds = 5", "item_seconds is 5; it must be 10 to 600"),
        ("pass_percent = 80", "pass_percent = 101", "pass_percent is 101; it must be 1 to 100"),
        ('timing = "A minute each."\n', "", "timing is missing"),
        ("flags = true", 'flags = "yes"', "flags must be"),
        ("items = 20", "items = 20\nminutes = 30", "minutes"),
        ('"free"', '"sections"', "sections is missing"),
        ('"warn"', '"maybe"', "count_check"),
    ],
)
def test_what_is_wrong_names_file_and_field(was, becomes, problem):
    _exam, problems = read(EXAM + ROOM.replace(was, becomes))

    assert any("content/exams/n10-009.toml" in found and problem in found for found in problems)


def test_a_forward_room_takes_no_flags_and_no_review():
    forward = ROOM.replace('"free"', '"forward"')

    _exam, problems = read(EXAM + forward)
    assert any("flags" in problem for problem in problems)

    exam, problems = read(EXAM + forward.replace("flags = true\nreview = true\n", ""))
    assert problems == []
    assert (exam.room.has_flags, exam.room.has_review) == (False, False)


@pytest.mark.django_db
def test_a_room_comes_changes_and_goes_with_its_file():
    load_exam(read(EXAM + ROOM)[0])
    load_exam(read(EXAM + ROOM.replace("items = 20", "items = 25"))[0])

    assert Room.objects.get().n_items == 25

    load_exam(read(EXAM)[0])
    assert not Room.objects.exists()


@pytest.mark.django_db
def test_domains_and_objectives_go_with_the_file_unless_a_question_needs_them():
    load_exam(read(EXAM + '[[objective]]\ncode = "5.5"\ndomain = 1\ntext = "Tools"\n')[0])
    revision = PublishedFactory()
    revision.objectives.add(Objective.objects.get(code="1.4"))

    load_exam(read(EXAM.split("[[domain]]")[0])[0])

    exam = Exam.objects.get()
    assert [objective.code for objective in exam.objectives.all()] == ["1.4"]
    assert [domain.number for domain in exam.domains.all()] == [1]


VALID = {
    "slug": "n10-009",
    "n_items": 20,
    "item_seconds": 60,
    "timing": "A minute each.",
    "pass_percent": 80,
    "navigation": "free",
    "count_check": "warn",
    "tutorial": "Go.",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"navigation": "round"}, "room_navigation_known"),
        ({"navigation": "sections"}, "room_sections_fit_navigation"),
        ({"n_sections": 2}, "room_sections_fit_navigation"),
        ({"count_check": "none"}, "room_count_check_known"),
        ({"navigation": "forward"}, "room_forward_has_no_way_back"),
        ({"n_items": 0}, "room_figures_in_range"),
        ({"pass_percent": 101}, "room_figures_in_range"),
    ],
)
def test_the_database_refuses_a_room_that_cannot_be(fields, name):
    exam = ExamFactory()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Room.objects.create(exam=exam, **{**VALID, **fields})
