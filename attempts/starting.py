"""Starts attempts: a practice set drawn for a learner, or the first page's single question."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from accounts.models import Learner
from questions.models import Question, Revision, Topic
from questions.published import item_of

from .drawing import Candidate, draw, order_options
from .models import Attempt, Exposure, Slot

FIRST_QUESTION = "which-two-protocols-send-email"
DRAW_SALT = "first-question"
DRAW_KEEPS_SECONDS = 30 * 24 * 3600


def practice_questions(learner: Learner | None, topics: Sequence[Topic], only: str):
    """Live practice questions of the topics (all if none is named). `only`: "any",
    "unseen" (family never met) or "missed" (latest answer not fully right)."""
    questions = Question.objects.practice()
    if topics:
        questions = questions.filter(topic__in=topics)
    if only == "any":
        return questions
    if learner is None:
        return questions if only == "unseen" else questions.none()
    if only == "unseen":
        return questions.exclude(family__exposures__learner=learner)
    latest = Slot.objects.filter(
        revision__question=OuterRef("pk"), attempt__learner=learner, checked_at__isnull=False
    ).order_by("-checked_at")
    return questions.annotate(latest_mark=Subquery(latest.values("mark")[:1])).filter(
        latest_mark__lt=Subquery(latest.values("max_mark")[:1])
    )


def candidates(learner: Learner | None, questions) -> list[Candidate]:
    met = {
        exposure["family"]: exposure
        for exposure in Exposure.objects.owned_by(learner).values("family", "n_met", "last_at")
    }
    unmet = {"n_met": 0, "last_at": None}
    return [
        Candidate(
            revision_id=row["current_revision"],
            slug=row["slug"],
            family=row["family__slug"],
            n_met=met.get(row["family"], unmet)["n_met"],
            last_at=met.get(row["family"], unmet)["last_at"],
        )
        for row in questions.values("current_revision", "slug", "family", "family__slug")
    ]


@transaction.atomic
def start_practice(learner: Learner, questions, wanted: int, *, now: datetime) -> Attempt:
    """Raises drawing.NotEnoughQuestions."""
    attempt = Attempt(learner=learner, mode=Attempt.Mode.PRACTICE, started_at=now)
    attempt.seed = attempt.uuid.hex
    form = draw(candidates(learner, questions), wanted, attempt.seed)
    revisions = Revision.objects.only("pk", "content_hash").in_bulk(
        [candidate.revision_id for candidate in form]
    )
    attempt.save(force_insert=True)
    Slot.objects.bulk_create(
        Slot(
            attempt=attempt,
            position=position,
            revision=revisions[candidate.revision_id],
            option_order=order_options(item_of(revisions[candidate.revision_id]), attempt.seed),
        )
        for position, candidate in enumerate(form, start=1)
    )
    return attempt


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
    question = questions.filter(slug=FIRST_QUESTION).first() or questions.first()
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
