"""Which practice questions fit a learner's choice, and which part of it leaves none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import F, Model, Q, QuerySet, Sum, TextChoices, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Learner
from questions.models import Cell, Question, Revision, Topic

from ..models import Attempt, Slot
from .covering import coverage
from .weakness import Evidence, weakest_topics

N_WEAKEST = 3
COUNTED = 2000
"""Up to so many questions are counted one by one."""


class Which(TextChoices):
    ANY = "any", gettext_lazy("any; those you have not met come first")
    UNSEEN = "unseen", gettext_lazy("only those you have not met")
    MISSED = "missed", gettext_lazy("only those you last got wrong")
    WEAKEST = "weakest", gettext_lazy("your weakest topics")
    BOOKMARKED = "bookmarked", gettext_lazy("those you bookmarked")
    UNSURE = "unsure", gettext_lazy("those you were unsure of")
    FLAGGED = "flagged", gettext_lazy("those you flagged in an exam")


@dataclass(frozen=True, slots=True)
class Choice:
    """Each part narrows the others; an empty one narrows nothing. `attempt` stands for what was
    missed in it."""

    which: str = Which.ANY
    topics: Sequence[Model] = ()
    objectives: Sequence[Model] = ()
    kinds: Sequence[str] = ()
    attempt: Attempt | None = None


def matching(learner: Learner | None, choice: Choice) -> QuerySet[Question]:
    """Live practice questions that fit. Probes are never among them."""
    questions = _of_which(Question.objects.practice(), learner, choice.which)
    if choice.topics:
        questions = questions.filter(topic__in=choice.topics)
    if choice.objectives:
        tagged = Revision.objectives.through.objects.filter(objective__in=choice.objectives)
        questions = questions.filter(current_revision__in=tagged.values("revision"))
    if choice.kinds:
        questions = questions.filter(current_revision__kind__in=choice.kinds)
    if choice.attempt:
        missed = choice.attempt.slots.filter(Q(mark__isnull=True) | Q(mark__lt=F("max_mark")))
        questions = questions.filter(pk__in=missed.values("revision__question"))
    return questions


def topics_of(choice: Choice) -> list[int] | None:
    """Where a choice is of topics alone, met or not, their keys; none chosen means all."""
    if choice.objectives or choice.kinds or choice.attempt:
        return None
    if choice.which not in (Which.ANY, Which.UNSEEN):
        return None
    return [topic.pk for topic in choice.topics or Topic.objects.only("pk")]


def count_fitting(learner: Learner | None, choice: Choice) -> int:
    """How long a set of this choice can be. Whole topics of a large bank are not counted but
    looked up; there a family with siblings in two topics counts twice."""
    questions = matching(learner, choice)
    narrowed = choice.objectives or choice.kinds or choice.attempt
    if choice.which != Which.ANY or narrowed:
        return count(questions)
    cells = Cell.objects.filter(topic__isnull=False, pool=Question.Pool.PRACTICE)
    if choice.topics:
        cells = cells.filter(topic__in=choice.topics)
    looked_up = cells.aggregate(n=Sum("n_families"))["n"] or 0
    return looked_up if looked_up > COUNTED else count(questions)


def count(questions: QuerySet[Question]) -> int:
    """How long a set of them can be: of a family's siblings it takes one."""
    return questions.values("family").distinct().count()


def _of_which(
    questions: QuerySet[Question], learner: Learner | None, which: str
) -> QuerySet[Question]:
    if which == Which.ANY:
        return questions
    if which == Which.WEAKEST:
        return questions.filter(topic__in=weakest_for(learner))
    if learner is None:
        return questions if which == Which.UNSEEN else questions.none()
    if which == Which.UNSEEN:
        return questions.exclude(family__exposures__learner=learner)
    if which == Which.BOOKMARKED:
        return questions.filter(bookmarks__learner=learner)
    answered = Slot.objects.owned_by(learner).checked()
    if which == Which.MISSED:
        latest = _latest(answered).filter(mark__lt=F("max_mark"))
    elif which == Which.UNSURE:
        latest = _latest(answered).filter(certainty=Slot.Certainty.UNSURE)
    else:
        ended = Slot.objects.owned_by(learner).filter(attempt__finished_at__isnull=False)
        latest = ended.filter(is_flagged=True)
    return questions.filter(pk__in=latest.values("revision__question"))


def _latest(slots: QuerySet[Slot]) -> QuerySet[Slot]:
    """Of several answers to a question the newest. Filters that follow look at these alone."""
    numbered = slots.annotate(
        nth=Window(
            RowNumber(),
            partition_by=F("revision__question"),
            order_by=[F("checked_at").desc(), F("pk").desc()],
        )
    )
    return Slot.objects.filter(pk__in=numbered.filter(nth=1).values("pk"))


def weakest_for(learner: Learner | None) -> list[int]:
    """Keys of the learner's weakest topics; three queries."""
    first, right, seen = Counter(), Counter(), set()
    answers = Slot.objects.owned_by(learner).checked().order_by("checked_at", "pk")
    for topic, family, mark, max_mark in answers.values_list(
        "revision__question__topic", "revision__question__family", "mark", "max_mark"
    ):
        if family not in seen:
            seen.add(family)
            first[topic] += 1
            right[topic] += mark == max_mark
    covered = {each.topic.slug: each for each in coverage(learner)}
    evidence = [
        Evidence(slug, first[each.topic.pk], right[each.topic.pk], each.n_met, each.n_questions)
        for slug, each in covered.items()
    ]
    return [covered[slug].topic.pk for slug in weakest_topics(evidence, N_WEAKEST)]


NOTHING_YET = {
    Which.UNSEEN: gettext_lazy("You have met every question there is."),
    Which.MISSED: gettext_lazy("Nothing to make good: your latest answers were all right."),
    Which.WEAKEST: gettext_lazy("No topic of yours is weak."),
    Which.BOOKMARKED: gettext_lazy("You have not bookmarked a question yet."),
    Which.UNSURE: gettext_lazy("You were unsure of none of your latest answers."),
    Which.FLAGGED: gettext_lazy("You have flagged no question in an exam yet."),
}


def explain_nothing(learner: Learner | None, choice: Choice) -> str:
    """Which part of a choice leaves nothing of the rest, and what would be there without it."""
    if choice.which != Which.ANY and not count_fitting(learner, Choice(which=choice.which)):
        return str(NOTHING_YET[Which(choice.which)])
    parts = [
        (choice.which != Which.ANY, {"which": Which.ANY}, Which(choice.which).label),
        (choice.kinds, {"kinds": ()}, _("the kinds of question")),
        (choice.objectives, {"objectives": ()}, _("the exam objectives")),
        (choice.topics, {"topics": ()}, _("the topics")),
        (choice.attempt, {"attempt": None}, _("what you missed in one set")),
    ]
    said = []
    for is_set, without, name in parts:
        n = count_fitting(learner, replace(choice, **without)) if is_set else 0
        if n:
            said.append(
                ngettext(
                    "Without “%(part)s” there is %(n)d.", "Without “%(part)s” there are %(n)d.", n
                )
                % {"part": name, "n": n}
            )
    nothing = _("No question fits all of this.")
    return " ".join([nothing, *(said or [_("More than one part of it has to go.")])])
