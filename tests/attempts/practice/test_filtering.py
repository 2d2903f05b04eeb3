import pytest

from attempts.practice.filtering import Choice, count_fitting, explain_nothing, matching
from questions.models import Objective
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    ExamFactory,
    LearnerFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return LearnerFactory()


def question(slug, position=1):
    topic = TopicFactory(slug=slug, title=slug.upper(), position=position)
    return PublishedFactory(question=QuestionFactory(topic=topic))


def answer(learner, revision, mark=1000, at="2026-11-20T10:00Z", **fields):
    return SlotFactory(
        attempt=AttemptFactory(learner=learner),
        revision=revision,
        mark=mark,
        response=["order"],
        checked_at=at,
        **fields,
    )


def found(learner, **choice):
    return {q.current_revision for q in matching(learner, Choice(**choice))}


def test_unsure_looks_at_the_latest_answer(learner):
    still, settled, other = (question("smtp") for _ in range(3))
    answer(learner, still, certainty="sure")
    answer(learner, still, at="2026-11-21T10:00Z", certainty="unsure")
    answer(learner, settled, certainty="unsure")
    answer(learner, settled, at="2026-11-21T10:00Z", certainty="sure")
    answer(LearnerFactory(), other, certainty="unsure")

    assert found(learner, which="unsure") == {still}


def test_missed_counts_parts_and_looks_at_the_latest_answer(learner):
    part, mended, other = (question("smtp") for _ in range(3))
    answer(learner, part, 500)
    answer(learner, mended, 0)
    answer(learner, mended, 1000, at="2026-11-21T10:00Z")
    answer(LearnerFactory(), other, 0)

    assert found(learner, which="missed") == {part}


def test_flags_count_once_the_exam_is_over(learner):
    ended, running, plain = (question("smtp") for _ in range(3))
    over = ExamAttemptFactory(
        learner=learner, started_at="2026-11-20T09:00Z", finished_at="2026-11-20T10:00Z"
    )
    SlotFactory(attempt=over, revision=ended, is_flagged=True)
    SlotFactory(attempt=over, position=2, revision=plain)
    now = ExamAttemptFactory(learner=learner, exam=ExamFactory(code="SY0-701"))
    SlotFactory(attempt=now, revision=running, is_flagged=True)

    assert found(learner, which="flagged") == {ended}


def test_bookmarked_is_the_learners_own(learner):
    mine, other = question("smtp"), question("smtp")
    learner.bookmarks.create(question=mine.question)
    LearnerFactory().bookmarks.create(question=other.question)

    assert found(learner, which="bookmarked") == {mine}


def test_weakest_takes_three_topics_by_first_answers_alone(learner):
    poor = [question("poor", 1) for _ in range(5)]
    good = [question("good", 2) for _ in range(5)]
    unmet = [question(f"unmet-{n}", n) for n in (3, 4, 5)]
    for revision in poor:
        answer(learner, revision, 0)
        answer(learner, revision, 1000, at="2026-11-21T10:00Z")
    for revision in good:
        answer(learner, revision, 1000)
        answer(learner, revision, 0, at="2026-11-21T10:00Z")

    assert found(learner, which="weakest") == {*poor, unmet[0], unmet[1]}


@pytest.mark.parametrize("which", ["missed", "bookmarked", "unsure", "flagged"])
def test_a_stranger_has_none_of_what_needs_a_past(which):
    question("smtp")

    assert found(None, which=which) == set()


@pytest.mark.parametrize("which", ["any", "unseen", "weakest"])
def test_a_stranger_has_met_nothing(which):
    revision = question("smtp")

    assert found(None, which=which) == {revision}


def test_no_filter_reaches_a_probe(learner):
    probe = PublishedFactory(question=QuestionFactory(pool="probe"))
    answer(learner, probe, 0, certainty="unsure")
    learner.bookmarks.create(question=probe.question)
    attempt = probe.slots.get().attempt

    for which in ("any", "unseen", "missed", "weakest", "bookmarked", "unsure"):
        assert found(learner, which=which) == set()
    assert found(learner, attempt=attempt) == set()


def test_parts_of_a_choice_narrow_each_other(learner):
    both, only_tagged, only_topic = question("smtp"), question("pop3", 2), question("smtp")
    objective = Objective.objects.create(exam=ExamFactory(), code="1.4", text="Ports")
    twin = Objective.objects.create(exam=objective.exam, code="1.5", text="More")
    both.objectives.set([objective, twin])
    only_tagged.objectives.set([objective])

    choice = {"topics": [both.question.topic], "objectives": [objective, twin]}

    assert found(learner, **choice) == {both}
    assert found(learner, objectives=[objective, twin]) == {both, only_tagged}
    assert found(learner, topics=[both.question.topic]) == {both, only_topic}


def test_whole_topics_of_a_large_bank_are_looked_up(monkeypatch):
    monkeypatch.setattr("attempts.practice.filtering.COUNTED", 0)
    pop3 = question("pop3", 2)
    for _ in range(2):
        question("smtp")
    PublishedFactory(question=QuestionFactory(topic=pop3.question.topic, pool="probe"))

    assert count_fitting(None, Choice()) == 3
    assert count_fitting(None, Choice(topics=[pop3.question.topic])) == 1
    assert count_fitting(None, Choice(kinds=["lab"])) == 0


def test_nothing_is_explained_by_the_part_that_empties_it(learner):
    smtp, pop3 = question("smtp"), question("pop3", 2)
    answer(learner, smtp, 0)

    assert explain_nothing(learner, Choice(which="missed", topics=[pop3.question.topic])) == (
        "No question fits all of this. Without “only those you last got wrong” there is 1. "
        "Without “the topics” there is 1."
    )
    assert explain_nothing(learner, Choice(kinds=["lab"])) == (
        "No question fits all of this. Without “the kinds of question” there are 2."
    )
    assert explain_nothing(learner, Choice(which="bookmarked", topics=[pop3.question.topic])) == (
        "You have not bookmarked a question yet."
    )


def test_where_two_parts_empty_it_both_have_to_go(learner):
    smtp = question("smtp")
    empty = TopicFactory(slug="empty", title="Empty", position=9)
    answer(learner, smtp, 0)

    choice = Choice(topics=[empty], kinds=["lab"])

    assert explain_nothing(learner, choice) == (
        "No question fits all of this. More than one part of it has to go."
    )
