"""What learners send to the sandbox: a choice of server, lines to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .smtp import PROFILES

LINE_CHARACTERS = 2000  # more than any command line may have, so that one can be tried
TEXT_CHARACTERS = 65_536


class ConsoleForm(forms.Form):
    profile = forms.ChoiceField(
        label=_("Which server"),
        choices=[(profile.name, profile.title) for profile in PROFILES.values()],
        initial="modern",
        widget=forms.RadioSelect,
    )


class LinesForm(forms.Form):
    """One of four: a line typed, a line picked, several lines, the text of a message.

    `cleaned_data["text"]` is what to say; of a message `is_message` is true.
    """

    chip = forms.CharField(required=False, strip=False, max_length=LINE_CHARACTERS)
    line = forms.CharField(
        label=_("SMTP command"), required=False, strip=False, max_length=LINE_CHARACTERS
    )
    lines = forms.CharField(
        label=_("Several lines"), required=False, strip=False, max_length=TEXT_CHARACTERS
    )
    message = forms.CharField(
        label=_("Your message"), required=False, strip=False, max_length=TEXT_CHARACTERS
    )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        cleaned["is_message"] = "message" in self.data
        if cleaned["is_message"]:
            cleaned["text"] = cleaned.get("message", "")
            return cleaned
        cleaned["text"] = cleaned.get("chip") or cleaned.get("lines") or cleaned.get("line", "")
        if not cleaned["text"] and not self.errors:
            self.add_error("line", _("Type a command first, or pick one of those below."))
        return cleaned


class TranscriptForm(forms.Form):
    whole = forms.BooleanField(required=False)


class KeepingForm(forms.Form):
    kept = forms.BooleanField(required=False)


class SharingForm(forms.Form):
    shared = forms.BooleanField(required=False)
