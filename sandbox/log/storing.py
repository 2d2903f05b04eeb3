"""Writes a group of the log in one transaction and few statements.

Few, because every statement lets the event loop's thread in and has to wait for its turn again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from ..models import SandboxEvent, SandboxSession
from .logbook import Entry

Batch = tuple[SandboxSession, list[Entry]]

EVENT_COLUMNS = ("session_id", "seq", "direction", "at_us", "octets", "data")
# Two steps to each doubling: most groups take two or three statements, and SQLite keeps them all
# prepared; one for every number of rows would take 2 kB of memory for each of 10,000 connections.
ROWS_PER_STATEMENT = (256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)


@dataclass(slots=True)
class Group:
    """What is stored together. A session that could not be stored has no key: whatever belongs
    to it is passed over."""

    begun: list[SandboxSession] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    ended: list[SandboxSession] = field(default_factory=list)
    claimed: list[SandboxSession] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.begun or self.batches or self.ended or self.claimed)

    def sessions(self) -> set[UUID]:
        whose = [*self.begun, *self.ended, *self.claimed, *(owner for owner, _ in self.batches)]
        return {session.uuid for session in whose}

    def apart(self) -> list["Group"]:
        """A group for each session."""
        parts: defaultdict[UUID, Group] = defaultdict(Group)
        for session in self.begun:
            parts[session.uuid].begun.append(session)
        for batch in self.batches:
            parts[batch[0].uuid].batches.append(batch)
        for session in self.ended:
            parts[session.uuid].ended.append(session)
        for session in self.claimed:
            parts[session.uuid].claimed.append(session)
        return list(parts.values())


def store(group: Group) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for sessions in _portions(group.begun):
            values = [value for session in sessions for value in _values_of(session)]
            cursor.execute(_insertion_of_sessions(len(sessions)), values)
            for session, key in zip(sessions, _new_keys(cursor, len(sessions)), strict=True):
                session.pk = key
        for rows in _portions(_rows_of(group.batches)):
            cursor.execute(_insertion_of_events(len(rows)), list(chain.from_iterable(rows)))
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        for keys in _portions([each.pk for each in group.ended if each.pk is not None]):
            cursor.execute(_ending(len(keys)), [now, *keys])
        for session in group.claimed:
            SandboxSession.objects.filter(pk=session.pk).update(learner=session.learner_id)


def _portions(items: list[Any]) -> Iterator[list[Any]]:
    start = 0
    for n in ROWS_PER_STATEMENT:
        while len(items) - start >= n:
            yield items[start : start + n]
            start += n


def _new_keys(cursor: Any, n_rows: int) -> Sequence[int]:
    """SQLite numbers the rows of a statement one after the other, and fetching them would let the
    event loop in at every row."""
    if connection.vendor == "sqlite":
        return range(cursor.lastrowid - n_rows + 1, cursor.lastrowid + 1)
    return [key for (key,) in cursor.fetchall()]


def _values_of(session: SandboxSession) -> list[Any]:
    columns, adapted = _session_columns()
    values = list(columns(session))
    for number, column in adapted:
        values[number] = column.get_db_prep_value(values[number], connection)
    return values


def _rows_of(batches: Iterable[Batch]) -> list[tuple[Any, ...]]:
    return [
        (session.pk, seq, direction, at_us, octets, data.encoded)
        for session, entries in batches
        if session.pk is not None
        for seq, direction, at_us, octets, data in entries
    ]


@cache
def _session_fields() -> list[Any]:
    return [field for field in SandboxSession._meta.local_concrete_fields if not field.primary_key]


@cache
def _session_columns() -> tuple[attrgetter, list[tuple[int, Any]]]:
    """What takes the values of the columns from a session; number and field of those values that
    the database wants in another form."""
    fields = _session_fields()
    kinds = (models.UUIDField, models.DateTimeField)
    adapted = [(n, field) for n, field in enumerate(fields) if isinstance(field, kinds)]
    return attrgetter(*(field.attname for field in fields)), adapted


@cache
def _insertion_of_sessions(n_rows: int) -> str:
    columns = [field.column for field in _session_fields()]
    returning = "" if connection.vendor == "sqlite" else " RETURNING id"
    return _insertion(SandboxSession, columns, n_rows) + returning


@cache
def _insertion_of_events(n_rows: int) -> str:
    return _insertion(SandboxEvent, EVENT_COLUMNS, n_rows)


def _insertion(model: type[models.Model], columns: Sequence[str], n_rows: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    rows = ", ".join([row] * n_rows)
    names = ", ".join(columns)
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES {rows}"  # noqa: S608 (own names)


@cache
def _ending(n_rows: int) -> str:
    keys = ", ".join(["%s"] * n_rows)
    table = SandboxSession._meta.db_table
    return f"UPDATE {table} SET ended_at = %s WHERE id IN ({keys})"  # noqa: S608 (own names)
