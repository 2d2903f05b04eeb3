"""Live streams under /live/: a small ASGI application that tells a page, over server-sent events,
what happens in a session, or in the lobby which sessions began.

A stream reads the rows it lacks in one short look by a worker thread, then waits at the hub. What
was said but not stored when it came is put in front of that. The URL carries a signed token, so
nobody is looked up.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.conf import settings
from django.core import signing
from django.db import DatabaseError, connection

from . import live
from .hub import Frame, Topic, Watcher
from .live import LOBBY, NEWS, TOKEN_SALT, encode, line_frame, session_frame
from .log.logbook import Entry
from .models import SandboxSession

log = structlog.get_logger(__name__)

TOKEN_SECONDS = 7200
RENEW_SECONDS = 1800
ROWS_PER_READ = 200
ALL = -1  # in place of a viewer: whoever watches

_PATH = re.compile(r"/live/sandbox/(?:([0-9a-f-]{36})/)?events")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_n_streams: Counter[int | None] = Counter()  # by learner


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the database found. `last`: there is no row after these; `claimed`: one of
    them says that the session has an owner now."""

    frames: list[Frame]
    last: bool
    ended: bool
    claimed: bool = False


class Stream:
    """`_last` is the number of the last row that was said, `_missing` that of one which came
    before its forerunner."""

    __slots__ = (
        "_frames",
        "_is_explained",
        "_last",
        "_missing",
        "_renew_at",
        "_send",
        "_viewer",
        "_watcher",
    )

    def __init__(
        self, watcher: Watcher, viewer: int | None, is_explained: bool, last: int, send: Send
    ) -> None:
        self._watcher = watcher
        self._viewer = viewer
        self._is_explained = is_explained
        self._last = last
        self._send = send
        self._frames: deque[Frame] = deque()
        self._missing = 0
        self._renew_at = time.monotonic() + RENEW_SECONDS

    async def serve(self) -> None:
        """Says every row after `last` exactly once, in order, until session or page end."""
        looked = await self._look()
        if looked is None:
            return await _refuse(self._send, 404)
        if looked.ended and not looked.frames:
            return await _refuse(self._send, 204)
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._say(b"retry: 2000\n\n")
        while looked is not None:
            await self._say(b"".join(self._told(octets) for _, octets in looked.frames))
            self._last = max([self._last, *(number for number, _ in looked.frames)])
            if looked.last and looked.ended:
                await self._say(encode("end", {"seq": self._last}))
                break
            if time.monotonic() >= self._renew_at:
                topic = self._watcher.topic.name
                url = live.stream_url(topic, self._viewer, self._last, self._is_explained)
                await self._say(encode("renew", {"url": url}))
                break
            why = await self._follow() if looked.last else Watcher.END
            if why == Watcher.CUT:
                break
            looked = None if why == Watcher.GONE else await self._look()
        else:
            await self._say(encode("gone", {}))
        return await _finish(self._send)

    async def _follow(self) -> Frame:
        """Hands on what the hub brings. Returns END where the database has to be asked again,
        CUT or GONE where that is of no use."""
        why: Frame | None = None
        while True:
            saying = []
            while self._frames and why is None:
                why = self._take(self._frames[0], saying)
            await self._say(b"".join(saying))
            if why:
                return why
            self._frames += await self._watcher.take()

    def _take(self, frame: Frame, saying: list[bytes]) -> Frame | None:
        """The first frame in line, which stays there if one before it is missing: two writers
        can hand over in either order."""
        number, octets = frame
        if number > self._last + 1 and self._watcher.topic.name != LOBBY:
            was_missing, self._missing = self._missing, number
            return Watcher.CUT if was_missing == number else Watcher.END
        self._frames.popleft()
        if frame == Watcher.PULSE:
            saying.append(b": waiting\n\n")
            return Watcher.END if time.monotonic() >= self._renew_at else None
        if number < NEWS:
            return frame
        if number > self._last or number == NEWS:
            saying.append(self._told(octets))
            self._last = max(self._last, number)
        return None

    async def _look(self) -> Looked | None:
        return await _look(self._watcher.topic.name, self._last, self._viewer)

    def _told(self, octets: bytes) -> bytes:
        return octets if self._is_explained else live.unexplained(octets)

    async def _say(self, octets: bytes) -> None:
        if octets:
            self._watcher.writing_since = time.monotonic()
            await self._send({"type": "http.response.body", "body": octets, "more_body": True})
            self._watcher.writing_since = None


async def stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    match = _PATH.fullmatch(scope.get("path", ""))
    if scope["type"] != "http" or scope["method"] != "GET" or match is None:
        return await _refuse(send, 404)
    topic = match[1] or LOBBY
    try:
        token = query.get("token", [""])[0]
        grant = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_SECONDS)
        granted, viewer, is_explained = grant
    except signing.BadSignature:
        return await _refuse(send, 404)
    if granted != topic or (topic == LOBBY and not settings.LOCAL_MODE):
        return await _refuse(send, 404)
    if viewer and _n_streams[viewer] >= settings.SANDBOX_STREAMS:
        return await _refuse(send, 429)
    last = max(_number(query.get("after", [""])[0]), _number(_last_event_id(scope)))
    await _watch(topic, viewer, is_explained, last, receive, send)
    return None


async def _watch(
    topic: str,
    viewer: int | None,
    is_explained: bool,
    last: int,
    receive: Receive,
    send: Send,
) -> None:
    task = asyncio.current_task()
    assert task is not None
    poll = None if live.is_sole_writer() else _poll
    watcher = live.hub.watch(topic, task.cancel, after=last, poll=poll)
    watcher.put([line_frame(entry) for entry in _unstored(topic)])
    leaving = asyncio.create_task(_cut_at_disconnect(receive, watcher))
    _n_streams[viewer] += 1
    try:
        await Stream(watcher, viewer, is_explained, last, send).serve()
    except asyncio.CancelledError:
        log.info("stream_too_slow", topic=topic)
    finally:
        _n_streams[viewer] -= 1
        if not _n_streams[viewer]:
            del _n_streams[viewer]
        leaving.cancel()
        live.hub.unwatch(watcher)


def _unstored(topic: str) -> list[Entry]:
    if topic == LOBBY:
        return []
    return [entry for recorder in live.recorders for entry in recorder.unstored(UUID(topic))]


async def _look(topic: str, after: int, viewer: int | None = ALL) -> Looked | None:
    """None: there is no such session (any more), or it is no business of this viewer."""
    return await asyncio.to_thread(_read, topic, after, viewer)


def _read(topic: str, after: int, viewer: int | None) -> Looked | None:
    try:
        return _read_lobby(after) if topic == LOBBY else _read_session(topic, after, viewer)
    finally:
        connection.close()  # no stream holds a handle while it waits


def _read_lobby(after: int) -> Looked:
    began = SandboxSession.objects.unclaimed().from_this_machine().filter(pk__gt=after)
    frames = [session_frame(session) for session in began.order_by("pk")[:ROWS_PER_READ]]
    return Looked(frames, last=len(frames) < ROWS_PER_READ, ended=False)


def _read_session(topic: str, after: int, viewer: int | None) -> Looked | None:
    session = SandboxSession.objects.filter(uuid=UUID(topic)).first()
    if session is None or not _may_see(session, viewer):
        return None
    rows = list(session.events.filter(seq__gt=after).order_by("seq")[:ROWS_PER_READ])
    return Looked(
        [line_frame(row) for row in rows],
        last=len(rows) < ROWS_PER_READ,
        ended=session.ended_at is not None,
        claimed=any(row.data["event"] == "claimed" for row in rows),
    )


def _may_see(session: SandboxSession, viewer: int | None) -> bool:
    """The token was good when the page was made; since then somebody may have claimed the session,
    or taken the share link back."""
    is_private = session.learner_id is not None and session.share_key is None
    return not is_private or viewer in (ALL, session.learner_id)


async def _poll(topic: Topic) -> None:
    """For rows that another process wrote: one look for all who watch the topic."""
    try:
        looked = await _look(topic.name, topic.last)
    except DatabaseError:
        log.exception("live_poll_failed", topic=topic.name)
        return
    if looked is None:
        live.hub.deliver(topic.name, [Watcher.END])
    elif looked.frames or looked.ended:
        looks_again = looked.ended or looked.claimed
        live.hub.deliver(topic.name, [*looked.frames, *[Watcher.END] * looks_again])


async def _cut_at_disconnect(receive: Receive, watcher: Watcher) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher.put([Watcher.CUT])


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await _finish(send)


async def _finish(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


def _last_event_id(scope: dict[str, Any]) -> str:
    return dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
