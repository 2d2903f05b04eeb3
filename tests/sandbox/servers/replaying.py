"""A recorded scenario once more against the real server, without guessing when it is done."""

from collections.abc import Iterator

from .connecting import Connection
from .playing import Played, list_replies, play
from .reading import Scenario, Write


def replay(scenario: Scenario, golden: Played, port: int) -> Played:
    """Raises TimeoutError when the server says less than it did then."""
    connection = Connection(port, _list_awaited(scenario, golden))
    try:
        return play(scenario, connection)
    finally:
        connection.close()


def _list_awaited(scenario: Scenario, golden: Played) -> Iterator[int | None]:
    """How many replies each write gets. Where the server closed, one more is waited for at last:
    the end comes instead."""
    for step in scenario.opening:
        if isinstance(step, Write):
            yield 1
    for number, (_, heard) in enumerate(golden.steps, 1):
        step = scenario.steps[number - 1]
        if not isinstance(step, Write):
            continue
        n_left = len(list_replies(heard)) + (golden.closed and number == len(golden.steps))
        for _ in range(step.times - 1):
            yield min(n_left, 1)
            n_left -= min(n_left, 1)
        yield n_left
