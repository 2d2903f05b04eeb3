"""A session brought back from its log."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .facts import Facts
from .faults import NO_FAULTS, FaultPlan
from .profiles import Profile
from .session import Answer, Session

Direction = Literal["in", "out", "fact", "note"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log as far as replay needs it.

    `in`: the octets of a LineIn, or of one or more ContentIn or ChunkIn joined; of a masked line
    `verdict` says how it went, as in `Session.recall`. `fact`: `answer` is what the host said.
    `out` and `note` rows follow from the others. Two matter: the first `out`, which is the
    greeting, and the `note` of the end, `closes` being its rule: not all that brings an end about
    is in the log.
    """

    direction: Direction
    at_us: int
    octets: bytes = b""
    early: bool = False
    answer: Answer | None = None
    verdict: str = ""
    mechanism: str = ""
    user: str = ""
    closes: str = ""


def replay(
    rows: Iterable[Row], profile: Profile, facts: Facts, plan: FaultPlan = NO_FAULTS
) -> Session:
    """State after the rows: each `in` row goes in whole, behind a sent mark unless it is early.

    A chunk belongs to the line in front of it, so it has no mark of its own: its rows are early.
    """
    session = Session(profile, facts, plan)
    opened = False
    for row in rows:
        if row.direction == "out" and not opened:
            session.open(at=row.at_us)
            opened = True
        elif row.direction == "in":
            if not row.early:
                session.sent(at=row.at_us)
            if row.verdict:
                session.recall(
                    row.octets,
                    mechanism=row.mechanism,
                    verdict=row.verdict,
                    user=row.user,
                    early=row.early,
                    at=row.at_us,
                )
            else:
                session.receive(row.octets, at=row.at_us)
        elif row.direction == "fact" and row.answer is not None:
            session.answer(row.answer, at=row.at_us)
        elif row.closes:
            session.hang_up(row.closes, at=row.at_us)
    return session
