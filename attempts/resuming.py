"""Where a learner goes on in an open attempt."""

from django.db.models.functions import Coalesce, Greatest

from .models import Attempt, Slot


def first_unanswered(attempt: Attempt) -> Slot | None:
    return attempt.slots.filter(checked_at=None).order_by("position").first()


def last_seen(attempt: Attempt) -> Slot | None:
    """The open question the learner was at last, or the first one; None if all are left."""
    slots = attempt.slots.filter(left_at=None)
    touched = Greatest("opened_at", Coalesce("answered_at", "opened_at"))
    seen = slots.filter(opened_at__isnull=False).order_by(touched.desc())
    return seen.first() or slots.order_by("position").first()
