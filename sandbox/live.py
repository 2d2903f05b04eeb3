"""What happens in sessions, told at once to the pages that watch: addresses, and what is published.

A row is published when it is made, before it is stored; streaming.py puts the two together.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Learner

from .hub import Frame, Hub, Watcher
from .log.logbook import Entry
from .models import SandboxEvent, SandboxSession
from .viewing.rows import read_row, summary_of

TOKEN_SALT = "sandbox.live"
LOBBY = "lobby"
UNTOLD = {
    "status": None,
    "title": "",
    "why": "",
    "refs": [],
    "note": "",
    "choice": False,
    "misreading": "",
}
NEWS = 0  # number of a frame outside the order: not repeated to who comes later


class Recorder(Protocol):
    def unstored(self, session: UUID) -> list[Entry]:
        """Rows of the session that are still on their way to the database."""


hub = Hub()
recorders: set[Recorder] = set()  # those of the SMTP connections of this process


def other_listener() -> Path:
    """The file that stands where a listener runs in a process of its own."""
    return Path(settings.DATA_DIR) / "runsandbox.pid"


def is_sole_writer() -> bool:
    """Whether all rows are written in this process, so that there is nothing to poll for."""
    return bool(recorders) and connection.vendor == "sqlite" and not other_listener().exists()


def session_url(
    session: SandboxSession, learner: Learner | None, *, after: int, is_explained: bool = True
) -> str:
    return stream_url(str(session.uuid), learner.pk if learner else None, after, is_explained)


def lobby_url(learner: Learner | None, *, after: int) -> str:
    """Sessions after this primary key are announced."""
    return stream_url(LOBBY, learner.pk if learner else None, after)


def stream_url(topic: str, learner_id: int | None, after: int, is_explained: bool = True) -> str:
    """The signed token says which topic, who asks, and whether the reasons are told."""
    token = signing.dumps([topic, learner_id, is_explained], salt=TOKEN_SALT)
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
        hub.publish(LOBBY, [(NEWS, encode("session", summary_of(session)))])


def publish_claim(session: SandboxSession) -> None:
    """Streams look again whether they may go on."""
    hub.publish(str(session.uuid), [Watcher.END])
    if hub.is_watched(LOBBY):
        summary = {**summary_of(session), "state": _("claimed")}
        hub.publish(LOBBY, [(NEWS, encode("session", summary))])


def line_frame(row: SandboxEvent | Entry) -> Frame:
    kinds = {"fact": "fact", "note": "note"}
    return row.seq, encode(kinds.get(row.direction, "line"), read_row(row).as_json(), row.seq)


def session_frame(session: SandboxSession) -> Frame:
    """Says where its lines are streamed, so that a page can show them while they come."""
    data = {**summary_of(session), "stream": session_url(session, None, after=0)}
    return session.pk, encode("session", data, session.pk)


def unexplained(octets: bytes) -> bytes:
    """A frame as encode made it, without a word on why."""
    head, data, text = octets.partition(b"\ndata: ")
    told = {**json.loads(text or "{}"), **UNTOLD}
    return head + data + json.dumps(told).encode() + b"\n\n"


def encode(event: str, data: dict[str, Any], number: int | None = None) -> bytes:
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {event}\ndata: {json.dumps(data)}\n\n".encode()
