"""What learners send: a practice choice, an answer."""

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from questions.items import Item
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
    """An answer to one slot. On the wire an option is its place in `option_order`.

    `chosen` keeps the choice, as option ids, even when it is refused.
    """

    step = forms.ChoiceField(choices=[("check", ""), ("continue", "")])
    save_id = forms.UUIDField(required=False)
    opened = forms.CharField(required=False)
    choice = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: Any, *, item: Item, option_order: list[str]) -> None:
        super().__init__(data)
        self.item = item
        self.option_order = option_order
        self.chosen: list[str] = []
        self.fields["choice"].choices = [(place, "") for place in range(len(option_order))]
        self.fields["choice"].error_messages["invalid_choice"] = _(
            "%(value)s is not one of the options. Nothing was saved."
        )

    def clean_opened(self) -> datetime | None:
        """When the form was shown; a forged or old mark is no reason to lose an answer."""
        try:
            shown_at = signing.loads(self.cleaned_data["opened"] or "", salt=OPENED_SALT)
        except signing.BadSignature:
            return None
        return parse_datetime(shown_at)

    def clean_choice(self) -> list[str]:
        """The chosen option ids, in the order shown."""
        places = sorted(set(self.cleaned_data["choice"]))
        self.chosen = [self.option_order[place] for place in places]
        return self.chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = cleaned.get("choice")
        if cleaned.get("step") == "check" and chosen is not None:
            wanted = self.item.choose
            if len(chosen) != wanted:
                self.add_error(
                    "choice",
                    ngettext(
                        "Choose one option. Nothing was saved yet.",
                        "Choose %(wanted)d options; you chose %(chosen)d. Nothing was saved yet.",
                        wanted,
                    )
                    % {"wanted": wanted, "chosen": len(chosen)},
                )
        return cleaned
