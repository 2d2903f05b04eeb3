"""Recorded SMTP sessions: rows are only ever added, the state is their replay."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet

from ..smtp import FAULTS, LAB_DIRECTORY, NO_FAULTS, PROFILES, Facts, FaultPlan, Profile
from .labs import LabRun

KEPT = timedelta(hours=settings.SANDBOX_KEPT_HOURS)
KEPT_UNCLAIMED = timedelta(minutes=settings.SANDBOX_UNCLAIMED_MINUTES)
LONGEST_CONNECTION = timedelta(minutes=31)  # the engine closes a session after 30
FROM_THIS_MACHINE = Q(channel="tcp") & (Q(peer__startswith="127.") | Q(peer="::1"))


class SandboxSessionQuerySet(OwnedQuerySet):
    def unclaimed(self) -> "SandboxSessionQuerySet":
        return self.filter(learner=None)

    def from_this_machine(self) -> "SandboxSessionQuerySet":
        return self.filter(FROM_THIS_MACHINE)

    def visible_to(self, learner: Learner | None) -> "SandboxSessionQuerySet":
        """The learner's own; in local mode also what a program on this machine sent unclaimed."""
        own = self.owned_by(learner)
        return own | self.unclaimed().from_this_machine() if settings.LOCAL_MODE else own

    def with_counts(self) -> "SandboxSessionQuerySet":
        accepted = SandboxEvent.objects.filter(
            session=models.OuterRef("pk"), direction="note", data__event="accepted"
        )
        counted = accepted.order_by().values("session").annotate(n=models.Count("pk"))
        return self.annotate(n_messages=Coalesce(models.Subquery(counted.values("n")), 0))

    def open(self) -> "SandboxSessionQuerySet":
        return self.filter(ended_at=None)

    def expired(self, now: datetime) -> "SandboxSessionQuerySet":
        """What may be deleted now. A connection that still stands is never among it."""
        stale = Q(started_at__lt=now - KEPT)
        unseen = Q(learner=None, ended_at__lt=now - KEPT_UNCLAIMED)
        if settings.LOCAL_MODE:
            unseen &= ~FROM_THIS_MACHINE
        return self.filter(stale | unseen, kept=False, lab_run=None)

    def end_abandoned(self, now: datetime) -> int:
        """Closes the records of connections whose listener died before it could."""
        left = self.open().filter(channel="tcp", started_at__lt=now - LONGEST_CONNECTION)
        return left.update(ended_at=now)

    def exported(self) -> list[dict[str, Any]]:
        """With the log: octets as text in which a backslash escapes what is not ASCII."""
        sessions = {row["id"]: {**row, "events": []} for row in self.values()}
        rows = SandboxEvent.objects.filter(session__in=sessions).values_list(
            "session_id", "seq", "direction", "at_us", "octets", "data"
        )
        for session_id, seq, direction, at_us, octets, data in rows:
            text = bytes(octets).decode("ascii", "backslashreplace")
            event = {"seq": seq, "direction": direction, "at_us": at_us, "text": text}
            sessions[session_id]["events"].append({**event, "data": data})
        return list(sessions.values())


class SandboxSession(models.Model):
    class Channel(models.TextChoices):
        TCP = "tcp", _("a mail program")
        CONSOLE = "console", _("the console in the page")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(
        Learner,
        models.CASCADE,
        null=True,
        related_name="sandbox_sessions",
        help_text=_("Empty until somebody claims the session."),
    )
    profile = models.CharField(max_length=40)
    fault_plan = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    nominal_port = models.PositiveIntegerField()
    peer = models.CharField(max_length=60)
    engine_version = models.CharField(max_length=20)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    lab_run = models.ForeignKey(LabRun, models.CASCADE, null=True, related_name="sessions")
    kept = models.BooleanField(default=False, help_text=_("Not deleted when its time is over."))
    share_key = models.UUIDField(
        null=True,
        unique=True,
        help_text=_("Whoever knows it may read the session; empty: only the owner."),
    )

    objects = SandboxSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["learner", "-started_at"])]
        constraints = [
            models.CheckConstraint(
                name="sandboxsession_channel_known",
                condition=models.Q(channel__in=["tcp", "console"]),
            ),
            models.CheckConstraint(
                name="sandboxsession_console_has_learner",
                condition=~models.Q(channel="console") | models.Q(learner__isnull=False),
            ),
            models.CheckConstraint(
                name="sandboxsession_kept_has_learner",
                condition=models.Q(kept=False) | models.Q(learner__isnull=False),
            ),
            models.CheckConstraint(
                name="sandboxsession_shared_has_learner",
                condition=models.Q(share_key=None) | models.Q(learner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.started_at:%Y-%m-%d %H:%M:%S}"

    def get_absolute_url(self) -> str:
        return reverse("sandbox_session", args=[self.uuid])

    @property
    def console_url(self) -> str:
        """The page that holds its console: a lab's, where it belongs to one."""
        page = self.lab_run.lab if self.lab_run else self
        return f"{page.get_absolute_url()}#prompt"

    @property
    def is_explained(self) -> bool:
        """Nobody is told the reasons in an exam."""
        return self.lab_run is None or not self.lab_run.is_closed_book

    @property
    def engine_profile(self) -> Profile:
        return self.lab_run.lab.file.server.profile if self.lab_run else PROFILES[self.profile]

    @property
    def engine_plan(self) -> FaultPlan:
        return FAULTS.get(self.fault_plan, NO_FAULTS)

    @property
    def facts(self) -> Facts:
        """What the engine is told; queue ids follow from the uuid."""
        facts = Facts(
            peer=self.peer,
            nominal_port=self.nominal_port,
            started=round(self.started_at.timestamp() * 1_000_000),
            seed=self.uuid.hex,
            directory=LAB_DIRECTORY,
        )
        return self.lab_run.told(self, facts) if self.lab_run else facts


class SandboxEvent(models.Model):
    """One row of a session's log: what came in, what went out, a fact the host supplied, or a
    note. `octets` are the raw bytes of `in` and `out`; the keys of `data` are in log/telling.py."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"
        FACT = "fact"
        NOTE = "note"

    session = models.ForeignKey(
        SandboxSession,
        models.CASCADE,
        related_name="events",
        db_index=False,  # the constraint below brings an index that begins with it
    )
    seq = models.PositiveIntegerField()
    direction = models.CharField(max_length=4, choices=Direction)
    at_us = models.PositiveBigIntegerField(help_text=_("Microseconds since the session began."))
    octets = models.BinaryField(blank=True, default=b"")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["session", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["session", "seq"], name="sandboxevent_one_per_seq"),
            models.CheckConstraint(
                name="sandboxevent_direction_known",
                condition=models.Q(direction__in=["in", "out", "fact", "note"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.direction}"
