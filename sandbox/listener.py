"""The SMTP listener: octets from sockets go to the engine, its replies go back, all is recorded.

One asyncio Protocol per connection; nothing here waits for the database but the reply to the end
of a message, which leaves when the message is stored.
"""

import asyncio
import ipaddress
import socket
import time
from collections import Counter, deque
from uuid import UUID

from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from . import live
from .committing import Committer
from .connection import Connection
from .models import SandboxSession

CONNECTIONS = 200
CONNECTIONS_PER_ADDRESS = 10
NEW_PER_ADDRESS_AND_MINUTE = 30
SWEEP_SECONDS = 1.0
LEAVE_SECONDS = 1.0  # what connections get to take their 421 at a shutdown

_listeners: set["Listener"] = set()


def is_listening() -> bool:
    """Whether this process takes SMTP connections now."""
    return bool(_listeners)


async def start(bound: socket.socket) -> "Listener":
    """Takes connections on a bound socket, in the loop that is running."""
    listener = Listener()
    await listener.listen(bound)
    return listener


class Listener:
    def __init__(self) -> None:
        self.committer = Committer(self._lose)
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._per_address: Counter[str] = Counter()
        self._arrivals: dict[str, deque[float]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def listen(self, bound: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(_tidy)
        self._server = await loop.create_server(lambda: Connection(self), sock=bound)
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)
        _listeners.add(self)
        live.recorders.add(self.committer)

    def admit(self, connection: Connection, peer: str) -> str | None:
        """None, or why this connection is not taken."""
        if len(self._connections) >= CONNECTIONS:
            return "Too many connections, try again later"
        if not (settings.LOCAL_MODE and ipaddress.ip_address(peer).is_loopback):
            network = _network(peer)
            if self._per_address[network] >= CONNECTIONS_PER_ADDRESS:
                return "Too many connections from your address, try again later"
            arrivals = self._arrivals.setdefault(network, deque())
            now = time.monotonic()
            while arrivals and arrivals[0] < now - 60:
                arrivals.popleft()
            if len(arrivals) >= NEW_PER_ADDRESS_AND_MINUTE:
                return "Too many new connections from your address, wait a minute"
            arrivals.append(now)
        self._connections.add(connection)
        self._per_address[_network(peer)] += 1
        return None

    def forget(self, connection: Connection, peer: str) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._per_address[_network(peer)] -= 1

    def _sweep(self) -> None:
        for connection in list(self._connections):
            connection.tick()
        now = time.monotonic()
        for network, arrivals in list(self._arrivals.items()):
            if arrivals[-1] < now - 60:
                del self._arrivals[network]
        self._per_address += Counter()  # drops the zeros
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _lose(self, sessions: set[UUID]) -> None:
        for connection in list(self._connections):
            if connection.session_uuid in sessions:
                connection.lose()

    async def close(self) -> None:
        """Says 421 to everybody, stores what is left, returns within about LEAVE_SECONDS."""
        _listeners.discard(self)
        if self._sweeper:
            self._sweeper.cancel()
        if self._server:
            self._server.close()
        try:
            for connection in list(self._connections):
                connection.shut_down()
            deadline = time.monotonic() + LEAVE_SECONDS
            while self._connections and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            for connection in list(self._connections):
                connection.abort()
            await asyncio.sleep(0)  # lets them say that they are gone
        finally:  # its thread would keep the process alive
            await self.committer.close()
            live.recorders.discard(self.committer)


def _network(peer: str) -> str:
    """An IPv6 host owns a whole /64, so that is what counts as one address."""
    address = ipaddress.ip_address(peer)
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _tidy() -> None:
    try:
        SandboxSession.objects.end_abandoned(timezone.now())
    finally:
        database.close()
