"""What is typed in the console, as octets. Pure."""

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r"\\(?:([rnt0\\])|x([0-9A-Fa-f]{2})|(.?))", re.DOTALL)
_MEANING = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


class BadEscape(ValueError):
    """The text says which."""


def split_lines(text: str) -> list[bytes]:
    """Lines with CRLF, whatever ended them in the form; a line end at the very end opens none."""
    lines = _LINE_END.split(text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return [line.encode() + b"\r\n" for line in lines]


def read_escapes(text: str) -> bytes:
    """Nothing but what is written: `\\r \\n \\t \\0 \\\\ \\xNN`. Line ends of the form are dropped.

    Raises BadEscape.
    """
    octets = bytearray()
    place = 0
    text = _LINE_END.sub("", text)
    for found in _ESCAPE.finditer(text):
        short, digits, other = found.groups()
        if other is not None:
            raise BadEscape(found[0])
        octets += text[place : found.start()].encode()
        octets += _MEANING[short] if short else bytes.fromhex(digits)
        place = found.end()
    return bytes(octets + text[place:].encode())


def as_chunk(text: str, *, last: bool) -> bytes:
    """The lines as one counted chunk behind its BDAT command (RFC 3030 section 2): both octets of
    each CRLF count."""
    octets = b"".join(split_lines(text)) if text else b""
    return f"BDAT {len(octets)}{' LAST' if last else ''}\r\n".encode() + octets
