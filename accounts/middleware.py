"""Names the person behind a request: `request.learner`, None until a guest's first POST."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .learners import claim_guest, find_learner


class LearnerMiddleware:
    """Pages show times in the learner's zone. After a request that logged somebody in, the
    session's guest is claimed: in that POST, so that no GET writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.learner = find_learner(request)
        with timezone.override(request.learner.zone if request.learner else None):
            response = self.get_response(request)
        claim_guest(request)
        return response
