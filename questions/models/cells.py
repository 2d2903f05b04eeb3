"""Numbered places of the bank, so that a draw looks at a few of them however large it grows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .bank import Family, Question, Topic
from .exams import Domain


class Cell(models.Model):
    """The drawable families of one domain, or of one topic, in one pool. They are numbered from
    0 to `n_families` - 1 without a gap."""

    domain = models.ForeignKey(Domain, models.CASCADE, null=True, blank=True, related_name="cells")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="cells")
    pool = models.CharField(max_length=10, choices=Question.Pool)
    n_families = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "pool"],
                condition=Q(domain__isnull=False),
                name="cell_once_per_domain_and_pool",
            ),
            models.UniqueConstraint(
                fields=["topic", "pool"],
                condition=Q(topic__isnull=False),
                name="cell_once_per_topic_and_pool",
            ),
            models.CheckConstraint(
                name="cell_of_a_domain_or_a_topic",
                condition=Q(domain__isnull=False, topic__isnull=True)
                | Q(domain__isnull=True, topic__isnull=False),
            ),
            models.CheckConstraint(
                name="cell_pool_known", condition=Q(pool__in=["practice", "probe"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain or self.topic}, {self.pool}"


class Seat(models.Model):
    """A drawable question in a cell; siblings share the number of their family."""

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="seats")
    number = models.PositiveIntegerField(_("number"))
    family = models.ForeignKey(Family, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="seats")

    class Meta:
        indexes = [models.Index(fields=["cell", "number"])]
        constraints = [
            models.UniqueConstraint(fields=["cell", "question"], name="seat_once_per_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.cell}: {self.number}"
