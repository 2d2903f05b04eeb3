"""Names the person behind a request: `request.learner`, None until a guest's first POST."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .learners import find_learner


class LearnerMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.learner = find_learner(request)
        return self.get_response(request)
