"""Stores the log of TCP sessions: one thread writes what all of them said, a group per commit."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from . import live
from .models import SandboxEvent, SandboxSession

log = structlog.get_logger(__name__)

GROUP_SECONDS = 0.05  # at most so long a row waits, unless somebody waits for its commit
BACKLOG_EVENTS = 20_000  # beyond either, who writes more waits for the commit
BACKLOG_OCTETS = 32 * 1024 * 1024


@dataclass(slots=True)
class Group:
    begun: list[SandboxSession] = field(default_factory=list)
    events: list[SandboxEvent] = field(default_factory=list)
    ended: list[SandboxSession] = field(default_factory=list)
    waiting: list["asyncio.Future[None]"] = field(default_factory=list)
    n_octets: int = 0

    def __bool__(self) -> bool:
        return bool(self.begun or self.events or self.ended or self.waiting)


class Committer:
    """Filled from the event loop, emptied by its thread. `lost` is called in the loop with the
    uuids of the sessions whose rows could not be stored."""

    def __init__(self, lost: Callable[[set[UUID]], None]) -> None:
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._group = Group()
        self._stirred = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sandbox-committer")
        self._thread.start()

    def begin(self, session: SandboxSession) -> None:
        with self._stirred:
            self._group.begun.append(session)
            self._stirred.notify()

    def append(self, events: list[SandboxEvent]) -> None:
        with self._stirred:
            self._group.events.extend(events)
            self._group.n_octets += sum(len(event.octets) for event in events)
            self._stirred.notify()

    def end(self, session: SandboxSession) -> None:
        with self._stirred:
            self._group.ended.append(session)
            self._stirred.notify()

    @property
    def is_behind(self) -> bool:
        group = self._group
        return len(group.events) > BACKLOG_EVENTS or group.n_octets > BACKLOG_OCTETS

    def stored(self) -> "asyncio.Future[None]":
        """Done when everything given so far is on disk; fails when that failed."""
        future: asyncio.Future[None] = self._loop.create_future()
        with self._stirred:
            self._group.waiting.append(future)
            self._stirred.notify()
        return future

    async def close(self) -> None:
        """Stores what is left."""
        with self._stirred:
            self._closing = True
            self._stirred.notify()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            while group := self._next():
                self._commit(group)
        finally:
            connection.close()

    def _next(self) -> Group | None:
        with self._stirred:
            self._stirred.wait_for(lambda: self._group or self._closing)
            self._stirred.wait_for(lambda: self._group.waiting or self._closing, GROUP_SECONDS)
            group, self._group = self._group, Group()
        return group or None

    def _commit(self, group: Group) -> None:
        try:
            self._store(group)
        except DatabaseError as error:
            sessions = {session.uuid for session in group.begun + group.ended}
            sessions |= {event.session.uuid for event in group.events}
            log.exception("sandbox_rows_lost", sessions=len(sessions), events=len(group.events))
            for session in group.begun:
                session.pk = None  # set by the insert that was rolled back
            connection.close()
            self._loop.call_soon_threadsafe(self._lost, sessions)
            self._tell(group, error)
            return
        self._tell(group, None)
        self._show(group)

    def _store(self, group: Group) -> None:
        with transaction.atomic():
            SandboxSession.objects.bulk_create(group.begun)
            # A session that could not be stored has no key; its later rows go the same way.
            SandboxEvent.objects.bulk_create(
                [event for event in group.events if event.session.pk is not None]
            )
            SandboxSession.objects.bulk_update(
                [session for session in group.ended if session.pk is not None], ["ended_at"]
            )

    def _tell(self, group: Group, error: DatabaseError | None) -> None:
        if group.waiting:
            self._loop.call_soon_threadsafe(_resolve, group.waiting, error)

    def _show(self, group: Group) -> None:
        for session in group.begun:
            live.publish_session(session)
        rows: dict[UUID, list[SandboxEvent]] = {}
        for event in group.events:
            rows.setdefault(event.session.uuid, []).append(event)
        ended = {session.uuid for session in group.ended}
        for session in group.ended:
            live.publish_end(session)
        for topic in rows.keys() | ended:
            live.publish_rows(topic, rows.get(topic, []), ended=topic in ended)


def _resolve(waiting: list["asyncio.Future[None]"], error: DatabaseError | None) -> None:
    for future in waiting:
        if future.cancelled():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
