"""Pages of the learner: the first question, one question per URL, the result."""

import uuid
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.redirecting import see_other
from questions.models import Topic
from questions.published import item_of
from questions.showing import ask, judge

from .answering import Answer, check_answer, find_place
from .bookmarking import is_bookmarked
from .examining import lab_of, lab_response
from .finishing import finish, finish_if_over
from .forms import AnswerForm, sign_moment
from .models import Attempt, Slot
from .results.reviewing import around, show_result
from .resuming import goes_on_at, where_they_were
from .sitting.asking import show_question, take_answer, tell_time_is_up
from .starting import (
    DrawExpired,
    draw_first,
    read_first_draw,
    start_first,
)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_question(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return answer_first_question(request)
    first = draw_first()
    if first is None:
        return render(request, "attempts/first_question.html", {"question": None})
    context = {
        "question": ask(
            item_of(first.revision), first.option_order, opened=sign_moment(timezone.now())
        ),
        "draw": first.sign(),
        "resume": where_they_were(request.learner, now=timezone.now()),
    }
    return render(request, "attempts/first_question.html", context)


def answer_first_question(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        first = read_first_draw(request.POST.get("draw", ""))
    except DrawExpired:
        messages.info(request, _("That question had expired; here it is again."))
        return see_other("first_question")
    item = item_of(first.revision)
    form = AnswerForm(request.POST, item=item, option_order=first.option_order)
    if not form.is_valid():
        context = {
            "question": ask(
                item,
                first.option_order,
                opened=request.POST.get("opened", ""),
                response=form.response,
            ),
            "draw": request.POST["draw"],
            "form": form,
        }
        return render(request, "attempts/first_question.html", context, status=422)
    try:
        slot = start_first(ensure_learner(request), first, now=now)
    except DrawExpired:
        messages.info(request, _("That question had expired; here it is again."))
        return see_other("first_question")
    check_answer(find_place(first.attempt_uuid, 1, request.learner), read_answer(form), now=now)
    finish(slot.attempt, now=now)
    return see_other(slot)


def read_answer(form: AnswerForm) -> Answer:
    return Answer(
        response=form.response,
        save_id=form.cleaned_data["save_id"],
        opened_at=form.cleaned_data["opened"],
        certainty=form.cleaned_data["certainty"],
    )


@login_not_required
@never_cache
def attempt(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Leads to where the learner is: the last question they were at, or the result."""
    attempt = get_object_or_404(Attempt.objects.owned_by(request.learner), uuid=uuid)
    if finish_if_over(attempt, now=timezone.now()):
        tell_time_is_up(request)
    if attempt.is_finished:
        return redirect(attempt.get_result_url())
    slot = goes_on_at(attempt)
    if slot is None:
        return redirect("attempt_submission" if attempt.is_exam else "result", uuid)
    return redirect(slot)


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_http_methods(["GET", "HEAD", "POST"])
def slot(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    if request.method == "POST" and request.POST.get("step") == "check":
        return answer_slot(request, uuid, position)
    if request.method == "POST" and "base_seq" in request.POST:
        return take_answer(request, uuid, position)
    slot = get_slot(request, uuid, position)
    if finish_if_over(slot.attempt, now=timezone.now()):
        tell_time_is_up(request)
        return lead_to(request, slot.attempt.get_result_url())
    if slot.attempt.is_exam and not slot.attempt.is_finished:
        return show_question(request, slot)
    return go_on(request, slot) if request.method == "POST" else show_slot(request, slot)


def get_slot(request: HttpRequest, uuid: uuid.UUID, position: int) -> Slot:
    slots = Slot.objects.select_related("attempt", "revision").owned_by(request.learner)
    return get_object_or_404(slots, attempt__uuid=uuid, position=position)


def answer_slot(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    place = find_place(uuid, position, request.learner)
    if place is None:
        raise Http404
    if place.mode == Attempt.Mode.EXAM:
        raise Http404  # an exam's form has other fields, and judges nothing
    if not place.is_checked and not place.is_open(timezone.now()):
        messages.info(request, _("This set was finished before; the answer was not counted."))
        return lead_to(request, reverse("result", args=[uuid]))
    if not place.is_checked:
        form = AnswerForm(
            request.POST,
            item=place.item,
            option_order=place.option_order,
            stored=place.response,
        )
        if not form.is_valid():
            return show_slot(request, get_slot(request, uuid, position), form)
        answer = read_answer(form)
        if place.item.lab:
            answer = replace(answer, response=lab_response(answer.response, request.learner))
        check_answer(place, answer, now=timezone.now())
    if request.htmx:
        return show_slot(request, get_slot(request, uuid, position))
    return see_other(request.path)


def show_slot(request: HttpRequest, slot: Slot, form: AnswerForm | None = None) -> HttpResponse:
    item = item_of(slot.revision)
    if slot.is_checked or slot.attempt.is_finished:
        question = judge(
            item,
            slot.option_order,
            response=slot.response,
            mark=slot.mark or 0,
            max_mark=slot.max_mark,
            lab=lab_of(slot),
        )
    else:
        question = ask(
            item,
            slot.option_order,
            opened=form.data.get("opened", "") if form else sign_moment(timezone.now()),
            response=form.response if form else None,
            lab=lab_of(slot),
        )
    context = {
        "slot": slot,
        "attempt": slot.attempt,
        "question": question,
        "form": form,
        "certainties": Slot.Certainty.choices,
        "now": timezone.now(),
        "is_bookmarked": not request.htmx and is_bookmarked(request.learner, slot),
        "around": around(request.GET, slot),
        "topic": Topic.objects.get(questions__revisions=slot.revision_id),
        "n_slots": slot.attempt.slots.count(),
    }
    template = "attempts/_slot.html" if request.htmx else "attempts/slot.html"
    return render(request, template, context, status=422 if form else 200)


def go_on(request: HttpRequest, slot: Slot) -> HttpResponse:
    following = slot.attempt.slots.filter(checked_at__isnull=True)
    target = following.filter(position__gt=slot.position).first() or following.first()
    if target is None:
        finish(slot.attempt, now=timezone.now())
    url = target.get_absolute_url() if target else slot.attempt.get_result_url()
    return lead_to(request, url)


def lead_to(request: HttpRequest, url: str) -> HttpResponse:
    """A whole page, also for htmx, which would set it into the fragment's place."""
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else see_other(url)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def result(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """The result of a finished attempt; POST ends an open one as it stands."""
    attempt = get_object_or_404(Attempt.objects.owned_by(request.learner), uuid=uuid)
    finish_if_over(attempt, now=timezone.now())
    if attempt.is_exam and not attempt.is_finished:
        return redirect("attempt_submission", uuid)
    if request.method == "POST":
        finish(attempt, now=timezone.now())
        return see_other(attempt.get_result_url())
    return show_result(request, attempt)
