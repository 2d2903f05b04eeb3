"""Exams of the vendors: dated facts, weighted domains, objectives."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
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


class Room(models.Model):
    """The rules of an exam's test screen and our own form for it. Figures of the vendor stand
    among the exam's facts, with their sources; what is here is what our forms do."""

    class Navigation(models.TextChoices):
        FREE = "free", _("free: every question can be opened again until the end")
        FORWARD = "forward", _("forward only: a question that was left stays closed")
        SECTIONS = "sections", _("free inside a section; a section that was left stays closed")

    class CountCheck(models.TextChoices):
        EXACT = "exact", _("the exact number of choices is required")
        WARN = "warn", _("a warning when the number of choices differs")

    exam = models.OneToOneField(Exam, models.CASCADE, related_name="room")
    slug = models.SlugField(unique=True, max_length=40)
    n_items = models.PositiveSmallIntegerField(help_text=_("Questions of a full form of ours."))
    item_seconds = models.PositiveSmallIntegerField(help_text=_("Time for each question."))
    timing = models.CharField(max_length=300, help_text=_("Where the time comes from."))
    pass_percent = models.PositiveSmallIntegerField(help_text=_("Our own pass line."))
    navigation = models.CharField(max_length=10, choices=Navigation)
    n_sections = models.PositiveSmallIntegerField(default=1)
    count_check = models.CharField(max_length=10, choices=CountCheck)
    has_flags = models.BooleanField(default=True)
    has_review = models.BooleanField(default=True)
    performance_first = models.BooleanField(
        default=False, help_text=_("Performance-based questions come first.")
    )
    performance_percent = models.PositiveSmallIntegerField(
        default=15, help_text=_("Share of performance-based questions that is aimed at.")
    )
    hides_clock_in_performance = models.BooleanField(default=False)
    tutorial = models.TextField(help_text=_("What the start page says about this room."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="room_navigation_known",
                condition=Q(navigation__in=["free", "forward", "sections"]),
            ),
            models.CheckConstraint(
                name="room_sections_fit_navigation",
                condition=Q(navigation="sections", n_sections__gte=2)
                | (~Q(navigation="sections") & Q(n_sections=1)),
            ),
            models.CheckConstraint(
                name="room_count_check_known", condition=Q(count_check__in=["exact", "warn"])
            ),
            models.CheckConstraint(
                name="room_forward_has_no_way_back",
                condition=~Q(navigation="forward") | Q(has_flags=False, has_review=False),
            ),
            models.CheckConstraint(
                name="room_figures_in_range",
                condition=Q(
                    n_items__gte=1,
                    n_items__lte=120,
                    item_seconds__gte=10,
                    pass_percent__gte=1,
                    pass_percent__lte=100,
                    performance_percent__lte=100,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Room of {self.exam}"

    def get_absolute_url(self) -> str:
        return reverse("exam", args=[self.slug])
