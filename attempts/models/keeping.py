"""What a learner keeps of a question, and what they say about one that seems faulty."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet, User
from questions.models import Question, Revision

from .sittings import Slot


class BookmarkQuerySet(OwnedQuerySet):
    def move_to(self, learner: Learner, *, now: datetime) -> None:
        """What both have marked stays one bookmark."""
        marked = Bookmark.objects.filter(learner=learner)
        self.filter(question__in=marked.values("question")).delete()
        self.update(learner=learner)

    def exported(self) -> list[dict[str, Any]]:
        return list(self.values("question__slug", "created_at"))


class Bookmark(models.Model):
    """A question a learner wants to find again, beyond any attempt."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="bookmarks")
    question = models.ForeignKey(Question, models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(default=timezone.now)

    objects = BookmarkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["learner", "question"], name="bookmark_once"),
        ]

    def __str__(self) -> str:
        return str(self.question)


class ReportQuerySet(OwnedQuerySet):
    def open(self) -> "ReportQuerySet":
        return self.filter(closed_at__isnull=True)

    def exported(self) -> list[dict[str, Any]]:
        return list(
            self.values(
                "revision__question__slug", "reason", "comment", "created_at", "closed_at", "answer"
            )
        )


class Report(models.Model):
    """A learner says that a question is faulty; an author looks at it and answers."""

    class Reason(models.TextChoices):
        KEY = "key", _("The answer marked right is not right")
        UNCLEAR = "unclear", _("The question can be read in two ways")
        OUTDATED = "outdated", _("It is out of date")
        TYPO = "typo", _("There is a slip in the wording")
        OTHER = "other", _("Something else")

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="reports")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="reports")
    slot = models.ForeignKey(Slot, models.SET_NULL, null=True, blank=True, related_name="reports")
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)
    comment = models.TextField(_("in your words"), blank=True, max_length=2000)
    created_at = models.DateTimeField(_("reported"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    answer = models.TextField(
        _("answer"), blank=True, max_length=2000, help_text=_("The learner reads this.")
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "revision", "reason"],
                condition=Q(closed_at__isnull=True),
                name="report_one_open_per_reason",
            ),
            models.CheckConstraint(
                name="report_reason_known",
                condition=Q(reason__in=["key", "unclear", "outdated", "typo", "other"]),
            ),
            models.CheckConstraint(
                name="report_other_says_what",
                condition=~Q(reason="other") | ~Q(comment=""),
                violation_error_message=_("Please say in a few words what is wrong."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.get_reason_display()}"

    def close(self, author: User, *, now: datetime) -> None:
        """The first closing counts; a later answer does not change when and by whom."""
        if self.closed_at is None:
            self.closed_at, self.closed_by = now, author
