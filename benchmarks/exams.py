"""Two hundred learners sit an exam of sixty questions at once on the default process, without a
pause: as the page does (the questions once, a look and a save for each), and as a browser without
scripts would (a page and a save for each). Then they submit.

.venv/bin/python -m benchmarks.exams
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from benchmarks.answers import CSRF, make_sitting, request, save_request

LEARNERS = 200
QUESTIONS = 60


def main() -> None:
    for has_scripts in (True, False):
        measure(has_scripts)


def measure(has_scripts: bool) -> None:
    """In a process of its own, whose database is in a folder of its own."""
    if pid := os.fork():
        os.waitpid(pid, 0)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "examprep.settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        from attempts.models import Attempt, Slot  # noqa: PLC0415
        from benchmarks import serving  # noqa: PLC0415
        from examprep.preparing import prepare  # noqa: PLC0415

        prepare()
        sittings = [make_sitting("exam", QUESTIONS) for _ in range(LEARNERS)]
        times: dict[str, list[float]] = {"page": [], "look": [], "save": [], "submit": []}
        errors: list[bytes] = []
        with serving.server("examprep.asgi:application", Path(folder)) as port:
            began = time.perf_counter()
            asyncio.run(sit_all(port, sittings, times, errors, has_scripts))
            seconds = time.perf_counter() - began
        unsaved = Slot.objects.filter(seq=0).count()
        unmarked = Slot.objects.filter(checked_at=None).count()
        unfinished = Attempt.objects.open().count()
    n = sum(len(each) for each in times.values())
    how = "as the page does" if has_scripts else "without scripts"
    print(f"{how}: {n} requests in {seconds:.0f} s, {n / seconds:.0f} a second")
    for name, each in times.items():
        if not each:
            continue
        each.sort()
        p50, p95 = (1000 * each[int(len(each) * share)] for share in (0.5, 0.95))
        print(f"{name:<10}{len(each):>7}   p50 {p50:>6.0f} ms   p95 {p95:>6.0f} ms")
    print(
        f"errors {len(errors)}, lost answers {unsaved + unmarked}, not finished {unfinished}",
        flush=True,
    )
    os._exit(0)


async def sit_all(port, sittings, times, errors, has_scripts) -> None:
    await asyncio.gather(*(sit(port, *sitting, times, errors, has_scripts) for sitting in sittings))


async def sit(port, key, slots, times, errors, has_scripts) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def say(name: str, message: bytes, expected: bytes) -> None:
        began = time.perf_counter()
        writer.write(message)
        status = await reader.readline()
        if expected not in status:
            errors.append(status)
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
        times[name].append(time.perf_counter() - began)

    attempt = slots[0][0].removesuffix("1/")
    if has_scripts:
        await say("page", page_request(key, slots[0][0]), b" 200 ")
        await say("page", page_request(key, f"{attempt}sheet/"), b" 200 ")
    for url, _ in slots:
        if has_scripts:
            await say("look", request(key, f"{url}look/", "looked_ms=900"), b" 200 ")
        else:
            await say("page", page_request(key, url), b" 200 ")
        await say("save", save_request(key, url), b" 200 ")
    await say("submit", request(key, f"{attempt}submission/", ""), b" 303 ")
    writer.close()


def page_request(key: str, url: str) -> bytes:
    cookies = f"sessionid={key}; csrftoken={CSRF}"
    return f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n".encode()


if __name__ == "__main__":
    main()
