"""The form of a practice set: how many, which ones, with or without a clock."""

import uuid
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner
from questions.kinds import KINDS
from questions.models import Objective, Question, Topic

from ..models import Attempt
from .filtering import Choice, Which

NUMBER = 10


class PracticeForm(forms.Form):
    """What is left out narrows nothing. `attempt` asks for what was missed in it."""

    number = forms.IntegerField(min_value=1, max_value=90, required=False, label=_("Questions"))
    only = forms.ChoiceField(choices=Which, required=False, label=_("Which ones"))
    minutes = forms.IntegerField(min_value=1, max_value=300, required=False, label=_("Minutes"))
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), required=False, to_field_name="slug", label=_("Topics")
    )
    objectives = forms.ModelMultipleChoiceField(
        Objective.objects.all(), required=False, label=_("Exam objectives")
    )
    kinds = forms.MultipleChoiceField(
        choices=lambda: [(kind.name, _(kind.label)) for kind in KINDS.values()],
        required=False,
        label=_("Kinds of question"),
    )
    attempt = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, learner: Learner | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learner = learner

    def clean_number(self) -> int:
        return self.cleaned_data["number"] or NUMBER

    def clean_only(self) -> str:
        return self.cleaned_data["only"] or Which.ANY

    def clean_attempt(self) -> Attempt | None:
        """Only of one's own, and only once it is over: before, nothing tells what was missed."""
        wanted: uuid.UUID | None = self.cleaned_data["attempt"]
        if wanted is None:
            return None
        mine = Attempt.objects.owned_by(self.learner).filter(finished_at__isnull=False)
        attempt = mine.filter(uuid=wanted).first()
        if attempt is None:
            raise forms.ValidationError(_("There is no finished set of yours with this address."))
        return attempt

    @property
    def choice(self) -> Choice:
        return Choice(
            which=self.cleaned_data["only"],
            topics=tuple(self.cleaned_data["topics"]),
            objectives=tuple(self.cleaned_data["objectives"]),
            kinds=tuple(self.cleaned_data["kinds"]),
            attempt=self.cleaned_data["attempt"],
        )


def objectives_in_practice() -> Any:
    """Those that practice has questions of, by exam."""
    asked = Question.objects.practice().filter(current_revision__objectives=OuterRef("pk"))
    return Objective.objects.filter(Exists(asked)).order_by("exam__code", "exam__version", "code")
