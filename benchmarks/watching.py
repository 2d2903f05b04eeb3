"""Viewers of one live session and the client they watch: milliseconds from the octet to each."""

import asyncio
import re
import time
from dataclasses import dataclass, field

SECONDS_BETWEEN = 0.05
_NUMBER = re.compile(rb"^id: (\d+)$", re.MULTILINE)


@dataclass(slots=True)
class Viewer(asyncio.Protocol):
    """Keeps what arrives, and when; it is read later, for reading takes time from the others."""

    request: bytes
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    n_heard: int = 0
    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or transport
        self.transport = transport  # type: ignore[assignment]
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.heard.append((time.perf_counter(), data))
        self.n_heard += data.count(b"\nevent: line\n")

    def arrivals(self) -> dict[int, float]:
        """When the row of each number came."""
        times: dict[int, float] = {}
        for at, data in self.heard:
            for number in _NUMBER.findall(data):
                times.setdefault(int(number), at)
        return times


async def open_viewers(port: int, path: str, n: int) -> list[Viewer]:
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    viewers = [Viewer(request) for _ in range(n)]
    for start in range(0, n, 50):
        some = viewers[start : start + 50]
        await asyncio.gather(
            *(loop.create_connection(lambda one=one: one, "127.0.0.1", port) for one in some)
        )
    await all_have_heard(viewers, 1)
    return viewers


async def all_have_heard(viewers: list[Viewer], n_rows: int) -> None:
    while any(viewer.n_heard < n_rows for viewer in viewers):
        await asyncio.sleep(0.002)


async def talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, viewers: list[Viewer], n: int
) -> list[float]:
    """Says NOOP n times in a session of which the viewers know all rows; sorted milliseconds."""
    row = viewers[0].n_heard
    begun = {}
    for _ in range(n):
        begun[row + 1] = time.perf_counter()
        writer.write(b"NOOP\r\n")
        await reader.readline()
        row += 2
        await all_have_heard(viewers, row)
        await asyncio.sleep(SECONDS_BETWEEN)
    arrivals = [viewer.arrivals() for viewer in viewers]
    return sorted(1000 * (each[row] - began) for row, began in begun.items() for each in arrivals)


def close_viewers(viewers: list[Viewer]) -> None:
    for viewer in viewers:
        if viewer.transport:
            viewer.transport.abort()
