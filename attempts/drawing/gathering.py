"""Reads what a draw may choose from: a few rows of a bank of any size, with what of them the
learner has met."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Count, Q
from django.db.models.expressions import RawSQL

from accounts.models import Learner
from questions.kinds import KINDS
from questions.models import Cell, Question, Seat

from ..models import Exposure, Slot
from .blueprints import FormPlan
from .choosing import WHOLE_CELL, Candidate, Part, sampled_numbers

PERFORMANCE = {kind.name for kind in KINDS.values() if kind.is_performance}
FIELDS = {
    "pk": "question",
    "revision": "question__current_revision",
    "slug": "question__slug",
    "family": "question__family",
    "pool": "question__pool",
    "kind": "question__current_revision__kind",
    "level": "question__current_revision__level",
}


def gather(learner: Learner, plan: FormPlan, seed: str) -> list[Part]:
    """For each domain of the plan the candidates of its cells. Of a large cell those that the
    seed names by number; all of it only if these hold too few that the learner has not met."""
    wanted = {share.domain.pk: share.n_items for share in plan.shares}
    sizes = {share.domain.pk: share.n_families for share in plan.shares}
    cells = list(Cell.objects.filter(domain__in=wanted))
    shares = [_share(cell, wanted[cell.domain_id], sizes[cell.domain_id]) for cell in cells]
    rows = _rows_at(cells, shares, seed)
    met = _met(learner, rows)
    short = [
        cell
        for cell in cells
        if cell.n_families > WHOLE_CELL
        and _n_unmet(rows, met, [c.pk for c in cells if c.domain_id == cell.domain_id])
        < wanted[cell.domain_id]
    ]
    if short:
        rows = [row for row in rows if row["cell"] not in {cell.pk for cell in short}]
        rows += _seats(Q(cell__in=short))
        met = _met(learner, rows)
    asked = _asked(learner, rows, met)
    domain_of = {cell.pk: cell.domain_id for cell in cells}
    found: dict[int, list[Candidate]] = defaultdict(list)
    for row in rows:
        found[domain_of[row["cell"]]].append(_candidate(row, met, asked))
    return [Part(str(share.domain), share.n_items, found[share.domain.pk]) for share in plan.shares]


def gather_topics(
    learner: Learner | None, topics: Iterable[int], wanted: int, seed: str
) -> list[Candidate]:
    """Practice questions of the topics by the same numbers, of each topic by its size. May hold
    too few that the learner has not met."""
    cells = list(Cell.objects.filter(topic__in=topics, pool=Question.Pool.PRACTICE))
    n_families = sum(cell.n_families for cell in cells)
    rows = _rows_at(cells, [_share(cell, wanted, n_families) for cell in cells], seed)
    met = _met(learner, rows)
    asked = _asked(learner, rows, met)
    return [_candidate(row, met, asked) for row in rows]


def candidates_of(learner: Learner | None, questions: Any) -> list[Candidate]:
    """All of some questions, for sets that are bounded by what the learner did."""
    names = {name: path.removeprefix("question__") for name, path in FIELDS.items()}
    names["pk"] = "pk"
    rows = [
        dict(zip(names, values, strict=True))
        for values in questions.values_list(*names.values()).distinct()
    ]
    met = _met(learner, rows)
    asked = _asked(learner, rows, met)
    return [_candidate(row, met, asked) for row in rows]


def _share(cell: Cell, wanted: int, n_families: int) -> int:
    """How many of the questions wanted from several cells fall to this one by its size; a
    quarter at least, so that a small reserve of probes can still fill a form."""
    by_size = -(-wanted * cell.n_families // (n_families or 1))
    return max(by_size, -(-wanted // 4)) if cell.domain_id else by_size


def _rows_at(cells: list[Cell], wanted: list[int], seed: str) -> list[dict[str, Any]]:
    whole = [cell.pk for cell in cells if cell.n_families <= WHOLE_CELL]
    places = Q(cell__in=whole)
    numbers = {
        cell.pk: sampled_numbers(str(cell.pk), cell.n_families, n, seed)
        for cell, n in zip(cells, wanted, strict=True)
        if cell.n_families > WHOLE_CELL
    }
    return _seats(places | Q(_sits_at(numbers)) if numbers else places)


def _sits_at(numbers: dict[int, list[int]]) -> RawSQL:
    """Written out, as whole numbers: to compile hundreds of them takes the ORM five times as
    long as the database needs to find them."""
    table = Seat._meta.db_table
    return RawSQL(
        " OR ".join(
            f'("{table}"."cell_id" = {cell:d} AND "{table}"."number" IN ({named}))'
            for cell, drawn in numbers.items()
            for named in [", ".join(f"{number:d}" for number in drawn)]
        ),
        (),
        BooleanField(),
    )


def _seats(places: Q) -> list[dict[str, Any]]:
    """Those that can be drawn now, whatever their seat says."""
    live = Seat.objects.filter(
        places,
        question__current_revision__isnull=False,
        question__retired_at__isnull=True,
        question__suspended_at__isnull=True,
    )
    return [
        dict(zip(["cell", *FIELDS], values, strict=True))
        for values in live.values_list("cell", *FIELDS.values())
    ]


def _met(learner: Learner | None, rows: list[dict[str, Any]]) -> dict[int, tuple[int, Any]]:
    """All that the learner has met is read and looked through: it is less than it takes to name
    every family of the rows."""
    families = {row["family"] for row in rows}
    exposures = Exposure.objects.owned_by(learner).values_list("family", "n_met", "last_at")
    return {family: (n_met, last_at) for family, n_met, last_at in exposures if family in families}


def _n_unmet(rows: list[dict[str, Any]], met: dict[int, Any], cells: list[int]) -> int:
    return len({row["family"] for row in rows if row["cell"] in cells} - met.keys())


def _asked(
    learner: Learner | None, rows: list[dict[str, Any]], met: dict[int, Any]
) -> dict[int, int]:
    """How often a question was asked whose family was met and has siblings among the rows."""
    sizes = Counter(family for family, _pk in {(row["family"], row["pk"]) for row in rows})
    siblings = [row["pk"] for row in rows if sizes[row["family"]] > 1 and row["family"] in met]
    if not siblings:
        return {}
    slots = Slot.objects.owned_by(learner).filter(revision__question__in=siblings)
    return dict(
        slots.values("revision__question")
        .annotate(n=Count("pk"))
        .values_list("revision__question", "n")
    )


def _candidate(
    row: dict[str, Any], met: dict[int, tuple[int, Any]], asked: dict[int, int]
) -> Candidate:
    n_met, last_at = met.get(row["family"], (0, None))
    return Candidate(
        revision_id=row["revision"],
        slug=row["slug"],
        family=str(row["family"]),
        n_met=n_met,
        last_at=last_at,
        n_asked=asked.get(row["pk"], 0),
        is_probe=row["pool"] == Question.Pool.PROBE,
        is_performance=row["kind"] in PERFORMANCE,
        level=row["level"],
    )
