"""What a connection still has to say: in order, in time, encrypted, and marked once it is said."""

import asyncio
import fcntl
import sys
import termios
from collections.abc import Callable
from dataclasses import replace

from ..smtp import Close, Reply
from .securing import TlsLayer

SECOND_US = 1_000_000
LINGER_SECONDS = 2.0

Item = Reply | Close | asyncio.Future[None]


class Outbox:
    """A future holds back what is behind it. While something is held back nothing is read.

    What all connections say in one turn of the event loop leaves at its end: a busy client is woken
    up once for many replies, which costs more than writing them. `all_said` is called when every
    reply has left and nothing waits to be read.
    """

    __slots__ = (
        "_all_said",
        "_descriptor",
        "_items",
        "_loop",
        "_mark_when_drained",
        "_n_unread",
        "_timer",
        "_transport",
        "_wire",
        "client_is_done",
        "is_held",
        "is_leaving",
        "tls",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        all_said: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._descriptor = transport.get_extra_info("socket").fileno()
        self._n_unread = bytearray(4)  # an int of the operating system, written in place
        self._all_said = all_said
        self._wire = b""  # octets for the end of the turn, encrypted already
        self._items: list[Item] = []
        self._timer: asyncio.TimerHandle | None = None
        self._mark_when_drained = False
        self.tls: TlsLayer | None = None
        self.is_held = False
        self.is_leaving = False
        self.client_is_done = False
        transport.set_write_buffer_limits(high=0)  # so that `drained` means: all has left

    def __bool__(self) -> bool:
        return bool(self._items)

    def add(self, item: Item) -> None:
        self._items.append(item)

    def pump(self) -> None:
        leaving: list[bytes] = []
        closing = False
        while self._items and not (self.is_held or closing):
            item = self._items.pop(0)
            if isinstance(item, Reply) and not item.delay_us:
                leaving.append(item.octets[: item.cut_after])
            elif isinstance(item, Reply):
                self._items.insert(0, replace(item, delay_us=0))
                self._hold_for(item.delay_us / SECOND_US)
            elif isinstance(item, Close):
                closing = True
            else:
                self._hold_until(item)
        if leaving and not self._transport.is_closing():
            self._say(b"".join(leaving))
        if closing:
            self.hang_up()
        elif self.client_is_done and not self._items and not self.is_held:
            self.flush()
            self._transport.close()

    def send(self, octets: bytes) -> None:
        """As they go over the wire."""
        if octets and not self._wire:
            self._loop.call_soon(self.flush)
        self._wire += octets

    def flush(self) -> None:
        octets, self._wire = self._wire, b""
        if not octets or self._transport.is_closing():
            return
        # Asked before writing: what arrives afterwards may already be an answer.
        all_said = not (self.is_held or self._items or self._octets_waiting())
        self._transport.write(octets)
        if self._transport.get_write_buffer_size():
            self._mark_when_drained = all_said
        elif all_said:
            self._all_said()

    def drained(self) -> None:
        if self._mark_when_drained and not (self._wire or self._octets_waiting()):
            self._all_said()
        self._mark_when_drained = False
        if not self.is_held:
            self._transport.resume_reading()

    def hang_up(self) -> None:
        """Lets the client take the last reply: closing on unread input would reset it away."""
        self.is_leaving = True
        self.drop()
        if self.tls and self.tls.is_established:
            self.tls.close()
            self.send(self.tls.to_send())
        self.flush()
        if self.client_is_done or self._transport.is_closing():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:  # the client has gone already
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._timer = self._loop.call_later(LINGER_SECONDS, self._transport.abort)

    def drop(self) -> None:
        if self._timer:
            self._timer.cancel()
        for item in self._items:
            if isinstance(item, asyncio.Future):
                item.cancel()
        self._items.clear()

    def _say(self, octets: bytes) -> None:
        if self.tls and self.tls.is_established:
            self.tls.write(octets)
            octets = self.tls.to_send()
        self.send(octets)

    def _octets_waiting(self) -> int:
        fcntl.ioctl(self._descriptor, termios.FIONREAD, self._n_unread)
        undecrypted = self.tls.n_unread if self.tls else 0
        return int.from_bytes(self._n_unread, sys.byteorder) + undecrypted

    def _hold_for(self, seconds: float) -> None:
        self.is_held = True
        self._transport.pause_reading()
        self._timer = self._loop.call_later(seconds, self._release)

    def _hold_until(self, stored: "asyncio.Future[None]") -> None:
        if not stored.done():
            self.is_held = True
            self._items.insert(0, stored)
            self._transport.pause_reading()
            stored.add_done_callback(lambda _: self._release())

    def _release(self) -> None:
        self.is_held = False
        if self._transport.is_closing():
            return
        self.pump()
        if not self.is_held and not self._transport.get_write_buffer_size():
            self._transport.resume_reading()
