"""What Python's smtplib prints with set_debuglevel(1) or (2)."""

import ast
import re
from collections.abc import Iterator

from ..pieces import Piece, event, octets_of, piece

_LINE = re.compile(r"(?:\d\d:\d\d:\d\d\.\d+ )?(send|reply|connect|data): (.*)$")
_LITERAL = re.compile(r"""b?(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")""")


def matches(line: str) -> bool:
    return _LINE.match(line) is not None


def read(lines: list[str]) -> Iterator[Piece]:
    in_content = False
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line)
        if found is None:
            yield _other(line, number)
            continue
        verb, text = found[1], found[2]
        octets = _octets(text)
        if verb == "send" and octets is not None:
            yield from _sent(octets, number, in_content=in_content)
            in_content = False
        elif verb == "reply" and octets is not None:
            in_content = octets.startswith(b"354")
            for part in octets.removesuffix(b"\r\n").split(b"\r\n"):
                yield Piece("server", part, number)
        elif verb == "connect" and text.startswith("to "):
            yield event(number, line, "Connecting", "smtplib connects to host and port.",
                        "connected")  # fmt: skip
        else:
            yield piece("event", line, number)


def _sent(octets: bytes, number: int, *, in_content: bool) -> Iterator[Piece]:
    parts = octets.split(b"\r\n")
    if parts[-1] == b"":
        parts.pop()
    for part in parts:
        yield Piece("client", part, number, content=in_content)


def _octets(text: str) -> bytes | None:
    """Of a single literal, and of nothing else that Python could read."""
    if not _LITERAL.fullmatch(text):
        return None
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, bytes) else octets_of(value)


def _other(line: str, number: int) -> Piece:
    if not line.strip():
        return piece("event", line, number)
    if re.match(r"(?:smtplib\.)?SMTP[A-Za-z]+(?:\(|: )", line):
        return event(number, line, "smtplib raises", "The exception carries the server's reply.")
    return piece("unknown", line, number)
