"""Sessions per second, one message each from 20 connections at a time: the listener with its log
committed before each 250, the listener with its log in memory, aiosmtpd discarding, and Postfix's
smtp-sink. The client is Postfix's smtp-source.

.venv/bin/python -m benchmarks.smtp
"""

import contextlib
import os
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving import START_SECONDS, free_port

CONNECTIONS = 20
ROUNDS = 5
ROUND_SECONDS = 2.0
SIZES = (2_048, 102_400)
PATH = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
NO_SOURCE = "smtp-source is missing, so SMTP is not measured (Debian: apt install postfix)."
# What is asked for: (octets, server, beside whom, at least).
TARGETS = (
    (2_048, "commit", "aiosmtpd", 2.5),
    (2_048, "commit", "smtp-sink", 0.6),
    (2_048, "memory", "smtp-sink", 0.9),
    (102_400, "memory", "smtp-sink", 0.6),
    (102_400, "commit", "smtp-sink", 0.4),
)


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]


def main() -> None:
    if not has_source():
        print(NO_SOURCE)
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [
            stack.enter_context(running(name, command, folder))
            for name, command in commands(folder).items()
        ]
        for size in SIZES:
            rates = measure(servers, size)
            print(f"{size:,} octets{'':8}{'per second':>12}{'of smtp-sink':>14}")
            for name, rate in rates.items():
                print(f"  {name:<18}{rate:>12,.0f}{rate / rates['smtp-sink']:>14.2f}")
            for octets, name, beside, least in TARGETS:
                if octets == size:
                    ratio = rates[name] / rates[beside]
                    print(f"  {name} / {beside} = {ratio:.2f} (target {least})")


def has_source() -> bool:
    return shutil.which("smtp-source", path=PATH) is not None


def commands(folder: Path) -> dict[str, list[str]]:
    """PORT stands for the port; each of ours has a database of its own."""
    for name in ("commit", "memory"):
        (folder / name).mkdir()
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=environment(folder / name), check=True)
    nobody = ["-u", "nobody"] if pwd.getpwuid(os.getuid()).pw_name == "root" else []
    discarding = ["-c", "aiosmtpd.handlers.Sink"]
    sink = shutil.which("smtp-sink", path=PATH) or "smtp-sink"
    return {
        "commit": [sys.executable, "manage.py", "runsandbox"],
        "memory": [sys.executable, "-m", "benchmarks.in_memory"],
        "aiosmtpd": [sys.executable, "-m", "aiosmtpd", "-n", *discarding, "-l", "PORT"],
        "smtp-sink": [sink, *nobody, "PORT", "1024"],
    }


def environment(folder: Path, port: int = 0) -> dict[str, str]:
    ports = {"SMTP_PORT": port, "SMTPS_PORT": free_port(), "SUBMISSION_PORT": free_port()}
    return {**os.environ, "DATA_DIR": str(folder), **{key: str(n) for key, n in ports.items()}}


@contextlib.contextmanager
def running(name: str, command: list[str], folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [f"127.0.0.1:{port}" if word == "PORT" else word for word in command]
    with subprocess.Popen(
        command, env=environment(folder / name, port), stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port)
            yield Server(name, port, process)
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"nothing listens on port {port}")


def measure(servers: list[Server], size: int) -> dict[str, float]:
    """The median rate of each, in rounds in which each has its turn."""
    counts = {server.name: fitting(server, size) for server in servers}
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    for _round in range(ROUNDS):
        for server in servers:
            rates[server.name].append(rate(server.port, size, counts[server.name]))
    return {name: statistics.median(each) for name, each in rates.items()}


def fitting(server: Server, size: int) -> int:
    """How many sessions take about ROUND_SECONDS; warms the server up."""
    rate(server.port, size, 200)
    return max(200, int(rate(server.port, size, 400) * ROUND_SECONDS))


def rate(port: int, size: int, n: int) -> float:
    command = [shutil.which("smtp-source", path=PATH) or "smtp-source"]
    command += ["-s", str(CONNECTIONS), "-m", str(n), "-l", str(size)]
    command += ["-f", "casey@lab.example", "-t", "robin@lab.example", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return n / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
