"""Saves one answer: checked at once in practice, kept for the end in an exam.

These are the site's busiest writes. Most of their cost in the ORM is building queries, so their
statements are written out: two and a half times as fast (benchmarks/answers.py).
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from django.db import connection, transaction

from accounts.models import Learner
from questions.items import Item
from questions.kinds import Response, mark
from questions.published import item_with

from .meeting import meet
from .models import Attempt, Slot
from .timing import GRACE, is_over

LONGEST_LOOK = timedelta(hours=2)
"""More than this between opening and answering is time away, not time spent."""

LAST_POSITION = 32_767
"""What the column of positions holds; an address may name any number."""

FIND = """
    SELECT slot.id, slot.option_order, slot.policy, slot.max_mark, slot.response, slot.seq,
           slot.save_id, slot.certainty, slot.checked_at, slot.left_at,
           attempt.id, attempt.mode, attempt.room, attempt.deadline_at, attempt.finished_at,
           attempt.ended_by, revision.id, revision.content_hash, question.family_id
    FROM attempts_attempt AS attempt
    JOIN attempts_slot AS slot ON slot.attempt_id = attempt.id
    JOIN questions_revision AS revision ON revision.id = slot.revision_id
    JOIN questions_question AS question ON question.id = revision.question_id
    WHERE attempt.uuid = %s AND attempt.learner_id = %s AND slot.position = %s
"""
OPEN = """
    id = %s AND checked_at IS NULL AND left_at IS NULL
    AND EXISTS (SELECT 1 FROM attempts_attempt AS attempt
                WHERE attempt.id = attempt_id AND attempt.finished_at IS NULL
                  AND (attempt.deadline_at IS NULL OR attempt.deadline_at >= %s))
"""
CHECK = f"""
    UPDATE attempts_slot
    SET response = %s, save_id = %s, seq = seq + 1, mark = %s, certainty = %s,
        opened_at = COALESCE(opened_at, %s), answered_at = %s, checked_at = %s,
        spent_ms = spent_ms + %s
    WHERE {OPEN}
"""  # noqa: S608 (our own words)
SAVE = f"""
    UPDATE attempts_slot
    SET response = %s, save_id = %s, seq = seq + 1, certainty = %s,
        opened_at = COALESCE(opened_at, %s), answered_at = %s, spent_ms = spent_ms + %s
    WHERE seq = %s AND {OPEN}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's slot, as far as saving an answer to it needs to know."""

    slot_id: int
    position: int
    option_order: list[str]
    policy: str
    max_mark: int
    response: Response
    seq: int
    save_id: uuid.UUID | None
    certainty: str
    is_checked: bool
    is_left: bool
    attempt_id: int
    mode: str
    room: dict
    deadline_at: datetime | None
    finished_at: datetime | None
    ended_by: str
    learner_id: int
    item: Item
    family_id: int

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    def is_over(self, now: datetime) -> bool:
        return is_over(self.deadline_at, now)

    def is_open(self, now: datetime) -> bool:
        """Whether an answer can still be saved."""
        return not (self.is_finished or self.is_left or self.is_over(now))


@dataclass(frozen=True, slots=True)
class Answer:
    """`response` as its kind heard it; `save_id` names this change of the slot. `looked` is
    time spent on the slot that was not counted yet."""

    response: Response
    save_id: uuid.UUID
    opened_at: datetime | None = None
    looked: timedelta | None = None
    base_seq: int = 0
    certainty: str = ""

    def looked_ms(self, now: datetime) -> int:
        looked = now - (self.opened_at or now) if self.looked is None else self.looked
        return min(max(looked, timedelta()), LONGEST_LOOK) // timedelta(milliseconds=1)


class Saved(Enum):
    """What became of a change sent from an exam."""

    SAVED = "saved"
    AGAIN = "again"  # this very change had been saved; its acknowledgement was lost
    CONFLICT = "conflict"  # a newer answer is stored
    LEFT = "left"  # the room does not lead back to this question
    LATE = "late"  # after the deadline: kept, not scored
    FINISHED = "finished"  # the learner had submitted the attempt


def find_place(attempt: uuid.UUID, position: int, learner: Learner | None) -> Place | None:
    """None if the learner has no such slot."""
    if learner is None or position > LAST_POSITION:
        return None
    with connection.cursor() as cursor:
        cursor.execute(FIND, [attempt.hex, learner.pk, position])
        row = cursor.fetchone()
    if row is None:
        return None
    slot_id, order, policy, max_mark, response, seq, save_id, certainty, *row = row
    checked_at, left_at, attempt_id, mode, room, deadline_at, finished_at, ended_by, *row = row
    revision_id, content_hash, family_id = row
    return Place(
        slot_id=slot_id,
        position=position,
        option_order=json.loads(order),
        policy=policy,
        max_mark=max_mark,
        response=json.loads(response) if response else None,
        seq=seq,
        save_id=_uuid(save_id),
        certainty=certainty,
        is_checked=checked_at is not None,
        is_left=left_at is not None,
        attempt_id=attempt_id,
        mode=mode,
        room=json.loads(room),
        deadline_at=_moment(deadline_at),
        finished_at=_moment(finished_at),
        ended_by=ended_by,
        learner_id=learner.pk,
        item=item_with(content_hash, revision_id),
        family_id=family_id,
    )


def check_answer(place: Place, answer: Answer, *, now: datetime) -> bool:
    """Saves and marks the answer of a practice slot. False if an answer stood already or
    the attempt is finished: the first one counts, whichever tab or click it came from."""
    moment = _adapted(now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                CHECK,
                [
                    json.dumps(answer.response),
                    answer.save_id.hex,
                    mark(place.item, answer.response, place.policy, place.max_mark),
                    answer.certainty,
                    _adapted(answer.opened_at or now),
                    moment,
                    moment,
                    answer.looked_ms(now),
                    place.slot_id,
                    _adapted(now - GRACE),
                ],
            )
            if cursor.rowcount == 0:
                return False
        meet(place.learner_id, [place.family_id], now=now)
    return True


def save_answer(place: Place, answer: Answer, *, now: datetime) -> Saved:
    """Saves a change in an exam, on top of the state it was made on. One statement decides, so
    that of two changes at once, or of a change and the end, one wins and the other is told."""
    if place.save_id == answer.save_id:
        return Saved.AGAIN
    if place.is_finished or place.is_over(now):
        return _keep_late(place, answer, now=now)
    if place.is_left:
        return Saved.LEFT
    with connection.cursor() as cursor:
        cursor.execute(
            SAVE,
            [
                json.dumps(answer.response) if answer.response else None,
                answer.save_id.hex,
                answer.certainty,
                _adapted(answer.opened_at or now),
                _adapted(now),
                answer.looked_ms(now),
                answer.base_seq,
                place.slot_id,
                _adapted(now - GRACE),
            ],
        )
        return Saved.SAVED if cursor.rowcount else Saved.CONFLICT


def _keep_late(place: Place, answer: Answer, *, now: datetime) -> Saved:
    """What comes after the clock has ended the attempt is shown to the learner, not scored."""
    if place.ended_by == Attempt.Ending.LEARNER:
        return Saved.FINISHED
    if (answer.response or None) == place.response:
        return Saved.LATE  # it had been saved in time
    Slot.objects.filter(pk=place.slot_id).update(late_response=answer.response, late_at=now)
    return Saved.LATE


def _adapted(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


def _moment(value: datetime | None) -> datetime | None:
    """SQLite hands out UTC without saying so."""
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def _uuid(value: uuid.UUID | str | None) -> uuid.UUID | None:
    return uuid.UUID(value) if isinstance(value, str) else value
