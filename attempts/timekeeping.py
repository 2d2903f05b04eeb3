"""A learner's time in exams: set once, kept with a record, at work at once in a running exam."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.learners import ensure_learner
from accounts.models import Learner, TimeChange
from accounts.redirecting import see_other

from .forms import StartForm
from .models import Attempt
from .timing import deadline_of


@login_not_required
@never_cache
@require_POST
def settings_time(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST)
    if form.is_valid():
        set_time(ensure_learner(request), form.cleaned_data["time_percent"], now=timezone.now())
        messages.success(request, _("Your time in exams is set."))
    else:
        messages.error(request, _("Choose one of the times. Nothing was changed."))
    return see_other("settings")


@transaction.atomic
def set_time(learner: Learner, time_percent: int, *, now: datetime) -> None:
    """A running exam is only ever lengthened by it: what was granted stays."""
    before = learner.time_percent
    if before == time_percent:
        return
    learner.time_percent = time_percent
    learner.save(update_fields=["time_percent"])
    TimeChange.objects.create(learner=learner, at=now, before=before, after=time_percent)
    running = Attempt.objects.select_for_update().open().filter(learner=learner, mode="exam")
    for attempt in running.filter(minutes__isnull=False, deadline_at__isnull=False):
        deadline_at = deadline_of(attempt.started_at, attempt.minutes, time_percent)
        if not attempt.is_over(now) and (deadline_at is None or deadline_at > attempt.deadline_at):
            attempt.time_percent, attempt.deadline_at = time_percent, deadline_at
            attempt.save(update_fields=["time_percent", "deadline_at"])
