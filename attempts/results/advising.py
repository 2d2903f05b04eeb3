"""Names three things to do after an attempt: its misses, its costliest topic, one to try."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.models import Question, Topic
from sandbox.models import Lab

from ..models import Attempt
from .result import Result, by_loss


@dataclass(frozen=True, slots=True)
class Step:
    """A link to `url`, or with `fields` a form that starts a practice set."""

    label: str
    hint: str
    url: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Practisable:
    """Of the questions missed in an attempt: how many practice may ask again, how many are kept
    for exams, how many were taken out of use since."""

    n: int
    n_probes: int
    n_gone: int


def practisable(result: Result) -> Practisable:
    missed = {slot.revision.question_id: slot.revision.question for slot in result.missed}
    live = set(Question.objects.practice().filter(pk__in=missed).values_list("pk", flat=True))
    n_probes = sum(question.pool == Question.Pool.PROBE for question in missed.values())
    return Practisable(len(live), n_probes, len(missed) - len(live) - n_probes)


def next_steps(result: Result, again: Practisable) -> list[Step]:
    """Exactly three."""
    weakest = result.weakest.topic if result.weakest else None
    steps = [
        _misses(result.attempt, again),
        _drill(weakest) if weakest else None,
        _lab_or_note(result) if weakest else None,
    ]
    spare = [_ten_more(), _sandbox(), _progress()]
    return ([step for step in steps if step] + spare)[:3]


def _misses(attempt: Attempt, again: Practisable) -> Step | None:
    if again.n:
        return Step(
            label=ngettext("Practise the one you missed", "Practise the %(n)d you missed", again.n)
            % {"n": again.n},
            hint=kept_out(again) or _("exactly these, in a new order"),
            fields=(("attempt", str(attempt.uuid)), ("number", str(min(again.n, 90)))),
        )
    if again.n_probes or again.n_gone:
        return Step(
            label=_("Look at what you missed"),
            hint=kept_out(again),
            url=f"{reverse('attempt_questions', args=[attempt.uuid])}?show=missed",
        )
    return None


def kept_out(again: Practisable) -> str:
    said = []
    if again.n_probes:
        said.append(
            ngettext(
                "%(n)d is kept for exams and stays out of practice",
                "%(n)d are kept for exams and stay out of practice",
                again.n_probes,
            )
            % {"n": again.n_probes}
        )
    if again.n_gone:
        said.append(
            ngettext("%(n)d is not in use any more", "%(n)d are not in use any more", again.n_gone)
            % {"n": again.n_gone}
        )
    return "; ".join(said)


def _drill(topic: Topic) -> Step | None:
    if not Question.objects.practice().filter(topic=topic).exists():
        return None
    return Step(
        label=_("Practise: %(topic)s") % {"topic": topic.title},
        hint=_("five questions of the topic that cost most marks"),
        fields=(("topics", topic.slug), ("only", "any"), ("number", "5")),
    )


def _lab_or_note(result: Result) -> Step | None:
    """A lab not passed yet of the topic that cost most marks and has one, else a note."""
    weak = by_loss(result.topics)
    labs = list(
        Lab.objects.live()
        .with_standing(result.attempt.learner)
        .values_list("slug", "title", "definition__topics", "is_passed")
    )
    for total in weak:
        for slug, title, topics, is_passed in labs:
            if total.topic.slug in (topics or []) and not is_passed:
                return Step(
                    label=_("Lab: %(lab)s") % {"lab": title},
                    hint=_("about “%(topic)s”, on the live server") % {"topic": total.topic.title},
                    url=reverse("lab", args=[slug]),
                )
    noted = next((total.topic for total in weak if total.topic.note_id), None)
    return noted and Step(
        label=_("Read: %(topic)s") % {"topic": noted.title},
        hint=_("the note behind these questions"),
        url=reverse("note", args=[noted.slug]),
    )


def _ten_more() -> Step:
    return Step(
        label=_("Ten more questions"),
        hint=_("those you have not met come first"),
        fields=(("only", "any"), ("number", "10")),
    )


def _sandbox() -> Step:
    return Step(
        label=_("Talk to the server yourself"),
        hint=_("the sandbox explains every reply"),
        url=reverse("sandbox"),
    )


def _progress() -> Step:
    return Step(
        label=_("Where you stand"), hint=_("all topics at a glance"), url=reverse("progress")
    )
