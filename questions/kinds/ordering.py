"""Ordering: steps get places; steps of one group may stand in any order among themselves."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

from .kind import (
    OPTIONS_AT_MOST,
    Fields,
    Finding,
    Kind,
    Lack,
    Malformed,
    Response,
    Taken,
    gettext_noop,
    rows_in,
)
from .texts import lint_texts

STEPS_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class OpenStep:
    """`place` is the one given to it, 0 if none; `places` are those to choose from."""

    row: int
    number: int
    text: str
    place: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """In the right order; `places` is where the step may stand, such as 2 or 2 to 3."""

    text: str
    first: int
    last: int
    place: int
    is_right: bool
    rationale: str


class Ordering(Kind):
    name = "ordering"
    label = gettext_noop("ordering")
    position = 4
    is_performance = True
    policies = ("exact", "pairwise")
    columns = ("text", "group")
    rows_at_least = STEPS_AT_LEAST

    def take(self, table: Table) -> Taken:
        return Taken(tuple(_take_step(inner) for inner in table.tables("steps", named="step")))

    def lint(self, item: Item) -> list[Finding]:
        findings = []
        if not STEPS_AT_LEAST <= len(item.options) <= OPTIONS_AT_MOST:
            message = (
                f"there must be {STEPS_AT_LEAST} to {OPTIONS_AT_MOST}, not {len(item.options)}"
            )
            findings.append(Finding("K1", "steps", message))
        groups = {option.group for option in item.options}
        if groups != set(range(1, len(groups) + 1)):
            message = f"groups are {sorted(groups)}; they count from 1 without a gap"
            findings.append(Finding("K1", "steps", message))
        if len(groups) < 2:
            message = "all stand in one group, so every order is right"
            findings.append(Finding("K1", "steps", message))
        return findings + lint_texts("step", [option.text for option in item.options])

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """A shuffle that is not the answer."""
        order = sorted((option.ident for option in item.options), key=rank)
        for _ in order:
            if _satisfied(item, _as_response(order)) < 1:
                break
            order = order[1:] + order[:1]
        return order

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        values = rows_in(fields, "place-", len(order))
        places = {str(place): place for place in range(1, len(order) + 1)}
        for value in values:
            if value and value not in places:
                raise Malformed(f"{value[:20]} is not one of the places.")
        return {ident: places[value] for ident, value in zip(order, values, strict=True) if value}

    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        return [
            (f"place-{row}", str(response[ident]))
            for row, ident in enumerate(order)
            if ident in (response or {})
        ]

    def lack(self, item: Item, response: Response) -> Lack | None:
        places = sorted((response or {}).values())
        for place, following in zip(places, places[1:], strict=False):
            if place == following:
                return Lack(
                    gettext_noop("Two steps have place %(place)d."),
                    {"place": place},
                )
        n_open = len(item.options) - len(places)
        if n_open:
            return Lack(
                gettext_noop("Give every step its place; %(n)d still open."),
                {"n": n_open},
            )
        return None

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        """An order at random satisfies half of the pairs, which is worth nothing."""
        share = _satisfied(item, response)
        return max(Fraction(0), 2 * share - 1) if policy == "pairwise" else Fraction(share == 1)

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        texts = {option.ident: option.text for option in item.options}
        places = tuple(range(1, len(order) + 1))
        return [
            OpenStep(row, row + 1, texts[ident], (response or {}).get(ident, 0), places)
            for row, ident in enumerate(order)
        ]

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        rows = []
        placed = _alone(response or {})
        for option in sorted(item.options, key=lambda option: option.group):
            first = 1 + sum(other.group < option.group for other in item.options)
            last = sum(other.group <= option.group for other in item.options)
            place = (response or {}).get(option.ident, 0)
            is_right = first <= placed.get(option.ident, 0) <= last
            rows.append(JudgedStep(option.text, first, last, place, is_right, option.rationale))
        return rows


def _satisfied(item: Item, response: Mapping[str, int]) -> Fraction:
    """The share of pairs of steps from different groups that stand in the right order; a step
    without a place of its own is before none."""
    placed = _alone(response)
    pairs = [
        (first, second) if first.group < second.group else (second, first)
        for first, second in combinations(item.options, 2)
        if first.group != second.group
    ]
    n_right = sum(
        first.ident in placed
        and second.ident in placed
        and placed[first.ident] < placed[second.ident]
        for first, second in pairs
    )
    return Fraction(n_right, len(pairs)) if pairs else Fraction(1)


def _alone(response: Mapping[str, int]) -> dict[str, int]:
    """Steps that share their place with none."""
    counts = Counter(response.values())
    return {ident: place for ident, place in response.items() if counts[place] == 1}


def _as_response(order: Sequence[str]) -> dict[str, int]:
    return {ident: place for place, ident in enumerate(order, start=1)}


def _take_step(table: Table) -> ItemOption:
    option = ItemOption(
        ident=table.slug("id"),
        text=table.text("text"),
        group=table.number("group"),
        rationale=table.text("why"),
    )
    table.done()
    return option


KIND = Ordering()
