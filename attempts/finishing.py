"""Ends attempts: by the learner, or by the clock. What was saved is marked, once."""

from datetime import datetime

from django.db import transaction

from questions.kinds import mark
from questions.published import item_of

from .examining import lab_response
from .meeting import meet
from .models import Attempt, Slot
from .timing import GRACE


def finish(attempt: Attempt, *, now: datetime) -> None:
    """The learner ends the attempt; saying it twice changes nothing. Past the deadline the
    clock has ended it."""
    _end(attempt, now=now)


def finish_if_over(attempt: Attempt, *, now: datetime) -> bool:
    """Ends an attempt whose time is up, whoever looks at it first; its end is the deadline.
    Marks an exam too that a claim has closed, so that an account may keep its own."""
    if attempt.is_closed:
        _end(attempt, now=now)
    if attempt.is_finished or not attempt.is_over(now):
        return False
    _end(attempt, now=now, only_if_over=True)
    return attempt.is_finished


def finish_forgotten(now: datetime) -> int:
    """Ends every attempt whose time is up, marks what a claim has closed; for the housekeeping."""
    for attempt in Attempt.objects.closed():
        finish_if_over(attempt, now=now)
    over = Attempt.objects.open().filter(deadline_at__lt=now - GRACE)
    return sum(finish_if_over(attempt, now=now) for attempt in over)


@transaction.atomic
def _end(attempt: Attempt, *, now: datetime, only_if_over: bool = False) -> None:
    """The locked row decides: more time may have been granted since the attempt was read."""
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    goes_on = only_if_over and not locked.is_over(now)
    if locked.is_closed or not (locked.is_finished or goes_on):
        end = locked.finished_at or now
        is_by_clock = locked.is_over(end) or end == locked.deadline_at
        locked.ended_by = Attempt.Ending.TIME if is_by_clock else Attempt.Ending.LEARNER
        locked.finished_at = locked.deadline_at if is_by_clock else end
        locked.save(update_fields=["ended_by", "finished_at"])
        if locked.mode == Attempt.Mode.EXAM:
            _mark_all(locked)
    for name in ("ended_by", "finished_at", "deadline_at", "time_percent"):
        setattr(attempt, name, getattr(locked, name))


def _mark_all(attempt: Attempt) -> None:
    """Freezes the mark of every slot. All families of the form are met: its result shows them.

    The lock waits for an answer that is being saved; one that comes later finds its slot left.
    """
    slots = list(attempt.slots.select_for_update(of=["self"]).select_related("revision__question"))
    for slot in slots:
        item = item_of(slot.revision)
        if item.lab and slot.response:
            until = attempt.finished_at + GRACE
            slot.response = lab_response(slot.response, attempt.learner, until=until)
        slot.mark = mark(item, slot.response, slot.policy, slot.max_mark)
        slot.checked_at = attempt.finished_at if slot.response else None
        slot.left_at = slot.left_at or attempt.finished_at
    Slot.objects.bulk_update(slots, ["response", "mark", "checked_at", "left_at"])
    families = [slot.revision.question.family_id for slot in slots]
    meet(attempt.learner_id, families, now=attempt.finished_at)
