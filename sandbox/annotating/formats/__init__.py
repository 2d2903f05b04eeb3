"""The formats that can be read, and how one is told from another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..pieces import Piece
from ..records import Record
from . import (
    bounce,
    curl,
    exchange,
    notation,
    postfix,
    python_debug,
    replies,
    swaks,
    tracking,
    typed,
)

_LOOKED_AT = 400  # lines


@dataclass(frozen=True, slots=True)
class Format:
    """`matches` says whether one line bears this format's mark. A dialogue is read into pieces,
    a log of deliveries into records: one of the two is there. A format of last resort is
    tried where no line bears the mark of another."""

    name: str
    title: str
    matches: Callable[[str], bool]
    pieces: Callable[[list[str]], Iterator[Piece]] | None = None
    records: Callable[[list[str]], Iterator[Record]] | None = None
    is_last_resort: bool = False

    @property
    def is_log(self) -> bool:
        return self.records is not None


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("notation", "C: and S:, as in RFCs and in exports of this site", notation.matches,
               notation.read),
        Format("swaks", "swaks", swaks.matches, swaks.read),
        Format("curl", "curl -v", curl.matches, curl.read),
        Format("smtplib", "Python smtplib with set_debuglevel", python_debug.matches,
               python_debug.read),
        Format("s_client", "openssl s_client", typed.matches_s_client, typed.read_s_client),
        Format("typed", "telnet, nc, or a dialogue without marks", typed.matches, typed.read),
        Format("postfix", "Postfix log", postfix.matches, records=postfix.read),
        Format("exchange", "Exchange protocol log", exchange.matches, exchange.read),
        Format("tracking", "Exchange message tracking, Microsoft 365 message trace",
               tracking.matches, records=tracking.read),
        Format("bounce", "Bounce (non-delivery report)", bounce.matches, records=bounce.read),
        Format("replies", "A reply by itself, as quoted in a mail or a ticket", replies.matches,
               records=replies.read, is_last_resort=True),
    )
}  # fmt: skip


def detect(lines: list[str]) -> Format | None:
    """The format whose marks most lines bear; the earlier one where two tie. What bears none may
    still be a dialogue without marks."""
    looked_at = [line for line in lines[:_LOOKED_AT] if line.strip()]
    best, most = None, 0
    for each in FORMATS.values():
        n_marked = 0 if each.is_last_resort else sum(map(each.matches, looked_at))
        if n_marked > most:
            best, most = each, n_marked
    if best is None and typed.reads_like_one(looked_at):
        return FORMATS["typed"]
    last = (each for each in FORMATS.values() if each.is_last_resort)
    return best or next((each for each in last if any(map(each.matches, looked_at))), None)
