"""Dialogues of a lab file, said to the lab's server in memory: what a learner would have done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..log.logbook import Entry, Logbook
from ..proving import DialogueError, parse_dialogue, say
from ..smtp import FAULTS, NO_FAULTS, Answer, Event, Fact, Session, lab_facts
from .grading import grade
from .hearing import Recording, SessionLog, listen
from .lab import LabFile, LabServer
from .serving import facts_for

_CONNECT = re.compile(r"^E: connect(?: (\d+))?[ \t]*\n", re.MULTILINE)


class RecordedSession:
    """A session that writes down what a stored one would have in its log."""

    def __init__(self, server: LabServer, port: int, recording: Recording, began_us: int) -> None:
        facts = lab_facts(nominal_port=port)
        facts = replace(facts, started=facts.started + began_us)
        facts = facts_for(server, facts, recording, began_us=began_us)
        plan = FAULTS.get(server.fault, NO_FAULTS)
        self._log = Logbook(Session(server.profile, facts, plan))
        self.at_us = 0

    @property
    def rows(self) -> list[Entry]:
        return self._log.unwritten

    def open(self, *, at: int) -> list[Event]:
        return self._log.open(at)

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        self.at_us = at
        return self._log.receive(octets, at=at)

    def sent(self, *, at: int) -> None:
        self._log.engine.sent(at=at)

    def answer(self, fact: Answer, *, at: int) -> list[Event]:
        self.at_us = at
        return self._log.meet(fact, at=at)

    def tick(self, *, at: int) -> list[Event]:
        return self.answer(Fact.TICK, at=at)


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
