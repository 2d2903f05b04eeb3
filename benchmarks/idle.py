"""What an idle SMTP connection costs: octets of memory each, over ten thousand that were greeted.

.venv/bin/python -m benchmarks.idle
"""

import asyncio
import resource
import tempfile
from pathlib import Path

import uvloop

from benchmarks.whole_site import Site, site

CONNECTIONS = 10_000
AT_A_TIME = 200
LIMIT_OCTETS = 5_000
SPARE_FILES = 200


def main() -> None:
    """Raises this process's limit of open files as far as it may; the server inherits it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    n = min(CONNECTIONS, hard - SPARE_FILES)
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder), SANDBOX_CONNECTIONS=str(n + 10)) as running,
    ):
        uvloop.run(measure(running, n))


async def measure(running: Site, n: int) -> None:
    await connect(running, AT_A_TIME)  # warms up
    await asyncio.sleep(1)
    before = running.resident_octets
    writers = await connect(running, n - AT_A_TIME)
    await asyncio.sleep(2)  # until all is stored
    each = (running.resident_octets - before) / len(writers)
    print(f"{n:,} idle connections: {each:,.0f} octets each (target {LIMIT_OCTETS:,})")
    reader, writer = await asyncio.open_connection("127.0.0.1", running.smtp_port)
    await reader.readline()
    writer.write(b"EHLO client.example\r\n")
    print(f"one more is answered: {(await reader.readline()).decode().strip()}")


async def connect(running: Site, n: int) -> list[asyncio.StreamWriter]:
    writers = []
    for _ in range(0, n, AT_A_TIME):
        opened = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", running.smtp_port) for _ in range(AT_A_TIME))
        )
        for reader, writer in opened:
            assert (await reader.readline()).startswith(b"220 ")
            writers.append(writer)
    return writers


if __name__ == "__main__":
    main()
