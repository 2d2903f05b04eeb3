"""What came out of an attempt: marks by domain and topic, times, what to look at again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.models import Revision, Topic

from ..models import Attempt, Slot
from .charting import ColumnChart, column_chart
from .wording import time_in_words

PRACTICE_LINE = 60
"""Below this share a bar of a practice set is called low; an exam has its own pass line."""

FEW = 3
"""A share of fewer questions says little."""


class Outcome(TextChoices):
    RIGHT = "right", gettext_lazy("right")
    PARTLY = "partly", gettext_lazy("partly right")
    WRONG = "wrong", gettext_lazy("wrong")
    UNANSWERED = "unanswered", gettext_lazy("not answered")


def outcome_of(slot: Slot) -> Outcome:
    if not slot.is_checked or not slot.response:
        return Outcome.UNANSWERED
    if slot.is_right:
        return Outcome.RIGHT
    return Outcome.PARTLY if slot.mark else Outcome.WRONG


@dataclass(slots=True)
class Total:
    """One domain or topic of the attempt."""

    label: str
    topic: Topic | None = None
    n_right: int = 0
    n_asked: int = 0
    mark: int = 0
    max_mark: int = 0

    @property
    def percent(self) -> int:
        """Percent of marks, rounded down: 99.9 is not 100."""
        return 100 * self.mark // self.max_mark if self.max_mark else 0

    @property
    def lost(self) -> int:
        return self.max_mark - self.mark

    def add(self, slot: Slot) -> None:
        self.n_asked += 1
        self.n_right += outcome_of(slot) is Outcome.RIGHT
        self.mark += slot.mark or 0
        self.max_mark += slot.max_mark


def by_loss(totals: Iterable[Total]) -> list[Total]:
    """Where marks were missed, most of them first; of equals the lower share."""
    lossy = [total for total in totals if total.lost]
    return sorted(lossy, key=lambda total: (-total.lost, total.percent))


@dataclass(frozen=True, slots=True)
class Certainties:
    """How often the learner was sure or unsure, and right or not fully right."""

    sure_right: int = 0
    sure_wrong: int = 0
    unsure_right: int = 0
    unsure_wrong: int = 0

    def __bool__(self) -> bool:
        return any((self.sure_right, self.sure_wrong, self.unsure_right, self.unsure_wrong))


@dataclass(frozen=True)
class Result:
    """`domains` is empty where an exam has none, and in practice."""

    attempt: Attempt
    slots: list[Slot]
    topics: list[Total]
    domains: list[Total] = field(default_factory=list)

    @property
    def n_asked(self) -> int:
        return len(self.slots)

    @cached_property
    def outcomes(self) -> list[tuple[Slot, Outcome]]:
        return [(slot, outcome_of(slot)) for slot in self.slots]

    def _count(self, *wanted: Outcome) -> int:
        return sum(outcome in wanted for _slot, outcome in self.outcomes)

    @property
    def n_right(self) -> int:
        return self._count(Outcome.RIGHT)

    @property
    def n_wrong(self) -> int:
        """Answered, and not fully right."""
        return self._count(Outcome.WRONG, Outcome.PARTLY)

    @property
    def n_partly(self) -> int:
        return self._count(Outcome.PARTLY)

    @property
    def n_unanswered(self) -> int:
        return self._count(Outcome.UNANSWERED)

    @property
    def missed(self) -> list[Slot]:
        return [slot for slot, outcome in self.outcomes if outcome is not Outcome.RIGHT]

    @property
    def mark(self) -> int:
        return sum(slot.mark or 0 for slot in self.slots)

    @property
    def max_mark(self) -> int:
        return sum(slot.max_mark for slot in self.slots)

    @property
    def percent(self) -> int:
        """Percent of marks, rounded down: 99.9 is not 100."""
        return 100 * self.mark // self.max_mark if self.max_mark else 0

    @property
    def line(self) -> int:
        return int(self.attempt.room.get("pass_percent", PRACTICE_LINE))

    @property
    def is_passed(self) -> bool:
        return 100 * self.mark >= self.line * self.max_mark

    @property
    def weakest(self) -> Total | None:
        """The topic that cost most marks, if any did."""
        return next(iter(by_loss(self.topics)), None)

    @property
    def topic_finding(self) -> str:
        """What the table of topics says, in a sentence."""
        if (weakest := self.weakest) is None:
            return _("Full marks in every topic")
        said = {"name": weakest.label, "percent": weakest.percent}
        return _("Look at “%(name)s” first: %(percent)d %% of its marks") % said

    @property
    def domain_finding(self) -> str:
        if not (lossy := by_loss(self.domains)):
            return _("Full marks in every domain")
        said = {"name": lossy[0].label, "percent": lossy[0].percent}
        return _("Domain %(name)s cost most marks: %(percent)d %% reached") % said

    @property
    def soft_spots(self) -> list[Total]:
        return [total for total in self.domains or self.topics if total.percent < self.line]

    @property
    def has_few(self) -> bool:
        return any(total.n_asked < FEW for total in [*self.topics, *self.domains])

    @cached_property
    def certainties(self) -> Certainties:
        counts: dict[str, int] = {}
        for slot, outcome in self.outcomes:
            if slot.certainty and outcome is not Outcome.UNANSWERED:
                name = f"{slot.certainty}_{'right' if outcome is Outcome.RIGHT else 'wrong'}"
                counts[name] = counts.get(name, 0) + 1
        return Certainties(**counts)

    @property
    def late(self) -> list[Slot]:
        """Slots with an answer that came after the end."""
        return [slot for slot in self.slots if slot.late_response]

    @property
    def used(self) -> str:
        """Time from start to end, in words."""
        return _rounded(self.attempt.finished_at - self.attempt.started_at)

    @property
    def given(self) -> str:
        """The whole time that was given, whatever it is made of; empty if untimed."""
        if self.attempt.deadline_at is None:
            return ""
        return _rounded(self.attempt.deadline_at - self.attempt.started_at)

    @property
    def is_timed_per_question(self) -> bool:
        return any(slot.spent_ms for slot in self.slots)

    @property
    def over_plan(self) -> list[Slot]:
        return [slot for slot in self.slots if spent_seconds(slot) > slot.revision.seconds]

    @property
    def longest(self) -> Slot:
        return max(self.slots, key=lambda slot: slot.spent_ms)

    @property
    def times(self) -> list[dict[str, Any]]:
        return [
            {
                "slot": slot,
                "spent": time_in_words(spent_seconds(slot)),
                "planned": time_in_words(slot.revision.seconds),
                "is_over": spent_seconds(slot) > slot.revision.seconds,
            }
            for slot in self.slots
        ]

    @property
    def longest_words(self) -> str:
        return time_in_words(spent_seconds(self.longest))

    @cached_property
    def chart(self) -> ColumnChart:
        return column_chart([(spent_seconds(slot), slot.revision.seconds) for slot in self.slots])

    @property
    def verdict(self) -> str:
        """In plain words where the marks stand to our pass line; the score stands beside it."""
        if not self.is_passed:
            return _("Below our pass line")
        if self.percent == self.line:
            return _("On our pass line")
        if self.percent == 100:
            return _("All marks, above our pass line")
        spots = self.soft_spots
        if len(spots) == 1:
            return _("Above our pass line, with one soft spot")
        return _("Above our pass line, with soft spots") if spots else _("Above our pass line")


def spent_seconds(slot: Slot) -> int:
    return slot.spent_ms // 1000


def _rounded(time: timedelta) -> str:
    """From ten minutes on nobody counts seconds."""
    seconds = int(time.total_seconds())
    return time_in_words(seconds - seconds % 60 if seconds >= 600 else seconds)


def slots_of(attempt: Attempt) -> list[Slot]:
    return list(attempt.slots.select_related("revision__question__topic").order_by("position"))


def result_of(attempt: Attempt) -> Result:
    """Four queries at most, whatever the number of questions."""
    slots = slots_of(attempt)
    for slot in slots:
        slot.attempt = attempt
    return Result(
        attempt=attempt,
        slots=slots,
        topics=total_by_topic(slots),
        domains=total_by_domain(attempt, slots) if attempt.exam_id else [],
    )


def total_by_topic(slots: Iterable[Slot]) -> list[Total]:
    """In teaching order."""
    totals = _total(
        slots,
        key=lambda slot: slot.revision.question.topic,
        make=lambda topic: Total(topic.title, topic),
    )
    return sorted(totals, key=lambda total: total.topic.position)


def total_by_domain(attempt: Attempt, slots: Iterable[Slot]) -> list[Total]:
    """In the exam's order. Of several objectives of a question the first one counts."""
    through = Revision.objectives.through.objects
    rows = (
        through.filter(revision__slots__attempt=attempt, objective__exam=attempt.exam_id)
        .order_by("-objective__code")
        .values_list("revision", "objective__domain__number", "objective__domain__name")
    )
    first = {revision: (number, name) for revision, number, name in rows}
    domains = {revision: domain for revision, domain in first.items() if domain[0]}
    totals = _total(
        (slot for slot in slots if slot.revision_id in domains),
        key=lambda slot: domains[slot.revision_id],
        make=lambda domain: Total(f"{domain[0]} {domain[1]}"),
    )
    return sorted(totals, key=lambda total: int(total.label.split()[0]))


def _total(
    slots: Iterable[Slot], *, key: Callable[[Slot], Any], make: Callable[[Any], Total]
) -> list[Total]:
    totals: dict[Any, Total] = {}
    for slot in slots:
        group = key(slot)
        totals.setdefault(group, make(group)).add(slot)
    return list(totals.values())
