"""One SMTP connection of the listener: from octets to events, and what follows from them."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from .. import live
from ..conversing import Conversation, begin, new_session
from ..smtp import (
    LAB_DIRECTORY,
    Answer,
    AuthStep,
    Close,
    Event,
    Fact,
    LineIn,
    MessageAccepted,
    Need,
    Reply,
    State,
    TlsResult,
)
from .claiming import Introduction
from .doors import Door
from .outbox import SECOND_US, Outbox
from .proxying import peer_of
from .securing import HANDSHAKE, TlsLayer

if TYPE_CHECKING:
    from .listener import Listener

log = structlog.get_logger(__name__)

HANDSHAKE_US = 30 * SECOND_US
CONTENT_GRACE_US = 10 * SECOND_US  # from then on content has to come at a rate
FLOW_OCTETS = 4_096  # of content in one read: there is more to come,
GATHER_SECONDS = 0.001  # and it costs less to take it in few large reads


class Connection(asyncio.Protocol):
    """While the client does not take its replies, nothing is read."""

    __slots__ = (
        "_began",
        "_client",
        "_content_since",
        "_conversation",
        "_door",
        "_ended",
        "_introduction",
        "_is_mid_line",
        "_is_refused",
        "_listener",
        "_lost",
        "_most_octets",
        "_most_rows",
        "_n_octets",
        "_outbox",
        "_peer",
        "_shake_until",
        "_topic",
        "_transport",
    )

    _transport: asyncio.Transport
    _outbox: Outbox
    _conversation: Conversation

    def __init__(self, listener: "Listener", door: Door, client: str | None = None) -> None:
        """`client`: its address, if it is not that of the transport."""
        self._listener = listener
        self._door = door
        self._client = client
        self._n_octets = 0
        self._content_since: tuple[int, int] | None = None  # time and octets at its beginning
        self._shake_until: int | None = None
        self._is_refused = False
        self._is_mid_line = False
        self._ended = False
        self._lost = False

    @property
    def session_uuid(self) -> UUID:
        return self._conversation.session.uuid

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods but not the base class of asyncio's.
        self._transport = transport = cast(asyncio.Transport, transport)
        self._peer = self._client or peer_of(transport)
        self._began = time.monotonic_ns()
        if refusal := self._listener.admit(self, self._peer):
            self._is_refused = True
            if not self._door.implicit_tls:
                transport.write(f"421 {LAB_DIRECTORY.host} {refusal}\r\n".encode("ascii"))
            transport.close()
            return
        self._most_octets = settings.SANDBOX_SESSION_OCTETS
        self._most_rows = settings.SANDBOX_SESSION_EVENTS
        self._outbox = Outbox(transport, self._listener.loop, self._all_said)
        session = new_session(
            "tcp",
            peer=self._peer,
            profile=self._door.profile,
            nominal_port=self._door.nominal_port,
        )
        self._topic = str(session.uuid)
        self._listener.committer.begin(session)
        self._conversation = begin(session)
        self._introduction = Introduction(session, self._listener.look_up, self._claim)
        if self._door.implicit_tls:
            self._expect_handshake()
        else:
            self._react(self._conversation.open)

    def data_received(self, octets: bytes) -> None:
        if self._is_refused:
            return
        self._n_octets += len(octets)
        if self._outbox.is_leaving:
            if self._n_octets > self._most_octets:
                self._transport.abort()  # what is dropped unread costs time too
        elif self._n_octets > self._most_octets or self._conversation.last_seq >= self._most_rows:
            self.shut_down(Fact.LIMIT)
        elif (tls := self._outbox.tls) is None:
            self._hear(octets)
        elif tls.is_established:
            self._decrypt(tls, octets)
        else:
            self._shake(tls, octets)

    def eof_received(self) -> bool:
        """True keeps the connection until the replies still owed have left."""
        if self._is_refused:
            return False
        self._outbox.flush()
        self._outbox.client_is_done = True
        return bool(self._outbox) and not self._outbox.is_leaving

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._outbox.drained()

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_refused:
            return
        self._outbox.is_leaving = True
        self._outbox.drop()
        if not self._ended:
            self._conversation.meet(Fact.EOF, at=self._now())
            self._record([])
            self._end()
        self._listener.forget(self, self._peer)
        del self._outbox, self._introduction  # they refer back: no work for the collector

    # What the listener calls

    def tick(self) -> None:
        now = self._now()
        deadline = self._conversation.engine.deadline
        if self._shake_until is not None and now >= self._shake_until:
            self._secure(TlsResult(failure="handshake"))
        elif self._is_too_slow(now):
            self.shut_down(Fact.LIMIT)
        elif not self._outbox.is_held and deadline is not None and now >= deadline:
            self._react(self._conversation.meet, Fact.TICK)

    def shut_down(self, why: Fact = Fact.SHUTDOWN) -> None:
        if self._shake_until is not None:
            self._secure(TlsResult(failure="handshake"))  # no 421 can be said into a handshake
        elif not self._conversation.ended:
            self._react(self._conversation.meet, why)

    def lose(self) -> None:
        """Rows of this session could not be stored, so no later ones are."""
        self._lost = True
        self.abort()

    def abort(self) -> None:
        self._outbox.drop()
        self._transport.abort()

    # From octets to events

    def _hear(self, octets: bytes) -> None:
        self._is_mid_line = not octets.endswith(b"\n")
        self._react(self._conversation.receive, octets)
        is_flowing = len(octets) >= FLOW_OCTETS and not self._outbox
        if is_flowing and self._conversation.engine.state is State.CONTENT:
            self._transport.pause_reading()
            self._listener.loop.call_later(GATHER_SECONDS, self._read_on)

    def _read_on(self) -> None:
        if not (self._transport.is_closing() or self._outbox.is_held):
            self._transport.resume_reading()

    def _expect_handshake(self) -> None:
        self._outbox.tls = TlsLayer(self._listener.tls_context)
        self._shake_until = self._now() + HANDSHAKE_US

    def _shake(self, tls: TlsLayer, octets: bytes) -> None:
        if not tls.has_begun and not octets.startswith(HANDSHAKE):
            if self._door.implicit_tls:
                self._secure(TlsResult(failure="plain"))
            else:  # plain text behind STARTTLS: the engine shows it and hangs up
                self._outbox.tls = self._shake_until = None
                self._hear(octets)
            return
        tls.take(octets)
        result = tls.shake()
        self._outbox.send(tls.to_send())
        if result:
            self._secure(result)
            if tls.is_established:
                self._decrypt(tls, b"")  # what came right behind the handshake

    def _secure(self, result: TlsResult) -> None:
        self._shake_until = None
        self._answer(result)
        if not result.failure and self._door.implicit_tls:
            self._react(self._conversation.open)

    def _decrypt(self, tls: TlsLayer, octets: bytes) -> None:
        tls.take(octets)
        try:
            plain, is_over = tls.read()
        except ssl.SSLError:
            self.abort()
            return
        if rest := tls.to_send():  # a key update, an alert
            self._outbox.send(rest)
        if plain:
            self._hear(plain)
        if is_over and not self._outbox.is_leaving and not self.eof_received():
            self._outbox.hang_up()

    def _is_too_slow(self, now: int) -> bool:
        """Whether content drips in at less than the rate it has to come at. Whole lines may take
        their time: somebody types them."""
        if self._conversation.engine.state is not State.CONTENT or not self._is_mid_line:
            self._content_since = None
            return False
        if self._content_since is None:
            self._content_since = now, self._n_octets
        began, n_octets = self._content_since
        took = now - began
        least = settings.SANDBOX_CONTENT_RATE * took // SECOND_US
        return took > CONTENT_GRACE_US and self._n_octets - n_octets < least

    def _now(self) -> int:
        return (time.monotonic_ns() - self._began) // 1000

    def _react(self, step: Callable[..., list[Event]], *given: bytes | Answer) -> None:
        at = self._now()
        try:
            events = step(*given, at=at)
        except Exception:  # one client's bad luck, never the listener's
            log.exception("sandbox_session_failed", session=str(self.session_uuid))
            events = self._conversation.meet(Fact.FAILED, at=at)
        self._record(events)
        if self._conversation.ended:
            self._end()
        self._outbox.pump()

    def _answer(self, fact: Answer) -> None:
        if self._conversation.ended:
            return
        self._react(self._conversation.meet, fact)

    def _record(self, events: list[Event]) -> None:
        """Who watches sees the rows at once, before they are stored."""
        committer = self._listener.committer
        self._store_rows()
        if committer.is_behind:
            self._outbox.add(committer.stored())
        for event in events:
            if follow_up := _FOLLOW_UPS.get(type(event)):
                follow_up(self, event)

    def _owe(self, item: Reply | Close) -> None:
        self._outbox.add(item)

    def _await_commit(self, message: MessageAccepted) -> None:
        # The 250 behind it takes over responsibility (RFC 5321 section 4.2.5).
        self._outbox.add(self._listener.committer.stored())

    def _hear_name(self, line: LineIn) -> None:
        if line.verb in ("EHLO", "HELO"):
            self._introduction.hear_name(line.octets)

    def _all_said(self) -> None:
        self._conversation.engine.sent(at=self._now())

    def _store_rows(self) -> None:
        entries = self._conversation.take_entries()
        if entries and not self._lost:
            self._listener.committer.append(self._conversation.session, entries)
            live.publish_rows(self._topic, entries)

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._conversation.session.ended_at = timezone.now()
            self._listener.committer.end(self._conversation.session)

    # What the engine asks for

    def _meet_need(self, need: Need) -> None:
        if need.kind == "tls":
            self._expect_handshake()
        elif need.kind == "token":
            self._introduction.hear_recipient(need.subject, self._answer)
        else:
            may_log_in = self._listener.turnstile.may_log_in(self._peer)
            self._introduction.hear_user(need.subject, self._answer, may_log_in=may_log_in)

    def _hear_login(self, step: AuthStep) -> None:
        if step.verdict == "ok":
            self._introduction.trust(step.user)
        elif step.verdict == "auth.bad":
            self._listener.turnstile.count_failed_login(self._peer)

    def _claim(self, learner_id: int, by: str) -> None:
        session = self._conversation.session
        session.learner_id = learner_id
        self._conversation.note_fact(self._now(), event="claimed", by=by)
        self._store_rows()
        self._listener.committer.claim(session)


_FOLLOW_UPS: Mapping[type, Callable[[Connection, Any], None]] = MappingProxyType(
    {
        Reply: Connection._owe,
        Close: Connection._owe,
        MessageAccepted: Connection._await_commit,
        LineIn: Connection._hear_name,
        AuthStep: Connection._hear_login,
        Need: Connection._meet_need,
    }
)
