"""The messages that a session's log holds: envelope, header, text and parts, for reading. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..smtp.fields import display_field, parameter
from ..smtp.mime import Part, TooMuch, decode, scan
from ..transcribing import visible

SHOWN_LINES = 200
SHOWN_OCTETS = 65_536
_ON_TOP = ("from", "to", "cc", "date", "subject")
_STUFFED = re.compile(rb"(\A|\r\n)\.")  # RFC 5321 section 4.5.2
# Read as they are; any other is tried as UTF-8. Python knows more, some of them costly.
_CHARSETS = {"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "koi8-r"}
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")


class LogRow(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def octets(self) -> bytes | memoryview: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part in the tree. `octets` counts the body once its encoding is undone."""

    depth: int
    content_type: str
    encoding: str
    filename: str
    octets: int
    faults: tuple[str, ...]

    @property
    def indent(self) -> str:
        return "\u2514 ".rjust(2 * self.depth) if self.depth else ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """Every text is safe to show as text. `parts` is empty where the bounds of the scan are
    passed. `recipients` pairs an address with its parameters."""

    number: int
    seq: int
    queue_id: str
    size: int
    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[tuple[str, tuple[str, ...]], ...]
    trace: str
    in_chunks: bool
    fields: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[PartLine, ...]
    raw: str

    @property
    def top_fields(self) -> list[tuple[str, str]]:
        return [field for field in self.fields if field[0].lower() in _ON_TOP]

    @property
    def subject(self) -> str:
        return next(iter(self._values("subject")), "")

    @property
    def attachments(self) -> list[PartLine]:
        return [part for part in self.parts if part.filename]

    @property
    def hidden_recipients(self) -> list[str]:
        """In the envelope, but in no field that readers see."""
        named = self._addresses("to", "cc")
        return [address for address, _ in self.recipients if address.lower() not in named]

    @property
    def has_other_author(self) -> bool:
        """The From field names somebody else than the envelope's sender."""
        named = self._addresses("from")
        return bool(named) and self.sender.lower() not in named

    @property
    def beyond_ascii(self) -> list[tuple[str, str]]:
        """Characters of the envelope's addresses that may look like others, with their names."""
        addresses = self.sender + "".join(address for address, _ in self.recipients)
        found = dict.fromkeys(c for c in addresses if not c.isascii())
        return [(c, f"U+{ord(c):04X} {unicodedata.name(c, '')}".rstrip()) for c in found]

    def _values(self, *names: str) -> list[str]:
        return [value for name, value in self.fields if name.lower() in names]

    def _addresses(self, *names: str) -> set[str]:
        return set(_ADDRESS.findall(" ".join(self._values(*names)).lower()))


def read_messages(rows: Iterable[LogRow]) -> list[StoredMessage]:
    """In the order in which they were accepted."""
    messages: list[StoredMessage] = []
    content, in_chunks = bytearray(), False
    for row in rows:
        data = row.data
        match data["event"]:
            case "line" if data.get("verb") in ("MAIL", "DATA"):
                content.clear()
                in_chunks = False
            case "content" if not data.get("end"):
                content += row.octets
            case "chunk":
                content += row.octets
                in_chunks = True
            case "accepted":
                octets = bytes(content)
                if not in_chunks:
                    octets = _STUFFED.sub(rb"\1", octets)
                messages.append(_read(len(messages) + 1, row, octets, in_chunks=in_chunks))
    return messages


def _read(number: int, row: LogRow, content: bytes, *, in_chunks: bool) -> StoredMessage:
    data = row.data
    parts: list[PartLine] = []
    text = html = ""
    fields: Sequence[tuple[str, bytes]] = ()
    try:
        whole = scan(content)
    except TooMuch:
        pass
    else:
        fields = whole.fields
        parts = list(_lines(whole, content))
        text, html = _first(whole, content, "text/plain"), _first(whole, content, "text/html")
    # The sender's come first, then those of each recipient.
    parameters = data.get("parameters") or [[] for _ in range(1 + len(data["recipients"]))]
    return StoredMessage(
        number=number,
        seq=row.seq,
        queue_id=data["queue_id"],
        size=data["size"],
        sender=visible(data["sender"].encode()),
        parameters=_shown(parameters[0]),
        recipients=tuple(zip(_shown(data["recipients"]), map(_shown, parameters[1:]), strict=True)),
        trace=visible_lines(data.get("trace", "").encode()),
        in_chunks=in_chunks,
        fields=tuple((name, visible(display_field(raw).encode())) for name, raw in fields),
        text=text,
        html=html,
        parts=tuple(parts),
        raw=visible_lines(content),
    )


def _shown(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(visible(text.encode()) for text in texts)


def visible_lines(octets: bytes) -> str:
    """As text, cut at SHOWN_LINES."""
    lines = octets[:SHOWN_OCTETS].split(b"\r\n")
    shown = [visible(line) for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES or len(octets) > SHOWN_OCTETS:
        shown.append("…")
    return "\n".join(shown).rstrip("\n")


def _walk(part: Part, depth: int = 0) -> Iterable[tuple[int, Part]]:
    waiting = [(depth, part)]
    while waiting:
        level, item = waiting.pop()
        yield level, item
        waiting += [(level + 1, inner) for inner in reversed(item.parts)]


def _lines(whole: Part, content: bytes) -> Iterable[PartLine]:
    for depth, part in _walk(whole):
        size = 0 if part.parts else len(decode(part, content, len(content)))
        yield PartLine(depth, part.content_type, part.encoding, part.filename, size, part.faults)


def _first(whole: Part, content: bytes, content_type: str) -> str:
    for _, part in _walk(whole):
        if part.content_type == content_type and part.disposition != "attachment":
            octets = decode(part, content, SHOWN_OCTETS)
            return visible_lines(_decoded(octets, parameter(part.parameters, "charset")).encode())
    return ""


def _decoded(octets: bytes, charset: str) -> str:
    return octets.decode(charset if charset.lower() in _CHARSETS else "utf-8", "replace")
