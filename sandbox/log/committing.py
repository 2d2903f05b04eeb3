"""Stores the log of TCP sessions: one thread writes what all of them said, a group per commit.

The thread and the event loop share one interpreter and hinder each other, so a busy listener does
better with few large groups: it takes half as many sessions again as with many small ones.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from uuid import UUID

import structlog
from django.db import DatabaseError, DataError, IntegrityError, connection

from .. import live
from ..models import SandboxSession
from .logbook import Entry
from .storing import Group, store

log = structlog.get_logger(__name__)

GROUP_SECONDS = 0.05  # at most so long a row waits, unless somebody waits for its commit
JOIN_SECONDS = 0.002  # and then as long as others join within this time, to share the commit,
GATHER_SECONDS = 0.008  # but at most so long
BACKLOG_EVENTS = 20_000  # beyond either, who writes more waits for the commit
BACKLOG_OCTETS = 32 * 1024 * 1024

Waiting = list["asyncio.Future[None]"]


class Committer:
    """Lives in the event loop; its thread gets a whole group and gives it back when it is stored.
    `lost` is called with the uuids of the sessions whose rows could not be."""

    def __init__(self, lost: Callable[[set[UUID]], None]) -> None:
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._group = Group()
        self._waiting: Waiting = []
        self._n_events = self._n_octets = 0
        self._storing: Group | None = None
        self._n_groups = 0
        self._talking: dict[int, int] = {}  # by id of the session: its last group with rows
        self._timer: asyncio.TimerHandle | None = None
        self._gatherer: asyncio.TimerHandle | None = None
        self._gather_until = 0.0
        self._groups: queue.SimpleQueue[tuple[Group, Waiting] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sandbox-committer")
        self._thread.start()

    def begin(self, session: SandboxSession) -> None:
        self._talking[id(session)] = self._n_groups
        self._group.begun.append(session)
        self._wind()

    def append(self, session: SandboxSession, entries: list[Entry]) -> None:
        self._talking[id(session)] = self._n_groups
        self._group.batches.append((session, entries))
        self._n_events += len(entries)
        for entry in entries:
            self._n_octets += len(entry.octets)
        self._wind()

    def end(self, session: SandboxSession) -> None:
        self._talking.pop(id(session), None)
        self._group.ended.append(session)
        self._wind()

    def claim(self, session: SandboxSession) -> None:
        """It has a learner now."""
        self._group.claimed.append(session)
        self._wind()

    @property
    def is_behind(self) -> bool:
        return self._n_events > BACKLOG_EVENTS or self._n_octets > BACKLOG_OCTETS

    def stored(self) -> "asyncio.Future[None]":
        """Done when everything given so far is on disk. Whose rows are lost is told by `lost`, and
        has to let go of its future."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(future)
        if self._storing is None:
            self._gather()
        return future

    def unstored(self, session: UUID) -> list[Entry]:
        """Rows of the session that nobody can read yet."""
        groups = [self._storing, self._group] if self._storing else [self._group]
        return [
            entry
            for group in groups
            for owner, entries in list(group.batches)
            if owner.uuid == session
            for entry in entries
        ]

    async def close(self) -> None:
        """Stores what is left."""
        while self._group or self._storing:
            await asyncio.wait([self.stored()])
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)

    def _wind(self) -> None:
        if self._timer is None and self._storing is None:
            self._timer = self._loop.call_later(GROUP_SECONDS, self._hand_over)

    def _gather(self) -> None:
        if len(self._waiting) >= len(self._talking):  # nobody is left who could join soon
            self._loop.call_soon(self._hand_over)
        elif self._gatherer is None:
            self._gather_until = self._loop.time() + GATHER_SECONDS
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        n = len(self._waiting)
        self._gatherer = self._loop.call_later(JOIN_SECONDS, self._look_who_joined, n)

    def _look_who_joined(self, n_before: int) -> None:
        if len(self._waiting) > n_before and self._loop.time() < self._gather_until:
            self._wait_for_more()
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        for timer in (self._timer, self._gatherer):
            if timer:
                timer.cancel()
        self._timer = self._gatherer = None
        if self._storing is None and (self._group or self._waiting):
            self._storing, waiting = self._group, self._waiting
            self._group, self._waiting = Group(), []
            self._n_events = self._n_octets = 0
            self._talking = {
                session: n for session, n in self._talking.items() if n == self._n_groups
            }
            self._n_groups += 1
            self._groups.put((self._storing, waiting))

    def _run(self) -> None:
        try:
            while handed := self._groups.get():
                group, waiting = handed
                self._loop.call_soon_threadsafe(self._done, group, waiting, store_or_lose(group))
        finally:
            connection.close()

    def _done(self, group: Group, waiting: Waiting, lost: set[UUID]) -> None:
        self._storing = None
        if lost:
            self._give_up(lost)
        _show(group, lost)
        for future in waiting:
            if not future.cancelled():
                future.set_result(None)
        if self._waiting:
            self._gather()
        elif self._group:
            self._wind()

    def _give_up(self, lost: set[UUID]) -> None:
        """Rows behind lost ones are let go too: a log has no holes."""
        kept = [batch for batch in self._group.batches if batch[0].uuid not in lost]
        self._group.batches = kept
        for session in lost:
            live.publish_loss(session)
        self._lost(lost)


def store_or_lose(group: Group) -> set[UUID]:
    """Returns whose rows could not be stored. A session that was deleted in the meantime takes
    no other with it."""
    try:
        store(group)
    except DatabaseError as error:
        log.exception("sandbox_rows_not_stored", sessions=len(group.sessions()))
        for session in group.begun:
            session.pk = None  # set by the insert that was rolled back
        connection.close()
        parts = group.apart()
        if isinstance(error, IntegrityError | DataError) and len(parts) > 1:
            return set().union(*map(store_or_lose, parts))
        return group.sessions()
    return set()


def _show(group: Group, lost: set[UUID]) -> None:
    """Rows were shown when they were made; what only the database tells is told now."""
    for session in group.begun:
        if session.uuid not in lost:
            live.publish_session(session)
    for session in group.claimed:
        if session.uuid not in lost:
            live.publish_claim(session)
    for session in group.ended:
        if session.uuid not in lost:
            live.publish_end(session)
            live.publish_rows(session.uuid, [], ended=True)
