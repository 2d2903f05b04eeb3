"""The session log: what the engine reports becomes rows, and rows become a session again.

Keys of a row's `data`; those that would be empty are left out:
  in    event "line" (verb, early) or "content" (early, end)
  out   event "reply": rule, code, enhanced, case, states [before, after]
  fact  event: the name of the Fact
  note  event "violation" or "notice": rule, case, states; "accepted": sender, recipients,
        queue_id, size (octets); "close": rule, graceful
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Learner

from . import live
from .dialogues import Wait, Write, parse_dialogue
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

CONSOLE_PEER = "192.0.2.10"  # an address for examples (RFC 5737): the browser's own is not kept
CONTENT_ROW_OCTETS = 65_536
EVENTS_PER_SESSION = 10_000
DOT_LINE = b".\r\n"
OPEN_CONSOLES_PER_LEARNER = 20


class SessionEnded(Exception):
    """The connection is closed; nothing more can be said in it."""


class SessionBusy(Exception):
    """Somebody else wrote to the session at the same moment, twice."""


class NoMessageDue(Exception):
    """A message was sent where the server waits for a command, as a double click does."""


class TooManyOpen(Exception):
    """The learner has as many open consoles as one may have."""


@dataclass(slots=True)
class Conversation:
    """A session row and its engine. `rows` are stored; what happens now waits in `unwritten`."""

    session: SandboxSession
    engine: Session
    rows: list[SandboxEvent] = field(default_factory=list)
    unwritten: list[SandboxEvent] = field(default_factory=list)
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
            self._add("fact", at, {"event": str(fact)})
        return self._log(events, at)

    def take_unwritten(self) -> list[SandboxEvent]:
        rows, self.unwritten = self.unwritten, []
        return rows

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
            self._add("in", at, {"event": "content", **_told(early=early)}, bytes(run))
            run.clear()

    def _add(self, direction: str, at: int, data: dict[str, Any], octets: bytes = b"") -> None:
        self.last_seq += 1
        self.unwritten.append(
            SandboxEvent(
                session=self.session,
                seq=self.last_seq,
                direction=direction,
                at_us=at,
                octets=octets,
                data=data,
            )
        )


def row_of(event: Event) -> tuple[str, bytes, dict[str, Any]] | None:
    """Direction, octets and data; None for what other rows already tell."""
    match event:
        case LineIn():
            return (
                "in",
                event.octets,
                {"event": "line", **_told(verb=event.verb, early=event.early)},
            )
        case ContentIn():
            told = _told(early=event.early, end=event.end)
            return "in", event.octets, {"event": "content", **told}
        case Reply():
            told = _told(enhanced=event.enhanced, case=event.case)
            states = [str(event.state), str(event.after)]
            data = {"event": "reply", "rule": event.rule, "code": event.code, "states": states}
            return "out", event.octets, {**data, **told}
        case Violation() | Notice():
            kind = "violation" if isinstance(event, Violation) else "notice"
            states = [str(event.state)] * 2
            data = {"event": kind, "rule": event.rule, "states": states, **_told(case=event.case)}
            return "note", event.octets, data
        case MessageAccepted():
            envelope = event.envelope
            data = {
                "event": "accepted",
                "sender": envelope.sender,
                "recipients": [recipient.address for recipient in envelope.recipients],
                "queue_id": event.queue_id,
                "size": len(event.content),
            }
            return "note", b"", data
        case Close():
            return "note", b"", {"event": "close", "rule": event.rule, "graceful": event.graceful}
    return None


def _told(**data: Any) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}


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


def open_console(learner: Learner, *, profile: str = "modern") -> SandboxSession:
    if learner.sandbox_sessions.open().count() >= OPEN_CONSOLES_PER_LEARNER:
        raise TooManyOpen
    conversation = begin(_console(learner, profile))
    conversation.open(at=0)
    _store_new(conversation)
    return conversation.session


def play_dialogue(dialogue_text: str, profile: str, learner: Learner) -> SandboxSession:
    """A console session in which the client's side of the dialogue has been said.

    It stays open where the dialogue does not end it, so that the learner can go on. Raises
    DialogueError.
    """
    conversation = begin(_console(learner, profile))
    conversation.open(at=0)
    at = 0
    for step in parse_dialogue(dialogue_text).steps:
        if isinstance(step, Write):
            conversation.engine.sent(at=at)
            conversation.receive(step.octets, at=at)
        elif isinstance(step, Wait):
            at += step.seconds * 1_000_000
            conversation.meet(Fact.TICK, at=at)
    _store_new(conversation)
    return conversation.session


def _console(learner: Learner, profile: str) -> SandboxSession:
    return new_session("console", peer=CONSOLE_PEER, profile=profile, learner=learner)


def send_lines(session: SandboxSession, text: str) -> Conversation:
    """Says the lines one after the other, each behind the reply to the one before."""
    return _send(session, split_lines(text))


def send_message(session: SandboxSession, text: str) -> Conversation:
    """Says the lines of a message as they stand, and the dot line if it is not there."""
    lines = split_lines(text)
    if lines[-1] != DOT_LINE:
        lines.append(DOT_LINE)
    return _send(session, lines, is_message=True)


def split_lines(text: str) -> list[bytes]:
    """Lines with CRLF, whatever ended them in the form; a line end at the very end opens none."""
    lines = re.split(r"\r\n|\r|\n", text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return [line.encode() + b"\r\n" for line in lines]


def _send(session: SandboxSession, lines: list[bytes], *, is_message: bool = False) -> Conversation:
    """Of two posts at once the unique key (session, seq) lets one through; the other looks again
    at what has been said and speaks after it."""
    for _attempt in range(2):
        conversation = load(session)
        if conversation.ended or not conversation.rows:  # no rows: deleted in the meantime
            raise SessionEnded
        if is_message and conversation.engine.state is not State.CONTENT:
            raise NoMessageDue
        say(conversation, lines, at=_elapsed_us(conversation, timezone.now()))
        try:
            _store(conversation)
        except IntegrityError:
            continue
        return conversation
    raise SessionBusy


def say(conversation: Conversation, lines: Sequence[bytes], *, at: int) -> None:
    """Each line arrives after the reply to the one before has left; content, which has no reply
    but at its end, arrives as one."""
    waiting = deque(lines)
    while waiting and not conversation.ended:
        write = [waiting.popleft()]
        while waiting and conversation.engine.state is State.CONTENT and write[-1] != DOT_LINE:
            write.append(waiting.popleft())
        conversation.engine.sent(at=at)
        conversation.receive(b"".join(write), at=at)


def _elapsed_us(conversation: Conversation, now: datetime) -> int:
    elapsed = (now - conversation.session.started_at) // timedelta(microseconds=1)
    return max(elapsed, conversation.rows[-1].at_us)


def _store_new(conversation: Conversation) -> None:
    with transaction.atomic():
        conversation.session.save(force_insert=True)
        _store(conversation)


def _store(conversation: Conversation) -> None:
    """Raises IntegrityError where somebody else has said something in between."""
    session = conversation.session
    rows = conversation.take_unwritten()
    with transaction.atomic():
        SandboxEvent.objects.bulk_create(rows)
        if conversation.ended:
            session.ended_at = timezone.now()
            session.save(update_fields=["ended_at"])
        transaction.on_commit(
            lambda: live.publish_rows(session.uuid, rows, ended=conversation.ended)
        )
    conversation.rows += rows
