"""The bank: what files alone say, shown to be searched and chosen; families; questions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from sandbox.models import Lab

from ..models import Exam, Family, Objective, Question, Revision, Standard, Topic
from ..seating import seat


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


@admin.register(Lab)
class LabAdmin(FromFiles):
    list_display = ["title", "slug", "level", "retired"]
    search_fields = ["title", "slug"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A question is about a lab that can be begun."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        is_choice = request.path.endswith("/autocomplete/")
        return (found.filter(retired=False) if is_choice else found), may_repeat


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
        seat([obj])

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
        seat(questions)

    @admin.action(permissions=["change"], description=_("Resume what was suspended"))
    def resume(self, request: HttpRequest, questions: QuerySet) -> None:
        questions.update(suspended_at=None)
        seat(questions)

    @admin.action(permissions=["change"], description=_("Retire: never drawn again, history stays"))
    def retire(self, request: HttpRequest, questions: QuerySet) -> None:
        questions.update(retired_at=timezone.now())
        seat(questions)
