"""Exams of the vendors: dated facts, weighted domains, objectives."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Exam(models.Model):
    code = models.CharField(_("code"), max_length=20)
    version = models.CharField(_("version"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=200)
    vendor = models.CharField(_("vendor"), max_length=80)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="exam_code_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}".strip()


class Domain(models.Model):
    """A weighted part of an exam; a weight that the vendor gives as a range has two ends."""

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="domains")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    weight_low_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_high_percent = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["exam", "number"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="domain_number_once"),
            models.CheckConstraint(
                name="domain_weight_is_a_range",
                condition=Q(weight_low_percent__isnull=True, weight_high_percent__isnull=True)
                | Q(weight_low_percent__lte=F("weight_high_percent"), weight_high_percent__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ObjectiveManager(models.Manager["Objective"]):
    """An objective's name begins with its exam's code."""

    def get_queryset(self) -> models.QuerySet["Objective"]:
        return super().get_queryset().select_related("exam")


class Objective(models.Model):
    exam = models.ForeignKey(Exam, models.CASCADE, related_name="objectives")
    domain = models.ForeignKey(
        Domain, models.CASCADE, null=True, blank=True, related_name="objectives"
    )
    code = models.CharField(max_length=20)
    text = models.TextField()

    objects = ObjectiveManager()

    class Meta:
        ordering = ["exam", "code"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "code"], name="objective_once_per_exam")
        ]

    def __str__(self) -> str:
        return f"{self.exam.code}:{self.code}"


class Fact(models.Model):
    """Something said about an exam, with where it was read and when."""

    class SourceKind(models.TextChoices):
        VENDOR = "vendor", _("the vendor")
        TRANSCRIPTION = "transcription", _("a public copy of the vendor's document")
        THIRD_PARTY = "third_party", _("a third party")
        UNSOURCED = "unsourced", _("no source")

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="facts")
    name = models.CharField(max_length=80)
    value = models.CharField(max_length=300)
    source_kind = models.CharField(max_length=20, choices=SourceKind)
    source_url = models.URLField(blank=True)
    checked_on = models.DateField()
    verify = models.BooleanField(_("not confirmed"), default=False)

    class Meta:
        ordering = ["exam", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "name"], name="fact_once_per_exam"),
            models.CheckConstraint(
                name="fact_source_kind_known",
                condition=Q(
                    source_kind__in=["vendor", "transcription", "third_party", "unsourced"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
