"""Practice: choosing a set, seeing how many questions fit, starting it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.learners import ensure_learner
from accounts.models import Learner
from accounts.redirecting import see_other

from ..drawing.choosing import NotEnoughQuestions
from ..limiting import is_too_often
from ..models import Attempt
from ..results.advising import kept_out, practisable
from ..results.result import result_of
from ..starting import start_practice
from .covering import Coverage, coverage
from .filtering import Which, count_fitting, explain_nothing, matching, topics_of
from .forms import NUMBER, PracticeForm, objectives_in_practice

STARTS_AN_HOUR = 120


@login_not_required
@never_cache
@vary_on_headers("HX-Request")
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest) -> HttpResponse:
    """POST starts a set, or with `step=count` only tells how many questions fit. As a fragment
    it is that sentence alone."""
    data = request.POST if request.method == "POST" else request.GET
    form = PracticeForm(data, learner=request.learner)
    if request.method == "POST" and form.is_valid():
        if data.get("step") == "count":
            return show_count(request, form)
        if is_too_often(request, "practice-start", STARTS_AN_HOUR):
            return render(request, "429.html", status=429)
        if started := start(request, form):
            return see_other(started)
    return show_choice(request, form)


def show_count(request: HttpRequest, form: PracticeForm) -> HttpResponse:
    """The page again, at an address that holds the choice and can be kept."""
    kept = [(name, value) for name, value in form.data.lists() if name in form.fields]
    return see_other(f"{request.path}?{urlencode(kept, doseq=True)}#matching")


def start(request: HttpRequest, form: PracticeForm) -> Attempt | None:
    """None where nothing fits."""
    learner, choice, wanted = ensure_learner(request), form.choice, form.cleaned_data["number"]
    questions, now = matching(learner, choice), timezone.now()
    how = {"topics": topics_of(choice), "minutes": form.cleaned_data["minutes"]}
    try:
        attempt = start_practice(learner, questions, wanted, now=now, **how)
    except NotEnoughQuestions as shortage:
        if not shortage.have:
            return None
        attempt = start_practice(learner, questions, shortage.have, now=now, **how)
        messages.info(
            request,
            _("There are %(have)d questions of that choice, so this set has %(have)d.")
            % {"have": shortage.have},
        )
    if choice.attempt and (kept := kept_out(practisable(result_of(choice.attempt)))):
        messages.info(request, _("Of what you missed: %(kept)s.") % {"kept": kept})
    return attempt


def show_choice(request: HttpRequest, form: PracticeForm) -> HttpResponse:
    context = {"form": form, "n_matching": 0}
    if form.is_valid():
        context["n_matching"] = count_fitting(request.learner, form.choice)
        if not context["n_matching"]:
            context["nothing"] = explain_nothing(request.learner, form.choice)
    if request.htmx:
        status = 422 if form.errors else 200
        return render(request, "attempts/_matching.html", context, status=status)
    refused = request.method == "POST" or bool(form.errors)
    context |= {
        "refused": refused,
        "number": form.data.get("number") or NUMBER,
        "which": Which.choices,
        "areas": areas(request.learner, set(form.data.getlist("topics"))),
        "objectives": objectives_in_practice(),
        "kinds": form.fields["kinds"].choices,
        "chosen": {name: set(form.data.getlist(name)) for name in form.fields},
        "open_attempts": Attempt.objects.owned_by(request.learner).open().with_counts()[:3],
    }
    return render(request, "attempts/practice.html", context, status=422 if refused else 200)


@dataclass(frozen=True, slots=True)
class Area:
    """Topics that belong together; open on the page where one of them is chosen."""

    name: str
    topics: list[Coverage]
    is_open: bool

    @property
    def n_met(self) -> int:
        return sum(each.n_met for each in self.topics)

    @property
    def n_questions(self) -> int:
        return sum(each.n_questions for each in self.topics)


def areas(learner: Learner | None, chosen: set[str]) -> list[Area]:
    grouped: dict[str, list[Coverage]] = {}
    for covered in coverage(learner):
        grouped.setdefault(covered.topic.area, []).append(covered)
    return [
        Area(name, topics, any(each.topic.slug in chosen for each in topics))
        for name, topics in grouped.items()
    ]
