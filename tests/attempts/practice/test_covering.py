import pytest

from attempts.practice.covering import coverage
from tests.factories import (
    FamilyFactory,
    LearnerFactory,
    PublishedFactory,
    QuestionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
MET = {"first_at": "2026-11-20T10:00Z", "last_at": "2026-11-20T10:00Z"}


def question(topic, **fields):
    return PublishedFactory(question=QuestionFactory(topic=topic, **fields)).question


def test_siblings_count_once_and_probes_not_at_all():
    learner, other = LearnerFactory(), LearnerFactory()
    smtp = TopicFactory(slug="smtp", position=2)
    pop3 = TopicFactory(slug="pop3", position=1)
    TopicFactory(slug="empty", position=3)
    siblings = FamilyFactory()
    first, _second = question(smtp, family=siblings), question(smtp, family=siblings)
    question(smtp)
    probe, unmet = question(smtp, pool="probe"), question(pop3)
    for family in (first.family, probe.family):
        learner.exposures.create(family=family, **MET)
    other.exposures.create(family=unmet.family, **MET)

    assert [(c.topic.slug, c.n_met, c.n_questions) for c in coverage(learner)] == [
        ("pop3", 0, 1),
        ("smtp", 1, 2),
    ]
    assert [c.n_met for c in coverage(None)] == [0, 0]


@pytest.mark.parametrize("n", [1, 3])
def test_two_queries(n, django_assert_num_queries):
    for number in range(n):
        question(TopicFactory(slug=f"topic-{number}", position=number))

    with django_assert_num_queries(2):
        coverage(LearnerFactory.build(pk=1))
