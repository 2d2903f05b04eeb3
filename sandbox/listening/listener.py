"""The SMTP listener: octets from sockets go to the engine, its replies go back, all is recorded.

One asyncio Protocol per connection; nothing here waits for the database but the reply to the end
of a message, which leaves when the message is stored.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db import connection as database
from django.utils import timezone

from .. import live
from ..log.committing import Committer
from ..models import SandboxSession
from .capping import Turnstile
from .certifying import server_context
from .claiming import Found, find_owner
from .connection import Connection
from .doors import Door, opened_here
from .proxying import Doorway

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
LEAVE_SECONDS = 1.0  # what connections get to take their 421 at a shutdown

_listeners: set["Listener"] = set()


def is_listening() -> bool:
    """Whether this process takes SMTP connections now."""
    return bool(_listeners)


async def start(doors: Mapping[Door, socket.socket]) -> "Listener":
    """Takes connections on bound sockets, in the loop that is running."""
    listener = Listener()
    try:
        await listener.listen(doors)
    except BaseException:  # its threads would keep the process alive
        await listener.close()
        raise
    return listener


class Listener:
    tls_context: ssl.SSLContext

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()  # asked once: it costs a system call
        self.committer = Committer(self._lose)
        self.turnstile = Turnstile()
        self._registry = ThreadPoolExecutor(1, "sandbox-tokens")
        self._lookups: set[asyncio.Future[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    async def listen(self, doors: Mapping[Door, socket.socket]) -> None:
        self.tls_context = await asyncio.to_thread(_prepare)
        for door, bound in doors.items():
            connect = partial(Connection, self, door)
            take = partial(Doorway, connect) if settings.SANDBOX_PROXIES else connect
            server = await self.loop.create_server(take, sock=bound)
            self._servers.append(server)
            opened_here[door] = bound.getsockname()[1]
        self._sweeper = self.loop.call_later(SWEEP_SECONDS, self._sweep)
        _listeners.add(self)
        live.recorders.add(self.committer)

    def admit(self, connection: Connection, peer: str) -> str:
        """ "" or why this connection is not taken."""
        refusal = self.turnstile.enter(peer)
        if not refusal:
            self._connections.add(connection)
        return refusal

    def forget(self, connection: Connection, peer: str) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self.turnstile.leave(peer)

    def look_up(self, tokens: Sequence[str], then: Found) -> None:
        """One after the other, so that guessing does not keep the database busy."""
        lookup = asyncio.ensure_future(self._find(tokens, then))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _find(self, tokens: Sequence[str], then: Found) -> None:
        try:
            owner = await self.loop.run_in_executor(self._registry, find_owner, tokens)
        except DatabaseError:
            log.exception("sandbox_token_not_looked_up")
            owner = None
        then(owner)

    def _sweep(self) -> None:
        for connection in list(self._connections):
            connection.tick()
        self.turnstile.sweep()
        self._sweeper = self.loop.call_later(SWEEP_SECONDS, self._sweep)

    def _lose(self, sessions: set[UUID]) -> None:
        for connection in list(self._connections):
            if connection.session_uuid in sessions:
                connection.lose()

    async def close(self) -> None:
        """Says 421 to everybody, stores what is left, returns within about LEAVE_SECONDS."""
        _listeners.discard(self)
        opened_here.clear()
        if self._sweeper:
            self._sweeper.cancel()
        for server in self._servers:
            server.close()
        try:
            for connection in list(self._connections):
                connection.shut_down()
            deadline = time.monotonic() + LEAVE_SECONDS
            while self._connections and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            for connection in list(self._connections):
                connection.abort()
            await asyncio.sleep(0)  # lets them say that they are gone
            await asyncio.gather(*self._lookups)  # who has left may be known by now
        finally:  # its threads would keep the process alive
            await self.committer.close()
            live.recorders.discard(self.committer)
            await asyncio.to_thread(self._registry.shutdown)


def _prepare() -> ssl.SSLContext:
    try:
        SandboxSession.objects.end_abandoned(timezone.now())
    finally:
        database.close()
    return server_context(settings.DATA_DIR)
