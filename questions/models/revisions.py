"""Revisions: what a question said at one time. A published one never changes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notes.models import Note
from questions.items import Item, ItemOption, ItemPattern, ItemProof, ItemSource
from questions.kinds import KINDS
from sandbox.models import Lab

from .bank import Question
from .exams import Objective
from .standards import Standard


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.name, _(kind.label)) for kind in KINDS.values()]


class Revision(models.Model):
    """One version of a question's text and key."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")

    class Level(models.TextChoices):
        RECALL = "recall", _("recall")
        APPLY = "apply", _("apply")
        ANALYSE = "analyse", _("analyse")

    class View(models.TextChoices):
        RFC = "rfc", _("the standard's")
        EXAM = "exam", _("the exam's")

    class Policy(models.TextChoices):
        EXACT = "exact", _("all or nothing")
        PER_KEY = "per_key", _("a share for each right choice")
        BALANCED = "balanced", _("a share for each right choice, less one for each wrong")
        PER_PAIR = "per_pair", _("a share for each right pair")
        PAIRWISE = "pairwise", _("by pairs of steps in the right order")
        PER_STEP = "per_step", _("a share for each step of the lab")
        PATTERN = "pattern", _("what the pattern matched is worth")

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
    kind = models.CharField(_("kind"), max_length=10, choices=kind_choices, default="single")
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
    policy = models.CharField(
        _("marking"),
        max_length=10,
        choices=Policy,
        default=Policy.EXACT,
        help_text=_("In practice; exams mark by the rule of their room."),
    )
    expects = models.CharField(
        _("expects"),
        max_length=120,
        blank=True,
        help_text=_("Short answers: the form of the answer, such as: one reply code."),
    )
    lab = models.ForeignKey(
        Lab, models.PROTECT, null=True, blank=True, related_name="revisions", verbose_name=_("lab")
    )
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
                condition=Q(kind="multiple", choose__gte=2)
                | Q(kind="hotspot", choose__gte=1)
                | (~Q(kind__in=["multiple", "hotspot"]) & Q(choose=1)),
                violation_error_message=_(
                    "A multiple response asks for two or more, a hotspot for one or more; "
                    "every other kind says 1 here."
                ),
            ),
            models.CheckConstraint(
                name="revision_lab_belongs_to_kind",
                condition=Q(kind="lab", lab__isnull=False) | (~Q(kind="lab") & Q(lab__isnull=True)),
                violation_error_message=_("A lab question names its lab; no other kind has one."),
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
            expects=self.expects,
            lab=self.lab.slug if self.lab else "",
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
    """A row of any kind: an option, a pair, a step, an accepted answer, a line of the artefact."""

    class PatternKind(models.TextChoices):
        NONE = "", _("none")
        TEXT = "text", _("text")
        GLOB = "glob", _("text with *")
        NUMBER = "number", _("number")
        REGEX = "regex", _("regular expression")

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="options")
    ident = models.SlugField(
        _("id"), max_length=40, help_text=_("Short name, kept over all revisions, never shown.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.TextField(_("text"), blank=True)
    counterpart = models.TextField(
        _("right side"), blank=True, help_text=_("Matching: what belongs to the text.")
    )
    group = models.PositiveSmallIntegerField(
        _("place"),
        default=0,
        help_text=_("Ordering: 1 is first; steps with equal numbers stand in any order."),
    )
    pattern_kind = models.CharField(
        _("kind of pattern"), max_length=10, choices=PatternKind, blank=True, default=""
    )
    weight = models.PositiveSmallIntegerField(
        _("worth"), default=0, help_text=_("Short answers: thousandths of the mark.")
    )
    exact_case = models.BooleanField(_("case counts"), default=False)
    exact_space = models.BooleanField(_("spaces count"), default=False)
    matches = models.TextField(
        _("matches"), blank=True, help_text=_("Examples that the pattern takes, one a line.")
    )
    misses = models.TextField(
        _("near misses"), blank=True, help_text=_("Examples that it must not take, one a line.")
    )
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
            models.CheckConstraint(
                name="option_says_something",
                condition=~Q(text="") | ~Q(counterpart=""),
                violation_error_message=_("An option needs a text."),
            ),
            models.CheckConstraint(name="option_weight_at_most_one", condition=Q(weight__lte=1000)),
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
            counterpart=self.counterpart,
            group=self.group,
            pattern=self.as_pattern(),
        )

    def as_pattern(self) -> ItemPattern | None:
        if not self.pattern_kind:
            return None
        return ItemPattern(
            kind=self.pattern_kind,
            weight=self.weight,
            exact_case=self.exact_case,
            exact_space=self.exact_space,
            matches=tuple(self.matches.splitlines()),
            misses=tuple(self.misses.splitlines()),
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
