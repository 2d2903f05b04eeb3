"""From the octet to the browser, with 100 and 500 viewers of one session on one process; and what
a viewer costs.

.venv/bin/python -m benchmarks.live
"""

import asyncio
import os
import tempfile
from pathlib import Path

import uvloop

from benchmarks import watching
from benchmarks.whole_site import Site, site

VIEWERS = (100, 500)
LINES = 45  # the engine takes a hundred NOOP without asking why
WARMING = 5
TARGET_MS = {100: 5, 500: 15}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "examprep.settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        with site(Path(folder)) as running:
            print(f"{'viewers':>7}{'p50 ms':>9}{'p95 ms':>9}{'target':>8}{'kB':>7}", end="")
            print(f"{'threads':>9}{'database files':>16}   (each more than without viewers)")
            uvloop.run(measure(running))


async def measure(running: Site) -> None:
    await watch(running, 10, n_lines=WARMING, show=False)
    for n in VIEWERS:
        await watch(running, n)


async def watch(running: Site, n: int, *, n_lines: int = LINES, show: bool = True) -> None:
    """A session of its own, so that what viewers are told at first is one line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.smtp_port)
    await reader.readline()
    url = await asyncio.to_thread(newest_session_url)
    before = running.resident_octets, running.n_threads, running.n_database_files
    viewers = await watching.open_viewers(running.web_port, url, n)
    octets = (running.resident_octets - before[0]) / n
    times = await watching.talk(reader, writer, viewers, n_lines)
    more = running.n_threads - before[1], running.n_database_files - before[2]
    if show:
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(f"{n:>7}{p50:>9.1f}{p95:>9.1f}{TARGET_MS[n]:>8}{octets / 1000:>7.1f}", end="")
        print(f"{more[0]:>9}{more[1]:>16}")
    watching.close_viewers(viewers)
    writer.write(b"QUIT\r\n")
    writer.close()
    await asyncio.sleep(0.5)


def newest_session_url() -> str:
    from sandbox import live  # noqa: PLC0415
    from sandbox.models import SandboxSession  # noqa: PLC0415

    while True:
        sessions = SandboxSession.objects.filter(events__seq=1, ended_at=None)
        if session := sessions.order_by("-pk").first():
            return live.session_url(session, None, after=0)


if __name__ == "__main__":
    main()
