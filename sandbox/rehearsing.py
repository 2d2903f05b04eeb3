"""Dialogues of a lab file, said to the lab's server in memory: what a learner would have done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .conversing import row_of
from .grading import grade
from .hearing import Recording, SessionLog, listen
from .lab_serving import facts_for
from .labs import LabFile, LabServer
from .proving import DialogueError, parse_dialogue, say
from .smtp import Event, Fact, Session, lab_facts

_CONNECT = re.compile(r"^E: connect(?: (\d+))?[ \t]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RehearsedRow:
    """As a row of the log."""

    seq: int
    direction: str
    at_us: int
    octets: bytes
    data: dict[str, Any] = field(default_factory=dict)


class RecordedSession(Session):
    """A session that writes down what a stored one would have in its log."""

    __slots__ = ("at_us", "rows")

    def __init__(self, server: LabServer, port: int, recording: Recording, began_us: int) -> None:
        facts = lab_facts(nominal_port=port)
        facts = replace(facts, started=facts.started + began_us)
        super().__init__(server.profile, facts_for(server, facts, recording))
        self.rows: list[RehearsedRow] = []
        self.at_us = 0

    def open(self, *, at: int) -> list[Event]:
        return self._record(super().open(at=at), at)

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        return self._record(super().receive(octets, at=at), at)

    def answer(self, fact: Fact, *, at: int) -> list[Event]:
        self._add("fact", at, b"", {"event": str(fact)})
        return self._record(super().answer(fact, at=at), at)

    def tick(self, *, at: int) -> list[Event]:
        return self._record(super().tick(at=at), at)

    def _record(self, events: list[Event], at: int) -> list[Event]:
        for event in events:
            if row := row_of(event):
                direction, octets, data = row
                self._add(direction, at, octets, data)
        self.at_us = at
        return events

    def _add(self, direction: str, at: int, octets: bytes, data: dict[str, Any]) -> None:
        self.rows.append(RehearsedRow(len(self.rows) + 1, direction, at, octets, data))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`difference`: where the server did not say what is written, "" if it did throughout."""

    logs: tuple[SessionLog, ...]
    difference: str

    @property
    def recording(self) -> Recording:
        return listen(self.logs)


def rehearse(lab: LabFile, text: str) -> Rehearsal:
    """Raises DialogueError. Sessions are parted by `E: connect`, with a port if it is another."""
    logs: list[SessionLog] = []
    differences: list[str] = []
    now_us = 0
    for port, dialogue in _sessions(text, lab.server):
        session = RecordedSession(lab.server, port, listen(logs), now_us)
        difference, _ = say(parse_dialogue(dialogue), session)
        if difference:
            differences.append(f"session {len(logs) + 1}, {difference}")
        logs.append(SessionLog(session.rows, port, now_us))
        now_us += session.at_us
    return Rehearsal(tuple(logs), "; ".join(differences))


def _sessions(text: str, server: LabServer) -> Iterator[tuple[int, str]]:
    first, *others = _CONNECT.split(text)
    if first.strip():
        yield server.port, first
    for port, dialogue in zip(others[::2], others[1::2], strict=True):
        yield int(port or server.port), dialogue


def contradictions(lab: LabFile) -> list[str]:
    """Where the sessions of the file do not end as they promise."""
    found = []
    sessions = [("passing", lab.passing, "")]
    sessions += [
        (f"failing {number}", failing.dialogue, failing.because)
        for number, failing in enumerate(lab.failing, start=1)
    ]
    for name, text, because in sessions:
        try:
            rehearsal = rehearse(lab, text)
        except DialogueError as error:
            found.append(f"{name}: {error}")
            continue
        result = grade(rehearsal.recording, lab).because
        if rehearsal.difference:
            found.append(f"{name}: {rehearsal.difference}")
        elif result != because:
            found.append(f"{name}: fails for {result or 'nothing'!r}, not for {because!r}")
    return found
