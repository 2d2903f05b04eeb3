"""The authors' pages for the bank. Files are the truth of topics, exams and standards."""

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .models import (
    Exam,
    Family,
    Objective,
    Option,
    Proof,
    Question,
    Revision,
    Source,
    Standard,
    Topic,
)
from .publishing import NotPublishable, copy_to_draft, next_number, publish


class FromFiles(admin.ModelAdmin):
    """Shown, searched and chosen here, written in content files."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Topic)
class TopicAdmin(FromFiles):
    list_display = ["title", "area", "slug"]
    search_fields = ["title", "slug"]


@admin.register(Standard)
class StandardAdmin(FromFiles):
    list_display = ["rfc", "title", "year", "status", "checked_on"]
    search_fields = ["rfc", "title"]


@admin.register(Exam)
class ExamAdmin(FromFiles):
    list_display = ["code", "version", "name", "vendor"]
    search_fields = ["code", "name"]


@admin.register(Objective)
class ObjectiveAdmin(FromFiles):
    list_display = ["__str__", "text"]
    search_fields = ["code", "text", "exam__code"]


@admin.register(Family)
class FamilyAdmin(admin.ModelAdmin):
    list_display = ["slug"]
    search_fields = ["slug"]


class RevisionInline(admin.TabularInline):
    model = Revision
    fk_name = "question"
    fields = ["open", "state", "kind", "change_kind", "from_file", "created_at", "published_at"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    verbose_name_plural = _("revisions")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("revision"))
    def open(self, revision: Revision) -> str:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:questions_revision_change", args=[revision.pk]),
            revision.number,
        )


class QuestionForm(forms.ModelForm):
    """A question without siblings is a family of its own, named after it."""

    class Meta:
        model = Question
        fields = ["slug", "topic", "family", "pool", "superseded_by", "retired_at", "suspended_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "family" in self.fields:
            self.fields["family"].required = False
            self.fields["family"].help_text = _("Siblings that test the same fact; empty if none.")


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    form = QuestionForm
    list_display = ["slug", "stem", "topic", "standing", "pool", "kind"]
    list_filter = [
        "topic",
        "pool",
        "current_revision__state",
        "current_revision__kind",
        "current_revision__level",
    ]
    search_fields = ["slug", "revisions__stem", "revisions__options__text"]
    list_select_related = ["topic", "current_revision"]
    autocomplete_fields = ["topic", "family", "superseded_by"]
    inlines = [RevisionInline]
    actions = ["suspend", "resume", "retire"]

    @admin.display(description=_("question"))
    def stem(self, question: Question) -> str:
        revision = question.current_revision
        return revision.stem[:90] if revision else "–"

    @admin.display(description=_("kind"))
    def kind(self, question: Question) -> str:
        revision = question.current_revision
        return revision.get_kind_display() if revision else "–"

    @admin.display(description=_("state"))
    def standing(self, question: Question) -> str:
        return question.get_standing()

    def get_fields(self, request: HttpRequest, obj: Question | None = None) -> list[str]:
        later = ["superseded_by", "retired_at", "suspended_at"]
        return ["slug", "topic", "family", "pool", *(later if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> list[str]:
        return ["slug"] if obj else []  # files and addresses name it by its slug

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        if obj.family_id is None:
            obj.family, _made = Family.objects.get_or_create(slug=obj.slug)
        super().save_model(request, obj, form, change)

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> list[Any]:
        return self.inlines if obj else []

    def response_add(self, request: HttpRequest, obj: Question, *args: Any) -> HttpResponse:
        """A new question goes on to its first revision."""
        if "_continue" in request.POST or "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, *args)
        messages.info(request, _("Now write its first revision."))
        return redirect(f"{reverse('admin:questions_revision_add')}?question={obj.pk}")

    @admin.action(
        permissions=["change"], description=_("Suspend: take out of every draw until it is resumed")
    )
    def suspend(self, request: HttpRequest, questions: QuerySet) -> None:
        questions.update(suspended_at=timezone.now())

    @admin.action(permissions=["change"], description=_("Resume what was suspended"))
    def resume(self, request: HttpRequest, questions: QuerySet) -> None:
        questions.update(suspended_at=None)

    @admin.action(permissions=["change"], description=_("Retire: never drawn again, history stays"))
    def retire(self, request: HttpRequest, questions: QuerySet) -> None:
        questions.update(retired_at=timezone.now())


class OptionForm(forms.ModelForm):
    """The id, which no learner sees, is made up where the author leaves it empty."""

    class Meta:
        model = Option
        fields = ["position", "ident", "text", "is_key", "rationale", "is_fixed"]

    ident = forms.SlugField(label=_("id"), max_length=40, required=False)

    def clean_ident(self) -> str:
        return self.cleaned_data["ident"] or f"o-{secrets.token_hex(4)}"


class OptionInline(admin.TabularInline):
    model = Option
    form = OptionForm
    fields = ["position", "ident", "text", "is_key", "rationale", "is_fixed"]
    extra = 0
    min_num = 2
    max_num = 8

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("text", "rationale"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "cols": 36})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class SourceInline(admin.TabularInline):
    model = Source
    fields = ["position", "standard", "section", "url", "title", "read_on"]
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
    autocomplete_fields = ["question", "objectives", "note"]
    inlines = [OptionInline, SourceInline, ProofInline]
    actions = ["publish_selected"]
    readonly_fields = ["standing"]
    change_form_template = "admin/questions/revision_change_form.html"
    fieldsets = [
        (None, {"fields": ["standing", "question", "kind", "stem", "choose", "explanation"]}),
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
