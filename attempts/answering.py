"""Saves one answer: the response, its mark, the time it took, and that the family was met."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from questions.kinds import mark
from questions.published import item_of

from .models import Attempt, Slot

LONGEST_LOOK = timedelta(hours=2)
"""More than this between opening and answering is time away, not time spent."""

MEET = """
    INSERT INTO attempts_exposure (learner_id, family_id, n_met, first_at, last_at)
    SELECT %s, question.family_id, 1, %s, %s
    FROM questions_revision AS revision
    JOIN questions_question AS question ON question.id = revision.question_id
    WHERE revision.id = %s
    ON CONFLICT (learner_id, family_id)
    DO UPDATE SET n_met = attempts_exposure.n_met + 1, last_at = excluded.last_at
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """`response` holds option ids; `save_id` names this click, so a repeat changes nothing."""

    response: list[str]
    save_id: uuid.UUID
    opened_at: datetime | None = None


@transaction.atomic
def check_answer(slot: Slot, answer: Answer, *, now: datetime) -> bool:
    """Saves and marks the answer of a practice slot. False if an answer stood already: the
    first one counts, whichever tab or click it came from."""
    opened_at = slot.opened_at or answer.opened_at or now
    looked = min(max(now - opened_at, timedelta()), LONGEST_LOOK)
    saved = Slot.objects.filter(pk=slot.pk, checked_at__isnull=True).update(
        response=answer.response,
        save_id=answer.save_id,
        seq=slot.seq + 1,
        mark=mark(item_of(slot.revision), answer.response, slot.max_mark),
        opened_at=opened_at,
        answered_at=now,
        checked_at=now,
        spent_ms=slot.spent_ms + looked // timedelta(milliseconds=1),
    )
    if not saved:
        return False
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(MEET, [slot.attempt.learner_id, moment, moment, slot.revision_id])
    return True


def finish(attempt: Attempt, *, now: datetime) -> None:
    """Ends the attempt; saying it twice changes nothing."""
    Attempt.objects.open().filter(pk=attempt.pk).update(finished_at=now)


def first_unanswered(attempt: Attempt) -> Slot | None:
    return attempt.slots.filter(checked_at__isnull=True).order_by("position").first()
