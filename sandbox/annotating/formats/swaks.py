"""swaks, the test program: an arrow before each line says who spoke and whether under TLS."""

from collections.abc import Iterator

from ..pieces import Piece, event, piece

_SENT = frozenset({" ->", " ~>", "**>", "*~>"})
_RECEIVED = frozenset({"<- ", "<~ ", "<**", "<~*"})


def matches(line: str) -> bool:
    return line[:3] in _SENT | _RECEIVED or line.startswith(("=== ", "*** "))


def read(lines: list[str]) -> Iterator[Piece]:
    for number, line in enumerate(lines, 1):
        mark = line[:3]
        if mark in _SENT:
            yield piece("client", line[4:], number)
        elif mark in _RECEIVED:
            yield from _received(line, number)
        elif mark in ("===", "***"):
            yield _told(line, number)
        else:
            yield piece("event" if not line.strip() else "unknown", line, number)


def _received(line: str, number: int) -> Iterator[Piece]:
    text = line[4:].removeprefix(" ")
    if text[:1].isdigit():
        yield piece("server", text, number)
    else:  # "<** Timeout (30 secs) waiting for server response"
        yield event(
            number,
            line,
            "No answer",
            "swaks waited for a reply and got none; the server is too slow, or it wants a line "
            "that never came.",
            "lost" if "Timeout" in text else "",
        )


def _told(line: str, number: int) -> Piece:
    text = line[4:]
    if text.startswith("TLS started"):
        return event(
            number,
            line,
            "TLS stands",
            "The handshake succeeded; lines with ~ in their arrow are encrypted.",
            "tls",
        )
    if text.startswith("Connected to"):
        return event(number, line, "Connected", "The connection stands; the server speaks first.",
                     "connected")  # fmt: skip
    if text.startswith("Connection closed"):
        return event(number, line, "The connection ends", "Nothing more was said.", "closed")
    if line.startswith("*** "):
        why = "This is a message of swaks itself, not of the server."
        is_lost = "connect" in text.lower() or "closed" in text.lower()
        return event(number, line, "swaks gives up", why, "lost" if is_lost else "")
    return piece("event", line, number)
