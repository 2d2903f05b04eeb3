"""Geometry of the charts of a result: the template only prints it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP = 10
BAR = 6
HEIGHT = 60
HIGHEST = 4
"""A bar ends at so many times the longest planned time, lest one pause flatten all others."""


@dataclass(frozen=True, slots=True)
class Column:
    """One question: a bar for the time spent, a mark at the time planned for it."""

    x: int
    y: int
    height: int
    mark_y: int
    is_over: bool

    @property
    def mark_x(self) -> int:
        return self.x - (STEP - BAR) // 2


@dataclass(frozen=True, slots=True)
class ColumnChart:
    columns: Sequence[Column]
    width: int
    height: int = HEIGHT
    bar_width: int = BAR
    mark_width: int = STEP

    @property
    def pixels(self) -> int:
        """Wide enough for a few questions, and no wider; many are squeezed by the page."""
        return 3 * self.width


def column_chart(times: Sequence[tuple[int, int]]) -> ColumnChart:
    """`times` are seconds spent and planned, in the order of the questions."""
    longest_plan = max((planned for _, planned in times), default=1)
    top = max(longest_plan, min(max((s for s, _ in times), default=1), HIGHEST * longest_plan))
    columns = []
    for place, (spent, planned) in enumerate(times):
        height = min(HEIGHT, HEIGHT * spent // top)
        columns.append(
            Column(
                x=place * STEP + (STEP - BAR) // 2,
                y=HEIGHT - height,
                height=height,
                mark_y=HEIGHT - HEIGHT * planned // top,
                is_over=spent > planned,
            )
        )
    return ColumnChart(columns, width=len(times) * STEP)
