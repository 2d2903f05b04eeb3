"""Strict reading of TOML tables: each key is asked for once, what is left over is an error.

Pure. Problems are collected, not raised, so that one run names them all.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

Value = TypeVar("Value")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """`file` as given to the command, `item` such as `question "ehlo-first"`."""

    file: str
    item: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.item, self.message) if part)


@dataclass(slots=True)
class Table:
    """One table of a file. Reading a key takes it out; `done` reports what nobody took."""

    values: dict[str, Any]
    file: str
    problems: list[Problem]
    item: str = ""
    taken: set[str] = field(default_factory=set)

    def report(self, message: str) -> None:
        self.problems.append(Problem(self.file, self.item, message))

    def _take(self, key: str, wanted: type[Value], default: Value | None) -> Value | None:
        self.taken.add(key)
        if key not in self.values:
            if default is None:
                self.report(f"{key} is missing")
            return default
        value = self.values[key]
        if type(value) is not wanted:
            self.report(f"{key} must be {_NAMES[wanted]}, not {value!r}")
            return default
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return (self._take(key, str, default) or "").strip()

    def slug(self, key: str, default: str | None = None) -> str:
        value = self.text(key, default)
        if value and (not SLUG.fullmatch(value) or len(value) > SLUG_CHARACTERS):
            self.report(
                f"{key} is {value!r}; it must be lower-case letters, digits and hyphens, "
                f"{SLUG_CHARACTERS} at most"
            )
        return value

    def line(self, key: str, at_most: int) -> str:
        value = self.text(key)
        if len(value) > at_most:
            self.report(f"{key} has {len(value)} characters; {at_most} is the most")
        return value

    def block(self, key: str, default: str | None = None) -> str:
        """Text whose inner layout matters; only the line ends around it go."""
        return (self._take(key, str, default) or "").strip("\n")

    def number(self, key: str, default: int | None = None) -> int:
        return self._take(key, int, default) or 0

    def positive(self, key: str, default: int) -> int:
        value = self.number(key, default)
        if value < 1:
            self.report(f"{key} must be 1 or more, not {value}")
        return value

    def thousandths(self, key: str, default: int) -> int:
        """A share from 0 to 1, of at most three decimals."""
        self.taken.add(key)
        value = self.values.get(key)
        if value is None:
            return default
        share = Decimal(repr(value)) * 1000 if type(value) in (int, float) else Decimal("NaN")
        if not (share.is_finite() and 0 <= share <= 1000 and share == int(share)):
            self.report(f"{key} must be from 0 to 1 with three decimals at most, not {value!r}")
            return default
        return int(share)

    def optional_number(self, key: str) -> int | None:
        return self._take(key, int, 0) if key in self.values else None

    def yes(self, key: str) -> bool:
        return bool(self._take(key, bool, False))

    def day(self, key: str) -> date | None:
        return self._take(key, date, None)

    def optional_day(self, key: str) -> date | None:
        return self._take(key, date, None) if key in self.values else None

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if key in self.values and value not in (*allowed, default):
            self.report(f"{key} is {value!r}; it must be one of: {', '.join(allowed)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return self._items(key, str)

    def numbers(self, key: str) -> tuple[int, ...]:
        return self._items(key, int)

    def _items(self, key: str, wanted: type[Value]) -> tuple[Value, ...]:
        values = self._take(key, list, []) or []
        for value in values:
            if type(value) is not wanted:
                self.report(f"{key} must hold only {_NAMES[wanted]}, not {value!r}")
        return tuple(value for value in values if type(value) is wanted)

    def tables(self, key: str, *, named: str, required: bool = True) -> "list[Table]":
        values = self._take(key, list, None if required else []) or []
        return [
            self._inner(value, f"{named} {number}")
            for number, value in enumerate(values, start=1)
            if self._is_table(key, value)
        ]

    def table(self, key: str) -> "Table | None":
        if key not in self.values:
            return None
        value = self._take(key, dict, {}) or {}
        return self._inner(value, key)

    def _is_table(self, key: str, value: Any) -> bool:
        if not isinstance(value, dict):
            self.report(f"{key} must hold tables, not {value!r}")
        return isinstance(value, dict)

    def _inner(self, values: dict[str, Any], name: str) -> "Table":
        item = f"{self.item}: {name}" if self.item else name
        return Table(values, self.file, self.problems, item)

    def done(self) -> None:
        for key in sorted(set(self.values) - self.taken):
            self.report(f"unknown key {key!r}")


_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    date: "a date such as 2026-11-23",
    list: "a list",
    dict: "a table",
}
