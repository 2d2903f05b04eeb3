"""`manage.py serve` in a process and data folder of its own, and what it takes of the machine."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving import free_port, wait_for


@dataclass(frozen=True, slots=True)
class Site:
    web_port: int
    smtp_port: int
    pid: int

    @property
    def n_threads(self) -> int:
        return self._status("Threads")

    @property
    def resident_octets(self) -> int:
        return self._status("VmRSS") * 1024

    @property
    def n_database_files(self) -> int:
        folder = Path(f"/proc/{self.pid}/fd")
        targets = (os.readlink(path) for path in folder.iterdir() if path.is_symlink())
        return sum(target.endswith(".sqlite3") for target in targets)

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@contextlib.contextmanager
def site(folder: Path, **variables: str) -> Iterator[Site]:
    web, smtp = free_port(), free_port()
    ports = {"PORT": str(web), "SMTP_PORT": str(smtp), "SUBMISSION_PORT": "0", "SMTPS_PORT": "0"}
    environment = {**os.environ, "DATA_DIR": str(folder), **ports, **variables}
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(web)
            yield Site(web, smtp, process.pid)
        finally:
            process.terminate()
