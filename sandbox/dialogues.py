"""Dialogues as they are written in questions and notes, read into steps."""

import re
from dataclasses import dataclass

_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_REPLY_LINE = re.compile(r"([2-5][0-9]{2})(-| |$)(?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?= |$))?")


class DialogueError(ValueError):
    """A dialogue that cannot be read; the text names the line."""


@dataclass(frozen=True, slots=True)
class Write:
    """Client lines with nothing between them: they go out together."""

    number: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Expect:
    """One line of a reply. `more`: further lines follow. `enhanced` "" is not compared."""

    number: int
    code: str
    more: bool
    enhanced: str

    def __str__(self) -> str:
        code = f"{self.code}-" if self.more else self.code
        return f"{code}{'' if self.more else ' '}{self.enhanced}".rstrip()

    def matches(self, line: str) -> bool:
        found = _REPLY_LINE.match(line)
        return (
            found is not None
            and found[1] == self.code
            and (found[2] == "-") == self.more
            and (not self.enhanced or found[3] == self.enhanced)
        )


@dataclass(frozen=True, slots=True)
class ExpectRest:
    """All lines to the end of the reply."""

    number: int


@dataclass(frozen=True, slots=True)
class ExpectAny:
    """Any number of lines, none included."""

    number: int


@dataclass(frozen=True, slots=True)
class ExpectClose:
    number: int


@dataclass(frozen=True, slots=True)
class Wait:
    number: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Encrypt:
    """The TLS handshake succeeds."""

    number: int


Step = Write | Expect | ExpectRest | ExpectAny | ExpectClose | Wait | Encrypt


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`numbered` holds the lines as written, for a dialogue that cannot be run yet."""

    steps: tuple[Step, ...]
    numbered: tuple[tuple[int, str], ...]


def parse_dialogue(text: str) -> Dialogue:
    """Lines `C:`, `S:`, `E:` and `...`; the first is the greeting. Empty lines do not count."""
    numbered = tuple(
        (number, line.strip("\r"))
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    )
    steps: list[Step] = []
    for number, line in numbered:
        step = _parse_line(number, line.lstrip())
        previous = steps[-1] if steps else None
        if isinstance(step, Write) and isinstance(previous, Write):
            steps[-1] = Write(previous.number, previous.octets + step.octets)
        else:
            steps.append(step)
    if not steps:
        raise DialogueError("line 1: the dialogue is empty")
    if not isinstance(steps[0], Expect | ExpectRest | ExpectAny | Encrypt):
        raise DialogueError(f"line {steps[0].number}: the server speaks first, as in S: 220")
    return Dialogue(tuple(steps), numbered)


def _parse_line(number: int, line: str) -> Step:
    mark, _, rest = line.partition(" ")
    if line.rstrip() == "...":
        return ExpectAny(number)
    if mark == "C:":
        return Write(number, _unescape(rest) + b"\r\n")
    if mark == "S:":
        if rest.strip() == "...":
            return ExpectRest(number)
        if found := _REPLY_LINE.match(rest):
            return Expect(number, found[1], found[2] == "-", found[3] or "")
        raise DialogueError(f"line {number}: S: needs a reply code, as in S: 250, or ...")
    if mark == "E:":
        return _parse_event(number, rest.strip())
    raise DialogueError(f"line {number}: a line begins with C:, S: or E:, or is ...")


def _parse_event(number: int, event: str) -> Step:
    if event == "close":
        return ExpectClose(number)
    if event == "tls-ok":
        return Encrypt(number)
    name, _, seconds = event.partition("=")
    if name == "wait" and seconds.isascii() and seconds.isdigit():
        return Wait(number, int(seconds))
    raise DialogueError(f"line {number}: E: is close, tls-ok or wait=SECONDS")


def _unescape(text: str) -> bytes:
    pieces = _ESCAPE.split(text)  # text and hex digits by turns
    return b"".join(
        bytes.fromhex(piece) if index % 2 else piece.encode() for index, piece in enumerate(pieces)
    )
