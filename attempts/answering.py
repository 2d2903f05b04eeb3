"""Saves one answer: the response, its mark, the time it took, and that the family was met.

This is the site's busiest write. Most of its cost in the ORM is building queries, so its
three statements are written out: two and a half times as fast (benchmarks/answers.py).
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import Learner
from questions.items import Item
from questions.kinds import Response, mark
from questions.published import item_with

from .models import Attempt, Slot

LONGEST_LOOK = timedelta(hours=2)
"""More than this between opening and answering is time away, not time spent."""

LAST_POSITION = 32_767
"""What the column of positions holds; an address may name any number."""

FIND = """
    SELECT slot.id, slot.option_order, slot.policy, slot.max_mark, slot.checked_at,
           attempt.finished_at, revision.id, revision.content_hash, question.family_id
    FROM attempts_attempt AS attempt
    JOIN attempts_slot AS slot ON slot.attempt_id = attempt.id
    JOIN questions_revision AS revision ON revision.id = slot.revision_id
    JOIN questions_question AS question ON question.id = revision.question_id
    WHERE attempt.uuid = %s AND attempt.learner_id = %s AND slot.position = %s
"""
SAVE = """
    UPDATE attempts_slot
    SET response = %s, save_id = %s, seq = seq + 1, mark = %s,
        opened_at = COALESCE(opened_at, %s), answered_at = %s, checked_at = %s,
        spent_ms = spent_ms + %s
    WHERE id = %s AND checked_at IS NULL
      AND EXISTS (SELECT 1 FROM attempts_attempt AS attempt
                  WHERE attempt.id = attempt_id AND attempt.finished_at IS NULL)
"""
MEET = """
    INSERT INTO attempts_exposure (learner_id, family_id, n_met, first_at, last_at)
    VALUES (%s, %s, 1, %s, %s)
    ON CONFLICT (learner_id, family_id)
    DO UPDATE SET n_met = attempts_exposure.n_met + 1,
                  last_at = CASE WHEN excluded.last_at > attempts_exposure.last_at
                                 THEN excluded.last_at ELSE attempts_exposure.last_at END
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's slot, as far as saving an answer to it needs to know."""

    slot_id: int
    learner_id: int
    option_order: list[str]
    policy: str
    max_mark: int
    is_checked: bool
    is_finished: bool
    item: Item
    family_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`response` as its kind heard it; `save_id` names this click in the slot."""

    response: Response
    save_id: uuid.UUID
    opened_at: datetime | None = None


def find_place(attempt: uuid.UUID, position: int, learner: Learner | None) -> Place | None:
    """None if the learner has no such slot."""
    if learner is None or position > LAST_POSITION:
        return None
    with connection.cursor() as cursor:
        cursor.execute(FIND, [attempt.hex, learner.pk, position])
        row = cursor.fetchone()
    if row is None:
        return None
    (
        slot_id,
        order,
        policy,
        max_mark,
        checked_at,
        finished_at,
        revision_id,
        content_hash,
        family_id,
    ) = row
    return Place(
        slot_id=slot_id,
        learner_id=learner.pk,
        option_order=json.loads(order),
        policy=policy,
        max_mark=max_mark,
        is_checked=checked_at is not None,
        is_finished=finished_at is not None,
        item=item_with(content_hash, revision_id),
        family_id=family_id,
    )


@transaction.atomic
def check_answer(place: Place, answer: Answer, *, now: datetime) -> bool:
    """Saves and marks the answer of a practice slot. False if an answer stood already or
    the attempt is finished: the first one counts, whichever tab or click it came from."""
    opened_at = answer.opened_at or now
    looked = min(max(now - opened_at, timedelta()), LONGEST_LOOK)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            SAVE,
            [
                json.dumps(answer.response),
                answer.save_id.hex,
                mark(place.item, answer.response, place.policy, place.max_mark),
                connection.ops.adapt_datetimefield_value(opened_at),
                moment,
                moment,
                looked // timedelta(milliseconds=1),
                place.slot_id,
            ],
        )
        if cursor.rowcount == 0:
            return False
        cursor.execute(MEET, [place.learner_id, place.family_id, moment, moment])
    return True


def finish(attempt: Attempt, *, now: datetime) -> None:
    """Ends the attempt; saying it twice changes nothing."""
    Attempt.objects.open().filter(pk=attempt.pk).update(finished_at=now)


def first_unanswered(attempt: Attempt) -> Slot | None:
    return attempt.slots.filter(checked_at__isnull=True).order_by("position").first()
