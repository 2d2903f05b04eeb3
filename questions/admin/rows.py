"""The rows of a revision in its form: the columns that its kind uses, and no others."""

import secrets
from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..kinds import KINDS, Kind
from ..models import Option, Revision

FULL_WEIGHT = 1000
ALWAYS = ("position", "ident", "rationale")
GROUPS = {
    None: (("position", "ident"), ("is_key", "is_fixed"), "text", "rationale"),
    _("Matching"): ("counterpart",),
    _("Ordering"): ("group",),
    _("Short answers"): (
        ("pattern_kind", "weight"),
        ("exact_case", "exact_space"),
        ("matches", "misses"),
    ),
}
COLUMNS = (
    "text", "counterpart", "group", "pattern_kind", "weight", "exact_case", "exact_space",
    "matches", "misses", "is_key", "is_fixed",
)  # fmt: skip


def kind_of(request: HttpRequest, revision: Revision | None) -> Kind | None:
    """The kind as sent, else as saved; None on the empty form, where none was chosen yet."""
    name = request.POST.get("kind") or (revision and revision.kind)
    return KINDS.get(name or "")


class OptionForm(forms.ModelForm):
    """The id, which no learner sees, is made up where the author leaves it empty. What follows
    from the artefact is taken from there."""

    class Meta:
        model = Option
        fields = ["position", "ident", *COLUMNS, "rationale"]

    ident = forms.SlugField(label=_("id"), max_length=40, required=False)

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revision = revision
        if "weight" in self.fields and self.instance.pk is None:
            self.fields["weight"].initial = FULL_WEIGHT

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = KINDS.get(self.revision.kind, KINDS["single"])
        for name in set(COLUMNS) - set(kind.columns):
            setattr(self.instance, name, Option._meta.get_field(name).get_default())
        row = kind.row_at(self.revision.artefact, cleaned.get("position") or 0)
        if row:
            cleaned["ident"], self.instance.text = row
            if not self.instance.text:
                self.add_error("position", _("The artefact has nothing in this line."))
        cleaned["ident"] = cleaned.get("ident") or f"o-{secrets.token_hex(4)}"
        return cleaned


class OptionFormSet(BaseInlineFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "revision": self.instance}


class OptionInline(admin.StackedInline):
    model = Option
    form = OptionForm
    formset = OptionFormSet
    extra = 0
    verbose_name = _("row")
    verbose_name_plural = _("rows: options, pairs, steps, accepted answers or lines")

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        kind = kind_of(request, obj)
        return kind.rows_at_least if kind else 2

    def get_max_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        kind = kind_of(request, obj)
        return kind.rows_at_most if kind else 60

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = kind_of(request, obj)
        columns = {*ALWAYS, *(kind.columns if kind else COLUMNS)}
        fieldsets = []
        for title, lines in GROUPS.items():
            kept = [fitting for line in lines if (fitting := _fitting(line, columns))]
            if kept:
                folds = [] if kind or title is None else ["collapse"]
                fieldsets.append((title, {"fields": kept, "classes": folds}))
        return fieldsets

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("text", "counterpart", "rationale", "matches", "misses"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 60})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _fitting(line: str | tuple[str, ...], columns: set[str]) -> str | tuple[str, ...] | None:
    """Of a line of fields those that are among the columns."""
    if isinstance(line, str):
        return line if line in columns else None
    return tuple(name for name in line if name in columns) or None
