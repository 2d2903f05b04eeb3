"""What the page of a sitting says to the server between page loads: an answer that changed, a
flag, a look; and the questions it keeps ready for when the connection is lost."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from questions.kinds import KINDS

from ..answering import LONGEST_LOOK, Place, Saved, save_answer
from ..finishing import finish_if_over
from ..forms import ChangeForm, LookForm
from ..models import Attempt, Slot
from .asking import asked, find_exam_place, find_sitting, frame, has_too_many
from .navigating import Rules
from .sheets import sheet_of


@login_not_required
@never_cache
@require_POST
def slot_answer(request: HttpRequest, uuid: uuid.UUID, position: int) -> JsonResponse:
    """Saves one change and acknowledges it; 403 signed out, 409 a newer answer is stored, 410
    too late or not open any more, 422 not an answer. Nothing changes but with 200."""
    if request.learner is None:
        message = _("Log in again. Your answers are kept on this device.")
        return JsonResponse({"message": message}, status=403)
    place = find_exam_place(request, uuid, position)
    form = ChangeForm(
        request.POST, item=place.item, option_order=place.option_order, stored=place.response
    )
    if not form.is_valid():
        sentences = [sentence for errors in form.errors.values() for sentence in errors]
        return JsonResponse({"message": " ".join(sentences)}, status=422)
    if has_too_many(place, form):
        return JsonResponse({"message": form.lack}, status=422)
    now = timezone.now()
    outcome = save_answer(place, form.answer, now=now)
    if outcome is Saved.CONFLICT:  # with another change, the end, or a copy of this one
        place = find_exam_place(request, uuid, position)
        if place.is_open(now) and place.save_id != form.cleaned_data["save_id"]:
            return JsonResponse(tell_conflict(place, now), status=409)
        outcome = save_answer(place, form.answer, now=now)
    if outcome is Saved.SAVED:
        return JsonResponse(acknowledge(place, form.cleaned_data["save_id"], place.seq + 1, now))
    if outcome is Saved.AGAIN:
        return JsonResponse(acknowledge(place, place.save_id, place.seq, now))
    if outcome is Saved.LATE:
        finish_if_over(Attempt.objects.get(pk=place.attempt_id), now=now)
    answer = {"message": refusal(outcome), "url": reverse("attempt", args=[uuid])}
    return JsonResponse(answer, status=410)


def acknowledge(place: Place, save_id: Any, seq: int, now: datetime) -> dict[str, Any]:
    return {"seq": seq, "save_id": save_id, "saved_at": now, **clock(place, now)}


def clock(place: Place, now: datetime) -> dict[str, Any]:
    return {"server_now": now, "deadline_at": place.deadline_at}


def tell_conflict(place: Place, now: datetime) -> dict[str, Any]:
    """The stored answer in the fields of its form, for the learner to choose again."""
    fields = KINDS[place.item.kind].say(place.item, place.option_order, place.response)
    return {
        "message": _("A newer answer was saved from another window. It is shown here now."),
        "seq": place.seq,
        "save_id": place.save_id,
        "fields": fields,
        "certainty": place.certainty,
        **clock(place, now),
    }


def refusal(outcome: Saved) -> str:
    return {
        Saved.LEFT: _("This question was left before; this answer was not saved."),
        Saved.LATE: _(
            "The time was up when this answer arrived. It is kept and shown, but not scored."
        ),
        Saved.FINISHED: _("The exam was submitted before; this answer was not saved."),
    }[outcome]


@login_not_required
@never_cache
@require_POST
def slot_look(request: HttpRequest, uuid: uuid.UUID, position: int) -> JsonResponse:
    """The question was looked at, for `looked_ms` since it was last said. Tells the time."""
    slot = find_open_slot(request, uuid, position)
    form = LookForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=422)
    looked = min(timedelta(milliseconds=form.cleaned_data["looked_ms"] or 0), LONGEST_LOOK)
    now = timezone.now()
    Slot.objects.filter(pk=slot.pk).update(
        opened_at=Coalesce("opened_at", now),
        spent_ms=F("spent_ms") + looked // timedelta(milliseconds=1),
    )
    return JsonResponse({"server_now": now, "deadline_at": slot.attempt.deadline_at})


@login_not_required
@never_cache
@require_POST
def slot_flag(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    """Sets the flag as `flagged` says, so that a repeated request is harmless."""
    slot = find_open_slot(request, uuid, position)
    if not Rules.of(slot.attempt.room).has_flags:
        raise Http404
    Slot.objects.filter(pk=slot.pk).update(is_flagged=request.POST.get("flagged") == "1")
    return HttpResponse(status=204)


def find_open_slot(request: HttpRequest, uuid: uuid.UUID, position: int) -> Slot:
    """404 for a stranger, and when the question is closed: there is nothing to look at."""
    slots = Slot.objects.owned_by(request.learner).select_related("attempt")
    slot = get_object_or_404(
        slots,
        attempt__uuid=uuid,
        attempt__mode=Attempt.Mode.EXAM,
        attempt__finished_at=None,
        position=position,
    )
    if not sheet_of(slot.attempt).may_open(position):
        raise Http404
    return slot


@login_not_required
@never_cache
@require_safe
def attempt_sheet(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Every question that is open, for a page that may lose its connection. In no browser
    storage: the page holds it while it lives."""
    attempt = find_sitting(request, uuid)
    if attempt.is_finished:
        raise Http404
    sheet, now = sheet_of(attempt), timezone.now()
    positions = [slot.position for slot in sheet.reachable]
    slots = attempt.slots.filter(position__in=positions).select_related("revision")
    context = {
        **frame(attempt, sheet, now=now),
        "leaves": [asked(slot, sheet, now=now) for slot in slots.order_by("position")],
    }
    return render(request, "attempts/sheet.html", context)
