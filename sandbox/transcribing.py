"""Events as lines for reading: what was said by whom, and the reason beside it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from .smtp import (
    ChunkIn,
    Close,
    ContentIn,
    Event,
    Explanation,
    LineIn,
    Notice,
    Ref,
    Reply,
    State,
    describe,
    explain,
)

Side = Literal["client", "server", "event"]

_MAX_LINE = 1000
_MAX_SHOWN = 4 * _MAX_LINE  # octets of one item that are looked at

# Characters that reorder or hide text: bidirectional controls, zero-width ones, separators.
_HIDING = (
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x00AD,
    0x061C,
    0x180E,
    0xFEFF,
    *range(0xE0000, 0xE0080),
)
_VISIBLE: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if code != 0x09},
    0x7F: "\u2421",
    **{code: f"U+{code:04X}" for code in (*range(0x80, 0xA0), *_HIDING)},
}
_GLYPH = re.compile("([\u2400-\u241f\u2421])")
_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_GLYPH_NAMES = {chr(0x2400 + code): name for code, name in enumerate(_NAMES.split())}
_GLYPH_NAMES["\u2421"] = "DEL"


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One item of a transcript: a whole reply, a client's line, or something that happened.

    `text` is safe to show as text: nothing in it is invisible or reorders what stands around it.
    Lines of a reply are joined by newlines. `before` and `after` are the states around a reply;
    elsewhere both are the state it met, and "" where that is not known. `end` is the CR LF that
    ended it, as glyphs, or "" (a bare one stands in `text`); `more` says what is left out.
    `is_choice`: the standard leaves it open; `misreading` is what people often take it for.
    """

    side: Side
    text: str
    code: int | None = None
    enhanced: str | None = None
    rule: str = ""
    title: str = ""
    why: str = ""
    refs: tuple[Ref, ...] = ()
    note: str = ""
    before: str = ""
    after: str = ""
    early: bool = False
    end: str = ""
    more: str = ""
    is_choice: bool = False
    misreading: str = ""

    @property
    def wire(self) -> "tuple[WireLine, ...]":
        """The lines of `text`, each in its parts."""
        lines = self.text.split("\n")
        ends = ["\u240d\u240a"] * (len(lines) - 1) + [self.end]
        return tuple(self._parts(line, end) for line, end in zip(lines, ends, strict=True))

    def _parts(self, line: str, end: str) -> "WireLine":
        if self.code is None:
            return WireLine(line, end=end)
        code, separator, text = line[:3], line[3:4], line[4:]
        enhanced = self.enhanced or ""
        if not enhanced or not text.startswith(f"{enhanced} "):
            return WireLine(text, code, separator, end=end)
        return WireLine(text.removeprefix(enhanced), code, separator, enhanced, end)


@dataclass(frozen=True, slots=True)
class WireLine:
    """One line in parts: joined, code, separator, enhanced and text are the line."""

    text: str
    code: str = ""
    separator: str = ""
    enhanced: str = ""
    end: str = ""

    @property
    def pieces(self) -> "list[tuple[str, str]]":
        """`text` cut at the glyphs of control characters; each has its name beside it, other
        pieces have ""."""
        return [(piece, _GLYPH_NAMES.get(piece, "")) for piece in _GLYPH.split(self.text) if piece]


def visible(octets: bytes) -> str:
    """Text of one line. Its CR LF is dropped, a tab stays, other controls become glyphs."""
    text = octets[:_MAX_SHOWN].removesuffix(b"\r\n").decode("utf-8", "backslashreplace")
    text = text.translate(_VISIBLE)
    is_cut = len(text) > _MAX_LINE or len(octets) > _MAX_SHOWN
    return f"{text[:_MAX_LINE]}…" if is_cut else text


def line_end(octets: bytes) -> str:
    return "\u240d\u240a" if octets.endswith(b"\r\n") else ""


def client_line(
    octets: bytes, verb: str, *, state: str = "", early: bool = False
) -> TranscriptLine:
    """`verb` as in LineIn; for content "content", or "." for the line that ends it."""
    line = _line("client", visible(octets), describe(verb), state, state, early=early)
    return replace(line, end=line_end(octets))


def server_line(
    octets: bytes,
    code: int,
    enhanced: str | None,
    *,
    rule: str,
    state: str,
    after: str,
    case: str = "",
) -> TranscriptLine:
    """A whole reply as it went out, with the columns of its log row."""
    text = "\n".join(visible(line) for line in octets.removesuffix(b"\r\n").split(b"\r\n"))
    line = _line("server", text, explain(rule, state, case), state, after, code, enhanced)
    return replace(line, end=line_end(octets))


def event_line(rule: str, *, state: str = "", case: str = "") -> TranscriptLine:
    """A violation, a notice or an end that no reply tells of."""
    reason = explain(rule, state, case)
    return _line("event", reason.title, reason, state, state)


def content_lines(
    octets: bytes, *, verb: str = "content", early: bool = False
) -> list[TranscriptLine]:
    """A stored run of content or of a chunk, cut into lines."""
    lines = octets.split(b"\r\n")
    ended = [line + b"\r\n" for line in lines[:-1]] + [lines[-1]] * bool(lines[-1])
    state = State.CONTENT if verb == "content" else State.CHUNKS
    return [client_line(line, verb, state=state, early=early) for line in ended]


def transcribe(events: Iterable[Event]) -> tuple[TranscriptLine, ...]:
    """Lines in order. A violation is left out: the reply behind it gives the same reason."""
    lines: list[TranscriptLine] = []
    state = ""
    for event in events:
        match event:
            case LineIn():
                verb = "response" if state == State.AUTHING else event.verb
                lines.append(client_line(event.octets, verb, state=state, early=event.early))
            case ContentIn(end=True):
                lines.append(client_line(event.octets, ".", state=state, early=event.early))
            case ContentIn():
                lines.extend(content_lines(event.octets, early=event.early))
            case ChunkIn() if event.octets:
                lines.extend(content_lines(event.octets, verb="chunk", early=event.early))
            case Reply():
                lines.append(
                    server_line(
                        event.octets,
                        event.code,
                        event.enhanced,
                        rule=event.rule,
                        state=event.state,
                        after=event.after,
                        case=event.case,
                    )
                )
                state = event.after
            case Notice():
                lines.append(event_line(event.rule, state=event.state, case=event.case))
            case Close(rule="session.vanished"):
                lines.append(event_line(event.rule, state=state))
    return tuple(lines)


def _line(
    side: Side,
    text: str,
    reason: Explanation | None,
    before: str,
    after: str,
    code: int | None = None,
    enhanced: str | None = None,
    *,
    early: bool = False,
) -> TranscriptLine:
    if reason is None:
        return TranscriptLine(side, text, code, enhanced, before=before, after=after, early=early)
    return TranscriptLine(
        side,
        text,
        code,
        enhanced,
        rule=reason.rule,
        title=reason.title,
        why=reason.why,
        refs=reason.refs,
        note=reason.note,
        before=before,
        after=after,
        early=early,
        is_choice=reason.origin != "rfc",
        misreading=reason.misreadings[0] if reason.misreadings else "",
    )


def explain_once(lines: Iterable[TranscriptLine]) -> list[TranscriptLine]:
    explained: set[str] = set()
    return [explain_anew(line, explained) for line in lines]


def explain_anew(line: TranscriptLine, explained: set[str]) -> TranscriptLine:
    """A command is explained where it comes first, a reply each time, a misreading once.
    `explained` takes up what has been said."""
    if line.side == "client" and line.title in explained:
        return replace(line, why="")
    if line.misreading and line.misreading in explained:
        return replace(line, misreading="")
    explained |= {line.title if line.side == "client" else line.misreading}
    return line
