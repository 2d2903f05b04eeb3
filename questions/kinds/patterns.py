"""Typed answers against patterns: a text, a text with `*`, a number, a regular expression. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from questions.items import ItemPattern

from .expressions import problem_of

PATTERN_KINDS = ("text", "glob", "number", "regex")
ANSWER_CHARACTERS = 256
NUMERAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
SPAN = re.compile(r"(\.\.|\+-)")
WITH_MARKS = re.compile(r"[+-]?[0-9]+(?:[,'’ ][0-9]+)+(?:\.[0-9]+)?|[+-]?[0-9]*,[0-9]+")


def takes(text: str, pattern: ItemPattern, answer: str) -> bool:
    """Whether the pattern written as `text` accepts the answer."""
    if pattern.kind == "number":
        span, number = _span(text), as_number(answer)
        return span is not None and number is not None and span[0] <= number <= span[1]
    answer = _plain(answer, pattern)
    if pattern.kind == "regex":
        flags = 0 if pattern.exact_case else re.IGNORECASE
        return not problem_of(text) and re.fullmatch(text, answer, flags) is not None
    if pattern.kind == "glob":
        return _fits([_plain(part, pattern, trim=False) for part in _parts(text)], answer)
    return _plain(text, pattern) == answer


def as_number(answer: str) -> Decimal | None:
    """ASCII digits, no leading zeros, a point as decimal mark; None for anything else."""
    text = answer.strip()
    return Decimal(text) if NUMERAL.fullmatch(text) else None


def has_marks(answer: str) -> bool:
    """A number all but for a comma or marks between thousands."""
    return WITH_MARKS.fullmatch(answer.strip()) is not None


def problem_of_pattern(text: str, kind: str) -> str:
    """What is wrong with a pattern; empty if nothing."""
    if not text.strip():
        return "is empty"
    if kind == "regex":
        return problem_of(text)
    if kind == "number" and _span(text) is None:
        return f"is no number, range (10..20) or tolerance (10 +- 0.5): {text}"
    if kind == "glob" and not any(part.strip() for part in _parts(text)):
        return "takes everything"
    return ""


def _span(text: str) -> tuple[Decimal, Decimal] | None:
    """The closed range that a number pattern accepts: `25`, `10..20` or `10 +- 0.5`."""
    first, mark, second = SPAN.split(text, maxsplit=1) if SPAN.search(text) else (text, "", text)
    low, high = as_number(first), as_number(second)
    if low is None or high is None:
        return None
    span = (low - high, low + high) if mark == "+-" else (low, high)
    return span if span[0] <= span[1] else None


def _plain(text: str, pattern: ItemPattern, *, trim: bool = True) -> str:
    """As it is compared: composed, spaces alike, cases alike, unless the pattern says otherwise."""
    text = unicodedata.normalize("NFC", text)
    if not pattern.exact_space:
        text = re.sub(r"\s+", " ", text)
        text = text.strip() if trim else text
    return text if pattern.exact_case else text.casefold()


def _parts(text: str) -> list[str]:
    r"""What stands between the stars of a glob; `\*` is a star, `\\` a backslash."""
    parts, rest = [""], iter(text)
    for character in rest:
        if character == "*":
            parts.append("")
        elif character == "\\":
            parts[-1] += next(rest, "\\")
        else:
            parts[-1] += character
    return parts


def _fits(parts: Sequence[str], answer: str) -> bool:
    """Each part as far to the left as it goes: no going back, so no text is slow."""
    first, *middle, last = parts if len(parts) > 1 else (*parts, "")
    if len(parts) == 1:
        return first == answer
    end = len(answer) - len(last)
    if not (answer.startswith(first) and answer.endswith(last)) or len(first) > end:
        return False
    place = len(first)
    for part in middle:
        found = answer.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
