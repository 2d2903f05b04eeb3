"""What the annotator gives back: the pasted lines with their reasons, and a verdict in front."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..transcribing import Side, TranscriptLine
from ..viewing.status_codes import Status, read_status


@dataclass(frozen=True, slots=True)
class AnnotatedLine:
    """`number` counts the pasted lines from 1. `event` is a word for a style: "" or "failure",
    "difference", "layer" (TLS), "secret". `differs` says where the other server departs from
    our rules; a failure has a `cause` and a `step`. What is not `is_known` stands as it was
    pasted."""

    line: TranscriptLine
    number: int
    event: str = ""
    differs: str = ""
    cause: str = ""
    step: str = ""
    is_known: bool = True

    @property
    def side(self) -> Side:
        return self.line.side

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def rule(self) -> str:
        return self.line.rule

    @property
    def note(self) -> str:
        return self.line.note

    @property
    def status(self) -> Status | None:
        return read_status(self.line.enhanced) if self.line.enhanced else None


def plain_lines(numbered: Sequence[tuple[int, str]], most: int, what: str) -> list[AnnotatedLine]:
    """Lines that need no word as one item; nothing where all of them are empty."""
    filled = [number for number, text in numbered if text.strip()]
    if not filled:
        return []
    texts = [text for number, text in numbered if filled[0] <= number <= filled[-1]]
    text, more = shortened(texts, most, what)
    return [AnnotatedLine(TranscriptLine("event", text, more=more), filled[0])]


def shortened(texts: Sequence[str], most: int, what: str) -> tuple[str, str]:
    """The first lines, and how many of what are left out: `text` and `more` of a line."""
    left = len(texts) - most
    lines = "line" if left == 1 else "lines"
    return "\n".join(texts[:most]), f"… {left} more {lines} {what}" if left > 0 else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`number` is the line to look at, 0 for none."""

    headline: str
    cause: str = ""
    step: str = ""
    number: int = 0
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """`masked` is the pasted text without the passwords in it."""

    format: str
    lines: tuple[AnnotatedLine, ...]
    verdict: Verdict
    masked: str

    @property
    def n_unknown(self) -> int:
        return sum(not each.is_known for each in self.lines)


class Unreadable(ValueError):
    """The text cannot be explained; the message says why, for whoever pasted it."""
