"""Revisions: what a question said at one time. A published one never changes."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notes.models import Note
from questions.items import Item, ItemOption, ItemProof, ItemSource

from .bank import Question
from .exams import Objective
from .standards import Standard


class Revision(models.Model):
    """One version of a question's text and key."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")

    class Kind(models.TextChoices):
        SINGLE = "single", _("single choice")
        MULTIPLE = "multiple", _("multiple response")

    class Level(models.TextChoices):
        RECALL = "recall", _("recall")
        APPLY = "apply", _("apply")
        ANALYSE = "analyse", _("analyse")

    class View(models.TextChoices):
        RFC = "rfc", _("the standard's")
        EXAM = "exam", _("the exam's")

    class Policy(models.TextChoices):
        EXACT = "exact", _("all or nothing")

    class ChangeKind(models.TextChoices):
        NEW = "new", _("new question")
        TYPO = "typo", _("typo")
        CLARIFY = "clarify", _("clearer wording")
        KEY_CORRECTION = "key_correction", _("correction of the key")
        CONTENT = "content", _("new content")

    class Artefact(models.TextChoices):
        NONE = "", _("none")
        TRANSCRIPT = "transcript", _("transcript")
        LOG = "log", _("log")
        HEADER = "header", _("header")

    question = models.ForeignKey(Question, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SINGLE)
    stem = models.TextField(_("question"), help_text=_("Inline `code` is the only markup."))
    artefact = models.TextField(
        _("artefact"), blank=True, help_text=_("Log, transcript or header the question is about.")
    )
    artefact_kind = models.CharField(
        _("kind of artefact"), max_length=10, choices=Artefact, blank=True, default=""
    )
    choose = models.PositiveSmallIntegerField(
        _("choose"), default=1, help_text=_("How many options the learner must choose.")
    )
    policy = models.CharField(_("marking"), max_length=10, choices=Policy, default=Policy.EXACT)
    explanation = models.TextField(_("explanation"))
    level = models.CharField(_("level"), max_length=10, choices=Level)
    view = models.CharField(
        _("whose view"),
        max_length=10,
        choices=View,
        default=View.RFC,
        help_text=_("Where an exam's label and the standard differ: whose view the key takes."),
    )
    objectives = models.ManyToManyField(Objective, blank=True, related_name="revisions")
    note = models.ForeignKey(Note, models.PROTECT, null=True, blank=True, related_name="revisions")
    note_anchor = models.CharField(_("anchor in the note"), max_length=80, blank=True)
    seconds = models.PositiveIntegerField(_("expected seconds"), default=60)
    historical = models.BooleanField(
        _("historical"), default=False, help_text=_("About history, so obsolete sources are right.")
    )
    scenario = models.BooleanField(_("scenario"), default=False)
    origin = models.CharField(
        _("origin"), max_length=80, help_text=_("Where the text comes from, such as: own work.")
    )
    change_kind = models.CharField(
        _("kind of change"), max_length=20, choices=ChangeKind, default=ChangeKind.NEW
    )
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    scoring_hash = models.CharField(max_length=64, blank=True, editable=False)
    from_file = models.BooleanField(default=False, editable=False)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    reviewer = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["question", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="revision_number_once"),
            models.CheckConstraint(
                name="revision_state_known",
                condition=Q(state__in=["draft", "in_review", "published"]),
            ),
            models.CheckConstraint(
                name="revision_published_has_time",
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="revision_choose_fits_kind",
                condition=Q(kind="single", choose=1) | Q(kind="multiple", choose__gte=2),
                violation_error_message=_(
                    "A single choice asks for one option, a multiple response for two or more."
                ),
            ),
            models.CheckConstraint(
                name="revision_artefact_has_kind",
                condition=Q(artefact="", artefact_kind="")
                | (~Q(artefact="") & ~Q(artefact_kind="")),
                violation_error_message=_("An artefact needs a kind, and a kind an artefact."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question.slug} r{self.number}"

    def save(self, *args, **kwargs):
        refuse_if_published(self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("revision_preview", args=[self.pk])

    def delete(self, *args, **kwargs):
        refuse_if_published(self.pk)
        return super().delete(*args, **kwargs)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def as_item(self) -> Item:
        proof = getattr(self, "proof", None)
        note = f"{self.note.slug}#{self.note_anchor}".rstrip("#") if self.note else ""
        return Item(
            slug=self.question.slug,
            kind=self.kind,
            topic=self.question.topic.slug,
            level=self.level,
            stem=self.stem,
            options=tuple(option.as_item() for option in self.options.all()),
            explanation=self.explanation,
            sources=tuple(source.as_item() for source in self.sources.all()),
            exams=tuple(sorted(str(objective) for objective in self.objectives.all())),
            view=self.view,
            choose=self.choose,
            policy=self.policy,
            family=self.question.family.slug,
            pool=self.question.pool,
            note=note,
            seconds=self.seconds,
            origin=self.origin,
            historical=self.historical,
            scenario=self.scenario,
            artefact=self.artefact,
            artefact_kind=self.artefact_kind,
            proof=proof and proof.as_item(),
        )


class PublishedRevisionIsFixed(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This revision is published and never changes. Make a new revision instead.")
        )


def refuse_if_published(revision_id: int | None) -> None:
    published = Revision.objects.filter(pk=revision_id, state=Revision.State.PUBLISHED)
    if revision_id is not None and published.exists():
        raise PublishedRevisionIsFixed


class RevisionPart(models.Model):
    """A row that belongs to a revision and is as fixed as it."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        refuse_if_published(self.revision_id)
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        refuse_if_published(self.revision_id)
        return super().delete(*args, **kwargs)


class Option(RevisionPart):
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="options")
    ident = models.SlugField(
        _("id"), max_length=40, help_text=_("Short name, kept over all revisions, never shown.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.TextField(_("text"))
    is_key = models.BooleanField(_("right"), default=False)
    rationale = models.TextField(_("why"), help_text=_("Why it is right, or which mistake it is."))
    is_fixed = models.BooleanField(
        _("keeps its place"), default=False, help_text=_("Not shuffled.")
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "ident"], name="option_ident_once"),
            models.CheckConstraint(
                name="option_has_rationale",
                condition=~Q(rationale=""),
                violation_error_message=_("Every option says why it is right or wrong."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def as_item(self) -> ItemOption:
        return ItemOption(
            ident=self.ident,
            text=self.text,
            rationale=self.rationale,
            is_key=self.is_key,
            is_fixed=self.is_fixed,
        )


class Source(RevisionPart):
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField(default=0)
    standard = models.ForeignKey(
        Standard, models.PROTECT, null=True, blank=True, related_name="sources"
    )
    section = models.CharField(_("section"), max_length=40, blank=True)
    url = models.URLField(_("page"), blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    read_on = models.DateField(_("read on"), null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="source_section_or_date",
                condition=Q(standard__isnull=False) & ~Q(section="")
                | ~Q(url="") & Q(read_on__isnull=False),
                violation_error_message=_(
                    "A source is an RFC with its section, or a page with the date it was read."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.as_item().label

    def as_item(self) -> ItemSource:
        return ItemSource(
            rfc=self.standard and self.standard.rfc,
            section=self.section,
            url=self.url,
            title=self.title,
            read_on=self.read_on,
        )


class Proof(RevisionPart):
    """A dialogue that the engine must answer as written."""

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="proof")
    profile = models.CharField(_("profile"), max_length=40, default="modern")
    port = models.PositiveIntegerField(_("port"), default=25)
    needs = models.JSONField(
        _("needs"),
        default=list,
        blank=True,
        help_text=_("EHLO keywords without which the claim cannot be tried, such as STARTTLS."),
    )
    dialogue = models.TextField(_("dialogue"), help_text=_("Lines begin with C: or S:."))

    def __str__(self) -> str:
        return f"Proof of {self.revision}"

    def as_item(self) -> ItemProof:
        return ItemProof(
            dialogue=self.dialogue,
            profile=self.profile,
            port=self.port,
            needs=tuple(self.needs),
        )
