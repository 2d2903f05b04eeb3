"""What learners send while they answer: an answer, a change of it, a look."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner
from questions.items import Item
from questions.kinds import KINDS, Malformed, Response

from .answering import Answer
from .models import Slot

OPENED_SALT = "slot-opened"


def sign_moment(shown_at: datetime) -> str:
    """The moment a question was shown, for its form: kept by nobody until the answer comes."""
    return signing.dumps(shown_at.isoformat(), salt=OPENED_SALT)


class ResponseForm(forms.Form):
    """The response to one slot, in the fields of its kind.

    `response` keeps what was answered even when the form is refused. A lab's is the one that the
    server has `stored`; its form says nothing of it.
    """

    save_id = forms.UUIDField(required=False)
    opened = forms.CharField(required=False)
    certainty = forms.ChoiceField(choices=Slot.Certainty, required=False)

    def __init__(
        self, data: QueryDict, *, item: Item, option_order: list[str], stored: Response = None
    ) -> None:
        super().__init__(data)
        self.item = item
        self.option_order = option_order
        self.response: Response = stored if KINDS[item.kind].is_served else None

    def clean_save_id(self) -> uuid.UUID:
        """A form of an old page names no change; it is a change all the same."""
        return self.cleaned_data["save_id"] or uuid.uuid4()

    def clean_opened(self) -> datetime | None:
        """When the form was shown; a forged or old mark is no reason to lose an answer."""
        try:
            shown_at = signing.loads(self.cleaned_data["opened"] or "", salt=OPENED_SALT)
        except signing.BadSignature:
            return None
        return parse_datetime(shown_at)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = KINDS[self.item.kind]
        if kind.is_served:
            return cleaned
        try:
            self.response = kind.hear(self.item, self.option_order, dict(self.data.lists()))
        except Malformed as error:
            raise forms.ValidationError(
                _("%(problem)s Nothing was saved."), params={"problem": error}
            ) from error
        return cleaned

    @property
    def lack(self) -> str:
        """What the response lacks to be complete, in a sentence; empty if nothing."""
        lack = KINDS[self.item.kind].lack(self.item, self.response)
        return gettext(lack.message) % lack.values if lack else ""


class AnswerForm(ResponseForm):
    """Practice: an answer that is to be judged at once has to be complete."""

    step = forms.ChoiceField(choices=[("check", ""), ("continue", "")])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("step") == "check" and self.lack:
            raise forms.ValidationError(
                _("%(lack)s Nothing was saved yet."), params={"lack": self.lack}
            )
        return cleaned


class ChangeForm(ResponseForm):
    """An exam: any change is saved, on top of the state (`base_seq`) it was made on."""

    base_seq = forms.IntegerField(min_value=0, max_value=2_147_483_647)
    looked_ms = forms.IntegerField(min_value=0, max_value=86_400_000, required=False)
    go = forms.ChoiceField(
        choices=[(go, "") for go in ("next", "previous", "review", "flag")], required=False
    )
    warned = forms.BooleanField(required=False)

    @property
    def answer(self) -> Answer:
        looked_ms = self.cleaned_data["looked_ms"]
        return Answer(
            response=self.response,
            save_id=self.cleaned_data["save_id"],
            opened_at=self.cleaned_data["opened"],
            looked=None if looked_ms is None else timedelta(milliseconds=looked_ms),
            base_seq=self.cleaned_data["base_seq"],
            certainty=self.cleaned_data["certainty"],
        )


class LookForm(forms.Form):
    looked_ms = forms.IntegerField(min_value=0, max_value=86_400_000, required=False)


class OverviewForm(forms.Form):
    show = forms.ChoiceField(
        label=_("Show"),
        choices=[
            ("all", _("all questions")),
            ("unanswered", _("those without an answer")),
            ("flagged", _("those you flagged")),
        ],
    )


class StartForm(forms.Form):
    time_percent = forms.TypedChoiceField(
        label=_("Time"), choices=Learner.TimePercent.choices, coerce=int
    )
