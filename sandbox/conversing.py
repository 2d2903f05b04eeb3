"""The session log: what the engine reports becomes rows, and rows become a session again.

Keys of a row's `data`; those that would be empty are left out:
  in    event "line" (verb, early) or "content" (early, end)
  out   event "reply": rule, code, enhanced, case, states [before, after]
  fact  event: the name of the Fact
  note  event "violation" or "notice": rule, case, states; "accepted": sender, recipients,
        queue_id, size (octets); "close": rule, graceful
"""

import json
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from accounts.models import Learner

from .models import SandboxEvent, SandboxSession
from .smtp import (
    ENGINE_VERSION,
    PROFILES,
    Close,
    ContentIn,
    Event,
    Fact,
    LineIn,
    MessageAccepted,
    Notice,
    Reply,
    Row,
    Session,
    State,
    Violation,
    replay,
)

CONTENT_ROW_OCTETS = 65_536
EVENTS_PER_SESSION = 10_000


class Told(dict[str, Any]):
    """The `data` of a row. Many rows share one, so it is never changed and encoded once."""

    @cached_property
    def encoded(self) -> str:
        return json.dumps(self)


class Entry(NamedTuple):
    """A row before it is stored: the columns of SandboxEvent."""

    seq: int
    direction: str
    at_us: int
    octets: bytes
    data: Told


@dataclass(slots=True)
class Conversation:
    """A session row and its engine. `rows` are stored; what happens now waits in `unwritten`."""

    session: SandboxSession
    engine: Session
    rows: list[SandboxEvent] = field(default_factory=list)
    unwritten: list[Entry] = field(default_factory=list)
    last_seq: int = 0

    @property
    def ended(self) -> bool:
        return self.engine.state is State.CLOSED

    def open(self, at: int) -> list[Event]:
        return self._log(self.engine.open(at=at), at)

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        if self.last_seq >= EVENTS_PER_SESSION:
            return self.meet(Fact.SHUTDOWN, at=at)
        return self._log(self.engine.receive(octets, at=at), at)

    def meet(self, fact: Fact, *, at: int) -> list[Event]:
        """A tick that changes nothing leaves no row."""
        events = self.engine.answer(fact, at=at)
        if events or fact is not Fact.TICK:
            self._add("fact", at, told(event=str(fact)))
        return self._log(events, at)

    def take_unwritten(self) -> list[SandboxEvent]:
        return [
            SandboxEvent(session=self.session, **entry._asdict()) for entry in self.take_entries()
        ]

    def take_entries(self) -> list[Entry]:
        entries, self.unwritten = self.unwritten, []
        return entries

    def _log(self, events: list[Event], at: int) -> list[Event]:
        run = bytearray()  # content goes into rows as it arrived, not line by line
        early = False
        for event in events:
            if isinstance(event, ContentIn) and not event.end:
                early = event.early if not run else early
                run += event.octets
                if len(run) > CONTENT_ROW_OCTETS - 4096:
                    self._add_content(run, at, early=early)
                continue
            self._add_content(run, at, early=early)
            if row := row_of(event):
                direction, octets, data = row
                self._add(direction, at, data, octets)
        self._add_content(run, at, early=early)
        return events

    def _add_content(self, run: bytearray, at: int, *, early: bool) -> None:
        if run:
            self._add("in", at, told(event="content", early=early), bytes(run))
            run.clear()

    def _add(self, direction: str, at: int, data: Told, octets: bytes = b"") -> None:
        self.last_seq += 1
        self.unwritten.append(Entry(self.last_seq, direction, at, octets, data))


def row_of(event: Event) -> tuple[str, bytes, Told] | None:
    """Direction, octets and data; None for what other rows already tell."""
    match event:
        case LineIn():
            return "in", event.octets, told(event="line", verb=event.verb, early=event.early)
        case ContentIn():
            return "in", event.octets, told(event="content", early=event.early, end=event.end)
        case Reply():
            data = told(
                event="reply",
                rule=event.rule,
                code=event.code,
                states=(event.state, event.after),
                enhanced=event.enhanced,
                case=event.case,
            )
            return "out", event.octets, data
        case Violation() | Notice():
            data = told(
                event="violation" if isinstance(event, Violation) else "notice",
                rule=event.rule,
                states=(event.state, event.state),
                case=event.case,
            )
            return "note", event.octets, data
        case MessageAccepted():
            envelope = event.envelope
            data = Told(
                event="accepted",
                sender=envelope.sender,
                recipients=[recipient.address for recipient in envelope.recipients],
                queue_id=event.queue_id,
                size=len(event.content),
            )
            return "note", b"", data
        case Close():
            data = Told(event="close", rule=event.rule, graceful=event.graceful)
            return "note", b"", data
    return None


@lru_cache(maxsize=2048)
def told(*, states: tuple[State, State] | None = None, **data: Any) -> Told:
    """Of what is told again and again: the same keys and values are the same object. What is
    empty is left out."""
    if states:
        data["states"] = [str(state) for state in states]
    return Told({key: value for key, value in data.items() if value})


def replay_row(row: SandboxEvent) -> Row:
    return Row(
        direction=row.direction,
        at_us=row.at_us,
        octets=bytes(row.octets),
        early=row.data.get("early", False),
        fact=row.data["event"] if row.direction == "fact" else "",
    )


def new_session(
    channel: str, *, peer: str, profile: str = "modern", learner: Learner | None = None
) -> SandboxSession:
    """Not stored yet. 2525 and the console stand for port 25."""
    return SandboxSession(
        channel=channel,
        learner=learner,
        profile=PROFILES[profile].name,
        nominal_port=25,
        peer=peer,
        engine_version=ENGINE_VERSION,
    )


def begin(session: SandboxSession) -> Conversation:
    return Conversation(session, Session(session.engine_profile, session.facts))


def load(session: SandboxSession) -> Conversation:
    """One query."""
    rows = list(session.events.order_by("seq"))
    engine = replay(map(replay_row, rows), session.engine_profile, session.facts)
    return Conversation(session, engine, rows, last_seq=rows[-1].seq if rows else 0)
