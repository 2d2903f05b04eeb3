"""What single choice, multiple response and hotspot share: places chosen among those shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

from .arranging import NUMBER, arranged
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
)
from .texts import lint_texts


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
    columns: tuple[str, ...] = ("text", "is_key", "is_fixed")

    def take(self, table: Table) -> Taken:
        return Taken(
            tuple(_take_option(inner) for inner in table.tables("options", named="option"))
        )

    def lint(self, item: Item) -> list[Finding]:
        findings = self.lint_key(item)
        if not 2 <= len(item.options) <= OPTIONS_AT_MOST:
            message = f"there must be 2 to {OPTIONS_AT_MOST}, not {len(item.options)}"
            findings.append(Finding("K1", "options", message))
        if item.options and len(item.keys) == len(item.options):
            findings.append(Finding("K1", "options", "every option is a key, so nothing is asked"))
        return findings + lint_texts("option", [option.text for option in item.options])

    def lint_key(self, item: Item) -> list[Finding]:
        n_keys = len(item.keys)
        if n_keys == 0:
            return [Finding("K1", "options", "no option is marked as key")]
        if n_keys != item.choose:
            message = f"says “choose {item.choose}”, but {n_keys} options are keys"
            return [Finding("K1", "choose", message)]
        return []

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """Pinned options keep their place, unless all are numbers."""
        if all(NUMBER.match(option.text) for option in item.options):
            return arranged([(option.ident, option.text) for option in item.options], rank)
        free = iter(sorted((o.ident for o in item.options if not o.is_fixed), key=rank))
        return [option.ident if option.is_fixed else next(free) for option in item.options]

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        """Option ids in the order shown."""
        chosen = {place_in(value, len(order)) for value in fields.get("choice", ())}
        return [order[place] for place in sorted(chosen)]

    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        return [("choice", str(order.index(ident))) for ident in response or ()]

    def lack(self, item: Item, response: Response) -> Lack | None:
        n_chosen = len(response or ())
        if n_chosen == item.choose:
            return None
        if item.choose == 1:
            return Lack(gettext_noop("Choose one option."))
        return Lack(
            gettext_noop("Choose %(wanted)d options; you chose %(chosen)d."),
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
