"""Topics and the stable identity of questions."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notes.models import Note


class Topic(models.Model):
    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=200)
    area = models.CharField(_("area"), max_length=80)
    summary = models.TextField(_("summary"))
    position = models.PositiveIntegerField(default=0)
    note = models.ForeignKey(Note, models.SET_NULL, null=True, blank=True, related_name="topics")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class Family(models.Model):
    """Sibling questions that test the same fact; exposure counts per family."""

    slug = models.SlugField(unique=True, max_length=80)

    class Meta:
        verbose_name_plural = _("families")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class QuestionQuerySet(models.QuerySet["Question"]):
    def live(self) -> "QuestionQuerySet":
        """May be drawn: has a published current revision, neither retired nor suspended."""
        return self.filter(
            current_revision__isnull=False, retired_at__isnull=True, suspended_at__isnull=True
        )

    def practice(self) -> "QuestionQuerySet":
        return self.live().filter(pool=Question.Pool.PRACTICE)


class Question(models.Model):
    """The stable identity of one item over all its revisions."""

    class Pool(models.TextChoices):
        PRACTICE = "practice", _("practice")
        PROBE = "probe", _("probe: kept for mock exams")

    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="questions")
    family = models.ForeignKey(Family, models.PROTECT, related_name="questions")
    pool = models.CharField(_("pool"), max_length=10, choices=Pool, default=Pool.PRACTICE)
    current_revision = models.OneToOneField(
        "Revision", models.PROTECT, null=True, blank=True, editable=False, related_name="current_of"
    )
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    file_hash = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Hash of the file item taken in last."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["topic__position", "slug"]
        constraints = [
            models.CheckConstraint(
                name="question_pool_known", condition=Q(pool__in=["practice", "probe"])
            ),
            models.CheckConstraint(
                name="question_not_superseded_by_itself",
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("pk")),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_standing(self) -> str:
        """In one word whether it can be drawn."""
        if self.retired_at:
            return str(_("retired"))
        if self.suspended_at:
            return str(_("suspended"))
        return str(_("live") if self.current_revision else _("draft only"))


class ContentLoad(models.Model):
    """What was loaded from files last, so that an unchanged folder is not read again."""

    digest = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest
