"""Starts attempts: an exam, a practice set, or the first page's single question."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Learner
from questions.kinds import KINDS
from questions.models import Exam, Question, Revision, Room
from questions.published import item_of, items_of

from .drawing.blueprints import FormPlan, form_plan
from .drawing.choosing import (
    Candidate,
    NotEnoughQuestions,
    draw,
    draw_form,
    order_options,
    sections_of,
)
from .drawing.gathering import candidates_of, gather, gather_topics
from .finishing import finish_if_over
from .models import Attempt, Slot
from .timing import deadline_of

FIRST_QUESTION = "which-two-protocols-send-email"
DRAW_SALT = "first-question"
DRAW_KEEPS_SECONDS = 30 * 24 * 3600


@transaction.atomic
def start_practice(
    learner: Learner,
    questions: QuerySet[Question],
    wanted: int,
    *,
    now: datetime,
    topics: Iterable[int] | None = None,
    minutes: int | None = None,
) -> Attempt:
    """Untimed without `minutes`. `topics` says that the questions are all of these topics, so
    that a few of a large bank are looked at, unless these hold too few not met yet.

    Raises drawing.NotEnoughQuestions.
    """
    attempt = Attempt(
        learner=learner,
        mode=Attempt.Mode.PRACTICE,
        started_at=now,
        minutes=minutes,
        time_percent=learner.time_percent,
        deadline_at=deadline_of(now, minutes, learner.time_percent),
    )
    attempt.seed = attempt.uuid.hex
    candidates = [] if topics is None else gather_topics(learner, topics, wanted, attempt.seed)
    if len({c.family for c in candidates if not c.n_met}) < wanted:
        candidates = candidates_of(learner, questions)
    form = draw(candidates, wanted, attempt.seed)
    attempt.save(force_insert=True)
    _lay_out(attempt, form)
    return attempt


class AlreadyOpen(Exception):
    """One exam is sat at a time; `attempt` is the one that is open."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(f"{attempt} is open")
        self.attempt = attempt


def start_exam(learner: Learner, room: Room, *, time_percent: int, now: datetime) -> Attempt:
    """A form drawn by the room's blueprint, its clock running.

    Raises AlreadyOpen, or drawing.NotEnoughQuestions if the bank cannot fill any form.
    """
    plan = form_plan(room)
    if not plan.n_items:
        raise NotEnoughQuestions(room.n_items, 0)
    if open_one := open_exam(learner, room.exam, now=now):
        raise AlreadyOpen(open_one)
    try:
        return _start_exam(learner, plan, time_percent, now)
    except IntegrityError:  # a double click: the other one was faster
        if open_one := open_exam(learner, room.exam, now=now):
            raise AlreadyOpen(open_one) from None
        raise


def open_exam(learner: Learner | None, exam: Exam, *, now: datetime) -> Attempt | None:
    """The learner's open attempt of the exam; one whose time is up is ended."""
    attempt = Attempt.objects.owned_by(learner).open().filter(exam=exam).first()
    return None if attempt is None or finish_if_over(attempt, now=now) else attempt


@transaction.atomic
def _start_exam(learner: Learner, plan: FormPlan, time_percent: int, now: datetime) -> Attempt:
    room = plan.room
    attempt = Attempt(
        learner=learner,
        mode=Attempt.Mode.EXAM,
        exam=room.exam,
        room=snapshot(room),
        started_at=now,
        minutes=plan.minutes,
        time_percent=time_percent,
        deadline_at=deadline_of(now, plan.minutes, time_percent),
    )
    attempt.seed = attempt.uuid.hex
    form = draw_form(
        gather(learner, plan, attempt.seed),
        attempt.seed,
        performance_percent=room.performance_percent,
        performance_first=room.performance_first,
    )
    attempt.save(force_insert=True)
    _lay_out(attempt, form, sections=sections_of(len(form), room.n_sections))
    return attempt


def snapshot(room: Room) -> dict[str, Any]:
    """The rules an attempt keeps; navigating.Rules reads them."""
    return {
        "code": room.exam.code,
        "name": room.exam.name,
        "pass_percent": room.pass_percent,
        "navigation": room.navigation,
        "count_check": room.count_check,
        "has_flags": room.has_flags,
        "has_review": room.has_review,
        "hides_clock_in_performance": room.hides_clock_in_performance,
    }


def _lay_out(
    attempt: Attempt, form: Sequence[Candidate], sections: Sequence[int] | None = None
) -> None:
    revisions = Revision.objects.only("pk", "content_hash").in_bulk(
        [candidate.revision_id for candidate in form]
    )
    items = items_of(revisions.values())
    slots = []
    for place, candidate in enumerate(form):
        item = items[candidate.revision_id]
        slots.append(
            Slot(
                attempt=attempt,
                position=place + 1,
                section=sections[place] if sections else 1,
                revision=revisions[candidate.revision_id],
                option_order=order_options(item, attempt.seed),
                policy=KINDS[item.kind].exam_policy if attempt.is_exam else item.policy,
            )
        )
    Slot.objects.bulk_create(slots)


@dataclass(frozen=True, slots=True)
class FirstDraw:
    """The first page's question as drawn for one visitor: kept in its form, not in a row."""

    attempt_uuid: uuid.UUID
    revision: Revision
    option_order: list[str]

    def sign(self) -> str:
        """Signed, not secret: it names places among the option ids in alphabetical order,
        which say nothing about the key."""
        alphabetical = sorted(self.option_order)
        places = [alphabetical.index(ident) for ident in self.option_order]
        return signing.dumps(
            {"a": self.attempt_uuid.hex, "r": self.revision.pk, "o": places}, salt=DRAW_SALT
        )


class DrawExpired(ValueError):
    """The form's draw is forged, too old, or of a question that is gone."""


def draw_first() -> FirstDraw | None:
    """None while the bank is empty."""
    questions = Question.objects.practice().select_related("current_revision")
    choices = questions.filter(current_revision__kind__in=["single", "multiple"])
    question = questions.filter(slug=FIRST_QUESTION).first() or choices.first()
    if question is None:
        return None
    revision = question.current_revision
    attempt_uuid = uuid.uuid4()
    return FirstDraw(attempt_uuid, revision, order_options(item_of(revision), attempt_uuid.hex))


def read_first_draw(token: str) -> FirstDraw:
    try:
        drawn = signing.loads(token, salt=DRAW_SALT, max_age=DRAW_KEEPS_SECONDS)
        revision = Revision.objects.get(pk=drawn["r"], published_at__isnull=False)
    except (signing.BadSignature, Revision.DoesNotExist) as error:
        raise DrawExpired from error
    alphabetical = sorted(option.ident for option in item_of(revision).options)
    order = [alphabetical[place] for place in drawn["o"]]
    return FirstDraw(uuid.UUID(drawn["a"]), revision, order)


def start_first(learner: Learner, first: FirstDraw, *, now: datetime) -> Slot:
    """The one slot of the visitor's first attempt; the same draw sent twice is one attempt.

    Raises DrawExpired if the draw was used by somebody else.
    """
    try:
        with transaction.atomic():
            attempt = Attempt.objects.create(
                uuid=first.attempt_uuid,
                learner=learner,
                mode=Attempt.Mode.PRACTICE,
                seed=first.attempt_uuid.hex,
                started_at=now,
            )
            return Slot.objects.create(
                attempt=attempt,
                position=1,
                revision=first.revision,
                option_order=first.option_order,
            )
    except IntegrityError:
        slots = Slot.objects.select_related("attempt", "revision")
        slot = slots.filter(
            attempt__uuid=first.attempt_uuid, attempt__learner=learner, position=1
        ).first()
        if slot is None:
            raise DrawExpired from None
        return slot
