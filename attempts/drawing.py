"""Chooses the questions of an attempt and the order of their options. Pure.

Ranking by hash makes a form depend on its seed alone: not on the order of rows, on the
process or on the version of Python.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from questions.items import Item
from questions.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn; `last_at` is None for a family never met."""

    revision_id: int
    slug: str
    family: str
    n_met: int = 0
    last_at: datetime | None = None


class NotEnoughQuestions(ValueError):
    def __init__(self, wanted: int, have: int) -> None:
        super().__init__(f"{wanted} questions were asked for, {have} are there")
        self.wanted, self.have = wanted, have


def draw(candidates: Iterable[Candidate], wanted: int, seed: str) -> list[Candidate]:
    """Unseen families first, then the least and longest ago seen; one question of a family.

    Raises NotEnoughQuestions rather than repeat a family.
    """
    drawn: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: _rank(c, seed)):
        drawn.setdefault(candidate.family, candidate)
    if len(drawn) < wanted:
        raise NotEnoughQuestions(wanted, len(drawn))
    form = list(drawn.values())[:wanted]
    return sorted(form, key=lambda c: _hash(seed, "order", c.slug))


def _rank(candidate: Candidate, seed: str) -> tuple[int, float, str, str]:
    last = candidate.last_at.timestamp() if candidate.last_at else 0.0
    return (
        candidate.n_met,
        last,
        _hash(seed, candidate.family),
        _hash(seed, candidate.slug),
    )


def order_options(item: Item, seed: str) -> list[str]:
    """Option ids in the order shown; how much of it is shuffled is up to the kind."""
    return KINDS[item.kind].arrange(item, lambda ident: _hash(seed, item.slug, ident))


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
