"""Finds and makes the learner behind a request."""

from django.http import HttpRequest

from .claiming import claim
from .models import Learner

SESSION_KEY = "guest"


def find_learner(request: HttpRequest) -> Learner | None:
    """The account's learner, else the guest named in the session, else None. Only reads."""
    if request.user.is_authenticated:
        return Learner.objects.filter(user=request.user).first()
    guest_id = request.session.get(SESSION_KEY)
    if guest_id is None:
        return None
    return Learner.objects.guests().filter(pk=guest_id).first()


def ensure_learner(request: HttpRequest) -> Learner:
    """The learner behind a POST; a stranger becomes a guest, named in the session."""
    if request.learner is None:
        if request.user.is_authenticated:
            request.learner = Learner.objects.get_or_create(user=request.user)[0]
        else:
            request.learner = Learner.objects.create()
            request.session[SESSION_KEY] = request.learner.pk
    elif request.learner.is_guest:
        request.session.modified = True  # the 30 days count from what was begun last
    return request.learner


def claim_guest(request: HttpRequest) -> None:
    """After a login or a sign-up: what the session's guest made goes to the account."""
    if SESSION_KEY in request.session and request.user.is_authenticated:
        claim(request.session[SESSION_KEY], request.user)
        del request.session[SESSION_KEY]
