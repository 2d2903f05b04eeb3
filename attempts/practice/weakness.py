"""Ranks topics by how little is known of them for sure. Pure.

What counts is the first answer to each family: later ones measure memory of the question. With
enough of them the rank is the lower bound of what the learner may know, a Beta posterior over
a flat prior; with fewer it is how little of the topic was met.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

ENOUGH = 5
TAIL = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """`n_right` of `n_first` first answers were fully right; `n_met` of `n_questions` were met."""

    topic: str
    n_first: int
    n_right: int
    n_met: int
    n_questions: int


def lower_bound(n_right: int, n: int) -> float:
    """The share of right answers that the truth exceeds with 95 % probability."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _cumulated(middle, n_right, n) < TAIL:
            low = middle
        else:
            high = middle
    return low


def _cumulated(x: float, n_right: int, n: int) -> float:
    """Beta(1 + right, 1 + wrong) up to x: at least right + 1 hits in n + 1 binomial tries."""
    tries = n + 1
    return sum(
        comb(tries, hits) * x**hits * (1 - x) ** (tries - hits)
        for hits in range(n_right + 1, tries + 1)
    )


def weakest_topics(evidence: Iterable[Evidence], n: int) -> list[str]:
    """At most n: first those with enough evidence and something missed, then the least met."""
    measured, open_ = [], []
    for topic in evidence:
        if topic.n_first >= ENOUGH:
            if topic.n_right < topic.n_first:
                measured.append((lower_bound(topic.n_right, topic.n_first), topic.topic))
        elif topic.n_questions:
            open_.append((topic.n_met / topic.n_questions, topic.topic))
    ranked = sorted(measured, key=lambda pair: pair[0]) + sorted(open_, key=lambda pair: pair[0])
    return [topic for _rank, topic in ranked[:n]]
