"""Search: the notes, and what a learner may read again about questions already answered."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Learner
from notes.models import Note, Passage
from notes.searching import Part, excerpt, terms_of
from questions.models import Question

from .models import Slot

MOST = 20
"""Results of each kind on the page."""
EXAMPLES = ["RCPT TO", "5.1.1", "STARTTLS", "greylisting", "MX preference"]


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Words, a command or a code"), max_length=200, required=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place to go to: `title` stands in `text` (a note; empty if it is the note itself)."""

    url: str
    title: str
    text: str
    parts: list[Part]


@login_not_required
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    terms = terms_of(query)
    context = {
        "form": form,
        "terms": terms,
        "notes": find_notes(terms),
        "questions": find_questions(request.learner, terms),
        "most": MOST,
        "examples": EXAMPLES,
        "has_answered": _readable(request.learner).exists(),
    }
    return render(request, "attempts/search.html", context)


def find_notes(terms: list[str]) -> list[Hit]:
    titles = dict(Note.objects.shown().values_list("slug", "title"))
    found = Passage.objects.filter(kind=Passage.Kind.NOTE, key__in=titles).matching(terms)
    return [
        Hit(
            url=reverse("note", args=[passage.key])
            + (f"#n-{passage.anchor}" if passage.anchor else ""),
            title=passage.title,
            text=titles[passage.key] if passage.anchor else "",
            parts=excerpt(passage.text, terms),
        )
        for passage in found[:MOST]
    ]


def find_questions(learner: Learner | None, terms: list[str]) -> list[Hit]:
    """Only questions with feedback: others would give keys away. Each where it was met last."""
    readable = _readable(learner)
    hashes = readable.values("revision__content_hash")
    found = Passage.objects.filter(kind=Passage.Kind.QUESTION, key__in=hashes)
    passages = list(found.matching(terms)[:MOST])
    slots = _slots_by_hash(readable, [passage.key for passage in passages])
    return [
        Hit(
            url=slots[passage.key].get_absolute_url(),
            title=passage.title,
            text="",
            parts=excerpt(passage.text, terms),
        )
        for passage in passages
    ]


def _readable(learner: Learner | None) -> "QuerySet[Slot]":
    """Slots whose explanation was shown, without the reserve that is kept for exams."""
    checked = Slot.objects.owned_by(learner).checked()
    return checked.exclude(revision__question__pool=Question.Pool.PROBE)


def _slots_by_hash(slots: "QuerySet[Slot]", hashes: Iterable[str]) -> dict[str, Slot]:
    met = slots.filter(revision__content_hash__in=hashes).select_related("attempt", "revision")
    return {slot.revision.content_hash: slot for slot in met.order_by("pk")}
