"""Recorded SMTP sessions: rows are only ever added, the state is their replay."""

import uuid

from accounts.models import Learner, OwnedQuerySet
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SandboxSessionQuerySet(OwnedQuerySet):
    pass


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
    seed = models.PositiveBigIntegerField()
    engine_version = models.CharField(max_length=20)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = SandboxSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["learner", "-started_at"])]
        constraints = [
            models.CheckConstraint(
                name="sandboxsession_channel_known", condition=models.Q(channel__in=["tcp", "console"])
            ),
            models.CheckConstraint(
                name="sandboxsession_console_has_learner",
                condition=~models.Q(channel="console") | models.Q(learner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.started_at:%Y-%m-%d %H:%M:%S}"

    def get_absolute_url(self) -> str:
        return reverse("sandbox_session", args=[self.uuid])


class SandboxEvent(models.Model):
    """One row of a session's log, SANDBOX section 7 of the design: what came in, what went
    out, a fact the host supplied, or a note. `octets` are the raw bytes of `in` and `out`."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"
        FACT = "fact"
        NOTE = "note"

    session = models.ForeignKey(SandboxSession, models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    direction = models.CharField(max_length=4, choices=Direction)
    at_us = models.PositiveBigIntegerField(help_text=_("Microseconds since the session began."))
    octets = models.BinaryField(blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["session", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "seq"], name="sandboxevent_one_per_seq"
            ),
            models.CheckConstraint(
                name="sandboxevent_direction_known",
                condition=models.Q(direction__in=["in", "out", "fact", "note"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.direction}"
