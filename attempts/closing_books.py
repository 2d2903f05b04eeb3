"""While a learner's timed exam runs, what holds its answers is closed to that learner."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from .models import Attempt
from .timing import GRACE

BOOKS = {"notes", "note", "proof", "watch", "watched", "annotate", "search"}
"""Pages that explain. Labs and the console stay open: a question may need them."""


class ClosedBooksMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if request.resolver_match.url_name not in BOOKS or request.learner is None:
            return None
        attempt = running_exam(request)
        if attempt is None:
            return None
        return render(request, "attempts/books_closed.html", {"attempt": attempt}, status=403)


def running_exam(request: HttpRequest) -> Attempt | None:
    now = timezone.now()
    attempts = Attempt.objects.owned_by(request.learner).open()
    return attempts.filter(mode=Attempt.Mode.EXAM, deadline_at__gte=now - GRACE).first()
