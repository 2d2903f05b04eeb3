"""A session as a page: its transcript, what came of it, and what may be done with it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .. import live
from ..forms import TranscriptForm
from ..models import SandboxEvent, SandboxSession
from .lessons import headline, lessons
from .messages import read_messages
from .railing import pace_of, rail_of
from .rows import CONTENT_LINES, SAMPLE_ROW, read_rows, unexplained

SHOWN_LINES = 500


def show_session(
    request: HttpRequest,
    session: SandboxSession,
    rows: Sequence[SandboxEvent],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The whole page, or for htmx what came of the session so far."""
    is_explained = session.is_explained
    context = {**outcome_of(session, rows, is_explained), **more, "session": session}
    if request.htmx:
        return render(request, "sandbox/_outcome.html", context)
    context |= log_of(request, session, rows, is_explained)
    return render(request, "sandbox/session.html", context, status=status)


def log_of(
    request: HttpRequest,
    session: SandboxSession,
    rows: Sequence[SandboxEvent],
    is_explained: bool,
) -> dict[str, Any]:
    """The transcript, and where its lines to come are streamed."""
    transcript = transcript_of(request, rows, is_explained)
    after, learner = transcript["last_seq"], request.learner
    stream_url = live.session_url(session, learner, after=after, is_explained=is_explained)
    return {**transcript, "sample": SAMPLE_ROW, "stream_url": stream_url}


def transcript_of(
    request: HttpRequest, rows: Sequence[SandboxEvent], is_explained: bool
) -> dict[str, Any]:
    asked = TranscriptForm(request.GET)
    shown = rows if asked.is_valid() and asked.cleaned_data["whole"] else newest(rows)
    read = read_rows(shown)
    return {
        "rows": read if is_explained else list(map(unexplained, read)),
        "n_earlier": len(rows) - len(shown),
        "last_seq": rows[-1].seq if rows else 0,
        "last_us": rows[-1].at_us if rows else 0,
        "rail": rail_of(pace_of(row.data) for row in rows),
    }


def newest(rows: Sequence[SandboxEvent]) -> Sequence[SandboxEvent]:
    """The last of them that make SHOWN_LINES or fewer; at least one."""
    n_lines = 0
    for index in range(len(rows) - 1, -1, -1):
        n_ends = bytes(rows[index].octets).count(b"\n")
        n_lines += min(max(n_ends, 1), CONTENT_LINES)
        if n_lines > SHOWN_LINES and index < len(rows) - 1:
            return rows[index + 1 :]
    return rows


def outcome_of(
    session: SandboxSession, rows: Sequence[SandboxEvent], is_explained: bool
) -> dict[str, Any]:
    return {
        "headline": headline(session, rows),
        "lessons": lessons(rows) if session.ended_at and is_explained else [],
        "stored": read_messages(rows),
    }
