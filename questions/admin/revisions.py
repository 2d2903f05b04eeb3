"""Revisions: written as drafts, previewed, published, copied."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from ..models import Proof, Revision, Source
from ..publishing import NotPublishable, copy_to_draft, next_number, publish
from .rows import OptionInline


class RevisionForm(forms.ModelForm):
    """An artefact is kept to the letter: its lines are numbered, and some begin with spaces."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "artefact" in self.fields:
            self.fields["artefact"].strip = False

    def clean_artefact(self) -> str:
        return self.cleaned_data["artefact"].replace("\r\n", "\n").strip("\n")


class SourceInline(admin.StackedInline):
    model = Source
    fields = [("position", "standard", "section"), ("url", "title", "read_on")]
    autocomplete_fields = ["standard"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    extra = 0
    min_num = 1


class ProofInline(admin.StackedInline):
    model = Proof
    extra = 0
    max_num = 1


@admin.register(Revision)
class RevisionAdmin(admin.ModelAdmin):
    list_display = ["__str__", "stem_start", "state", "kind", "level", "author", "published_at"]
    list_filter = ["state", "kind", "level", "from_file", "question__topic"]
    search_fields = ["question__slug", "stem"]
    list_select_related = ["question", "author"]
    autocomplete_fields = ["question", "objectives", "note", "lab"]
    form = RevisionForm
    inlines = [OptionInline, SourceInline, ProofInline]
    actions = ["publish_selected"]
    readonly_fields = ["standing"]
    change_form_template = "admin/questions/revision_change_form.html"
    fieldsets = [
        (None, {"fields": ["standing", "question", "kind", "stem", "explanation"]}),
        (
            _("By kind"),
            {
                "fields": ["choose", "policy", "expects", "lab"],
                "description": _(
                    "Each kind needs some of these. The rows below show what fits the kind once "
                    "it is saved."
                ),
            },
        ),
        (_("Artefact"), {"fields": ["artefact", "artefact_kind"], "classes": ["collapse"]}),
        (
            _("Where it belongs"),
            {"fields": ["level", "view", "objectives", "note", "note_anchor", "seconds"]},
        ),
        (
            _("How it came about"),
            {"fields": ["origin", "change_kind", "historical", "scenario"]},
        ),
    ]

    @admin.display(description=_("question"))
    def stem_start(self, revision: Revision) -> str:
        return revision.stem[:90]

    @admin.display(description=_("state"))
    def standing(self, revision: Revision) -> str:
        if revision.pk is None:
            return _("new draft")
        if revision.is_published and revision.reviewer is None:
            return _("published; nobody but the author has read it here")
        return revision.get_state_display()

    def has_change_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return not (obj and obj.is_published) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return not (obj and obj.is_published) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Revision, form: Any, change: bool) -> None:
        if not change:
            obj.number = next_number(obj.question)
        obj.author = request.user
        obj.from_file = False
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        urls = [
            path(
                "<int:pk>/publication/",
                self.admin_site.admin_view(self.publication),
                name="questions_revision_publication",
            ),
            path(
                "<int:pk>/copy/",
                self.admin_site.admin_view(self.copy),
                name="questions_revision_copy",
            ),
        ]
        return urls + super().get_urls()

    def publication(self, request: HttpRequest, pk: int) -> HttpResponse:
        revision = get_object_or_404(Revision, pk=pk)
        if request.method == "POST" and super().has_change_permission(request, revision):
            self._publish(request, revision)
        return redirect("admin:questions_revision_change", pk)

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not self.has_add_permission(request):
            return redirect("admin:questions_revision_change", pk)
        draft = copy_to_draft(get_object_or_404(Revision, pk=pk), author=request.user)
        messages.success(request, _("A new draft with the same content."))
        return redirect("admin:questions_revision_change", draft.pk)

    @admin.action(permissions=["change"], description=_("Publish"))
    def publish_selected(self, request: HttpRequest, revisions: QuerySet) -> None:
        for revision in revisions:
            self._publish(request, revision)

    def _publish(self, request: HttpRequest, revision: Revision) -> None:
        try:
            publish(revision, reviewer=request.user)
        except NotPublishable as error:
            for message in error.messages:
                messages.error(request, f"{revision}: {message}")
        else:
            messages.success(request, _("%s is published.") % revision)
