"""The exam rooms: what each is like, and the page before the clock."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F, OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.learners import ensure_learner
from accounts.models import Learner
from accounts.redirecting import see_other
from questions.models import Room

from .drawing.blueprints import FormPlan, form_plan
from .drawing.choosing import NotEnoughQuestions
from .forms import StartForm
from .limiting import is_too_often
from .models import Attempt, Slot
from .sitting.sheets import sheet_of
from .starting import AlreadyOpen, open_exam, start_exam

STARTS_AN_HOUR = 20


@login_not_required
@never_cache
@require_safe
def exams(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rooms = Room.objects.select_related("exam").order_by("exam__vendor", "exam__code")
    latest = latest_results(request.learner)
    open_ones = {
        attempt.exam_id: attempt
        for attempt in Attempt.objects.owned_by(request.learner).open().filter(exam__isnull=False)
        if not attempt.is_over(now)
    }
    listed = [
        {
            "room": room,
            "plan": form_plan(room),
            "latest": latest.get(room.exam_id),
            "open": open_ones.get(room.exam_id),
        }
        for room in rooms
    ]
    return render(request, "attempts/exams.html", {"listed": listed, "now": now})


def latest_results(learner: Learner | None) -> dict[int, Attempt]:
    """By exam the attempt finished last, with its `percent` of marks, rounded down."""
    slots = Slot.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    sums = {
        "marks": Subquery(slots.annotate(n=Sum("mark")).values("n")),
        "of": Subquery(slots.annotate(n=Sum("max_mark")).values("n")),
    }
    finished = Attempt.objects.owned_by(learner).filter(mode="exam", finished_at__isnull=False)
    latest = finished.annotate(**sums).filter(of__gt=0).annotate(percent=100 * F("marks") / F("of"))
    return {attempt.exam_id: attempt for attempt in latest.order_by("finished_at")}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exam(request: HttpRequest, slug: str) -> HttpResponse:
    """The page before the clock; looking at it begins nothing. POST starts, or leads to the
    attempt that is open."""
    room = get_object_or_404(Room.objects.select_related("exam"), slug=slug)
    now = timezone.now()
    preset = request.learner.time_percent if request.learner else Learner.TimePercent.PLAIN
    form = StartForm(
        request.POST if request.method == "POST" else None, initial={"time_percent": preset}
    )
    if form.is_valid():
        if is_too_often(request, "exam-start", STARTS_AN_HOUR):
            return render(request, "429.html", status=429)
        if attempt := start(request, room, form.cleaned_data["time_percent"]):
            return see_other(attempt)
    plan = form_plan(room)
    context = {
        "room": room,
        "plan": plan,
        "form": form,
        "times": times(plan),
        "chosen": form["time_percent"].value(),
        "facts": room.exam.facts.all(),
        "open": describe_open(open_exam(request.learner, room.exam, now=now)),
        "now": now,
    }
    return render(request, "attempts/exam.html", context, status=422 if form.errors else 200)


def start(request: HttpRequest, room: Room, time_percent: int) -> Attempt | None:
    """None, and the learner is told, where the bank holds no form."""
    try:
        return start_exam(
            ensure_learner(request), room, time_percent=time_percent, now=timezone.now()
        )
    except AlreadyOpen as known:
        messages.info(request, _("This exam is open already; here is where you were."))
        return known.attempt
    except NotEnoughQuestions:
        messages.info(request, _("The bank holds too few questions for this exam now."))
        return None


def times(plan: FormPlan) -> list[tuple[int, str, float | None]]:
    """Each choice of time with its words and its minutes."""
    return [(value, label, plan.minutes_at(value)) for value, label in Learner.TimePercent.choices]


def describe_open(attempt: Attempt | None) -> dict[str, Any] | None:
    if attempt is None:
        return None
    sheet = sheet_of(attempt)
    return {"attempt": attempt, "n_answered": sheet.n_answered, "n_slots": len(sheet.slots)}
