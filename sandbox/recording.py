"""Console sessions: what is said is replayed up to, answered and recorded, in one request.

Nothing is held between requests, so any web process can take the next line.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Learner

from . import live
from .console_tls import server_context, shake_hands
from .conversing import Conversation, begin, load, new_session
from .dialogues import Encrypt, Wait, Write, parse_dialogue
from .models import SandboxEvent, SandboxSession, SandboxToken
from .smtp import Answer, CredentialResult, Event, Fact, Need, State, TokenResult
from .spelling import split_lines

CONSOLE_PEER = "192.0.2.10"  # an address for examples (RFC 5737): the browser's own is not kept
OPEN_CONSOLES_PER_LEARNER = 20
DOT_LINE = b".\r\n"
IMPLICIT_TLS_PORT = 465
SECOND_US = 1_000_000


class SessionEnded(Exception):
    """The connection is closed; nothing more can be said in it."""


class SessionBusy(Exception):
    """Somebody else wrote to the session at the same moment, twice."""


class NoMessageDue(Exception):
    """A message was sent where the server waits for a command, as a double click does."""


def open_console(
    learner: Learner, *, profile: str = "modern", fault_plan: str = "", nominal_port: int = 25
) -> SandboxSession:
    session = new_session(
        "console",
        peer=CONSOLE_PEER,
        profile=profile,
        nominal_port=nominal_port,
        fault_plan=fault_plan,
        learner=learner,
    )
    return open_session(session).session


def open_session(session: SandboxSession) -> Conversation:
    """Stores a console session with its greeting."""
    conversation = greet(session)
    _store_new(conversation)
    return conversation


def greet(session: SandboxSession) -> Conversation:
    """Nothing is stored yet. On port 465 TLS comes first."""
    conversation = begin(session)
    if session.nominal_port == IMPLICIT_TLS_PORT:
        conversation.meet(shake_hands(server_context()), at=0)
    conversation.open(at=0)
    return conversation


def play_dialogue(
    dialogue_text: str, profile: str, learner: Learner, *, nominal_port: int = 25
) -> SandboxSession:
    """A console session in which the client's side of the dialogue has been said.

    It stays open where the dialogue does not end it, so that the learner can go on. Raises
    DialogueError.
    """
    steps = parse_dialogue(dialogue_text).steps
    if isinstance(steps[0], Encrypt):
        nominal_port = IMPLICIT_TLS_PORT
    session = new_session(
        "console",
        peer=CONSOLE_PEER,
        profile=profile,
        nominal_port=nominal_port,
        learner=learner,
    )
    conversation = greet(session)
    at = 0
    for step in steps:
        if isinstance(step, Write):
            _write(conversation, step.octets, at=at)
        elif isinstance(step, Wait):
            at += step.seconds * SECOND_US
            conversation.note_fact(at, event="clock", seconds=step.seconds)
            conversation.meet(Fact.TICK, at=at)
    _store_new(conversation)
    return session


def send_lines(session: SandboxSession, text: str) -> Conversation:
    """Says the lines one after the other, each behind the reply to the one before."""
    lines = split_lines(text)
    return _speak(session, lambda conversation, at: say(conversation, lines, at=at))


def send_octets(session: SandboxSession, octets: bytes) -> Conversation:
    """One write, as it stands: what is behind the first line does not wait for its reply."""
    return _speak(session, lambda conversation, at: _write(conversation, octets, at=at))


def send_message(session: SandboxSession, text: str) -> Conversation:
    """Says the lines of a message as they stand, and the dot line if it is not there."""
    lines = split_lines(text)
    if lines[-1] != DOT_LINE:
        lines.append(DOT_LINE)

    def say_message(conversation: Conversation, at: int) -> None:
        if conversation.engine.state is not State.CONTENT:
            raise NoMessageDue
        say(conversation, lines, at=at)

    return _speak(session, say_message)


def _speak(session: SandboxSession, act: Callable[[Conversation, int], None]) -> Conversation:
    """Of two posts at once the unique key (session, seq) lets one through; the other looks again
    at what has been said and speaks after it."""
    for _attempt in range(2):
        conversation = load(session)
        if conversation.ended or not conversation.rows:  # no rows: deleted in the meantime
            raise SessionEnded
        act(conversation, _elapsed_us(conversation, timezone.now()))
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
        _write(conversation, b"".join(write), at=at)


def _write(conversation: Conversation, octets: bytes, *, at: int) -> None:
    conversation.engine.sent(at=at)
    needs = _needs(conversation.receive(octets, at=at))
    while needs:
        answer = _supply(needs.popleft(), conversation.session)
        needs += _needs(conversation.meet(answer, at=at))


def _needs(events: Iterable[Event]) -> deque[Need]:
    return deque(event for event in events if isinstance(event, Need))


def _supply(need: Need, session: SandboxSession) -> Answer:
    """Tokens of others are as good as none here."""
    if need.kind == "tls":
        return shake_hands(server_context())
    own = SandboxToken.objects.valid().filter(learner=session.learner, value=need.subject)
    if need.kind == "token":
        return TokenResult(known=own.exists())
    return CredentialResult(need.subject if own.exists() else None)


def move_clock(session: SandboxSession, seconds: int) -> Conversation:
    """Lets time pass in the session, and with it what the server waits for."""

    def pass_time(conversation: Conversation, at: int) -> None:
        later = at + seconds * SECOND_US
        conversation.note_fact(later, event="clock", seconds=seconds)
        conversation.meet(Fact.TICK, at=later)

    return _speak(session, pass_time)


def wait_after(session: SandboxSession, seconds: int) -> None:
    """Lets time pass behind the end of a session, before the next of its run begins."""
    conversation = load(session)
    later = _elapsed_us(conversation, timezone.now()) + seconds * SECOND_US
    conversation.note_fact(later, event="clock", seconds=seconds)
    _store(conversation)


def _elapsed_us(conversation: Conversation, now: datetime) -> int:
    elapsed = (now - conversation.session.started_at) // timedelta(microseconds=1)
    moved = sum(row.data["seconds"] for row in conversation.rows if row.data["event"] == "clock")
    return max(elapsed + moved * SECOND_US, conversation.rows[-1].at_us)


def _store_new(conversation: Conversation) -> None:
    _make_room(conversation.session.learner)
    with transaction.atomic():
        conversation.session.save(force_insert=True)
        _store(conversation)


def _make_room(learner: Learner) -> None:
    """Hangs up in the learner's oldest consoles where there are as many as one may have open."""
    consoles = learner.sandbox_sessions.open().filter(channel="console").order_by("-pk")
    for session in consoles[OPEN_CONSOLES_PER_LEARNER - 1 :]:
        hang_up(session)


def hang_up(session: SandboxSession) -> None:
    """The client's side of a console goes away without a word."""
    conversation = load(session)
    conversation.meet(Fact.EOF, at=_elapsed_us(conversation, timezone.now()))
    with contextlib.suppress(IntegrityError):  # somebody speaks there right now: let it be
        _store(conversation)


def _store(conversation: Conversation) -> None:
    """Raises IntegrityError where somebody else has said something in between."""
    session = conversation.session
    rows = conversation.take_unwritten()
    with transaction.atomic():
        SandboxEvent.objects.bulk_create(rows)
        if conversation.ended and session.ended_at is None:
            session.ended_at = timezone.now()
            session.save(update_fields=["ended_at"])
        transaction.on_commit(
            lambda: live.publish_rows(session.uuid, rows, ended=conversation.ended)
        )
    conversation.rows += rows
