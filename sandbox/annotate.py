"""The page that explains a pasted transcript. It keeps nothing: no row, no session."""

from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import annotating

SAMPLES = Path(__file__).parent / "annotating" / "samples"
SHOWN_LINES = 500
_FORMATS = [(each.name, each.title) for each in annotating.FORMATS.values()]


class PastedField(forms.CharField):
    """A NUL, which a form may not hold, becomes its glyph."""

    def to_python(self, value: str | None) -> str:
        return super().to_python(value).replace("\0", "\u2400")


class AnnotateForm(forms.Form):
    """`cleaned_data["annotation"]` is the result."""

    text = PastedField(
        label=_("Transcript, log or bounce"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 14, "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
        ),
    )
    format = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=[("", _("Find out by itself")), *_FORMATS],
        required=False,
    )

    def clean(self) -> dict[str, object]:
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        try:
            cleaned["annotation"] = annotating.annotate(
                cleaned["text"], format=cleaned["format"] or None
            )
        except annotating.Unreadable as error:
            self.add_error("text", str(error))
        return cleaned


class SampleForm(forms.Form):
    sample = forms.ChoiceField(choices=_FORMATS, required=False)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def annotate(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return explain(request, AnnotateForm(request.POST))
    asked = SampleForm(request.GET)
    sample = asked.cleaned_data["sample"] if asked.is_valid() else ""
    text = (SAMPLES / f"{sample}.txt").read_text() if sample else ""
    return show(request, AnnotateForm(initial={"text": text}), sample=sample)


def explain(request: HttpRequest, form: AnnotateForm) -> HttpResponse:
    if not form.is_valid():
        return show(request, form, status=422)
    found = form.cleaned_data["annotation"]
    again = AnnotateForm(initial={"text": found.masked, "format": form.cleaned_data["format"]})
    return show(
        request,
        again,
        annotation=found,
        lines=found.lines[:SHOWN_LINES],
        n_left=max(0, len(found.lines) - SHOWN_LINES),
        format=annotating.FORMATS[found.format],
    )


def show(
    request: HttpRequest, form: AnnotateForm, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {"form": form, "formats": annotating.FORMATS.values(), **more}
    return render(request, "sandbox/annotate.html", context, status=status)
