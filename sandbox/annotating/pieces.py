"""What a format makes of each pasted line: who said it, before anybody asks what it means."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["client", "server", "event", "unknown"]
# What happened beside the dialogue; "" where only the title tells.
Happening = Literal["", "connected", "tls", "closed", "lost", "swallowed"]

_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])|$)(?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?= |$))?")


@dataclass(frozen=True, slots=True)
class Piece:
    """`octets` is what went over the wire, without its line end; of an event the line as pasted.

    `number` counts the pasted lines from 1. `content`: the format itself says that this is part
    of a message. `title` and `why` are the format's own word on an event.
    """

    kind: Kind
    octets: bytes
    number: int
    happening: Happening = ""
    content: bool = False
    title: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """`more`: further lines of the same reply follow."""

    code: int
    more: bool
    enhanced: str | None


def read_reply_line(octets: bytes) -> ReplyLine | None:
    found = _REPLY.match(octets)
    if found is None:
        return None
    enhanced = found[3].decode() if found[3] else None
    return ReplyLine(int(found[1]), found[2] == b"-", enhanced)


def piece(kind: Kind, text: str, number: int, happening: Happening = "") -> Piece:
    return Piece(kind, octets_of(text), number, happening)


def event(number: int, text: str, title: str, why: str, happening: Happening = "") -> Piece:
    return Piece("event", octets_of(text), number, happening, title=title, why=why)


def octets_of(text: str) -> bytes:
    """Lone surrogates, which no wire can have carried, become question marks."""
    return text.encode("utf-8", "replace")
