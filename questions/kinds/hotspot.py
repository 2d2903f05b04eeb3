"""Hotspot: lines of the artefact are the options; they stand in its order and are not shuffled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

from .choosing import Choosing
from .kind import Finding, Lack, Response, Taken, gettext_noop

LINES_AT_MOST = 60
SIDES = {"C": gettext_noop("Client"), "S": gettext_noop("Server")}


@dataclass(frozen=True, slots=True)
class OpenLine:
    """`number` counts the artefact's lines from 1. In a transcript `who` is C or S and `side`
    the word for it. `follows_gap`: blank lines stand before it."""

    place: int
    number: int
    text: str
    who: str
    side: str
    follows_gap: bool
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """Of neighbours with one reason the last one has it; `since` is the first of them."""

    number: int
    text: str
    who: str
    side: str
    follows_gap: bool
    is_chosen: bool
    is_key: bool
    rationale: str
    since: int


class Hotspot(Choosing):
    name = "hotspot"
    label = gettext_noop("lines of a text")
    position = 6
    is_performance = True
    policies = ("exact", "balanced", "per_key")
    rows_hold_artefact = True
    columns = ("is_key",)
    rows_at_most = LINES_AT_MOST

    def take(self, table: Table) -> Taken:
        artefact = table.block("artefact")
        options = [
            option
            for inner in table.tables("lines", named="line")
            for option in _take_lines(inner, artefact)
        ]
        options.sort(key=lambda option: number_of(option.ident))
        return Taken(tuple(options), choose=table.number("choose", 1))

    def position_of(self, option: ItemOption, number: int) -> int:
        return number_of(option.ident)

    def row_at(self, artefact: str, position: int) -> tuple[str, str] | None:
        return f"line-{position}", lines_of(artefact).get(position, "")

    def lint(self, item: Item) -> list[Finding]:
        findings = self.lint_key(item)
        if not 2 <= len(item.options) <= LINES_AT_MOST:
            message = f"there must be 2 to {LINES_AT_MOST}, not {len(item.options)}"
            findings.append(Finding("K1", "lines", message))
        if item.options and len(item.keys) == len(item.options):
            findings.append(Finding("K1", "lines", "every line is a key, so nothing is asked"))
        lines = lines_of(item.artefact)
        covered = {number_of(option.ident) for option in item.options}
        findings += [
            Finding("K1", "lines", f"line {number} of the artefact is in none: {text}")
            for number, text in lines.items()
            if number not in covered
        ]
        return findings + [
            Finding("K1", f"line {number_of(option.ident)}", "is not this line of the artefact")
            for option in item.options
            if lines.get(number_of(option.ident)) != option.text
        ]

    def lint_key(self, item: Item) -> list[Finding]:
        n_keys = len(item.keys)
        if n_keys == 0:
            return [Finding("K1", "lines", "no line is marked as key")]
        if n_keys != item.choose:
            message = f"says “choose {item.choose}”, but {n_keys} lines are keys"
            return [Finding("K1", "choose", message)]
        return []

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        return [option.ident for option in item.options]

    def lack(self, item: Item, response: Response) -> Lack | None:
        n_chosen = len(response or ())
        if n_chosen == item.choose:
            return None
        if item.choose == 1:
            return Lack(gettext_noop("Choose one line."))
        return Lack(
            gettext_noop("Choose %(wanted)d lines; you chose %(chosen)d."),
            {"wanted": item.choose, "chosen": n_chosen},
        )

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        return [
            OpenLine(
                place,
                number,
                *_said(item, text),
                follows_gap=gap,
                is_chosen=ident in (response or ()),
            )
            for place, (ident, number, text, gap) in enumerate(_shown(item, order))
        ]

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        options = {option.ident: option for option in item.options}
        reasons = [options[ident].rationale for ident in order]
        followers = [*reasons[1:], ""]
        begun: list[int] = []
        for ident, reason, before in zip(order, reasons, ["", *reasons], strict=False):
            begun.append(begun[-1] if begun and reason == before else number_of(ident))
        return [
            JudgedLine(
                number,
                *_said(item, text),
                follows_gap=gap,
                is_chosen=ident in (response or ()),
                is_key=options[ident].is_key,
                rationale="" if reason == follower else reason,
                since=since,
            )
            for (ident, number, text, gap), reason, follower, since in zip(
                _shown(item, order), reasons, followers, begun, strict=True
            )
        ]


def lines_of(artefact: str) -> dict[int, str]:
    """The lines that say something, by their number from 1."""
    lines = artefact.split("\n")
    return {number: line for number, line in enumerate(lines, start=1) if line.strip()}


def number_of(ident: str) -> int:
    """The line that an option stands for, 0 if its id names none."""
    number = ident.removeprefix("line-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _shown(item: Item, order: Sequence[str]) -> list[tuple[str, int, str, bool]]:
    """Id, number, text, and whether blank lines stand before it."""
    texts = {option.ident: option.text for option in item.options}
    numbers = [number_of(ident) for ident in order]
    before = [number - 1 for number in numbers[:1]] + numbers[:-1]
    return [
        (ident, number, texts[ident], number > last + 1)
        for ident, number, last in zip(order, numbers, before, strict=True)
    ]


def _said(item: Item, text: str) -> tuple[str, str, str]:
    """The line without its `C:` or `S:`, and who says it."""
    who, colon, said = text.partition(":")
    if item.artefact_kind == "transcript" and colon and who in SIDES:
        return said.removeprefix(" "), who, SIDES[who]
    return text, "", ""


def _take_lines(table: Table, artefact: str) -> list[ItemOption]:
    lines = lines_of(artefact)
    is_list = isinstance(table.values.get("n"), list)
    numbers = table.numbers("n") if is_list else (table.number("n"),)
    is_key = table.yes("key")
    why = table.text("why")
    table.done()
    if is_list and not numbers:
        table.report("n names no line")
    return [
        ItemOption(f"line-{number}", lines.get(number, ""), why, is_key=is_key)
        for number in numbers
        if number or "n" in table.values
    ]


KIND = Hotspot()
