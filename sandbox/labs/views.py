"""Pages of the labs: the list, one lab with its console and its checklist."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.redirecting import see_other

from ..console import prompt_of
from ..conversing import load
from ..forms import ClockForm
from ..models import Lab, LabRun, SandboxSession
from ..tokens import token_of
from ..transcribing import TranscriptLine, explain_once
from ..viewing.rows import read_rows
from ..viewing.showing import log_of
from ..views import place_of
from .lab import LabFile
from .practising import (
    N_HINTS,
    connect,
    earlier_sessions,
    let_time_pass,
    measure,
    newest_session,
    record_passes,
    solution,
    start_run,
    take_hint,
    take_in_programs,
)
from .returning import forget_way_back, way_back


@login_not_required
@never_cache
@require_safe
def labs(request: HttpRequest) -> HttpResponse:
    record_passes(LabRun.objects.owned_by(request.learner))
    shown = list(Lab.objects.live().with_standing(request.learner))
    n_passed = sum(lab.is_passed for lab in shown)
    return render(request, "sandbox/labs.html", {"labs": shown, "n_passed": n_passed})


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_safe
def lab(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; as a fragment the checklist alone, which the page asks for again and again."""
    found = get_object_or_404(Lab.objects.live(), slug=slug)
    run = open_runs(request).filter(lab=found).first()
    return show_run(request, run) if run else show_start(request, found)


def open_runs(request: HttpRequest) -> Any:
    """Of a stranger there are none."""
    return LabRun.objects.owned_by(request.learner).open().select_related("lab", "learner")


def show_start(request: HttpRequest, lab: Lab) -> HttpResponse:
    if request.htmx:  # the run has ended in another tab
        return HttpResponse(status=409, headers={"HX-Refresh": "true"})
    has_passed = LabRun.objects.owned_by(request.learner).passed().filter(lab=lab).exists()
    context = {"lab": lab, "file": lab.file, "has_passed": has_passed}
    return render(request, "sandbox/lab.html", context)


def show_run(request: HttpRequest, run: LabRun, *, status: int = 200, **more: Any) -> HttpResponse:
    """In an exam without measuring it: how far it has come is said when the exam has ended."""
    if run.is_examined:
        take_in_programs(run)
    progress = None if run.is_examined else measure(run)
    file = run.lab.file
    session = newest_session(run)
    context = {"lab": run.lab, "file": file, "run": run, "progress": progress, "session": session}
    context["way_back"] = way_back(request, run.lab.slug)
    if request.htmx:
        template = "sandbox/_lab_examined.html" if run.is_examined else "sandbox/_checklist.html"
        return render(request, template, context)
    if session:
        context |= {**console_of(request, session), "earlier": earlier_sessions(run, session)}
    context |= more
    if run.n_hints == N_HINTS and not run.is_examined:
        context["solution"] = solution_of(file)
    if file.server.programs:
        place = place_of(request, token_of(run.learner))
        ports = {25: place.smtp, 587: place.submission, 465: place.smtps}
        context |= {"place": place, "program_port": ports[file.server.port]}
    return render(request, "sandbox/lab.html", context, status=status)


def console_of(request: HttpRequest, session: SandboxSession) -> dict[str, Any]:
    conversation = load(session) if session.channel == "console" else None
    rows = conversation.rows if conversation else list(session.events.order_by("seq"))
    log = log_of(request, session, rows, session.is_explained)
    return {**log, "prompt": prompt_of(conversation) if conversation else None}


def solution_of(file: LabFile) -> list[list[TranscriptLine]]:
    """By session; each command is explained where it comes first."""
    sessions = [[row.line for row in read_rows(rows)] for rows in solution(file)]
    return [explain_once(filter(None, lines)) for lines in sessions]


@login_not_required
@require_POST
def lab_runs(request: HttpRequest, slug: str) -> HttpResponse:
    """A fresh try. Who begins here, and not anew, came from nowhere else."""
    found = get_object_or_404(Lab.objects.live(), slug=slug)
    if not open_runs(request).filter(lab=found).exists():
        forget_way_back(request, slug)
    start_run(ensure_learner(request), found)
    return see_other(f"{found.get_absolute_url()}#console")


@login_not_required
@require_POST
def lab_sessions(request: HttpRequest, slug: str) -> HttpResponse:
    """Another connection within the run."""
    run = get_object_or_404(open_runs(request), lab__slug=slug)
    connect(run)
    return see_other(f"{run.lab.get_absolute_url()}#console")


@login_not_required
@require_POST
def lab_clock(request: HttpRequest, slug: str) -> HttpResponse:
    """Moves the clock of the run on."""
    run = get_object_or_404(open_runs(request), lab__slug=slug)
    form = ClockForm(request.POST)
    if not form.is_valid():
        return show_run(request, run, status=422, form=form)
    let_time_pass(run, form.cleaned_data["seconds"])
    return see_other(f"{run.lab.get_absolute_url()}#prompt")


@login_not_required
@require_POST
def lab_hints(request: HttpRequest, slug: str) -> HttpResponse:
    run = get_object_or_404(open_runs(request), lab__slug=slug)
    take_hint(run)
    return see_other(f"{run.lab.get_absolute_url()}#hints")
