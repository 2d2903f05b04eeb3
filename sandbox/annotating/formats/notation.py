"""The notation of RFCs, `C:` and `S:`, and of exported consoles, `C>` `S<` and `E>`."""

import re
from collections.abc import Iterator

from ..pieces import Piece, event, octets_of, piece

_LINE = re.compile(r"\s*(?:(C|S|E):|(C|C\+|D|B|S|E)[<>])(?: (.*)|$)")
_ESCAPE = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_EVENTS = {
    "tls-ok": ("TLS stands", "The handshake succeeded; from here on everything is encrypted."),
    "close": ("The connection ends", "Nothing more was said in this session."),
}


def matches(line: str) -> bool:
    return _LINE.match(line) is not None


def read(lines: list[str]) -> Iterator[Piece]:
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line)
        if found is None:
            is_remark = not line.strip() or line.lstrip().startswith("#") or line.strip() == "..."
            yield piece("event" if is_remark else "unknown", line, number)
            continue
        mark, text = found[1] or found[2], found[3] or ""
        match mark:
            case "S":
                yield Piece("server", _unescape(text), number)
            case "E":
                yield _event(text.strip(), line, number)
            case _:
                yield Piece("client", _unescape(text), number, content=mark in "DB")


def _event(name: str, line: str, number: int) -> Piece:
    title, why = _EVENTS.get(name, ("", ""))
    if name == "tls-ok":
        return event(number, line, title, why, "tls")
    if name == "close":
        return event(number, line, title, why, "closed")
    if name.startswith("connect"):
        return event(number, line, "A connection", "The client connected.", "connected")
    if name.startswith("wait="):
        return event(number, line, "Time passes", "The client waited before it went on.")
    return piece("event", line, number)


def _unescape(text: str) -> bytes:
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), octets_of(text))
