"""The console: what is typed into a session in the page, and what it asks for next."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.redirecting import see_other

from .conversing import Conversation, load
from .forms import ClockForm, LinesForm
from .login_answers import work_out
from .models import SandboxSession
from .recording import (
    NoMessageDue,
    SessionBusy,
    SessionEnded,
    move_clock,
    send_lines,
    send_message,
    send_octets,
)
from .smtp import State, Suggestion
from .viewing.lessons import headline
from .viewing.showing import show_session, transcript_of

CHUNKABLE = (State.RCPTS, State.CHUNKS)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the console asks for now: a command, a login's next line, a message, or nothing any
    more (mode command, response, message, ended)."""

    mode: str
    suggestions: tuple[Suggestion, ...] = ()
    draft: str = ""
    takes_chunks: bool = False
    is_encrypted: bool = False

    @property
    def shape(self) -> str:
        """Prompts of one shape have the same fields, so the page may keep what it shows."""
        return self.mode + "-chunks" * self.takes_chunks + "-tls" * self.is_encrypted


def prompt_of(conversation: Conversation) -> Prompt:
    """In an exam nobody is told what could be said next."""
    prompt = _prompt_of(conversation)
    run = conversation.session.lab_run
    return replace(prompt, suggestions=(), draft="") if run and run.is_examined else prompt


def _prompt_of(conversation: Conversation) -> Prompt:
    if conversation.ended:
        return Prompt("ended")
    engine = conversation.engine
    suggestions, is_encrypted = engine.next_commands(), engine.secured is not None
    if engine.state is State.AUTHING:
        accounts = engine.facts.directory.accounts.items()
        worked_out = [work_out(conversation.rows, *account) for account in accounts]
        suggestions = (*filter(None, worked_out), *suggestions)
        return Prompt("response", suggestions, is_encrypted=is_encrypted)
    if engine.state is not State.CONTENT:
        takes_chunks = engine.profile.offers("CHUNKING") and engine.state in CHUNKABLE
        return Prompt("command", suggestions, takes_chunks=takes_chunks, is_encrypted=is_encrypted)
    draft = "\n".join(suggestion.line for suggestion in suggestions if suggestion.line != ".")
    return Prompt("message", draft=draft)


def show_console(
    request: HttpRequest, conversation: Conversation, *, status: int = 200, **more: Any
) -> HttpResponse:
    more |= {"prompt": prompt_of(conversation), "is_owner": True}
    return show_session(request, conversation.session, conversation.rows, status=status, **more)


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
    said = form.cleaned_data
    try:
        conversation = say(session, said)
    except SessionEnded:
        return conflict(request, session, _("This session has ended; the line was not sent."))
    except NoMessageDue:
        return conflict(request, session, _("The server waits for a command now, not a message."))
    except SessionBusy:
        return conflict(request, session, _("Another page speaks in this session; send it again."))
    if not request.htmx:
        return see_other(session.console_url)
    prompt = prompt_of(conversation)
    context = {
        **transcript_of(request, conversation.rows, session.is_explained),
        "session": session,
        "headline": headline(session, conversation.rows),
        "prompt": prompt,
        "is_new_prompt": prompt.shape != said["shape"],
    }
    return render(request, "sandbox/_said.html", context)


@login_not_required
@require_POST
def sandbox_clock(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Moves the session's own clock on; the answer is the page."""
    session = get_object_or_404(
        SandboxSession.objects.owned_by(request.learner), uuid=uuid, channel="console"
    )
    form = ClockForm(request.POST)
    if not form.is_valid():
        return show_console(request, load(session), form=form, status=422)
    try:
        move_clock(session, form.cleaned_data["seconds"])
    except SessionEnded:
        return conflict(request, session, _("This session has ended; no time passes in it."))
    except SessionBusy:
        return conflict(request, session, _("Another page speaks in this session; try again."))
    return see_other(session.console_url)


def say(session: SandboxSession, said: dict[str, Any]) -> Conversation:
    if said["kind"] == "octets":
        return send_octets(session, said["octets"])
    send = send_message if said["kind"] == "message" else send_lines
    return send(session, said["text"])


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
