"""What a learner does with a session of theirs: keep it, share it, take it away, delete it."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.learners import ensure_learner
from accounts.redirecting import see_other

from . import live
from .forms import KeepingForm, SharingForm
from .models import SandboxSession
from .viewing.exporting import as_dialogue, as_objects

KEPT_PER_LEARNER = 50


class TooManyKept(Exception):
    """The learner keeps as many sessions as one may."""


def keep(session: SandboxSession) -> None:
    with transaction.atomic():
        own = SandboxSession.objects.filter(learner=session.learner, kept=True)
        if own.exclude(pk=session.pk).count() >= KEPT_PER_LEARNER:
            raise TooManyKept
        session.kept = True
        session.save(update_fields=["kept"])


def release(session: SandboxSession) -> None:
    session.kept = False
    session.save(update_fields=["kept"])


def share(session: SandboxSession) -> None:
    """A link that is out already stays as it is."""
    if session.share_key is None:
        session.share_key = uuid.uuid4()
        session.save(update_fields=["share_key"])


def unshare(session: SandboxSession) -> None:
    """Who still follows it by the link is cut off."""
    session.share_key = None
    session.save(update_fields=["share_key"])
    _look_again(session)


def _look_again(session: SandboxSession) -> None:
    """Streams of the session ask anew whether they may go on, and where it has gone to."""
    live.publish_rows(session.uuid, (), ended=True)


def find_owned(request: HttpRequest, uuid: uuid.UUID) -> SandboxSession:
    """Who keeps or shares what a program on this machine left makes it their own."""
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    if session.learner_id is None:
        learner = ensure_learner(request)
        SandboxSession.objects.filter(pk=session.pk, learner=None).update(learner=learner)
        _look_again(session)
        session = get_object_or_404(SandboxSession.objects.owned_by(learner), uuid=uuid)
    return session


@login_not_required
@require_POST
def sandbox_keeping(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = find_owned(request, uuid)
    form = KeepingForm(request.POST)
    if form.is_valid() and form.cleaned_data["kept"]:
        try:
            keep(session)
        except TooManyKept:
            text = ngettext(
                "You keep %(n)d session already; let go of one first.",
                "You keep %(n)d sessions already; let go of one first.",
                KEPT_PER_LEARNER,
            )
            messages.error(request, text % {"n": KEPT_PER_LEARNER})
    else:
        release(session)
    return see_other(f"{session.get_absolute_url()}#keeping")


@login_not_required
@require_POST
def sandbox_sharing(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = find_owned(request, uuid)
    form = SharingForm(request.POST)
    if form.is_valid() and form.cleaned_data["shared"]:
        share(session)
    else:
        unshare(session)
    return see_other(f"{session.get_absolute_url()}#keeping")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_deletion(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Nothing brings it back, hence a page that asks. What a program still talks in stays."""
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    in_use = session.channel == "tcp" and session.ended_at is None
    if request.method == "POST" and not in_use:
        session.delete()
        _look_again(session)
        messages.success(request, _("The session is deleted."))
        return see_other("sandbox_sessions")
    context = {"session": session, "in_use": in_use, "n_rows": session.events.count()}
    status = 409 if request.method == "POST" else 200
    return render(request, "sandbox/deletion.html", context, status=status)


@login_not_required
@never_cache
@require_safe
def sandbox_transcript(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    text = as_dialogue(session, session.events.order_by("seq"))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file(session)}.txt"'
    return response


@login_not_required
@never_cache
@require_safe
def sandbox_rows(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(SandboxSession.objects.visible_to(request.learner), uuid=uuid)
    response = JsonResponse(as_objects(session, session.events.order_by("seq")))
    response.headers["Content-Disposition"] = f'attachment; filename="{_file(session)}.json"'
    return response


def _file(session: SandboxSession) -> str:
    return f"smtp-session-{session.started_at:%Y%m%d-%H%M%S}"
