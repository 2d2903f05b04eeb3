"""What came out of an attempt: right and answered per topic, what to look at again."""

from collections.abc import Iterable
from dataclasses import dataclass

from questions.models import Topic

from .models import Attempt, Slot


@dataclass(slots=True)
class TopicResult:
    topic: Topic
    n_right: int = 0
    n_asked: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.n_right // self.n_asked if self.n_asked else 0


@dataclass(frozen=True, slots=True)
class Result:
    topics: list[TopicResult]
    missed: list[Slot]
    n_right: int
    n_asked: int
    n_unanswered: int

    @property
    def n_wrong(self) -> int:
        """Answered, and not fully right."""
        return self.n_asked - self.n_right - self.n_unanswered

    @property
    def percent(self) -> int:
        """Percent of questions, rounded down: 99.9 is not 100."""
        return 100 * self.n_right // self.n_asked if self.n_asked else 0

    @property
    def weakest(self) -> TopicResult | None:
        """The topic with the lowest share of right answers, if anything was missed."""
        weak = [topic for topic in self.topics if topic.n_right < topic.n_asked]
        return min(weak, key=lambda t: (t.n_right / t.n_asked, -t.n_asked), default=None)


def result_of(attempt: Attempt) -> Result:
    slots = list(attempt.slots.select_related("revision__question__topic"))
    topics = total_by_topic(slots)
    return Result(
        topics=topics,
        missed=[slot for slot in slots if not slot.is_right],
        n_right=sum(topic.n_right for topic in topics),
        n_asked=len(slots),
        n_unanswered=sum(not slot.is_checked for slot in slots),
    )


def total_by_topic(slots: Iterable[Slot]) -> list[TopicResult]:
    """In teaching order."""
    totals: dict[int, TopicResult] = {}
    for slot in slots:
        topic = slot.revision.question.topic
        total = totals.setdefault(topic.pk, TopicResult(topic))
        total.n_asked += 1
        total.n_right += slot.is_checked and slot.is_right
    return sorted(totals.values(), key=lambda total: total.topic.position)
