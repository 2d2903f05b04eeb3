"""Numbers the drawable families of every domain and topic, so that a draw can pick numbers.

A question sits in the cell of its topic and, for each exam, in that of the domain of its first
objective there. Siblings share the number of their family; the last family of a cell takes the
number of one that goes, so that numbers run from 0 without a gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from .models import Cell, Question, Revision, Seat

BATCH = 5000


@dataclass(frozen=True, slots=True)
class Spot:
    """What names a cell: a topic or a domain, and a pool."""

    pool: str
    topic_id: int | None = None
    domain_id: int | None = None


@transaction.atomic
def seat(questions: Iterable[Question]) -> None:
    """Seats these questions where they belong now, or nowhere if they cannot be drawn."""
    pks = [question.pk for question in questions]
    wanted = _spots(Question.objects.filter(pk__in=pks))
    held = Seat.objects.filter(question__in=pks).select_related("cell")
    for taken in held:
        spot = Spot(taken.cell.pool, taken.cell.topic_id, taken.cell.domain_id)
        if wanted.get(spot, {}).get(taken.question_id) != taken.family_id:
            _leave(taken)
    for spot, families in wanted.items():
        cell = _locked(spot)
        seated = set(cell.seats.filter(question__in=families).values_list("question", flat=True))
        for question, family in families.items():
            if question not in seated:
                _take(cell, question, family)


@transaction.atomic
def seat_all() -> None:
    """Seats the whole bank; a cell in which everybody sits well is left alone."""
    wanted = _spots(Question.objects.all())
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for cell, question, family in Seat.objects.values_list("cell", "question", "family"):
        held[cell][question] = family
    known = {Spot(c.pool, c.topic_id, c.domain_id): c for c in Cell.objects.select_for_update()}
    for spot in known.keys() | wanted.keys():
        families = wanted.get(spot, {})
        cell = known.get(spot) or _locked(spot)
        if held[cell.pk] != families:
            _fill(cell, families)


def has_seats() -> bool:
    return Seat.objects.exists()


def _spots(questions) -> dict[Spot, dict[int, int]]:
    """For each cell its drawable questions with their families, by key."""
    wanted: dict[Spot, dict[int, int]] = defaultdict(dict)
    live = questions.live().values_list("pk", "family", "topic", "pool", "current_revision")
    rows = list(live.iterator(BATCH))
    domains = _domains(questions)
    for question, family, topic, pool, revision in rows:
        wanted[Spot(pool, topic_id=topic)][question] = family
        for domain in domains.get(revision, ()):
            wanted[Spot(pool, domain_id=domain)][question] = family
    return wanted


def _domains(questions) -> Mapping[int, list[int]]:
    """By revision the domain of its first objective in each exam; objectives outside of every
    domain do not count."""
    tagged = Revision.objectives.through.objects.filter(
        revision__in=questions.live().values("current_revision"),
        objective__domain__isnull=False,
    )
    rows = tagged.order_by("revision", "objective__exam", "objective__code").values_list(
        "revision", "objective__exam", "objective__domain"
    )
    first: dict[tuple[int, int], int] = {}
    for revision, exam, domain in rows.iterator(BATCH):
        first.setdefault((revision, exam), domain)
    domains: dict[int, list[int]] = defaultdict(list)
    for (revision, _exam), domain in first.items():
        domains[revision].append(domain)
    return domains


def _locked(spot: Spot) -> Cell:
    names = {"pool": spot.pool, "topic_id": spot.topic_id, "domain_id": spot.domain_id}
    Cell.objects.get_or_create(**names)
    return Cell.objects.select_for_update().get(**names)


def _take(cell: Cell, question: int, family: int) -> None:
    number = cell.seats.filter(family=family).aggregate(number=Max("number"))["number"]
    if number is None:
        number = cell.n_families
        cell.n_families += 1
        cell.save(update_fields=["n_families"])
    Seat.objects.create(cell=cell, number=number, family_id=family, question_id=question)


def _leave(seat: Seat) -> None:
    cell = Cell.objects.select_for_update().get(pk=seat.cell_id)
    seat.refresh_from_db()  # it may have taken the number of one that left before
    seat.delete()
    if cell.seats.filter(family=seat.family_id).exists():
        return
    cell.n_families -= 1
    cell.save(update_fields=["n_families"])
    cell.seats.filter(number=cell.n_families).update(number=seat.number)


def _fill(cell: Cell, families: dict[int, int]) -> None:
    numbers = {family: number for number, family in enumerate(sorted(set(families.values())))}
    cell.seats.all().delete()
    Seat.objects.bulk_create(
        (
            Seat(cell=cell, number=numbers[family], family_id=family, question_id=question)
            for question, family in families.items()
        ),
        batch_size=BATCH,
    )
    cell.n_families = len(numbers)
    cell.save(update_fields=["n_families"])
