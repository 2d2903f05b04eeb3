"""An exam's file → plain data: dated facts, domains, objectives, and our room for it. Pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sandbox.tables import Table

SOURCE_KINDS = ("vendor", "transcription", "third_party", "unsourced")
NAVIGATIONS = ("free", "forward", "sections")
TIMING_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class DomainFile:
    number: int
    name: str
    weight_low_percent: int | None
    weight_high_percent: int | None


@dataclass(frozen=True, slots=True)
class ObjectiveFile:
    code: str
    domain: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FactFile:
    name: str
    value: str
    source_kind: str
    source_url: str
    checked_on: date | None
    verify: bool


@dataclass(frozen=True, slots=True)
class RoomFile:
    """What each figure means stands with the model of the same fields."""

    slug: str
    n_items: int
    item_seconds: int
    timing: str
    pass_percent: int
    navigation: str
    n_sections: int
    count_check: str
    has_flags: bool
    has_review: bool
    performance_first: bool
    performance_percent: int
    hides_clock_in_performance: bool
    tutorial: str


@dataclass(frozen=True, slots=True)
class ExamFile:
    code: str
    version: str
    name: str
    vendor: str
    domains: tuple[DomainFile, ...]
    objectives: tuple[ObjectiveFile, ...]
    facts: tuple[FactFile, ...]
    room: RoomFile | None


def read_exam(table: Table, slug: str) -> ExamFile:
    exam = ExamFile(
        code=table.text("code"),
        version=table.text("version", ""),
        name=table.text("name"),
        vendor=table.text("vendor"),
        domains=tuple(
            _read_domain(inner) for inner in table.tables("domain", named="domain", required=False)
        ),
        objectives=tuple(
            _read_objective(inner)
            for inner in table.tables("objective", named="objective", required=False)
        ),
        facts=tuple(
            _read_fact(inner) for inner in table.tables("fact", named="fact", required=False)
        ),
        room=_read_room(table.table("room"), slug),
    )
    for kind, names in (
        ("domain", [str(domain.number) for domain in exam.domains]),
        ("objective", [objective.code for objective in exam.objectives]),
        ("fact", [fact.name for fact in exam.facts]),
    ):
        for name, n in Counter(names).items():
            if n > 1:
                table.report(f"{kind} {name} stands twice")
    table.done()
    return exam


def _read_domain(table: Table) -> DomainFile:
    weight = table.optional_number("weight")
    domain = DomainFile(
        number=table.number("number"),
        name=table.text("name"),
        weight_low_percent=weight if weight is not None else table.optional_number("weight_low"),
        weight_high_percent=weight if weight is not None else table.optional_number("weight_high"),
    )
    table.done()
    return domain


def _read_objective(table: Table) -> ObjectiveFile:
    objective = ObjectiveFile(
        code=table.text("code"),
        domain=table.optional_number("domain"),
        text=table.text("text"),
    )
    table.done()
    return objective


def _read_fact(table: Table) -> FactFile:
    fact = FactFile(
        name=table.text("name"),
        value=table.text("value"),
        source_kind=table.choice("source_kind", SOURCE_KINDS),
        source_url=table.text("source_url", ""),
        checked_on=table.day("checked_on"),
        verify=table.yes("verify"),
    )
    table.done()
    return fact


def _read_room(table: Table | None, slug: str) -> RoomFile | None:
    if table is None:
        return None
    navigation = table.choice("navigation", NAVIGATIONS)
    is_forward = navigation == "forward"
    room = RoomFile(
        slug=slug,
        n_items=_between(table, "items", 1, 120),
        item_seconds=_between(table, "item_seconds", 10, 600),
        timing=table.line("timing", TIMING_CHARACTERS),
        pass_percent=_between(table, "pass_percent", 1, 100),
        navigation=navigation,
        n_sections=_between(table, "sections", 2, 10) if navigation == "sections" else 1,
        count_check=table.choice("count_check", ("exact", "warn")),
        has_flags=not is_forward and table.yes("flags"),
        has_review=not is_forward and table.yes("review"),
        performance_first=table.yes("performance_first"),
        performance_percent=_between(table, "performance_percent", 0, 100),
        hides_clock_in_performance=table.yes("hides_clock_in_performance"),
        tutorial=table.text("tutorial"),
    )
    table.done()
    return room


def _between(table: Table, key: str, low: int, high: int) -> int:
    value = table.number(key)
    if not low <= value <= high:
        table.report(f"{key} is {value}; it must be {low} to {high}")
    return value
