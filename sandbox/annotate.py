"""The page that explains a pasted transcript. It keeps nothing: no row, no session."""

from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
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
        help_text=_(
            "At most 256 KiB and 5,000 lines. Nothing of it is stored; passwords in a login are "
            "not shown again."
        ),
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "autocapitalize": "off"}),
    )
    format = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=[("", _("Recognise it for me")), *_FORMATS],
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
@cache_control(private=True, no_cache=True)  # Back from a note finds the answer again
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
    lines = shown_lines(found)
    return show(
        request,
        again,
        annotation=found,
        lines=lines,
        n_left=len(found.lines) - len(lines),
        format=annotating.FORMATS[found.format],
    )


def shown_lines(found: annotating.Annotation) -> tuple[annotating.AnnotatedLine, ...]:
    """The line of the verdict is among them."""
    numbers = [each.number for each in found.lines]
    at = numbers.index(found.verdict.number) if found.verdict.number in numbers else 0
    start = 0 if at < SHOWN_LINES else min(at - SHOWN_LINES // 2, len(numbers) - SHOWN_LINES)
    return found.lines[start : start + SHOWN_LINES]


def show(
    request: HttpRequest, form: AnnotateForm, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {"form": form, "formats": annotating.FORMATS.values(), **more}
    return render(request, "sandbox/annotate.html", context, status=status)
