"""When an attempt is over. Pure."""

from datetime import datetime, timedelta

GRACE = timedelta(seconds=10)
"""An answer received this long after the deadline still counts: it was on its way."""


def deadline_of(started_at: datetime, minutes: int | None, time_percent: int) -> datetime | None:
    """None if untimed: no minutes, or a learner with no limit (`time_percent` 0)."""
    if minutes is None or time_percent == 0:
        return None
    return started_at + timedelta(minutes=minutes) * time_percent / 100


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    return deadline_at is not None and now > deadline_at + GRACE
