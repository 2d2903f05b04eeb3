"""Labs as questions: begun from a slot, measured when it is marked, shown with their steps."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.learners import ensure_learner
from accounts.models import Learner
from accounts.redirecting import see_other
from questions.kinds import Response
from questions.showing import lab_asked, lab_judged
from sandbox.labs.grading import Grade
from sandbox.labs.practising import end_run, measure, start_run
from sandbox.labs.returning import remember_way_back
from sandbox.models import Lab, LabRun

from .answering import Answer, Place, Saved, find_place, save_answer
from .models import Attempt, Slot
from .sitting.sheets import is_ahead


@login_not_required
@require_POST
def slot_lab(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    """Begins the lab of a slot, or goes on with it. The run is the slot's response."""
    place = find_place(uuid, position, request.learner)
    is_examined = place is not None and place.mode == Attempt.Mode.EXAM
    if place is None or not place.item.lab or (is_examined and is_ahead(place)):
        raise Http404
    lab = get_object_or_404(Lab.objects.live(), slug=place.item.lab)
    question = reverse("slot", args=[uuid, position])
    learner = ensure_learner(request)
    if place.is_checked or not place.is_open(timezone.now()):
        messages.info(request, _("This question is closed; the lab was not begun."))
        return lead_to(request, question)
    if not is_examined and learner.lab_runs.open().filter(lab=lab, is_examined=True).exists():
        messages.info(request, _("This lab is part of an exam of yours. Finish that first."))
        return lead_to(request, question)
    if not is_begun(place.response, learner) and not begin(place, learner, lab):
        messages.info(request, _("This question has changed in another window. Look again."))
        return lead_to(request, question)
    remember_way_back(request, lab.slug, question)
    return lead_to(request, f"{lab.get_absolute_url()}#console")


def begin(place: Place, learner: Learner, lab: Lab) -> bool:
    """False if another window was faster, or the question has been closed meanwhile."""
    run = start_run(learner, lab, is_examined=place.mode == Attempt.Mode.EXAM)
    answer = Answer({"run": str(run.uuid)}, uuid.uuid4(), base_seq=place.seq)
    if save_answer(place, answer, now=timezone.now()) is Saved.SAVED:
        return True
    if Slot.objects.get(pk=place.slot_id).response == answer.response:
        return True  # a double click
    end_run(run, now=timezone.now())
    return False


def lead_to(request: HttpRequest, url: str) -> HttpResponse:
    """A whole page, also for htmx, which would set it into the fragment's place."""
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else see_other(url)


def run_of(response: Response, learner: Learner, until: datetime | None = None) -> LabRun | None:
    """The last try: the run that the slot names, or the newest one begun anew after it."""
    named = learner.lab_runs.filter(uuid=(response or {}).get("run")).first()
    if named is None:
        return None
    family = learner.lab_runs.filter(lab=named.lab_id, is_examined=named.is_examined)
    if until:
        family = family.filter(started_at__lte=until)
    return family.filter(pk__gte=named.pk).select_related("lab", "learner").order_by("-pk").first()


def is_begun(response: Response, learner: Learner) -> bool:
    run = run_of(response, learner)
    return run is not None and run.ended_at is None


def lab_response(
    response: Response, learner: Learner, *, until: datetime | None = None
) -> Response:
    """The response with what the server has heard by now, or `until` an exam was over, whose
    run ends with it."""
    run = run_of(response, learner, until)
    if run is None:
        return response
    grade = measure(run, until=until).grade
    if run.is_examined and run.ended_at is None:
        end_run(run, now=timezone.now())
    met = ids_met(grade)
    return {
        "run": str(run.uuid),
        "steps": len(grade.steps) + len(grade.checks),
        "done": len(met),
        "broken": bool(grade.breaches),
        "passed": grade.passed,
        "missed": "" if grade.breaches else grade.because,
        "met": met,
        "breached": [breach.ban.id for breach in grade.breaches],
        "turns": [taken.turn.turn for taken in grade.turns],
    }


def ids_met(grade: Grade) -> list[str]:
    """What has to hold at the end holds only once the steps are done."""
    done = [step.step.id for step in grade.steps if step.heard]
    held = [check.check.id for check in grade.checks if check.is_met and not grade.missed]
    return done + held


def lab_of(slot: Slot) -> dict[str, Any]:
    """What a page shows of the slot's lab; empty for other kinds. Steps come with feedback."""
    lab = slot.revision.lab
    if lab is None:
        return {}
    if slot.checked_at or slot.attempt.is_finished:
        return judged_lab(slot, lab)
    return {
        **lab_asked(lab.file),
        "begin_url": reverse("slot_lab", args=[slot.attempt.uuid, slot.position]),
        "is_begun": bool(slot.response),
    }


def judged_lab(slot: Slot, lab: Lab) -> dict[str, Any]:
    run = LabRun.objects.filter(uuid=(slot.response or {}).get("run")).first()
    sessions = list(run.sessions.order_by("pk")) if run else []
    return {**lab_judged(lab.file, slot.response), "sessions": sessions}
