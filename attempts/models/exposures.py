"""Which families of questions a learner has met, how often and when."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet
from questions.models import Family


class ExposureQuerySet(OwnedQuerySet):
    def move_to(self, learner: Learner, *, now: datetime) -> None:
        """Families both have met are added up."""
        for exposure in self:
            met, created = Exposure.objects.get_or_create(
                learner=learner,
                family_id=exposure.family_id,
                defaults={
                    "n_met": exposure.n_met,
                    "first_at": exposure.first_at,
                    "last_at": exposure.last_at,
                },
            )
            if not created:
                met.n_met += exposure.n_met
                met.first_at = min(met.first_at, exposure.first_at)
                met.last_at = max(met.last_at, exposure.last_at)
                met.save(update_fields=["n_met", "first_at", "last_at"])
        self.delete()

    def exported(self) -> list[dict[str, Any]]:
        return list(self.values("family__slug", "n_met", "first_at", "last_at"))


class Exposure(models.Model):
    """How often a learner has met a family of questions, and when."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="exposures")
    family = models.ForeignKey(Family, models.PROTECT, related_name="exposures")
    n_met = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = ExposureQuerySet.as_manager()

    class Meta:
        verbose_name = _("family of questions met")
        verbose_name_plural = _("families of questions met")
        constraints = [
            models.UniqueConstraint(fields=["learner", "family"], name="exposure_once_per_family"),
            models.CheckConstraint(
                name="exposure_last_not_before_first", condition=Q(last_at__gte=F("first_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} × {self.n_met}"
