"""The authors' queue: what learners reported, with what they had been asked and answered."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from questions.models import Question, Revision
from questions.published import item_of
from questions.seating import seat

from .models import Report
from .results.wording import response_in_words


class ClosedFilter(admin.SimpleListFilter):
    """The queue is what is open; the rest is history."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("closed", _("closed"))]

    def queryset(self, request: HttpRequest, reports: QuerySet) -> QuerySet:
        if self.value() in ("open", "closed"):
            return reports.filter(closed_at__isnull=self.value() == "open")
        return reports


class ReportForm(forms.ModelForm):
    close = forms.BooleanField(
        label=_("close"),
        required=False,
        initial=True,
        help_text=_("The learner then finds the answer under the faults reported."),
    )

    class Meta:
        model = Report
        fields = ["answer"]


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    form = ReportForm
    list_display = ["question", "reason", "comment_start", "created_at", "mode", "state"]
    list_filter = [ClosedFilter, "reason", "slot__attempt__mode", "revision__question__topic"]
    search_fields = ["revision__question__slug", "comment"]
    list_select_related = ["revision__question", "slot__attempt"]
    ordering = [F("closed_at").asc(nulls_first=True), "created_at"]
    actions = ["suspend_questions", "close_reports"]
    change_form_template = "admin/attempts/report_change_form.html"
    readonly_fields = [
        "question", "standing", "reason", "comment", "created_at", "mode", "answered", "state",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["question", "standing", "reason", "comment", "created_at"]}),
        (_("Where the learner was"), {"fields": ["mode", "answered"]}),
        (_("What becomes of it"), {"fields": ["state", "answer", "close"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("question"))
    def question(self, report: Report) -> str:
        return str(report.revision)

    @admin.display(description=_("comment"))
    def comment_start(self, report: Report) -> str:
        return report.comment[:80] or "–"

    @admin.display(description=_("the question is"))
    def standing(self, report: Report) -> str:
        return report.revision.question.get_standing()

    @admin.display(description=_("mode"))
    def mode(self, report: Report) -> str:
        if report.slot is None:
            return "–"
        mode, position = report.slot.attempt.get_mode_display(), report.slot.position
        return _("%(mode)s, question %(n)d") % {"mode": mode, "n": position}

    @admin.display(description=_("answered"))
    def answered(self, report: Report) -> str:
        """In words, with the mark once there is one; an exam that is still open has none."""
        slot = report.slot
        said = slot and response_in_words(item_of(slot.revision), slot.response)
        if not said:
            return _("nothing")
        if slot.mark is None:
            return said
        return format_html("{} ({} / {})", said, slot.mark, slot.max_mark)

    @admin.display(description=_("state"))
    def state(self, report: Report) -> str:
        if report.closed_at is None:
            return _("open")
        return _("closed %(day)s") % {"day": report.closed_at.date()}

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        if form.cleaned_data.get("close"):
            obj.close(request.user, now=timezone.now())
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.suspension)
        return [
            path("<int:pk>/suspension/", view, name="attempts_report_suspension"),
            *super().get_urls(),
        ]

    def suspension(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes the question out of every draw, in one click, until somebody has mended it."""
        report = get_object_or_404(Report.objects.select_related("revision"), pk=pk)
        if request.method == "POST" and self.has_change_permission(request, report):
            self.suspend_questions(request, Report.objects.filter(pk=pk))
        return redirect(reverse("admin:attempts_report_change", args=[pk]))

    @admin.action(permissions=["change"], description=_("Suspend the questions reported"))
    def suspend_questions(self, request: HttpRequest, reports: QuerySet) -> None:
        reported = Revision.objects.filter(reports__in=reports).values("question")
        live = Question.objects.filter(pk__in=reported, suspended_at__isnull=True)
        questions = Question.objects.filter(pk__in=list(live.values_list("pk", flat=True)))
        n = questions.update(suspended_at=timezone.now())
        seat(questions)
        messages.success(request, _("Taken out of every draw: %(n)d.") % {"n": n})

    @admin.action(permissions=["change"], description=_("Close without a remark"))
    def close_reports(self, request: HttpRequest, reports: QuerySet) -> None:
        for report in reports.open():
            report.close(request.user, now=timezone.now())
            report.save(update_fields=["closed_at", "closed_by"])
