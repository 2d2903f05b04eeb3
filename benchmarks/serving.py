"""A server in its own process and data folder, and a plain HTTP/1.1 client for measuring it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def server(application: str, data_dir: Path) -> Iterator[int]:
    """Runs `application` under uvicorn as `serve` does; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    command += ["--lifespan", "off", "--log-level", "error", "--no-access-log"]
    process = subprocess.Popen(command, env={**os.environ, "DATA_DIR": str(data_dir)})
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@dataclass(frozen=True, slots=True)
class Figures:
    per_second: float
    p50_ms: float
    p95_ms: float


async def measure(port: int, queues: list[list[bytes]], expected: bytes) -> Figures:
    """Sends each queue's requests one after another on a connection of its own."""
    times: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_send_all(port, queue, expected, times) for queue in queues))
    seconds = time.perf_counter() - began
    times.sort()
    return Figures(
        per_second=len(times) / seconds,
        p50_ms=1000 * times[len(times) // 2],
        p95_ms=1000 * times[int(len(times) * 0.95)],
    )


async def _send_all(port: int, queue: list[bytes], expected: bytes, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in queue:
        began = time.perf_counter()
        writer.write(request)
        status = await reader.readline()
        assert expected in status, status
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
    writer.close()
