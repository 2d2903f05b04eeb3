"""Looking back at a finished attempt: its result, and its questions filtered."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from questions.published import item_of
from questions.showing import judge

from ..examining import lab_of
from ..finishing import finish_if_over
from ..models import Attempt, Slot
from .advising import next_steps, practisable
from .result import (
    Outcome,
    outcome_of,
    result_of,
    slots_of,
    spent_seconds,
    total_by_topic,
)
from .wording import response_in_words, time_in_words

MISSES_IN_FULL = 10
"""So many misses stand on the result page with their reasons; more are linked."""


def show_result(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """An open practice set shows what was answered so far; an open exam has no result."""
    attempt.learner = request.learner
    result = result_of(attempt)
    context: dict[str, Any] = {"attempt": attempt, "result": result}
    if not attempt.is_finished:
        return render(request, "attempts/result.html", context)
    context["steps"] = next_steps(result, practisable(result))
    if not attempt.is_exam:
        return render(request, "attempts/result.html", context)
    context["misses"] = [judged(slot) for slot in result.missed[:MISSES_IN_FULL]]
    context["n_more"] = max(0, len(result.missed) - MISSES_IN_FULL)
    context["late"] = [(slot, said(slot, slot.late_response)) for slot in result.late]
    return render(request, "attempts/exam_result.html", context)


def judged(slot: Slot) -> dict[str, Any]:
    item = item_of(slot.revision)
    return {
        "slot": slot,
        "outcome": outcome_of(slot),
        "said": response_in_words(item, slot.response),
        "question": judge(
            item,
            slot.option_order,
            response=slot.response,
            mark=slot.mark or 0,
            max_mark=slot.max_mark,
            lab=lab_of(slot),
        ),
    }


def said(slot: Slot, response: Any) -> str:
    return response_in_words(item_of(slot.revision), response)


class ReviewForm(forms.Form):
    """Which questions of a finished attempt to list; the topics are the attempt's own."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("all", _("all questions")),
            ("missed", _("those not fully right")),
            ("wrong", _("those answered wrong or partly")),
            ("unanswered", _("those not answered")),
            ("flagged", _("those you flagged")),
            ("unsure", _("those you were unsure of")),
        ],
    )
    topic = forms.ChoiceField(label=_("Topic"), required=False)

    def __init__(self, *args: Any, slots: list[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(total.topic.slug, total.label) for total in total_by_topic(slots)]
        self.fields["topic"].choices = [("", _("all topics")), *topics]

    def fits(self, slot: Slot) -> bool:
        show, topic = self.cleaned_data["show"], self.cleaned_data["topic"]
        if topic and slot.revision.question.topic.slug != topic:
            return False
        outcome = outcome_of(slot)
        return {
            "missed": outcome is not Outcome.RIGHT,
            "wrong": outcome in (Outcome.WRONG, Outcome.PARTLY),
            "unanswered": outcome is Outcome.UNANSWERED,
            "flagged": slot.is_flagged,
            "unsure": slot.certainty == Slot.Certainty.UNSURE,
        }.get(show, True)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after a question in a filtered list, and the list's address."""

    query: str
    previous: int | None
    following: int | None


def around(data: QueryDict, slot: Slot) -> Around | None:
    """None where the address names no list, or one that cannot be read."""
    wanted = [(name, data[name]) for name in ("show", "topic") if data.get(name)]
    if not wanted or not slot.attempt.is_finished:
        return None
    slots = slots_of(slot.attempt)
    form = ReviewForm(data, slots=slots)
    if not form.is_valid():
        return None
    places = [each.position for each in slots if form.fits(each)]
    return Around(
        query=urlencode(wanted),
        previous=max((place for place in places if place < slot.position), default=None),
        following=min((place for place in places if place > slot.position), default=None),
    )


@login_not_required
@never_cache
@require_safe
def attempt_questions(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """The questions of a finished attempt, each with its state in words."""
    attempt = get_object_or_404(Attempt.objects.owned_by(request.learner), uuid=uuid)
    finish_if_over(attempt, now=timezone.now())
    if not attempt.is_finished:
        return redirect(attempt)
    slots = slots_of(attempt)
    form = ReviewForm(request.GET, slots=slots)
    shown = [slot for slot in slots if form.is_valid() and form.fits(slot)]
    context = {
        "attempt": attempt,
        "form": form,
        "n_slots": len(slots),
        "query": urlencode([(n, v) for n, v in form.cleaned_data.items() if v]),
        "rows": [
            {
                "slot": slot,
                "outcome": outcome_of(slot),
                "spent": time_in_words(spent_seconds(slot)) if slot.spent_ms else "",
            }
            for slot in shown
        ],
    }
    status = 200 if form.is_valid() else 422
    return render(request, "attempts/review.html", context, status=status)
