"""Short answer: a typed text, worth what the best pattern that takes it is worth."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption, ItemPattern
from sandbox.tables import Table

from .kind import Fields, Finding, Kind, Lack, Malformed, Response, Taken, gettext_noop
from .patterns import (
    ANSWER_CHARACTERS,
    PATTERN_KINDS,
    as_number,
    has_marks,
    problem_of_pattern,
    takes,
)

FULL_WEIGHT = 1000
EXPECTS_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class OpenText:
    text: str


@dataclass(frozen=True, slots=True)
class JudgedPattern:
    """An accepted answer, or the one that was given and is a known mistake. `shown` is the
    answer in words, `percent` what it is worth."""

    shown: str
    is_taken: bool
    percent: int
    rationale: str


@dataclass(frozen=True, slots=True)
class JudgedText:
    text: str
    patterns: tuple[JudgedPattern, ...]


class Short(Kind):
    name = "short"
    label = gettext_noop("short answer")
    position = 5
    policies = ("pattern", "exact")
    exam_policy = "pattern"
    columns = ("text", "pattern_kind", "weight", "exact_case", "exact_space", "matches", "misses")
    rows_at_least = 1
    rows_at_most = 20

    def take(self, table: Table) -> Taken:
        patterns = [_take_pattern(inner) for inner in table.tables("accept", named="pattern")]
        return Taken(tuple(patterns), expects=table.line("expects", EXPECTS_CHARACTERS))

    def lint(self, item: Item) -> list[Finding]:
        findings = []
        if not item.expects.strip():
            findings.append(Finding("K1", "expects", "is missing: it says what to type"))
        if not any(weight_of(option) == FULL_WEIGHT for option in item.options):
            findings.append(Finding("K1", "accept", "no pattern is worth the full mark"))
        for number, option in enumerate(item.options, start=1):
            place = f"pattern {number}"
            findings += [Finding("K1", place, problem) for problem in _problems(option)]
        return findings

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        return []

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        values = fields.get("text", ())
        if len(values) > 1:
            raise Malformed("The answer was sent twice.")
        text = next(iter(values), "").strip()
        if len(text) > ANSWER_CHARACTERS:
            raise Malformed(
                f"An answer has {ANSWER_CHARACTERS} characters at most; this one has {len(text)}."
            )
        if any(unicodedata.category(each) in ("Cc", "Cs") and each != "\t" for each in text):
            raise Malformed("An answer is one line without control characters.")
        return text

    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        return [("text", response or "")]

    def lack(self, item: Item, response: Response) -> Lack | None:
        """A way of writing numbers is no answer, so it is no wrong one either."""
        if not response:
            return Lack(gettext_noop("Type an answer."))
        kinds = {option.pattern.kind for option in item.options if option.pattern}
        if "number" not in kinds or best_of(item, response):
            return None
        if has_marks(response):
            return Lack(gettext_noop("Use a point as decimal mark and nothing between thousands."))
        if kinds == {"number"} and as_number(response) is None:
            return Lack(gettext_noop("Type one number in digits, without leading zeros."))
        return None

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        best = best_of(item, response)
        share = Fraction(weight_of(best), FULL_WEIGHT) if best else Fraction(0)
        return Fraction(share == 1) if policy == "exact" else share

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        return [OpenText(response or "")]

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        best = best_of(item, response) if response else None
        shown = [option for option in item.options if weight_of(option) or option is best]
        return [
            JudgedText(
                response or "",
                tuple(
                    JudgedPattern(
                        shown=_in_words(option),
                        is_taken=option is best,
                        percent=weight_of(option) * 100 // FULL_WEIGHT,
                        rationale=option.rationale,
                    )
                    for option in shown
                ),
            )
        ]


def best_of(item: Item, answer: str) -> ItemOption | None:
    """Of the patterns that take the answer the one worth most, the first of equals."""
    taking = [
        option
        for option in item.options
        if option.pattern and takes(option.text, option.pattern, answer)
    ]
    return max(taking, key=weight_of, default=None)


def weight_of(option: ItemOption) -> int:
    return option.pattern.weight if option.pattern else 0


def _in_words(option: ItemOption) -> str:
    """Readers of an answer know no patterns: an example stands for what has stars or more."""
    if option.pattern and option.pattern.kind in ("glob", "regex"):
        return next(iter(option.pattern.matches), option.text)
    return option.text.replace("..", " – ").replace("+-", "±")


def _problems(option: ItemOption) -> list[str]:
    pattern = option.pattern
    if pattern is None:
        return ["has no kind of pattern"]
    if problem := problem_of_pattern(option.text, pattern.kind):
        return [problem]
    problems = [
        f"has no example that it {name}"
        for name in ("matches", "misses")
        if not getattr(pattern, name)
    ]
    problems += [
        f"does not match its example {text!r}"
        for text in pattern.matches
        if not takes(option.text, pattern, text.strip())
    ]
    return problems + [
        f"matches {text!r}, which it should miss"
        for text in pattern.misses
        if takes(option.text, pattern, text.strip())
    ]


def _take_pattern(table: Table) -> ItemOption:
    option = ItemOption(
        ident=table.slug("id"),
        text=table.block("pattern"),
        rationale=table.text("why"),
        pattern=ItemPattern(
            kind=table.choice("kind", PATTERN_KINDS),
            weight=table.thousandths("weight", FULL_WEIGHT),
            exact_case=table.choice("case", ("exact",), "") == "exact",
            exact_space=table.choice("whitespace", ("exact",), "") == "exact",
            matches=_take_examples(table, "matches"),
            misses=_take_examples(table, "misses"),
        ),
    )
    table.done()
    return option


def _take_examples(table: Table, key: str) -> tuple[str, ...]:
    """Examples are stored as lines."""
    examples = table.texts(key)
    for text in examples:
        if not text.strip() or len(text.splitlines()) != 1:
            table.report(f"{key}: an example is one line, not {text!r}")
    return examples


KIND = Short()
