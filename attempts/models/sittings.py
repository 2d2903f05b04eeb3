"""Sittings: an attempt holds slots, a slot holds one pinned revision and its answer."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet
from attempts.timing import GRACE, is_over
from questions.models import Exam, Revision

FULL_MARK = 1000
"""Marks are integer thousandths of a slot."""


class AttemptQuerySet(OwnedQuerySet):
    def open(self) -> "AttemptQuerySet":
        return self.filter(finished_at__isnull=True)

    def with_counts(self) -> "AttemptQuerySet":
        """Adds n_slots, n_answered and n_right to each attempt."""
        checked = Q(slots__checked_at__isnull=False)
        return self.annotate(
            n_slots=Count("slots"),
            n_answered=Count("slots", filter=checked),
            n_right=Count("slots", filter=checked & Q(slots__mark=F("slots__max_mark"))),
        ).order_by("-started_at")

    def closed(self) -> "AttemptQuerySet":
        """Exams that ended without being marked yet."""
        return self.filter(mode="exam", finished_at__isnull=False, ended_by="")

    def move_to(self, learner: Learner, *, now: datetime) -> None:
        """Of two open attempts of one exam the guest's is closed as it stands, unless the time
        of the other one is up; finishing.py marks what is closed when it is looked at."""
        rivals = Attempt.objects.open().filter(learner=learner, exam__isnull=False)
        rivals.filter(deadline_at__lt=now - GRACE).update(finished_at=F("deadline_at"))
        self.open().filter(exam__in=rivals.values("exam")).update(finished_at=now)
        self.update(learner=learner)

    def exported(self) -> list[dict[str, Any]]:
        return [
            attempt.as_export() for attempt in self.prefetch_related("slots__revision__question")
        ]


class Attempt(models.Model):
    class Mode(models.TextChoices):
        PRACTICE = "practice", _("practice")
        EXAM = "exam", _("exam")
        REVIEW = "review", _("review")

    class Ending(models.TextChoices):
        LEARNER = "learner", _("the learner")
        TIME = "time", _("the clock")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="attempts")
    mode = models.CharField(max_length=10, choices=Mode)
    exam = models.ForeignKey(Exam, models.PROTECT, null=True, blank=True, related_name="attempts")
    room = models.JSONField(default=dict, blank=True, help_text=_("Room rules as they were."))
    seed = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Without anybody's extra time; empty if untimed.")
    )
    time_percent = models.PositiveSmallIntegerField(
        default=Learner.TimePercent.PLAIN, choices=Learner.TimePercent
    )
    deadline_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, choices=Ending, blank=True, default="")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["learner", "-started_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "exam"],
                condition=Q(finished_at__isnull=True, exam__isnull=False),
                name="attempt_one_open_per_learner_exam",
            ),
            models.CheckConstraint(
                name="attempt_mode_known", condition=Q(mode__in=["practice", "exam", "review"])
            ),
            models.CheckConstraint(
                name="attempt_finished_after_start",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="attempt_deadline_where_timed",
                condition=Q(deadline_at__isnull=True)
                & (Q(minutes__isnull=True) | Q(time_percent=0))
                | Q(deadline_at__gt=F("started_at"), minutes__gte=1, time_percent__gte=100),
            ),
            models.CheckConstraint(
                name="attempt_time_percent_known",
                condition=Q(time_percent__in=[0, 100, 125, 150, 200]),
            ),
            models.CheckConstraint(
                name="attempt_ending_known", condition=Q(ended_by__in=["", "learner", "time"])
            ),
            models.CheckConstraint(
                name="attempt_of_an_exam_has_exam",
                condition=~Q(mode="exam") | Q(exam__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.started_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("attempt", args=[self.uuid])

    def get_result_url(self) -> str:
        return reverse("result", args=[self.uuid])

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_closed(self) -> bool:
        """Ended, and not marked yet."""
        return self.is_exam and self.is_finished and not self.ended_by

    @property
    def is_exam(self) -> bool:
        return self.mode == self.Mode.EXAM

    def is_over(self, now: datetime) -> bool:
        """Whether the clock has run out, the seconds of grace included."""
        return is_over(self.deadline_at, now)

    def as_export(self) -> dict[str, Any]:
        return {
            "uuid": str(self.uuid),
            "mode": self.mode,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "questions": [slot.as_export() for slot in self.slots.all()],
        }


class SlotQuerySet(models.QuerySet["Slot"]):
    def owned_by(self, learner: Learner | None) -> "SlotQuerySet":
        return self.none() if learner is None else self.filter(attempt__learner=learner)

    def checked(self) -> "SlotQuerySet":
        return self.filter(checked_at__isnull=False)

    def shown(self) -> "SlotQuerySet":
        """Those whose question the learner may see: in an open exam only what was opened."""
        ended = Q(attempt__finished_at__isnull=False)
        return self.filter(ended | ~Q(attempt__mode=Attempt.Mode.EXAM) | Q(opened_at__isnull=False))


class Slot(models.Model):
    """One position of an attempt. `option_order` and `response` hold option ids; on the wire
    an option is its place in `option_order`. `mark` is in thousandths."""

    class Certainty(models.TextChoices):
        UNSAID = "", _("not said")
        SURE = "sure", _("sure")
        UNSURE = "unsure", _("unsure")

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField()
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="slots")
    option_order = models.JSONField()
    policy = models.CharField(max_length=10, default=Revision.Policy.EXACT)
    max_mark = models.PositiveIntegerField(default=FULL_MARK)
    response = models.JSONField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0, help_text=_("Accepted changes of the response."))
    save_id = models.UUIDField(null=True, blank=True, help_text=_("Names the last accepted save."))
    is_flagged = models.BooleanField(default=False)
    certainty = models.CharField(max_length=10, choices=Certainty, blank=True, default="")
    section = models.PositiveSmallIntegerField(default=1)
    left_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Left for good, where the room knows no way back.")
    )
    late_response = models.JSONField(
        null=True, blank=True, help_text=_("Came after the deadline: kept, not scored.")
    )
    late_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Feedback was given; the answer stands.")
    )
    spent_ms = models.PositiveBigIntegerField(default=0)
    mark = models.PositiveIntegerField(null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="slot_position_once"),
            models.CheckConstraint(
                name="slot_mark_within_maximum",
                condition=Q(mark__isnull=True) | Q(mark__lte=F("max_mark")),
            ),
            models.CheckConstraint(
                name="slot_checked_has_mark",
                condition=Q(checked_at__isnull=True) | Q(mark__isnull=False),
            ),
            models.CheckConstraint(name="slot_position_from_one", condition=Q(position__gte=1)),
            models.CheckConstraint(name="slot_section_from_one", condition=Q(section__gte=1)),
            models.CheckConstraint(
                name="slot_certainty_known", condition=Q(certainty__in=["", "sure", "unsure"])
            ),
            models.CheckConstraint(
                name="slot_late_response_has_time",
                condition=Q(late_response__isnull=True) | Q(late_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.attempt}"

    def get_absolute_url(self) -> str:
        return reverse("slot", args=[self.attempt.uuid, self.position])

    @property
    def is_checked(self) -> bool:
        return self.checked_at is not None

    @property
    def is_right(self) -> bool:
        return self.mark == self.max_mark

    def as_export(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "question": self.revision.question.slug,
            "revision": self.revision.number,
            "option_order": self.option_order,
            "response": self.response,
            "answered_at": self.answered_at and self.answered_at.isoformat(),
            "spent_ms": self.spent_ms,
            "flagged": self.is_flagged,
            "certainty": self.certainty,
            "late_response": self.late_response,
            "late_at": self.late_at and self.late_at.isoformat(),
            "mark": self.mark,
            "max_mark": self.max_mark,
        }
