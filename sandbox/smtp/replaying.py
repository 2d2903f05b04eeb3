"""A session brought back from its log."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .events import Fact
from .facts import Facts
from .profiles import Profile
from .session import Session

Direction = Literal["in", "out", "fact", "note"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log as far as replay needs it.

    `in`: the octets of a LineIn, or of one or more ContentIn joined. `fact`: the name of a Fact.
    `out` and `note` rows follow from the others; only the first `out` matters, it is the greeting.
    """

    direction: Direction
    at_us: int
    octets: bytes = b""
    early: bool = False
    fact: str = ""


def replay(rows: Iterable[Row], profile: Profile, facts: Facts) -> Session:
    """State after the rows: each `in` row goes in whole, behind a sent mark unless it is early."""
    session = Session(profile, facts)
    opened = False
    for row in rows:
        if row.direction == "out" and not opened:
            session.open(at=row.at_us)
            opened = True
        elif row.direction == "in":
            if not row.early:
                session.sent(at=row.at_us)
            session.receive(row.octets, at=row.at_us)
        elif row.direction == "fact":
            session.answer(Fact(row.fact), at=row.at_us)
    return session
