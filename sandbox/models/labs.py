"""Labs as loaded from content files, and what learners did in them."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet

from ..labs.hearing import Recording, SessionLog, listen, moved_clock_us, rows_within
from ..labs.lab import LabFile
from ..labs.reading import read_lab
from ..labs.serving import facts_for
from ..smtp import Facts
from ..tables import Table

if TYPE_CHECKING:
    from .sessions import SandboxSession


class LabQuerySet(models.QuerySet["Lab"]):
    def live(self) -> "LabQuerySet":
        return self.filter(retired=False)

    def with_standing(self, learner: Learner | None) -> "LabQuerySet":
        """`is_passed` and `is_begun` (and not passed yet) by this learner."""
        runs = LabRun.objects.owned_by(learner).filter(lab=models.OuterRef("pk"))
        return self.annotate(
            is_passed=models.Exists(runs.passed()), is_begun=models.Exists(runs.open())
        )


class Lab(models.Model):
    """`definition` is the content file as read; labs/reading.py knows its keys."""

    class Level(models.TextChoices):
        INTRO = "intro", _("introduction")
        CORE = "core", _("core")
        STRETCH = "stretch", _("stretch")

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=Level)
    goal = models.TextField()
    position = models.PositiveIntegerField(help_text=_("Place in the list."))
    definition = models.JSONField()
    retired = models.BooleanField(default=False)

    objects = LabQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="lab_level_known", condition=Q(level__in=["intro", "core", "stretch"])
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("lab", args=[self.slug])

    @property
    def file(self) -> LabFile:
        """The lab as its author wrote it; it was checked when it was loaded."""
        return read_lab(Table(self.definition, self.slug, []), self.slug)

    def take(self, file: LabFile) -> None:
        """The file's word holds from now on; who was in the middle of the lab begins anew."""
        self.title, self.level, self.goal = file.title, file.level, file.goal
        self.position, self.definition, self.retired = file.position, file.definition, False
        self.save()
        self.runs.open().update(ended_at=timezone.now())

    def retire(self) -> None:
        self.retired = True
        self.save(update_fields=["retired"])


class LabRunQuerySet(OwnedQuerySet):
    def open(self) -> "LabRunQuerySet":
        return self.filter(ended_at=None)

    def passed(self) -> "LabRunQuerySet":
        return self.filter(passed_at__isnull=False)

    def silent(self) -> "LabRunQuerySet":
        """In which the learner has said nothing."""
        spoken = self.filter(sessions__events__direction="in")
        return self.exclude(pk__in=spoken.values("pk"))

    def move_to(self, learner: Learner, *, now: datetime) -> None:
        """Open runs end: the account may have one of the same lab."""
        self.open().update(ended_at=now)
        super().move_to(learner, now=now)


class LabRun(models.Model):
    """One try at a lab, over one or more sessions; mailbox and clock are its own."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="lab_runs")
    lab = models.ForeignKey(Lab, models.PROTECT, related_name="runs")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, help_text=_("When the learner began anew."))
    passed_at = models.DateTimeField(null=True)
    n_hints = models.PositiveSmallIntegerField(
        default=0, help_text=_("Rungs of the hint ladder that were shown.")
    )
    is_examined = models.BooleanField(
        default=False, help_text=_("Begun in an exam: no hints, no solution.")
    )

    objects = LabRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="labrun_one_open_per_learner_lab",
                fields=["learner", "lab"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lab_id}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_closed_book(self) -> bool:
        """Whether the exam it was begun in may still go on. A run that was begun anew is no less
        a part of it."""
        runs = LabRun.objects.open().filter(learner=self.learner_id, lab=self.lab_id)
        return self.is_examined and runs.filter(is_examined=True).exists()

    def recording(
        self, before: "SandboxSession | None" = None, until: datetime | None = None
    ) -> Recording:
        """What was heard in its sessions so far, or `until` some moment, or in the sessions
        before one of them. Three queries."""
        sessions = self.sessions.order_by("pk").prefetch_related("events")
        if before is not None and before.pk:
            sessions = sessions.filter(pk__lt=before.pk)
        if until is not None:
            sessions = sessions.filter(started_at__lte=until)
        logs = []
        moved_us = 0
        for session in sessions:
            rows = list(session.events.all())
            if until is not None:
                elapsed_us = (until - session.started_at) // timedelta(microseconds=1)
                rows = list(rows_within(rows, elapsed_us))
            began_us = (session.started_at - self.started_at) // timedelta(microseconds=1)
            logs.append(SessionLog(rows, session.nominal_port, began_us + moved_us))
            moved_us += moved_clock_us(rows)
        return listen(logs)

    def told(self, session: "SandboxSession", facts: Facts) -> Facts:
        """What the lab's server knows at the beginning of the session."""
        earlier = self.recording(before=session)
        since = (session.started_at - self.started_at) // timedelta(microseconds=1)
        facts = replace(facts, started=facts.started + earlier.moved_us)
        server = self.lab.file.server
        return facts_for(server, facts, earlier, began_us=since + earlier.moved_us)
