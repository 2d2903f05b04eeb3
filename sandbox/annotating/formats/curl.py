"""curl -v: `>` was sent, `<` received, `*` is curl's own word, braces count octets."""

import re
from collections.abc import Iterator

from ..pieces import Piece, event, piece

_MARKED = re.compile(r"([<>*{}])(?: (.*)|$)")
_PROGRESS = re.compile(r"\s*(?:% Total|Dload|\d+ +[\d.]+[kMG]? +\d)")
_OVERWRITTEN = re.compile(r"^.*\r(?=[<>*{}] )")  # the progress meter ends without a line end
_METER_IN_FRONT = re.compile(r"^[\s\d:.kMG-]*\d(?=\* )")


def matches(line: str) -> bool:
    return line[:2] in ("> ", "< ", "* ", "} ", "{ ") or line.startswith("curl: (")


def read(lines: list[str]) -> Iterator[Piece]:
    n_sent = 0
    in_content = False
    for number, line in enumerate(lines, 1):
        line = _METER_IN_FRONT.sub("", _OVERWRITTEN.sub("", line))
        found = _MARKED.match(line)
        mark, text = (found[1], found[2] or "") if found else ("", "")
        if mark == ">":
            yield piece("client", text, number)
        elif mark == "<":
            in_content = text.startswith("354")
            n_sent = 0
            yield piece("server", text, number)
        elif mark == "}" and in_content and not n_sent:
            n_sent = 1
            yield event(number, line, "The message", "curl shows of it only how long it is.")
        elif mark == "*":
            yield _told(line, text, number)
        elif mark or not line.strip() or _PROGRESS.match(line):
            yield piece("event", line, number)
        elif line.startswith("curl: ("):
            yield event(number, line, "curl gives up", "This is curl's own error, the number in "
                        "brackets is its exit status.")  # fmt: skip
        else:
            yield piece("unknown", line, number)


def _told(line: str, text: str, number: int) -> Piece:
    if text.startswith("SSL connection using"):
        why = "The handshake succeeded; from here on everything is encrypted."
        return event(number, line, "TLS stands", why, "tls")
    if text.startswith("Connected to"):
        why = "The connection stands; the server speaks first."
        return event(number, line, "Connected", why, "connected")
    if text.startswith(("Closing connection", "closing connection")):
        return event(number, line, "The connection ends", "Nothing more was said.", "closed")
    lowered = text.lower()
    if "refused" in lowered or "timed out" in lowered or "could not resolve" in lowered:
        return event(number, line, "No connection", "curl could not reach the server.", "lost")
    return piece("event", line, number)
