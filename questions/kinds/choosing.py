"""What single choice, multiple response and hotspot share: places chosen among those shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

from .kind import Fields, Finding, Kind, Lack, Malformed, Response

NUMBER = re.compile(r"^`?(\d+(?:\.\d+)*)\b")


@dataclass(frozen=True, slots=True)
class OpenOption:
    """An option before the answer: its place on the wire and its words, nothing else."""

    place: int
    number: int
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class JudgedOption:
    place: int
    number: int
    text: str
    is_chosen: bool
    is_key: bool
    rationale: str


class Choosing(Kind):
    counts_choices = True

    def take(self, table: Table) -> tuple[ItemOption, ...]:
        return tuple(_take_option(inner) for inner in table.tables("options", named="option"))

    def lint(self, item: Item) -> list[Finding]:
        return []

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """Numbers, ports, versions and codes ascend; pinned options keep their place; the rest
        is shuffled."""
        numbers = [NUMBER.match(option.text) for option in item.options]
        if all(numbers):
            by_number = sorted(
                zip(numbers, item.options, strict=True), key=lambda pair: _parts(pair[0])
            )
            return [option.ident for _, option in by_number]
        free = iter(sorted((o.ident for o in item.options if not o.is_fixed), key=rank))
        return [option.ident if option.is_fixed else next(free) for option in item.options]

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        """Option ids in the order shown."""
        chosen = set()
        for value in fields.get("choice", ()):
            if not value.isascii() or not value.isdigit() or int(value) >= len(order):
                raise Malformed(f"{value} is not one of the options.")
            chosen.add(int(value))
        return [order[place] for place in sorted(chosen)]

    def lack(self, item: Item, response: Response) -> Lack | None:
        n_chosen = len(response or ())
        if n_chosen == item.choose:
            return None
        if item.choose == 1:
            return Lack("Choose one option. Nothing was saved yet.")
        return Lack(
            "Choose %(wanted)d options; you chose %(chosen)d. Nothing was saved yet.",
            {"wanted": item.choose, "chosen": n_chosen},
        )

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        chosen = frozenset(response)
        n_keys, n_others = len(item.keys), len(item.options) - len(item.keys)
        right, wrong = len(chosen & item.keys), len(chosen - item.keys)
        if policy == "per_key" and len(chosen) <= n_keys:
            return Fraction(right, n_keys)
        if policy == "balanced":
            return max(Fraction(0), Fraction(right, n_keys) - Fraction(wrong, n_others or 1))
        return Fraction(chosen == item.keys)

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        texts = {option.ident: option.text for option in item.options}
        return [
            OpenOption(place, place + 1, texts[ident], ident in (response or ()))
            for place, ident in enumerate(order)
        ]

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        options = {option.ident: option for option in item.options}
        return [
            JudgedOption(
                place=place,
                number=place + 1,
                text=options[ident].text,
                is_chosen=ident in (response or ()),
                is_key=options[ident].is_key,
                rationale=options[ident].rationale,
            )
            for place, ident in enumerate(order)
        ]


def _parts(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _take_option(table: Table) -> ItemOption:
    option = ItemOption(
        ident=table.slug("id"),
        text=table.text("text"),
        rationale=table.text("why", ""),
        is_key=table.yes("key"),
        is_fixed=table.yes("fixed"),
    )
    table.done()
    return option
