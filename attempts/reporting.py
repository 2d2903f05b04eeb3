"""Learners report questions that seem faulty, and read what became of it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Learner
from accounts.redirecting import see_other

from .models import Report, Slot

REPORTS_A_DAY = 20


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ["reason", "comment"]
        help_texts = {
            "comment": gettext_lazy("Needed for “something else”, welcome for the others.")
        }
        widgets = {
            "reason": forms.RadioSelect,
            "comment": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = Report.Reason.choices  # none is chosen for the learner


def has_reported_enough(learner: Learner, now: datetime) -> bool:
    since = now - timedelta(days=1)
    return Report.objects.owned_by(learner).filter(created_at__gt=since).count() >= REPORTS_A_DAY


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slot_report(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    """Also in an exam: the page repeats the question and nothing of its key."""
    slots = Slot.objects.owned_by(request.learner).shown().select_related("attempt", "revision")
    slot = get_object_or_404(slots, attempt__uuid=uuid, position=position)
    if request.method != "POST":
        return show_form(request, slot, ReportForm(), 200)
    report = Report(learner=request.learner, revision=slot.revision, slot=slot)
    form = ReportForm(request.POST, instance=report)
    if not form.is_valid():
        return show_form(request, slot, form, 422)
    if has_reported_enough(request.learner, timezone.now()):
        form.add_error(
            None,
            _("You have reported %(n)d questions in the last 24 hours. Try again later.")
            % {"n": REPORTS_A_DAY},
        )
        return show_form(request, slot, form, 429)
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        messages.info(request, _("You had reported this before. An author will look at it."))
    else:
        messages.success(request, _("Thank you. An author will look at it."))
    return see_other(slot)


def show_form(request: HttpRequest, slot: Slot, form: ReportForm, status: int) -> HttpResponse:
    context = {"slot": slot, "attempt": slot.attempt, "form": form}
    return render(request, "attempts/report.html", context, status=status)


@login_not_required
@never_cache
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What the learner reported, with the authors' answers."""
    mine = Report.objects.owned_by(request.learner).select_related("revision", "slot__attempt")
    return render(request, "attempts/reports.html", {"reports": mine})
