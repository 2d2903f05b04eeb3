"""Writes down what a real server answers: python -m tests.sandbox.servers.record postfix

The three packages exclude each other: install one, record it, install the next, or give each a
root file system of its own. Needs root, because the servers do. Postfix and Exim are those of
Debian 12. OpenSMTPD is that of Debian 13, because the older one cannot finish a TLS handshake with
OpenSSL 3 (OpenSMTPD issue 1171).
"""

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from .connecting import Connection
from .goldens import OFFERED, Golden, write_golden
from .playing import Played, list_offer, play
from .reading import Scenario, Write, read_opening, read_scenarios
from .running import SERVERS

AT_ONCE = 16


def record(scenario: Scenario, port: int) -> Played:
    connection = Connection(port, list_awaited(scenario))
    try:
        return play(scenario, connection)
    finally:
        connection.close()


def list_awaited(scenario: Scenario) -> Iterator[int | None]:
    """One reply to what opens the scenario and to what is repeated, else what comes."""
    yield from (1 for step in scenario.opening if isinstance(step, Write))
    for step in scenario.steps:
        if isinstance(step, Write):
            yield from repeat(1, step.times - 1)
            yield None


def ask_offer(start: str, port: int) -> tuple[str, ...]:
    connection = Connection(port, repeat(1))
    try:
        return list_offer(connection, read_opening(start))
    finally:
        connection.close()


def main(names: list[str]) -> None:
    scenarios = read_scenarios()
    for name in names:
        server = SERVERS[name]
        if not shutil.which(server.program):
            sys.exit(f"{server.program} is not installed")
        with server.running() as port, ThreadPoolExecutor(AT_ONCE) as pool:
            offer = {start: ask_offer(start, port) for start in OFFERED}
            played = pool.map(lambda scenario, port=port: record(scenario, port), scenarios)
            found = dict(zip((s.slug for s in scenarios), played, strict=True))
        write_golden(Golden(name, server.version(), offer, found))


if __name__ == "__main__":
    main(sys.argv[1:])
