"""Writes a group of the log in one transaction and few statements.

Few, because every statement lets the event loop's thread in and has to wait for its turn again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from .logbook import Entry
from .models import SandboxEvent, SandboxSession

Batch = tuple[SandboxSession, list[Entry]]

COLUMNS = ("session_id", "seq", "direction", "at_us", "octets", "data")
ROWS_PER_STATEMENT = (256, 64, 16, 4, 1)  # few sizes, so that SQLite keeps them prepared
KEYS_PER_STATEMENT = 500


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
        whose = [*self.begun, *self.ended, *(session for session, _ in self.batches)]
        return {session.uuid for session in whose}


def store(group: Group) -> None:
    with transaction.atomic():
        SandboxSession.objects.bulk_create(group.begun)
        _insert(group.batches)
        _end(group.ended)
        for session in group.claimed:
            SandboxSession.objects.filter(pk=session.pk).update(learner=session.learner_id)


def _insert(batches: Iterable[Batch]) -> None:
    values: list[Any] = []
    for session, entries in batches:
        key = session.pk
        if key is not None:
            for seq, direction, at_us, octets, data in entries:
                values += (key, seq, direction, at_us, octets, data.encoded)
    with connection.cursor() as cursor:
        for n_rows, row_values in _portions(values):
            cursor.execute(_insertion(n_rows), row_values)


def _portions(values: list[Any]) -> Iterator[tuple[int, list[Any]]]:
    width, start = len(COLUMNS), 0
    for n_rows in ROWS_PER_STATEMENT:
        while len(values) - start >= n_rows * width:
            yield n_rows, values[start : start + n_rows * width]
            start += n_rows * width


@cache
def _insertion(n_rows: int) -> str:
    table = SandboxEvent._meta.db_table
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    rows = ", ".join([row] * n_rows)
    return f"INSERT INTO {table} ({', '.join(COLUMNS)}) VALUES {rows}"  # noqa: S608 (own names)


def _end(sessions: list[SandboxSession]) -> None:
    keys = [session.pk for session in sessions if session.pk is not None]
    now = timezone.now()
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        some = SandboxSession.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        some.update(ended_at=now)
