"""Live streams under /live/: a small ASGI application that tells a page, over server-sent events,
what is stored in a session, or in the lobby which sessions began.

A stream reads the rows it lacks in one short look by a worker thread, then waits at the hub, which
hands on what a connection says before it is stored. What was said but not stored when the stream
came is put in front of that. The URL carries a signed token, so nobody is looked up.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.core import signing
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from accounts.models import Learner

from .hub import Frame, Hub, Topic, Watcher
from .logbook import Entry
from .models import SandboxEvent, SandboxSession
from .viewing import read_row, summary_of

log = structlog.get_logger(__name__)

TOKEN_SALT = "sandbox.live"
TOKEN_SECONDS = 7200
RENEW_SECONDS = 1800
COMMENT_SECONDS = 15
SLOWEST_READ_SECONDS = 30
ROWS_PER_READ = 200
LOBBY = "lobby"
ALL = -1  # in place of a viewer: whoever watches
NEWS = 0  # number of a frame outside the order: not repeated to who comes later

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


class Recorder(Protocol):
    def unstored(self, session: UUID) -> list[Entry]:
        """Rows of the session that are still on their way to the database."""


hub = Hub()
recorders: set[Recorder] = set()  # those of the SMTP connections of this process
_n_streams: Counter[int] = Counter()  # by learner


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the database found. `last`: there is no row after these; `claimed`: one of
    them says that the session has an owner now."""

    frames: list[Frame]
    last: bool
    ended: bool
    claimed: bool = False


NOTHING = Looked([], last=True, ended=False)


def other_listener() -> Path:
    """The file that stands where a listener runs in a process of its own."""
    return Path(settings.DATA_DIR) / "runsandbox.pid"


def is_sole_writer() -> bool:
    """Whether all rows are written in this process, so that there is nothing to poll for."""
    return bool(recorders) and connection.vendor == "sqlite" and not other_listener().exists()


def session_url(session: SandboxSession, learner: Learner | None, *, after: int) -> str:
    return _url(str(session.uuid), learner.pk if learner else None, after)


def lobby_url(learner: Learner | None, *, after: int) -> str:
    """Sessions after this primary key are announced."""
    return _url(LOBBY, learner.pk if learner else None, after)


def _url(topic: str, learner_id: int | None, after: int) -> str:
    token = signing.dumps([topic, learner_id], salt=TOKEN_SALT)
    place = "" if topic == LOBBY else f"{topic}/"
    return f"/live/sandbox/{place}events?" + urlencode({"token": token, "after": after})


def publish_rows(
    session: UUID | str, rows: Sequence[SandboxEvent | Entry], *, ended: bool = False
) -> None:
    """From any thread. The rows are stored, or a recorder knows them; the end is stored."""
    topic = str(session)
    if hub.is_watched(topic):
        hub.publish(topic, [*map(line_frame, rows), *[Watcher.END] * ended])


def publish_loss(session: UUID) -> None:
    """Rows that were shown could not be stored."""
    hub.publish(str(session), [Watcher.GONE])


def publish_session(session: SandboxSession) -> None:
    """Announces a session in the lobby."""
    if hub.is_watched(LOBBY):
        hub.publish(LOBBY, [session_frame(session)])


def publish_end(session: SandboxSession) -> None:
    if hub.is_watched(LOBBY):
        hub.publish(LOBBY, [(NEWS, _encode("session", summary_of(session)))])


def publish_claim(session: SandboxSession) -> None:
    """Streams look again whether they may go on."""
    hub.publish(str(session.uuid), [Watcher.END])
    if hub.is_watched(LOBBY):
        summary = {**summary_of(session), "state": _("claimed")}
        hub.publish(LOBBY, [(NEWS, _encode("session", summary))])


def line_frame(row: SandboxEvent | Entry) -> Frame:
    kinds = {"fact": "fact", "note": "note"}
    return row.seq, _encode(kinds.get(row.direction, "line"), read_row(row).as_json(), row.seq)


def session_frame(session: SandboxSession) -> Frame:
    """Says where its lines are streamed, so that a page can show them while they come."""
    data = {**summary_of(session), "stream": session_url(session, None, after=0)}
    return session.pk, _encode("session", data, session.pk)


def _encode(event: str, data: dict[str, Any], number: int | None = None) -> bytes:
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {event}\ndata: {json.dumps(data)}\n\n".encode()


async def stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    match = _PATH.fullmatch(scope.get("path", ""))
    if scope["type"] != "http" or scope["method"] != "GET" or match is None:
        return await _refuse(send, 404)
    topic = match[1] or LOBBY
    try:
        token = query.get("token", [""])[0]
        granted, learner_id = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return await _refuse(send, 404)
    if granted != topic or (topic == LOBBY and not settings.LOCAL_MODE):
        return await _refuse(send, 404)
    if learner_id and _n_streams[learner_id] >= settings.SANDBOX_STREAMS:
        return await _refuse(send, 429)
    last = max(_number(query.get("after", [""])[0]), _number(_last_event_id(scope)))
    watcher = hub.watch(topic, after=last, poll=None if is_sole_writer() else _poll)
    for entry in _unstored(topic):
        watcher.put(line_frame(entry))
    leaving = asyncio.create_task(_cut_at_disconnect(receive, watcher))
    _n_streams[learner_id] += 1
    try:
        await _serve(watcher, last, learner_id, send)
    except TimeoutError:
        log.info("stream_too_slow", topic=topic)
    finally:
        _n_streams[learner_id] -= 1
        leaving.cancel()
        hub.leave(watcher)
    return None


async def _serve(watcher: Watcher, last: int, learner_id: int | None, send: Send) -> None:
    """Says every frame after `last` exactly once, in order, until the session or the page ends."""
    topic = watcher.topic.name
    looked = await _look(topic, last, learner_id)
    if looked is None:
        return await _refuse(send, 404)
    if looked.ended and not looked.frames:
        return await _refuse(send, 204)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _say(send, b"retry: 2000\n\n")
    clock = asyncio.get_running_loop().time
    renew_at = clock() + RENEW_SECONDS
    while looked is not None:
        for number, octets in looked.frames:
            await _say(send, octets)
            last = max(last, number)
        if looked.last and looked.ended:
            await _say(send, _encode("end", {"seq": last}))
            break
        if clock() >= renew_at:
            await _say(send, _encode("renew", {"url": _url(topic, learner_id, last)}))
            break
        frame = await _next(watcher) if looked.last else Watcher.END
        if frame is None:
            await _say(send, b": waiting\n\n")
            looked = NOTHING
        elif frame == Watcher.CUT:
            break
        elif frame == Watcher.GONE:
            looked = None
        elif frame == Watcher.END or (topic != LOBBY and frame[0] > last + 1):
            # Something may be missing: two writers can hand over in either order.
            looked = await _look(topic, last, learner_id)
        else:
            fresh = frame[0] > last or frame[0] == NEWS
            looked = Looked([frame] if fresh else [], last=True, ended=False)
    else:
        await _say(send, _encode("gone", {}))
    return await _finish(send)


async def _next(watcher: Watcher) -> Frame | None:
    try:
        async with asyncio.timeout(COMMENT_SECONDS):
            return await watcher.queue.get()
    except TimeoutError:
        return None


def _unstored(topic: str) -> list[Entry]:
    if topic == LOBBY:
        return []
    return [entry for recorder in recorders for entry in recorder.unstored(UUID(topic))]


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
        hub.deliver(topic.name, [Watcher.END])
    elif looked.frames or looked.ended:
        looks_again = looked.ended or looked.claimed
        hub.deliver(topic.name, [*looked.frames, *[Watcher.END] * looks_again])


async def _cut_at_disconnect(receive: Receive, watcher: Watcher) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher.cut()


async def _say(send: Send, octets: bytes) -> None:
    async with asyncio.timeout(SLOWEST_READ_SECONDS):
        await send({"type": "http.response.body", "body": octets, "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await _finish(send)


async def _finish(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


def _last_event_id(scope: dict[str, Any]) -> str:
    return dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
