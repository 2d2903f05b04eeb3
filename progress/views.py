"""The learner's own page: what was done, how it went, what to do next."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attempts.models import Attempt

from .standing import answers_of, last_exams, next_unmet, standings, weakest

ATTEMPTS_PER_PAGE = 20
EXAMS_SHOWN = 5


@login_not_required
@never_cache
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    topics = standings(request.learner)
    attempts = Attempt.objects.owned_by(request.learner).with_counts()
    context = {
        "topics": topics,
        "weakest": weakest(topics),
        "unmet": next_unmet(topics),
        **answers_of(request.learner),
        "exams": last_exams(request.learner, EXAMS_SHOWN),
        "attempts": Paginator(attempts, ATTEMPTS_PER_PAGE).get_page(request.GET.get("page")),
        "open_attempt": attempts.open().first(),
    }
    return render(request, "progress/progress.html", context)
