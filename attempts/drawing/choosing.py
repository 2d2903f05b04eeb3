"""Chooses the questions of an attempt and the order of their options. Pure.

Ranking by hash makes a form depend on its seed alone: not on the order of rows, on the
process or on the version of Python.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from questions.items import Item
from questions.kinds import KINDS

WHOLE_CELL = 300
"""A cell of so many families hands over all of them; a larger one a few by their numbers."""

SAMPLES = 8
"""Numbers drawn in a larger cell for each question that is wanted from it."""

LEVEL_SHARES = {"recall": Fraction(33), "apply": Fraction(39), "analyse": Fraction(28)}
"""What the planned bank holds of each level, in percent."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn; `last_at` is None for a family never met."""

    revision_id: int
    slug: str
    family: str
    n_met: int = 0
    last_at: datetime | None = None
    n_asked: int = 0  # of this very question, where its family has siblings
    is_probe: bool = False
    is_performance: bool = False
    level: str = ""

    @property
    def is_spent(self) -> bool:
        """Not a fresh probe: practice shows it, or the learner has seen its answer."""
        return not self.is_probe or self.n_met > 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a form wants of one domain, and what there is to choose from."""

    domain: str
    wanted: int
    candidates: Sequence[Candidate]


class NotEnoughQuestions(ValueError):
    def __init__(self, wanted: int, have: int, domain: str = "") -> None:
        of = f" of {domain}" if domain else ""
        super().__init__(f"{wanted} questions{of} were asked for, {have} are there")
        self.wanted, self.have, self.domain = wanted, have, domain


def draw(candidates: Iterable[Candidate], wanted: int, seed: str) -> list[Candidate]:
    """Unseen families first, then the least and longest ago seen; one question of a family.

    Raises NotEnoughQuestions rather than repeat a family.
    """
    drawn: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: _rank(c, seed)):
        drawn.setdefault(candidate.family, candidate)
    if len(drawn) < wanted:
        raise NotEnoughQuestions(wanted, len(drawn))
    return _mix(list(drawn.values())[:wanted], seed)


def draw_form(
    parts: Sequence[Part], seed: str, *, performance_percent: int = 0, performance_first: bool
) -> list[Candidate]:
    """As many of each part as it wants, one question of a family in the whole form: unseen
    families first, probes before others; then levels and kinds come near to their shares.

    Raises NotEnoughQuestions for the first part that cannot give what is wanted.
    """
    wish = _Wish(performance_percent)
    families: set[str] = set()
    form: list[Candidate] = []
    for part in parts:
        heaps = _heaps(part.candidates, seed)
        for n_taken in range(part.wanted):
            best = _take_best(heaps, families, wish)
            if best is None:
                raise NotEnoughQuestions(part.wanted, n_taken, part.domain)
            form.append(best)
            families.add(best.family)
            wish.take(best)
    mixed = _mix(form, seed)
    if performance_first:
        mixed.sort(key=lambda c: not c.is_performance)
    return mixed


_Sort = tuple[str, bool]
"""A level, and whether it is a performance kind."""


def _heaps(candidates: Sequence[Candidate], seed: str) -> dict[_Sort, list[Candidate]]:
    """By sort, the one to be drawn first at the end."""
    heaps: dict[_Sort, list[Candidate]] = defaultdict(list)
    ranked = sorted(
        _least_asked(candidates), key=lambda c: (c.n_met, c.is_spent, *_rank(c, seed)), reverse=True
    )
    for candidate in ranked:
        heaps[candidate.level, candidate.is_performance].append(candidate)
    return heaps


def _take_best(
    heaps: Mapping[_Sort, list[Candidate]], families: set[str], wish: "_Wish"
) -> Candidate | None:
    """Of the first of each sort the one that is seen least; then the one that fits best."""
    for heap in heaps.values():
        while heap and heap[-1].family in families:
            heap.pop()
    first = [(heap[-1].n_met, heap[-1].is_spent, sort) for sort, heap in heaps.items() if heap]
    if not first:
        return None
    misfits = wish.misfits()
    *_seen, sort = min(first, key=lambda head: (head[0], head[1], misfits[head[2]], head[2]))
    return heaps[sort].pop()


def _least_asked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of each family the siblings that the learner was asked least often."""
    least: dict[str, int] = {}
    for candidate in candidates:
        n_asked = least.get(candidate.family, candidate.n_asked)
        least[candidate.family] = min(n_asked, candidate.n_asked)
    return [c for c in candidates if c.n_asked == least[c.family]]


def _rank(candidate: Candidate, seed: str) -> tuple[int, float, str, int, str]:
    last = candidate.last_at.timestamp() if candidate.last_at else 0.0
    return (
        candidate.n_met,
        last,
        _hash(seed, candidate.family),
        candidate.n_asked,
        _hash(seed, candidate.slug),
    )


class _Wish:
    """How far the form so far is from its shares of levels and of performance kinds."""

    def __init__(self, performance_percent: int) -> None:
        whole = sum(LEVEL_SHARES.values())
        self.levels = {level: share / whole for level, share in LEVEL_SHARES.items()}
        self.performance = Fraction(performance_percent, 100)
        self.taken: Counter[_Sort] = Counter()

    def misfits(self) -> dict[_Sort, Fraction]:
        """Of each sort of question how much too many of its level and its kind the form would
        hold with one more; kinds count double, there are fewer of them."""
        n = self.taken.total() + 1
        n_performance = sum(count for (_, is_one), count in self.taken.items() if is_one)
        misfits = {}
        for level in ["", *self.levels]:
            n_level = self.taken[level, False] + self.taken[level, True]
            excess = n_level + 1 - n * self.levels.get(level, Fraction(0))
            for is_one in (False, True):
                off = abs(n_performance + is_one - n * self.performance)
                misfits[level, is_one] = excess + 2 * off
        return misfits

    def take(self, candidate: Candidate) -> None:
        self.taken[candidate.level, candidate.is_performance] += 1


def share_out(weights: Sequence[Fraction], capacities: Sequence[int], n: int) -> list[int]:
    """`n` items over cells by weight and largest remainder, none above its capacity; what one
    cannot hold goes to the others by their weight. Ties go to the earlier cell. Fewer than `n`
    if all together hold fewer."""
    quotas = [0] * len(weights)
    open_cells = [i for i, (w, c) in enumerate(zip(weights, capacities, strict=True)) if w and c]
    left = min(n, sum(capacities[i] for i in open_cells))
    while left:
        whole = sum(weights[i] for i in open_cells)
        exact = {i: left * weights[i] / whole for i in open_cells}
        given = {i: int(exact[i]) for i in open_cells}
        rest = left - sum(given.values())
        for i in sorted(open_cells, key=lambda i: (given[i] - exact[i], i))[:rest]:
            given[i] += 1
        for i in open_cells:
            taken = min(given[i], capacities[i] - quotas[i])
            quotas[i] += taken
            left -= taken
        open_cells = [i for i in open_cells if quotas[i] < capacities[i]]
    return quotas


def sampled_numbers(cell: str, n_families: int, wanted: int, seed: str) -> list[int]:
    """Numbers of families to look at in a cell: all of a small one, 8 a question of a large."""
    if n_families <= WHOLE_CELL:
        return list(range(n_families))
    drawn = {int(_hash(seed, cell, str(i)), 16) % n_families for i in range(SAMPLES * wanted)}
    return sorted(drawn)


def sections_of(n_items: int, n_sections: int) -> list[int]:
    """The section of each position: as equal as can be, the earlier ones longer."""
    return [1 + i * n_sections // n_items for i in range(n_items)]


def order_options(item: Item, seed: str) -> list[str]:
    """Option ids in the order shown; how much of it is shuffled is up to the kind."""
    return KINDS[item.kind].arrange(item, lambda ident: _hash(seed, item.slug, ident))


def _mix(form: list[Candidate], seed: str) -> list[Candidate]:
    return sorted(form, key=lambda c: _hash(seed, "order", c.slug))


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
