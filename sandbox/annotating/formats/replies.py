"""A reply without its dialogue, as a mail, an alert or a ticket quotes it."""

import re
from collections.abc import Iterator

from ..codes import detail_of
from ..records import Outcome, Quoted, Record, quote

_ENHANCED = r"[245]\.\d{1,3}\.\d{1,3}"
_BEHIND = r"(?:^|[\s;:,'\"(<\[#])"
# With an enhanced code anywhere, without one at the beginning only: "within 450 days" is prose.
_REPLY = re.compile(rf"{_BEHIND}([245]\d\d[ -]{_ENHANCED}(?:[\s;:,>)\]].*|$))")
_AT_FIRST = re.compile(r"\s*(?:smtp;\s*)?([245]\d\d(?:[ -].*|$))")
_CODE = re.compile(rf"{_BEHIND}({_ENHANCED})(?!\d|\.\d)")
_OUTCOMES: dict[str, Outcome] = {"4": "deferred", "5": "rejected"}


def matches(line: str) -> bool:
    return bool(_reply(line) or _CODE.search(line))


def read(lines: list[str]) -> Iterator[Record]:
    """Of a reply of several lines the first stands for all."""
    going_on = ""
    for number, line in enumerate(lines, 1):
        reply = _reply(line)
        if reply and reply[:3] == going_on:
            going_on = reply[:3] if reply[3:4] == "-" else ""
            yield Record(number, line)
        elif reply:
            going_on = reply[:3] if reply[3:4] == "-" else ""
            yield _said(number, line, " ".join([reply, *_rest(lines[number:], going_on)]))
        elif code := _CODE.search(line):
            going_on = ""
            yield _code(number, line, code[1])
        else:
            yield Record(number, line)


def _reply(line: str) -> str:
    found = _REPLY.search(line) or _AT_FIRST.match(line)
    return found[1] if found else ""


def _rest(lines: list[str], code: str) -> Iterator[str]:
    """What the lines behind the first say, while they belong to the same reply."""
    for line in lines:
        reply = _reply(line)
        if not code or reply[:3] != code:
            return
        yield reply[4:]
        code = code if reply[3:4] == "-" else ""


def _said(number: int, line: str, text: str) -> Record:
    outcome = _OUTCOMES.get(text[0], "")
    why = "" if outcome else "The server did what it was asked for."
    return Record(number, line, "The reply", why, outcome=outcome, quoted=quote(f"{text} "))


def _code(number: int, line: str, code: str) -> Record:
    outcome, quoted = _OUTCOMES.get(code[0], ""), Quoted(0, code, "", code)
    title = "An enhanced status code"
    return Record(number, line, title, detail_of(code), outcome=outcome, quoted=quoted)
