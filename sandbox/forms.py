"""What learners send to the sandbox: a choice of server, lines to say, wishes for a session."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .smtp import FAULTS, PROFILES
from .spelling import BadEscape, as_chunk, read_escapes, split_lines

LINE_CHARACTERS = 2000  # more than any command line may have, so that one can be tried
TEXT_CHARACTERS = 65_536
LONGEST_WAIT_SECONDS = 86_400


_STEPS = {
    "connect": _("when you connect"),
    "EHLO": _("at EHLO"),
    "STARTTLS": _("at STARTTLS"),
    "AUTH": _("at the login"),
    "MAIL": _("at MAIL"),
    "RCPT": _("at RCPT"),
    "DATA": _("at DATA"),
    "end": _("after the message"),
    "any": _("at any time"),
}


def _plans() -> list[tuple[Any, Any]]:
    """Grouped by the step at which they strike."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for plan in FAULTS.values():
        groups.setdefault(plan.step, []).append((plan.name, plan.title))
    return [("", _("nothing: every reply is meant")), *((_STEPS[s], g) for s, g in groups.items())]


class ConsoleForm(forms.Form):
    profile = forms.ChoiceField(
        label=_("Which server"),
        choices=[(profile.name, profile.title) for profile in PROFILES.values()],
        initial="modern",
        widget=forms.RadioSelect,
    )
    nominal_port = forms.TypedChoiceField(
        label=_("Which port"),
        choices=[
            (25, _("25: between mail servers")),
            (587, _("587: submission, where a program logs in")),
            (465, _("465: submission with TLS from the first octet")),
        ],
        coerce=int,
        empty_value=25,
        initial=25,
        required=False,
        widget=forms.RadioSelect,
    )
    fault_plan = forms.ChoiceField(
        label=_("What goes wrong"),
        help_text=_("Planned, always the same, and said on the page when it happens."),
        choices=_plans,
        required=False,
    )
    line = forms.CharField(
        label=_("First command"), required=False, strip=False, max_length=LINE_CHARACTERS
    )


class LinesForm(forms.Form):
    """One of five: a line typed, a line picked, several lines, a message, a chunk.

    `cleaned_data` then has `kind` and what belongs to it: "lines" and "message" with `text`,
    "octets" with `octets`, to be sent as they are; `shape` is that of the prompt on the page.
    """

    HOW = [
        ("each", _("one by one: each waits for the answer to the one before")),
        ("one", _("as one write: none waits, so some come early")),
        ("exact", _("exact octets: nothing is added, \\r \\n \\t \\0 \\xNN are read as such")),
    ]

    chip = forms.CharField(required=False, strip=False, max_length=LINE_CHARACTERS)
    line = forms.CharField(
        label=_("SMTP command"), required=False, strip=False, max_length=LINE_CHARACTERS
    )
    lines = forms.CharField(
        label=_("Several lines"), required=False, strip=False, max_length=TEXT_CHARACTERS
    )
    how = forms.ChoiceField(label=_("How they go out"), choices=HOW, required=False)
    message = forms.CharField(
        label=_("Your message"), required=False, strip=False, max_length=TEXT_CHARACTERS
    )
    chunk = forms.CharField(
        label=_("Text of the chunk"), required=False, strip=False, max_length=TEXT_CHARACTERS
    )
    last = forms.BooleanField(required=False)
    shape = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        return {"shape": self.cleaned_data.get("shape", ""), **self._said()}

    def _said(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "message" in self.data:
            return {"kind": "message", "text": cleaned.get("message", "")}
        if "chunk" in self.data:
            octets = as_chunk(cleaned.get("chunk", ""), last=cleaned["last"])
            return {"kind": "octets", "octets": octets}
        if cleaned.get("lines"):
            return self._clean_several(cleaned["lines"])
        text = cleaned.get("chip") or cleaned.get("line", "")
        is_response = cleaned.get("shape", "").startswith("response")  # one may be empty
        if not (text or is_response or self.errors):
            self.add_error("line", _("Type a command first, or pick one of those below."))
        return {"kind": "lines", "text": text}

    def _clean_several(self, text: str) -> dict[str, Any]:
        how = self.cleaned_data.get("how")
        if how == "one":
            return {"kind": "octets", "octets": b"".join(split_lines(text))}
        if how != "exact":
            return {"kind": "lines", "text": text}
        try:
            return {"kind": "octets", "octets": read_escapes(text)}
        except BadEscape as error:
            complaint = _("%(escape)s is not an escape; a backslash itself is \\\\.")
            self.add_error("lines", complaint % {"escape": error})
            return {}


class ClockForm(forms.Form):
    seconds = forms.IntegerField(label=_("Seconds"), min_value=1, max_value=LONGEST_WAIT_SECONDS)


class TranscriptForm(forms.Form):
    whole = forms.BooleanField(required=False)


class KeepingForm(forms.Form):
    kept = forms.BooleanField(required=False)


class SharingForm(forms.Form):
    shared = forms.BooleanField(required=False)
