"""Matching: to each left side its right side. Spare right sides belong to none."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

from .arranging import arranged
from .kind import (
    OPTIONS_AT_MOST,
    Fields,
    Finding,
    Kind,
    Lack,
    Response,
    Taken,
    gettext_noop,
    place_in,
    rows_in,
)
from .texts import lint_texts

PAIRS_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A right side as one of those offered."""

    place: int
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OpenPair:
    row: int
    number: int
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A left side with what was chosen for it and what belongs to it; a spare right side has
    an empty `text`."""

    text: str
    chosen: str
    counterpart: str
    is_right: bool
    rationale: str


class Matching(Kind):
    name = "matching"
    label = gettext_noop("matching")
    position = 3
    is_performance = True
    policies = ("per_pair", "exact")
    exam_policy = "per_pair"
    columns = ("text", "counterpart")
    rows_at_least = PAIRS_AT_LEAST + 1
    rows_at_most = 2 * OPTIONS_AT_MOST

    def take(self, table: Table) -> Taken:
        pairs = [_take_pair(inner) for inner in table.tables("pairs", named="pair")]
        spare = [_take_spare(inner) for inner in table.tables("spare", named="spare")]
        return Taken((*pairs, *spare))

    def lint(self, item: Item) -> list[Finding]:
        findings = []
        pairs = pairs_of(item)
        if not PAIRS_AT_LEAST <= len(pairs) <= OPTIONS_AT_MOST:
            message = f"there must be {PAIRS_AT_LEAST} to {OPTIONS_AT_MOST}, not {len(pairs)}"
            findings.append(Finding("K1", "pairs", message))
        if len(pairs) == len(item.options):
            message = "is missing: without a right side too many the last pair is free"
            findings.append(Finding("K1", "spare", message))
        findings += lint_texts("left side", [option.text for option in pairs])
        return findings + lint_texts("right side", [option.counterpart for option in item.options])

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """The right sides; the left ones stand as in the item."""
        return arranged([(option.ident, option.counterpart) for option in item.options], rank)

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        pairs = pairs_of(item)
        values = rows_in(fields, "right-", len(pairs))
        return {
            pair.ident: order[place_in(value, len(order))]
            for pair, value in zip(pairs, values, strict=True)
            if value
        }

    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        return [
            (f"right-{row}", str(order.index(response[pair.ident])))
            for row, pair in enumerate(pairs_of(item))
            if pair.ident in (response or {})
        ]

    def lack(self, item: Item, response: Response) -> Lack | None:
        twice = _twice(response or {})
        for option in item.options:
            if option.ident in twice:
                return Lack(
                    gettext_noop("“%(text)s” is chosen twice."),
                    {"text": option.counterpart},
                )
        n_open = len(pairs_of(item)) - len(response or {})
        if n_open:
            return Lack(
                gettext_noop("Choose something in every row; %(n)d still open."),
                {"n": n_open},
            )
        return None

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        """What was chosen for two left sides is right for none."""
        pairs = pairs_of(item)
        n_right = sum(_is_right(pair, response) for pair in pairs)
        share = Fraction(n_right, len(pairs))
        return share if policy == "per_pair" else Fraction(share == 1)

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        rights = {option.ident: option.counterpart for option in item.options}
        return [
            OpenPair(
                row=row,
                number=row + 1,
                text=pair.text,
                choices=tuple(
                    Choice(place, rights[ident], (response or {}).get(pair.ident) == ident)
                    for place, ident in enumerate(order)
                ),
            )
            for row, pair in enumerate(pairs_of(item))
        ]

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        rights = {option.ident: option.counterpart for option in item.options}
        return [
            JudgedPair(
                text=option.text,
                chosen=rights.get((response or {}).get(option.ident, ""), ""),
                counterpart=option.counterpart,
                is_right=_is_right(option, response or {}),
                rationale=option.rationale,
            )
            for option in item.options
        ]


def pairs_of(item: Item) -> list[ItemOption]:
    return [option for option in item.options if option.text]


def _is_right(pair: ItemOption, response: Mapping[str, str]) -> bool:
    return response.get(pair.ident) == pair.ident and pair.ident not in _twice(response)


def _twice(response: Mapping[str, str]) -> set[str]:
    return {ident for ident, n in Counter(response.values()).items() if n > 1}


def _take_pair(table: Table) -> ItemOption:
    option = ItemOption(
        ident=table.slug("id"),
        text=table.text("left"),
        counterpart=table.text("right"),
        rationale=table.text("why"),
    )
    table.done()
    return option


def _take_spare(table: Table) -> ItemOption:
    option = ItemOption(
        ident=table.slug("id"),
        text="",
        counterpart=table.text("right"),
        rationale=table.text("why"),
    )
    table.done()
    return option


KIND = Matching()
