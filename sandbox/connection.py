"""One SMTP connection of the listener: when to read, when to answer, when to hang up."""

import asyncio
import fcntl
import struct
import termios
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

import structlog
from django.utils import timezone

from . import live
from .conversing import Conversation, begin, new_session
from .smtp import LAB_DIRECTORY, Close, Event, Fact, MessageAccepted, Reply

if TYPE_CHECKING:
    from .listener import Listener

log = structlog.get_logger(__name__)

OCTETS_PER_SESSION = 8 * 1024 * 1024
LINGER_SECONDS = 2.0


class Connection(asyncio.Protocol):
    """What may leave stands in `_outbox`; a future there holds back what is behind it. While
    something is held back or the client does not take its replies, nothing is read."""

    _transport: asyncio.Transport
    _conversation: Conversation

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._outbox: deque[Reply | Close | asyncio.Future[None]] = deque()
        self._held = False
        self._timer: asyncio.TimerHandle | None = None
        self._mark_when_drained = False
        self._n_octets = 0
        self._client_is_done = False
        self._ended = False
        self._leaving = False
        self._lost = False

    @property
    def session_uuid(self) -> UUID:
        return self._conversation.session.uuid

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods but not the base class of asyncio's.
        self._transport = transport = cast(asyncio.Transport, transport)
        self._peer = (transport.get_extra_info("peername") or ["0.0.0.0"])[0]  # gone already
        self._began = time.monotonic_ns()
        if refusal := self._listener.admit(self, self._peer):
            self._ended = self._leaving = True
            transport.write(f"421 {LAB_DIRECTORY.host} {refusal}\r\n".encode("ascii"))
            transport.close()
            return
        self._descriptor = transport.get_extra_info("socket").fileno()
        transport.set_write_buffer_limits(high=0)  # so that resume_writing means: all has left
        session = new_session("tcp", peer=self._peer)
        self._topic = str(session.uuid)
        self._listener.committer.begin(session)
        self._conversation = begin(session)
        self._react(self._conversation.open)

    def data_received(self, octets: bytes) -> None:
        if self._leaving:
            return
        self._n_octets += len(octets)
        if self._n_octets > OCTETS_PER_SESSION:
            self.shut_down()
        else:
            self._react(lambda at: self._conversation.receive(octets, at=at))

    def tick(self) -> None:
        deadline = self._conversation.engine.deadline
        if not self._held and deadline is not None and self._now() >= deadline:
            self._react(lambda at: self._conversation.meet(Fact.TICK, at=at))

    def shut_down(self) -> None:
        if not self._conversation.ended:
            self._react(lambda at: self._conversation.meet(Fact.SHUTDOWN, at=at))

    def eof_received(self) -> bool:
        """True keeps the connection until the replies still owed have left."""
        self._client_is_done = True
        return bool(self._outbox) and not self._leaving

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._mark_when_drained and not self._octets_waiting():
            self._conversation.engine.sent(at=self._now())
        self._mark_when_drained = False
        if not self._held:
            self._transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._leaving = True
        self._drop_outbox()
        if self._timer:
            self._timer.cancel()
        if not self._ended:
            self._conversation.meet(Fact.EOF, at=self._now())
            self._record([])
            self._end()
        self._listener.forget(self, self._peer)

    def abort(self) -> None:
        self._drop_outbox()
        self._transport.abort()

    def lose(self) -> None:
        """Rows of this session could not be stored, so no later ones are."""
        self._lost = True
        self.abort()

    def _now(self) -> int:
        return (time.monotonic_ns() - self._began) // 1000

    def _react(self, step: Callable[[int], list[Event]]) -> None:
        at = self._now()
        try:
            events = step(at)
        except Exception:  # one client's bad luck, never the listener's
            log.exception("sandbox_session_failed", session=str(self.session_uuid))
            events = self._conversation.meet(Fact.FAILED, at=at)
        self._record(events)
        if self._conversation.ended:
            self._end()
        self._pump()

    def _record(self, events: list[Event]) -> None:
        """Who watches sees the rows at once, before they are stored."""
        committer = self._listener.committer
        entries = self._conversation.take_entries()
        if entries and not self._lost:
            committer.append(self._conversation.session, entries)
            live.publish_rows(self._topic, entries)
        if committer.is_behind:
            self._outbox.append(committer.stored())
        for event in events:
            if isinstance(event, Reply | Close):
                self._outbox.append(event)
            elif isinstance(event, MessageAccepted):
                # The 250 behind it takes over responsibility (RFC 5321 section 4.2.5).
                self._outbox.append(committer.stored())

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._conversation.session.ended_at = timezone.now()
            self._listener.committer.end(self._conversation.session)

    def _pump(self) -> None:
        leaving: list[bytes] = []
        closing = False
        while self._outbox and not (self._held or closing):
            item = self._outbox.popleft()
            if isinstance(item, Close):
                closing = True
            elif isinstance(item, asyncio.Future):
                self._hold_until(item)
            elif item.delay_us:
                self._outbox.appendleft(replace(item, delay_us=0))
                self._hold_for(item.delay_us / 1_000_000)
            else:
                leaving.append(item.octets)
        if leaving and not self._transport.is_closing():
            self._write(b"".join(leaving))
        if closing:
            self._hang_up()
        elif self._client_is_done and not self._outbox and not self._held:
            self._transport.close()

    def _write(self, octets: bytes) -> None:
        # Asked before writing: what arrives afterwards may already be an answer.
        all_said = not (self._held or self._outbox or self._octets_waiting())
        self._transport.write(octets)
        if self._transport.get_write_buffer_size():
            self._mark_when_drained = all_said
        elif all_said:
            self._conversation.engine.sent(at=self._now())

    def _octets_waiting(self) -> int:
        answer = fcntl.ioctl(self._descriptor, termios.FIONREAD, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

    def _hold_for(self, seconds: float) -> None:
        self._held = True
        self._transport.pause_reading()
        self._timer = self._loop.call_later(seconds, self._release)

    def _hold_until(self, stored: "asyncio.Future[None]") -> None:
        if not stored.done():
            self._held = True
            self._outbox.appendleft(stored)
            self._transport.pause_reading()
            stored.add_done_callback(lambda _: self._release())
        elif stored.exception():
            self.abort()

    def _release(self) -> None:
        self._held = False
        if self._transport.is_closing():
            return
        self._pump()
        if not self._held and not self._transport.get_write_buffer_size():
            self._transport.resume_reading()

    def _hang_up(self) -> None:
        """Lets the client take the last reply: closing on unread input would reset it away."""
        self._leaving = True
        self._drop_outbox()
        if self._client_is_done or self._transport.is_closing():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:  # the client has gone already
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._timer = self._loop.call_later(LINGER_SECONDS, self._transport.abort)

    def _drop_outbox(self) -> None:
        for item in self._outbox:
            if isinstance(item, asyncio.Future):
                item.cancel()
        self._outbox.clear()
