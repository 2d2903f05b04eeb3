"""The formats that can be read, and how one is told from another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..pieces import Piece
from . import curl, notation, python_debug, swaks, typed

_LOOKED_AT = 400  # lines


@dataclass(frozen=True, slots=True)
class Format:
    """`matches` says whether one line bears this format's mark."""

    name: str
    title: str
    matches: Callable[[str], bool]
    read: Callable[[list[str]], Iterator[Piece]]


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
    )
}  # fmt: skip


def detect(lines: list[str]) -> Format | None:
    """The format whose marks most lines bear; the earlier one where two tie."""
    looked_at = [line for line in lines[:_LOOKED_AT] if line.strip()]
    best, most = None, 0
    for each in FORMATS.values():
        n_marked = sum(map(each.matches, looked_at))
        if n_marked > most:
            best, most = each, n_marked
    return best
