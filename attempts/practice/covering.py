"""How much of each topic a learner has met: from numbered cells, whatever the bank's size."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from accounts.models import Learner
from questions.models import Question, Seat, Topic

from ..models import Exposure


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a topic's questions in practice, siblings taken as one: how many there are, and how
    many the learner has met."""

    topic: Topic
    n_met: int
    n_questions: int


def coverage(learner: Learner | None) -> list[Coverage]:
    """Every topic that has practice questions, in teaching order; two queries."""
    practice = Q(cells__pool=Question.Pool.PRACTICE, cells__n_families__gt=0)
    topics = Topic.objects.filter(practice).annotate(n_families=F("cells__n_families"))
    met = dict(
        Seat.objects.filter(
            cell__topic__isnull=False,
            cell__pool=Question.Pool.PRACTICE,
            family__in=Exposure.objects.owned_by(learner).values("family"),
        )
        .values_list("cell__topic")
        .annotate(n_met=Count("family", distinct=True))
    )
    return [
        Coverage(topic, met.get(topic.pk, 0), topic.n_families)
        for topic in topics.order_by("position")
    ]
