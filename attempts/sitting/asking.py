"""Sitting an exam: one question per URL, each change saved and acknowledged, nothing judged."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.redirecting import see_other
from questions.kinds import KINDS
from questions.published import item_of
from questions.showing import ask

from ..answering import Place, Saved, find_place, save_answer
from ..examining import lab_of
from ..finishing import finish_if_over
from ..forms import ChangeForm, sign_moment
from ..models import Attempt, Slot
from .leaving import leave_slot
from .navigating import Navigation, Rules, Seen, Sheet, State
from .sheets import is_ahead, sheet_of


def find_sitting(request: HttpRequest, uuid: uuid.UUID) -> Attempt:
    """The learner's exam, ended by now if its time is up; a stranger gets 404."""
    attempts = Attempt.objects.owned_by(request.learner).filter(mode=Attempt.Mode.EXAM)
    attempt = get_object_or_404(attempts, uuid=uuid)
    if finish_if_over(attempt, now=timezone.now()):
        tell_time_is_up(request)
    return attempt


def tell_time_is_up(request: HttpRequest) -> None:
    messages.info(request, _("The time was up. What was saved by then was submitted."))


def show_question(
    request: HttpRequest, slot: Slot, form: ChangeForm | None = None, notice: str = ""
) -> HttpResponse:
    """`notice` says why the learner is still here; the answer shown is the form's, else the
    saved one."""
    attempt = slot.attempt
    sheet = sheet_of(attempt)
    if not sheet.may_open(slot.position):
        return lead_back(request, attempt, sheet)
    now = timezone.now()
    if slot.opened_at is None:
        slot.opened_at = now
        slot.save(update_fields=["opened_at"])
        sheet = sheet_of(attempt)  # seen from now on, for its navigator too
    context = {
        **frame(attempt, sheet, now=now),
        **asked(slot, sheet, now=now, form=form),
        "notice": notice,
    }
    status = 422 if form and (form.errors or notice) else 200
    return render(request, "attempts/sitting.html", context, status=status)


def frame(attempt: Attempt, sheet: Sheet, *, now: datetime) -> dict[str, Any]:
    """What every page of a sitting shows around its matter."""
    return {
        "attempt": attempt,
        "rules": Rules.of(attempt.room),
        "sheet": sheet,
        "reachable": [(seen, say_state(seen)) for seen in sheet.reachable],
        "n_slots": len(sheet.slots),
        "now": now,
    }


def say_state(seen: Seen) -> str:
    words = {
        State.ANSWERED: _("answered"),
        State.NOT_ANSWERED: _("not answered"),
        State.NOT_SEEN: _("not seen"),
    }[seen.state]
    return _("%s, flagged") % words if seen.is_flagged else words


def asked(
    slot: Slot, sheet: Sheet, *, now: datetime, form: ChangeForm | None = None
) -> dict[str, Any]:
    item = item_of(slot.revision)
    response = form.response if form else slot.response
    return {
        "slot": slot,
        "form": form,
        "question": ask(
            item,
            slot.option_order,
            opened=sign_moment(now),
            response=response,
            seq=slot.seq,
            lab=lab_of(slot),
        ),
        "is_performance": KINDS[item.kind].is_performance,
        "before": sheet.before(slot.position),
        "after": sheet.after(slot.position),
        "certainties": Slot.Certainty.choices,
    }


def lead_back(request: HttpRequest, attempt: Attempt, sheet: Sheet) -> HttpResponse:
    """From a question that is closed to the one that is open."""
    if sheet.is_all_left:
        return redirect("attempt_submission", attempt.uuid)
    messages.info(request, _("That question is closed in this room. This one is open."))
    return redirect("slot", attempt.uuid, sheet.reachable[0].position)


def find_exam_place(request: HttpRequest, uuid: uuid.UUID, position: int) -> Place:
    """404 for a stranger, and for a question that the room has not led to yet."""
    place = find_place(uuid, position, request.learner)
    if place is None or place.mode != Attempt.Mode.EXAM or is_ahead(place):
        raise Http404
    return place


def take_answer(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    """The form of a question, sent as a form: saves and goes where its button says."""
    place = find_exam_place(request, uuid, position)
    form = ChangeForm(
        request.POST, item=place.item, option_order=place.option_order, stored=place.response
    )
    if not form.is_valid():
        return show_question(request, get_slot(place), form)
    if has_too_many(place, form):
        return show_question(request, get_slot(place), form, notice=form.lack)
    outcome = save_change(place, form)
    if outcome is Saved.CONFLICT:
        notice = _("A newer answer was saved from another window. It is shown here now.")
        return show_question(request, get_slot(place), notice=notice)
    if outcome in (Saved.LATE, Saved.FINISHED, Saved.LEFT):
        return see_other("attempt", uuid)
    return go(request, get_slot(place), form)


def get_slot(place: Place) -> Slot:
    return Slot.objects.select_related("attempt", "revision").get(pk=place.slot_id)


def has_too_many(place: Place, form: ChangeForm) -> bool:
    """Rooms that want the exact number refuse a choice too many where it is made."""
    counts = KINDS[place.item.kind].counts_choices and Rules.of(place.room).count_is_exact
    return counts and len(form.response) > place.item.choose


def save_change(place: Place, form: ChangeForm) -> Saved:
    """Nothing to save is saved well: the page had been saved before its button was pressed."""
    now = timezone.now()
    is_same = (form.response or None) == place.response
    if is_same and form.cleaned_data["certainty"] == place.certainty and place.is_open(now):
        return Saved.AGAIN
    return save_answer(place, form.answer, now=now)


def go(request: HttpRequest, slot: Slot, form: ChangeForm) -> HttpResponse:
    attempt, wanted = slot.attempt, form.cleaned_data["go"]
    rules = Rules.of(attempt.room)
    if wanted == "flag" and rules.has_flags:
        Slot.objects.filter(pk=slot.pk).update(is_flagged=not slot.is_flagged)
        return see_other(slot)
    if wanted == "next":
        must_stay = rules.count_is_exact and form.response
        if form.lack and (must_stay or not form.cleaned_data["warned"]):
            notice = form.lack if must_stay else _("%s Press Next again to go on.") % form.lack
            return show_question(request, slot, form, notice=notice)
        if rules.navigation is Navigation.FORWARD:
            leave_slot(slot, now=timezone.now())
    sheet = sheet_of(attempt)
    if wanted == "previous" and (before := sheet.before(slot.position)):
        return see_other("slot", attempt.uuid, before)
    if wanted == "next" and (after := sheet.after(slot.position)):
        return see_other("slot", attempt.uuid, after)
    return see_other(after_last(attempt, sheet), attempt.uuid)


def after_last(attempt: Attempt, sheet: Sheet) -> str:
    """The page behind the last question that is open."""
    if sheet.navigation is Navigation.SECTIONS and not sheet.is_last_section:
        return "attempt_section"
    return "attempt_overview" if Rules.of(attempt.room).has_review else "attempt_submission"
