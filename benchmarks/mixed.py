"""SMTP and live streams while the web side of the same installation is saturated.

.venv/bin/python -m benchmarks.mixed
"""

import asyncio
import os
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import uvloop

from benchmarks import smtp, watching
from benchmarks.live import newest_session_url
from benchmarks.whole_site import Site, site

WEB_CLIENTS = 16
SESSIONS = 600
ROUNDS = 3
VIEWERS = 20
LINES = 45
TARGET_RATIO = 0.3
TARGET_MS = 5


def main() -> None:
    if not smtp.has_source():
        print(smtp.NO_SOURCE)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "examprep.settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        with site(Path(folder)) as running:
            report(running)


def report(running: Site) -> None:
    rates: dict[bool, list[float]] = {False: [], True: []}
    smtp.rate(running.smtp_port, smtp.SIZES[0], SESSIONS)  # warms up
    pages = []
    for _round in range(ROUNDS):
        for busy in rates:
            with WebLoad(running.web_port, WEB_CLIENTS if busy else 0) as load:
                rates[busy].append(smtp.rate(running.smtp_port, smtp.SIZES[0], SESSIONS))
            pages += [load.per_second] * busy
    idle, busy = (sorted(each)[ROUNDS // 2] for each in rates.values())
    print(f"{'SMTP sessions per second, web idle':<40}{idle:>10,.0f}")
    print(f"{'the same, web saturated':<40}{busy:>10,.0f}")
    print(f"{'pages per second meanwhile':<40}{sorted(pages)[ROUNDS // 2]:>10,.0f}")
    print(f"saturated / idle = {busy / idle:.2f} (target {TARGET_RATIO})")
    with WebLoad(running.web_port, WEB_CLIENTS):
        times = uvloop.run(latencies(running))
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"octet to browser, web saturated: p50 {p50:.1f} ms, p95 {p95:.1f} ms", end=" ")
    print(f"(target {TARGET_MS} ms, {VIEWERS} viewers)")


async def latencies(running: Site) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.smtp_port)
    await reader.readline()
    url = await asyncio.to_thread(newest_session_url)
    viewers = await watching.open_viewers(running.web_port, url, VIEWERS)
    times = await watching.talk(reader, writer, viewers, LINES)
    watching.close_viewers(viewers)
    writer.close()
    return times


class WebLoad:
    """Clients that ask for the first page, again and again."""

    def __init__(self, port: int, n: int) -> None:
        self._url = f"http://127.0.0.1:{port}/"
        self._threads = [threading.Thread(target=self._ask) for _ in range(n)]
        self._over = threading.Event()
        self._n_pages = 0
        self._began = 0.0
        self.per_second = 0.0

    def __enter__(self) -> "WebLoad":
        self._began = time.perf_counter()
        for thread in self._threads:
            thread.start()
        time.sleep(0.5 if self._threads else 0)
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.per_second = self._n_pages / (time.perf_counter() - self._began)

    def _ask(self) -> None:
        while not self._over.is_set():
            with urllib.request.urlopen(self._url, timeout=30) as response:
                response.read()
            self._n_pages += 1


if __name__ == "__main__":
    main()
