from datetime import UTC, datetime, timedelta

import pytest

from attempts.timing import deadline_of, is_over

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "percent", "expected"),
    [
        (20, 100, datetime(2026, 11, 25, 9, 20, tzinfo=UTC)),
        (20, 125, datetime(2026, 11, 25, 9, 25, tzinfo=UTC)),
        (15, 150, datetime(2026, 11, 25, 9, 22, 30, tzinfo=UTC)),
        (90, 200, datetime(2026, 11, 25, 12, 0, tzinfo=UTC)),
        (90, 0, None),
        (None, 100, None),
    ],
)
def test_a_deadline_is_the_minutes_times_what_the_learner_is_allowed(minutes, percent, expected):
    assert deadline_of(START, minutes, percent) == expected


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, False), (10, False), (11, True)])
def test_ten_seconds_after_the_deadline_still_count(seconds, over):
    assert is_over(START, START + timedelta(seconds=seconds)) is over


def test_an_untimed_attempt_is_never_over():
    assert is_over(None, START + timedelta(days=365)) is False
