"""Pages of the sandbox: where to begin, one session with its reasons, the console in it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.redirecting import see_other

from . import live
from .conversing import Conversation, load
from .forms import ConsoleForm, LinesForm, TranscriptForm
from .lessons import headline
from .models import SandboxEvent, SandboxSession
from .railing import rail_of
from .recording import (
    NoMessageDue,
    SessionBusy,
    SessionEnded,
    open_console,
    send_lines,
    send_message,
)
from .smtp import State
from .viewing import SAMPLE_ROW, read_rows

LISTED_SESSIONS = 10
SHOWN_ROWS = 500


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the console asks for now: a command, a message, or nothing any more."""

    mode: str
    suggestions: tuple[Any, ...] = ()
    draft: str = ""


@login_not_required
@never_cache
@require_safe
def sandbox(request: HttpRequest) -> HttpResponse:
    return show_start(request, ConsoleForm())


def show_start(request: HttpRequest, form: ConsoleForm, *, status: int = 200) -> HttpResponse:
    visible = SandboxSession.objects.visible_to(request.learner)
    sessions = visible.with_counts().order_by("-pk")[:LISTED_SESSIONS]
    newest = max([session.pk for session in sessions], default=0)
    context = {
        "form": form,
        "sessions": sessions,
        "smtp_host": "127.0.0.1",
        "smtp_port": settings.SMTP_PORT,
        "takes_programs": settings.LOCAL_MODE,
        "lobby_url": live.lobby_url(request.learner, after=newest),
        "rail": rail_of([]),
        "sample": SAMPLE_ROW,
    }
    return render(request, "sandbox/sandbox.html", context, status=status)


@login_not_required
@require_POST
def sandbox_sessions(request: HttpRequest) -> HttpResponse:
    form = ConsoleForm(request.POST)
    if not form.is_valid():
        return show_start(request, form, status=422)
    session = open_console(ensure_learner(request), profile=form.cleaned_data["profile"])
    return see_other(session)


@login_not_required
@never_cache
@require_safe
def sandbox_session(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    if session.channel == "console":
        return show_console(request, load(session))
    return show_session(request, session, list(session.events.order_by("seq")))


def show_console(
    request: HttpRequest, conversation: Conversation, *, status: int = 200, **more: Any
) -> HttpResponse:
    more["prompt"] = prompt_of(conversation)
    return show_session(request, conversation.session, conversation.rows, status=status, **more)


def show_session(
    request: HttpRequest,
    session: SandboxSession,
    rows: list[SandboxEvent],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    transcript = transcript_of(request, rows)
    context = {
        **transcript,
        **more,
        "session": session,
        "headline": headline(session, rows),
        "smtp_port": settings.SMTP_PORT,
        "sample": SAMPLE_ROW,
        "stream_url": live.session_url(session, request.learner, after=transcript["last_seq"]),
    }
    return render(request, "sandbox/session.html", context, status=status)


def transcript_of(request: HttpRequest, rows: list[SandboxEvent]) -> dict[str, Any]:
    asked = TranscriptForm(request.GET)
    lines = read_rows(rows)
    shown = lines if asked.is_valid() and asked.cleaned_data["whole"] else lines[-SHOWN_ROWS:]
    return {
        "rows": shown,
        "n_earlier": len(lines) - len(shown),
        "last_seq": rows[-1].seq if rows else 0,
        "last_us": rows[-1].at_us if rows else 0,
        "rail": rail_of(lines),
    }


def prompt_of(conversation: Conversation) -> Prompt:
    if conversation.ended:
        return Prompt("ended")
    suggestions = conversation.engine.next_commands()
    if conversation.engine.state is not State.CONTENT:
        return Prompt("command", suggestions)
    draft = "\n".join(suggestion.line for suggestion in suggestions if suggestion.line != ".")
    return Prompt("message", draft=draft)


@login_not_required
@vary_on_headers("HX-Request")
@require_POST
def sandbox_lines(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(
        SandboxSession.objects.owned_by(request.learner), uuid=uuid, channel="console"
    )
    form = LinesForm(request.POST)
    if not form.is_valid():
        return refuse_lines(request, session, form)
    say = send_message if form.cleaned_data["is_message"] else send_lines
    try:
        conversation = say(session, form.cleaned_data["text"])
    except SessionEnded:
        return conflict(request, session, _("This session has ended; the line was not sent."))
    except NoMessageDue:
        return conflict(request, session, _("The server waits for a command now, not a message."))
    except SessionBusy:
        return conflict(request, session, _("Another page speaks in this session; send it again."))
    if not request.htmx:
        return see_other(f"{session.get_absolute_url()}#prompt")
    prompt = prompt_of(conversation)
    context = {
        **transcript_of(request, conversation.rows),
        "session": session,
        "headline": headline(session, conversation.rows),
        "prompt": prompt,
        "is_new_prompt": prompt.mode != "command" or form.cleaned_data["is_message"],
    }
    return render(request, "sandbox/_said.html", context)


def refuse_lines(request: HttpRequest, session: SandboxSession, form: LinesForm) -> HttpResponse:
    conversation = load(session)
    if not request.htmx:
        return show_console(request, conversation, form=form, status=422)
    context = {
        "session": session,
        "headline": headline(session, conversation.rows),
        "prompt": prompt_of(conversation),
        "form": form,
    }
    response = render(request, "sandbox/_refused.html", context, status=422)
    response.headers["HX-Retarget"] = "#prompt"
    return response


def conflict(request: HttpRequest, session: SandboxSession, trouble: str) -> HttpResponse:
    """409: the page showed something that is no longer so, hence a page made anew."""
    if request.htmx:
        return HttpResponse(status=409, headers={"HX-Refresh": "true"})
    return show_console(request, load(session), trouble=trouble, status=409)
