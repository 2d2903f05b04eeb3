"""What learners send: a practice choice, an answer."""

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from questions.items import Item
from questions.kinds import KINDS, Malformed, Response
from questions.models import Question, Topic

OPENED_SALT = "slot-opened"


def sign_moment(shown_at: datetime) -> str:
    """The moment a question was shown, for its form: kept by nobody until the answer comes."""
    return signing.dumps(shown_at.isoformat(), salt=OPENED_SALT)


class PracticeForm(forms.Form):
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(), required=False, to_field_name="slug", label=_("Topics")
    )
    number = forms.IntegerField(min_value=1, max_value=90, initial=10, label=_("Questions"))
    only = forms.ChoiceField(
        label=_("Which ones"),
        choices=[
            ("any", _("any; those you have not met come first")),
            ("unseen", _("only those you have not met")),
            ("missed", _("only those you last got wrong")),
        ],
        initial="any",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].queryset = Topic.objects.filter(
            questions__in=Question.objects.practice()
        ).distinct()

    def clean_only(self) -> str:
        return self.cleaned_data["only"] or "any"


class AnswerForm(forms.Form):
    """An answer to one slot, in the fields of its kind.

    `response` keeps what was answered even when it is refused as incomplete.
    """

    step = forms.ChoiceField(choices=[("check", ""), ("continue", "")])
    save_id = forms.UUIDField(required=False)
    opened = forms.CharField(required=False)

    def __init__(self, data: QueryDict, *, item: Item, option_order: list[str]) -> None:
        super().__init__(data)
        self.item = item
        self.option_order = option_order
        self.response: Response = None

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
        try:
            self.response = kind.hear(self.item, self.option_order, dict(self.data.lists()))
        except Malformed as error:
            raise forms.ValidationError(
                _("%(problem)s Nothing was saved."), params={"problem": error}
            ) from error
        lack = kind.lack(self.item, self.response)
        if lack and cleaned.get("step") == "check":
            raise forms.ValidationError(gettext(lack.message) % lack.values)
        return cleaned
