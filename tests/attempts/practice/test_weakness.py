import pytest

from attempts.practice.weakness import Evidence, lower_bound, weakest_topics


@pytest.mark.parametrize(
    ("n_right", "n", "bound"),
    [
        (0, 0, 0.05),  # the flat prior
        (5, 5, 0.05 ** (1 / 6)),  # x^6 = 0.05
        (0, 5, 1 - 0.95 ** (1 / 6)),  # (1 - x)^6 = 0.95
        (0, 1, 1 - 0.95**0.5),
        (50, 100, 0.419),  # normal approximation: 0.5 - 1.645 * sqrt(0.25 / 103)
    ],
)
def test_lower_bound_of_the_posterior(n_right, n, bound):
    assert lower_bound(n_right, n) == pytest.approx(bound, abs=0.001)


def topic(name, n_first=0, n_right=0, n_met=0, n_questions=10):
    return Evidence(name, n_first, n_right, n_met, n_questions)


def test_enough_evidence_comes_before_coverage():
    evidence = [
        topic("unmet"),
        topic("poor", n_first=10, n_right=2, n_met=10),
        topic("fair", n_first=10, n_right=7, n_met=10),
        topic("half", n_first=4, n_right=0, n_met=5),
    ]

    assert weakest_topics(evidence, 4) == ["poor", "fair", "unmet", "half"]
    assert weakest_topics(evidence, 1) == ["poor"]


def test_of_equal_shares_the_one_with_less_evidence_is_weaker():
    evidence = [topic("much", n_first=30, n_right=15), topic("little", n_first=6, n_right=3)]

    assert weakest_topics(evidence, 1) == ["little"]


def test_what_was_always_right_is_not_weak():
    evidence = [topic("known", n_first=8, n_right=8, n_met=8)]

    assert weakest_topics(evidence, 3) == []


def test_a_topic_without_questions_is_not_offered():
    assert weakest_topics([topic("empty", n_questions=0)], 3) == []
