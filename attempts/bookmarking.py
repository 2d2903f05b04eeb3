"""Bookmarks: a learner keeps a question beyond the attempt it was met in."""

import uuid

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.models import Learner
from accounts.redirecting import see_other

from .models import Bookmark, Slot
from .practice.filtering import Choice, Which, count, matching

MOST = 90
"""So many questions a practice set may have."""


class BookmarkForm(forms.Form):
    """`on` is what the bookmark is to be; sent twice it stays so. `next` is the page it was
    sent from."""

    on = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda on: on == "1")
    next = forms.CharField(required=False)

    def clean_next(self) -> str:
        """Only a path of this site leads on; everything else is dropped."""
        path = self.cleaned_data["next"]
        is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        return path if is_ours else ""


def is_bookmarked(learner: Learner | None, slot: Slot) -> bool:
    return Bookmark.objects.owned_by(learner).filter(question__revisions=slot.revision_id).exists()


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_POST
def slot_bookmark(request: HttpRequest, uuid: uuid.UUID, position: int) -> HttpResponse:
    """Sets or removes the bookmark on the question of a slot.

    The address names the slot: a question's slug may hint at its key, and only what was shown
    may be kept, lest a list show questions that are reserved for exams.
    """
    slots = Slot.objects.owned_by(request.learner).shown().select_related("attempt", "revision")
    slot = get_object_or_404(slots, attempt__uuid=uuid, position=position)
    form = BookmarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    learner, question_id = ensure_learner(request), slot.revision.question_id
    if form.cleaned_data["on"]:
        Bookmark.objects.get_or_create(learner=learner, question_id=question_id)
    else:
        Bookmark.objects.owned_by(learner).filter(question=question_id).delete()
    if request.htmx:
        context = {
            "slot": slot,
            "is_bookmarked": form.cleaned_data["on"],
            "here": form.cleaned_data["next"],
        }
        return render(request, "attempts/_bookmark.html", context)
    return see_other(form.cleaned_data["next"] or "bookmarks")


@login_not_required
@never_cache
@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    """By topic, in teaching order; each leads to where it was met last."""
    shown = Slot.objects.owned_by(request.learner).shown()
    met = shown.filter(revision__question=OuterRef("question")).order_by("-attempt_id", "-pk")
    rows = (
        Bookmark.objects.owned_by(request.learner)
        .select_related("question__topic")
        .annotate(slot_pk=Subquery(met.values("pk")[:1]))
        .order_by("question__topic__position", "-created_at")
    )
    slots = Slot.objects.select_related("attempt", "revision").in_bulk(
        [row.slot_pk for row in rows]
    )
    practice = matching(request.learner, Choice(which=Which.BOOKMARKED))
    n_practice = count(practice)
    met_rows = [row for row in rows if row.slot_pk]
    behind = [*(f"bookmark-{row.pk}" for row in met_rows[1:]), "bookmarks"]
    context = {
        "rows": [
            {
                "topic": row.question.topic,
                "slot": slots[row.slot_pk],
                "place": f"bookmark-{row.pk}",
                "place_behind": place,  # where to be when this one is gone
            }
            for row, place in zip(met_rows, behind, strict=False)
        ],
        "n_practice": min(n_practice, MOST),
        "n_kept_out": len(rows) - practice.count(),
    }
    return render(request, "attempts/bookmarks.html", context)
