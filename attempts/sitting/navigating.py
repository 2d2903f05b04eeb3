"""Where a learner may go in an exam: the rules of its room over the state of its slots. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Navigation(StrEnum):
    FREE = "free"
    FORWARD = "forward"
    SECTIONS = "sections"


@dataclass(frozen=True, slots=True)
class Rules:
    """A room's rules as an attempt keeps them, whatever becomes of the room."""

    code: str
    name: str
    pass_percent: int
    navigation: Navigation
    count_is_exact: bool
    has_flags: bool
    has_review: bool
    hides_clock_in_performance: bool

    @classmethod
    def of(cls, room: Mapping[str, Any]) -> "Rules":
        return cls(
            code=room["code"],
            name=room["name"],
            pass_percent=room["pass_percent"],
            navigation=Navigation(room["navigation"]),
            count_is_exact=room["count_check"] == "exact",
            has_flags=room["has_flags"],
            has_review=room["has_review"],
            hides_clock_in_performance=room["hides_clock_in_performance"],
        )


class State(StrEnum):
    ANSWERED = "answered"
    NOT_ANSWERED = "not answered"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """One slot as the navigator shows it."""

    position: int
    state: State
    is_flagged: bool
    section: int = 1
    is_left: bool = False


@dataclass(frozen=True)
class Sheet:
    """All slots of an attempt, in order."""

    navigation: Navigation
    slots: Sequence[Seen]

    @property
    def section(self) -> int:
        """The section that is open; the last one once all are left."""
        return self._first_open.section

    @property
    def _first_open(self) -> Seen:
        return next((slot for slot in self.slots if not slot.is_left), self.slots[-1])

    @property
    def n_sections(self) -> int:
        return self.slots[-1].section

    @property
    def is_last_section(self) -> bool:
        return self.section == self.n_sections

    @property
    def is_all_left(self) -> bool:
        return all(slot.is_left for slot in self.slots)

    @cached_property
    def reachable(self) -> list[Seen]:
        """The slots that may be opened now, answered or not."""
        if self.navigation is Navigation.FORWARD:
            return [] if self.is_all_left else [self._first_open]
        return [slot for slot in self.slots if slot.section == self.section and not slot.is_left]

    def may_open(self, position: int) -> bool:
        return any(slot.position == position for slot in self.reachable)

    def before(self, position: int) -> int | None:
        earlier = [slot.position for slot in self.reachable if slot.position < position]
        return earlier[-1] if earlier else None

    def after(self, position: int) -> int | None:
        """The next one, also where it opens only when this one is left."""
        if self.navigation is Navigation.FORWARD:
            return position + 1 if position < len(self.slots) else None
        return next((s.position for s in self.reachable if s.position > position), None)

    def count(self, state: State) -> int:
        return sum(slot.state is state for slot in self.slots)

    @property
    def n_answered(self) -> int:
        return self.count(State.ANSWERED)

    @property
    def n_flagged(self) -> int:
        return sum(slot.is_flagged for slot in self.slots)
