"""The authors' page for notes: the text, checked and set when it is saved."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import Note, NoteSource
from .searching import index_note
from .writing import problems_of, set_row


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["slug", "title", "summary", "body", "checked_on", "position", "retired_at"]
        widgets = {"body": forms.Textarea(attrs={"rows": 32, "cols": 100})}

    def clean_body(self) -> str:
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        problems = problems_of(body, slug=self.instance.slug or self.data.get("slug", ""))
        if problems:
            raise forms.ValidationError(problems)
        return body.strip() + "\n"


class NoteSourceInline(admin.TabularInline):
    model = NoteSource
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    extra = 0


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    form = NoteForm
    list_display = ["title", "slug", "checked_on", "has_newer_file", "updated_at"]
    list_filter = ["checked_on"]
    search_fields = ["title", "slug", "body"]

    def get_readonly_fields(self, request: HttpRequest, obj: Note | None = None) -> list[str]:
        return ["waiting_file", *(["slug"] if obj else [])]

    fields = [*NoteForm.Meta.fields, "waiting_file"]
    inlines = [NoteSourceInline]

    @admin.display(description=_("newer file version waits"), boolean=True)
    def has_newer_file(self, note: Note) -> bool:
        return bool(note.waiting_file)

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        set_row(obj)
        super().save_model(request, obj, form, change)
        index_note(obj)
