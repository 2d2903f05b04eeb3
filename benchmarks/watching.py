"""Viewers of one live session and the client they watch: milliseconds from the octet to each."""

import asyncio
import re
import time
from dataclasses import dataclass, field

SECONDS_BETWEEN = 0.05
_NUMBER = re.compile(rb"\nid: (\d+)\n|^id: (\d+)\n")


@dataclass(slots=True)
class Viewer(asyncio.Protocol):
    """Keeps when the row of each number arrived."""

    request: bytes
    arrivals: dict[int, float] = field(default_factory=dict)
    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or transport
        self.transport = transport  # type: ignore[assignment]
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        for first, second in _NUMBER.findall(data):
            self.arrivals.setdefault(int(first or second), now)


async def open_viewers(port: int, path: str, n: int) -> list[Viewer]:
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    viewers = [Viewer(request) for _ in range(n)]
    for start in range(0, n, 50):
        some = viewers[start : start + 50]
        await asyncio.gather(
            *(loop.create_connection(lambda one=one: one, "127.0.0.1", port) for one in some)
        )
    while not all(1 in viewer.arrivals for viewer in viewers):
        await asyncio.sleep(0.05)
    return viewers


async def talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, viewers: list[Viewer], n: int
) -> list[float]:
    """Says NOOP n times in a session of which the viewers know all rows; sorted milliseconds."""
    row = max(viewers[0].arrivals)
    times = []
    for _ in range(n):
        began = time.perf_counter()
        writer.write(b"NOOP\r\n")
        await reader.readline()
        row += 2
        while not all(row in viewer.arrivals for viewer in viewers):
            await asyncio.sleep(0.002)
        times += [1000 * (viewer.arrivals[row - 1] - began) for viewer in viewers]
        await asyncio.sleep(SECONDS_BETWEEN)
    return sorted(times)


def close_viewers(viewers: list[Viewer]) -> None:
    for viewer in viewers:
        if viewer.transport:
            viewer.transport.abort()
