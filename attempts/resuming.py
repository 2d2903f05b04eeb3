"""Where a learner goes on in an open attempt."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Learner

from .models import Attempt, Slot


@dataclass(frozen=True, slots=True)
class Whereabouts:
    attempt: Attempt
    position: int
    n_slots: int


def where_they_were(learner: Learner | None, *, now: datetime) -> Whereabouts | None:
    """The place in the learner's open exam, else in their latest open practice set."""
    exams_first = Case(When(mode=Attempt.Mode.EXAM, then=Value(0)), default=Value(1))
    attempts = Attempt.objects.owned_by(learner).open().order_by(exams_first, "-started_at")
    for attempt in attempts:
        slot = None if attempt.is_over(now) else goes_on_at(attempt)
        if slot:
            return Whereabouts(attempt, slot.position, attempt.slots.count())
    return None


def goes_on_at(attempt: Attempt) -> Slot | None:
    """In practice the first question without an answer; in an exam the one the learner was at
    last, or the first. None if there is none left."""
    if not attempt.is_exam:
        return attempt.slots.filter(checked_at=None).order_by("position").first()
    slots = attempt.slots.filter(left_at=None)
    touched = Greatest("opened_at", Coalesce("answered_at", "opened_at"))
    seen = slots.filter(opened_at__isnull=False).order_by(touched.desc())
    return seen.first() or slots.order_by("position").first()
