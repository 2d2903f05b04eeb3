"""Where a learner stands: per topic right and answered, how much was met, the last exams."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from accounts.models import Learner
from attempts.models import Attempt, Slot
from attempts.practice.covering import coverage
from questions.models import Topic

FEW_ANSWERS = 3
"""Below this a share says nothing, so no topic is called weak or strong."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One topic: `n_right` of `n_answered` answers, `n_met` of `n_questions` questions met."""

    topic: Topic
    n_right: int
    n_answered: int
    n_met: int
    n_questions: int

    @property
    def percent(self) -> int:
        return 100 * self.n_right // self.n_answered if self.n_answered else 0

    @property
    def says_something(self) -> bool:
        return self.n_answered >= FEW_ANSWERS


@dataclass(frozen=True, slots=True)
class ExamStanding:
    """A finished exam: its marks and the pass line it had."""

    attempt: Attempt
    mark: int
    max_mark: int

    @property
    def percent(self) -> int:
        """Rounded down: 99.9 is not 100."""
        return 100 * self.mark // self.max_mark if self.max_mark else 0

    @property
    def line(self) -> int:
        return int(self.attempt.room["pass_percent"])

    @property
    def is_passed(self) -> bool:
        return 100 * self.mark >= self.line * self.max_mark


def last_exams(learner: Learner | None, n: int) -> list[ExamStanding]:
    """The newest first; one query."""
    finished = Attempt.objects.owned_by(learner).filter(
        mode=Attempt.Mode.EXAM, finished_at__isnull=False
    )
    summed = finished.annotate(mark=Sum("slots__mark"), max_mark=Sum("slots__max_mark"))
    return [
        ExamStanding(attempt, attempt.mark or 0, attempt.max_mark or 0)
        for attempt in summed.order_by("-finished_at")[:n]
    ]


def answers_of(learner: Learner | None) -> dict[str, int]:
    """n_answered and n_right over everything, questions that are retired now included."""
    return (
        Slot.objects.owned_by(learner)
        .checked()
        .aggregate(n_answered=Count("pk"), n_right=Count("pk", filter=Q(mark=F("max_mark"))))
    )


def standings(learner: Learner | None) -> list[Standing]:
    """Every topic that has practice questions, in teaching order; three queries."""
    totals = {
        row["topic"]: row
        for row in Slot.objects.owned_by(learner)
        .checked()
        .values(topic=F("revision__question__topic"))
        .annotate(n_answered=Count("pk"), n_right=Count("pk", filter=Q(mark=F("max_mark"))))
    }
    nothing = {"n_answered": 0, "n_right": 0}
    return [
        Standing(
            topic=covered.topic,
            n_right=totals.get(covered.topic.pk, nothing)["n_right"],
            n_answered=totals.get(covered.topic.pk, nothing)["n_answered"],
            n_met=covered.n_met,
            n_questions=covered.n_questions,
        )
        for covered in coverage(learner)
    ]


def weakest(standings: list[Standing]) -> Standing | None:
    """The topic with the lowest share of right answers among those with enough answers."""
    weak = [s for s in standings if s.says_something and s.n_right < s.n_answered]
    return min(weak, key=lambda s: (s.n_right / s.n_answered, -s.n_answered), default=None)


def next_unmet(standings: list[Standing]) -> Standing | None:
    """The first topic in teaching order with questions not met yet."""
    return next((s for s in standings if s.n_met < s.n_questions), None)
