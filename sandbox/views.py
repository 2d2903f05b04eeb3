"""Pages of the sandbox: where to begin, one session with its reasons, all of a learner's."""

import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.redirecting import see_other

from . import live
from .console import show_console
from .conversing import load
from .forms import ConsoleForm
from .listening import doors
from .models import SandboxSession
from .programs import Place, programs
from .recording import open_console, send_lines
from .smtp import PROFILES, Session, lab_facts
from .tokens import exchange_token, token_of
from .transcribing import transcribe
from .viewing.railing import rail_of
from .viewing.rows import SAMPLE_ROW
from .viewing.showing import show_session

LISTED_SESSIONS = 8
LISTED_AT_MOST = 200


@login_not_required
@never_cache
@require_safe
def sandbox(request: HttpRequest) -> HttpResponse:
    return show_start(request, ConsoleForm())


def show_start(request: HttpRequest, form: ConsoleForm, *, status: int = 200) -> HttpResponse:
    visible = SandboxSession.objects.visible_to(request.learner)
    sessions = visible.with_counts().order_by("-pk")[:LISTED_SESSIONS]
    newest = max([session.pk for session in sessions], default=0)
    place = place_of(request, token_of(request.learner))
    context = {
        "form": form,
        "greeting": transcribe(Session(PROFILES["modern"], lab_facts()).open(at=0)),
        "sessions": sessions,
        "place": place,
        "takes_unclaimed": settings.LOCAL_MODE,
        "programs": programs(place) if place.token or settings.LOCAL_MODE else (),
        "lobby_url": live.lobby_url(request.learner, after=newest),
        "rail": rail_of([]),
        "sample": SAMPLE_ROW,
    }
    return render(request, "sandbox/sandbox.html", context, status=status)


def place_of(request: HttpRequest, token: str) -> Place:
    host = "127.0.0.1" if settings.LOCAL_MODE else request.get_host().partition(":")[0]
    return Place(
        host,
        *(doors.port_of(door) for door in (doors.MAIN, *doors.SIDE)),
        token=token,
    )


@login_not_required
@require_POST
def sandbox_token(request: HttpRequest) -> HttpResponse:
    """A first token, or a new one in place of the old."""
    exchange_token(ensure_learner(request))
    return see_other(f"{reverse('sandbox')}#programs")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_sessions(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return begin_console(request)
    visible = SandboxSession.objects.visible_to(request.learner)
    sessions = visible.with_counts().order_by("-kept", "-pk")[:LISTED_AT_MOST]
    context = {"sessions": sessions, "at_most": LISTED_AT_MOST}
    return render(request, "sandbox/sessions.html", context)


def begin_console(request: HttpRequest) -> HttpResponse:
    form = ConsoleForm(request.POST)
    if not form.is_valid():
        return show_start(request, form, status=422)
    chosen = form.cleaned_data
    session = open_console(
        ensure_learner(request),
        profile=chosen["profile"],
        fault_plan=chosen["fault_plan"],
        nominal_port=chosen["nominal_port"],
    )
    if chosen["line"]:
        send_lines(session, chosen["line"])
    return see_other(session)


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_safe
def sandbox_session(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    if session.channel == "console":
        return show_console(request, load(session))
    rows = list(session.events.order_by("seq"))
    return show_session(request, session, rows, is_owner=True)


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_safe
def sandbox_shared(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Whoever has the link reads; only the owner types, keeps or deletes."""
    session = get_object_or_404(SandboxSession, share_key=key)
    return show_session(request, session, list(session.events.order_by("seq")))
