"""The end of a sitting: the overview of all questions, leaving a section, submitting."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.redirecting import see_other
from questions.kinds import KINDS
from questions.published import item_of

from ..finishing import finish
from ..forms import OverviewForm
from ..models import Attempt
from .asking import find_sitting, frame, say_state
from .leaving import leave_section
from .navigating import Navigation, Rules, Seen, Sheet, State
from .sheets import sheet_of


@login_not_required
@never_cache
@require_safe
def attempt_overview(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Every question with its state, or those of one state; only in rooms that have it."""
    attempt = find_sitting(request, uuid)
    if attempt.is_finished:
        return redirect("attempt", uuid)
    if not Rules.of(attempt.room).has_review:
        return redirect("attempt_submission", uuid)
    sheet = sheet_of(attempt)
    form = OverviewForm(request.GET)
    show = form.cleaned_data["show"] if form.is_valid() else "all"
    context = {
        **frame(attempt, sheet, now=timezone.now()),
        "show": show,
        "form": form,
        "listed": list_stems(attempt, [slot for slot in sheet.reachable if fits(slot, show)]),
    }
    return render(request, "attempts/overview.html", context)


def fits(slot: Seen, show: str) -> bool:
    if show == "flagged":
        return slot.is_flagged
    if show == "unanswered":
        return slot.state is not State.ANSWERED
    return True


def list_stems(attempt: Attempt, seen: list[Seen]) -> list[tuple[Seen, str, str]]:
    """Each with its stem and its state in words."""
    positions = [slot.position for slot in seen]
    stems = dict(
        attempt.slots.filter(position__in=positions).values_list("position", "revision__stem")
    )
    return [(slot, stems[slot.position], say_state(slot)) for slot in seen]


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt_section(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Asks before a section is left for good, and leaves it."""
    attempt = find_sitting(request, uuid)
    if attempt.is_finished:
        return redirect("attempt", uuid)
    sheet = sheet_of(attempt)
    if sheet.navigation is not Navigation.SECTIONS or sheet.is_last_section:
        return redirect("attempt_submission", uuid)
    if request.method == "POST":
        if request.POST.get("section") == str(sheet.section):
            leave_section(attempt, sheet.section, now=timezone.now())
        return see_other("attempt", uuid)
    context = {**frame(attempt, sheet, now=timezone.now()), **left_open(attempt, sheet)}
    return render(request, "attempts/section.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt_submission(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Asks before the end, naming what is left open, and submits."""
    attempt = find_sitting(request, uuid)
    if attempt.is_finished:
        return see_other(attempt.get_result_url())
    if request.method == "POST":
        finish(attempt, now=timezone.now())
        return see_other(attempt.get_result_url())
    sheet = sheet_of(attempt)
    context = {**frame(attempt, sheet, now=timezone.now()), **left_open(attempt, sheet)}
    return render(request, "attempts/submission.html", context)


def left_open(attempt: Attempt, sheet: Sheet) -> dict[str, Any]:
    """What the learner may want to see again: questions without an answer, with a part of one,
    flagged; only those that are still open."""
    open_now = sheet.reachable
    slots = attempt.slots.filter(position__in=[slot.position for slot in open_now])
    incomplete = [
        slot.position
        for slot in slots.filter(response__isnull=False).select_related("revision")
        if KINDS[(item := item_of(slot.revision)).kind].lack(item, slot.response)
    ]
    return {
        "unanswered": [slot for slot in open_now if slot.state is not State.ANSWERED],
        "incomplete": [slot for slot in open_now if slot.position in incomplete],
        "flagged": [slot for slot in open_now if slot.is_flagged],
    }
