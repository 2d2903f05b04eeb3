"""Kills a server in the middle of exams and counts which acknowledged answers it lost.

A process of its own in a data folder of its own: `python -m tests.killing FOLDER` lays out the
exams there, `survive` serves, sends answers, kills and looks.
"""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
LEARNERS = 4
QUESTIONS = 10
START_SECONDS = 30
CSRF = "k" * 32


@dataclass(slots=True)
class Toll:
    """`lost` names answers that were acknowledged and are not stored as they were."""

    n_kills: int = 0
    n_acknowledged: int = 0
    lost: list[str] = field(default_factory=list)


def survive(folder: Path, n_kills: int) -> Toll:
    """Raises AssertionError if a server does not come back, or refuses what it should take."""
    exams = json.loads(_run("-m", "tests.killing", str(folder), folder=folder))
    toll = Toll()
    port = _free_port()
    candidates = [_Candidate(port, exam["session"], exam["attempt"]) for exam in exams]
    for number in range(n_kills):
        server = _start(folder, port)
        enough = sum(len(c.acknowledgements) for c in candidates) + 20 + 17 * number % 40
        threads = [threading.Thread(target=c.answer_until_gone) for c in candidates]
        for thread in threads:
            thread.start()
        _wait(lambda e=enough: sum(len(c.acknowledgements) for c in candidates) >= e)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        for thread in threads:
            thread.join(START_SECONDS)
        toll.n_kills += 1
        for candidate in candidates:
            toll.lost += candidate.missing(folder)
            assert candidate.surprises == []
    toll.n_acknowledged = sum(len(candidate.acknowledgements) for candidate in candidates)
    return toll


class _Candidate:
    """Sends one change after another, as the page does: what was not acknowledged is sent again
    with the same name once the server is back."""

    def __init__(self, port: int, session: str, attempt: str) -> None:
        self.port, self.session, self.attempt = port, session, attempt
        self.acknowledgements: list[tuple[int, int, str]] = []  # position, seq, choice
        self.surprises: list[str] = []
        self.pending: tuple[int, dict[str, object]] | None = None
        self.n_made = 0

    def answer_until_gone(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            while not self.surprises:
                self.pending = self.pending or self._make()
                self._send(connection, *self.pending)
                self.pending = None
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def _make(self) -> tuple[int, dict[str, object]]:
        self.n_made += 1
        position = 1 + self.n_made % QUESTIONS
        seqs = [seq for place, seq, _ in self.acknowledgements if place == position]
        change = {
            "base_seq": max(seqs, default=0),
            "save_id": uuid.uuid4(),
            "choice": self.n_made % 3,
            "csrfmiddlewaretoken": CSRF,
        }
        return position, change

    def _send(
        self, connection: http.client.HTTPConnection, position: int, change: dict[str, object]
    ) -> None:
        connection.request(
            "POST",
            f"/attempts/{self.attempt}/{position}/answer/",
            urlencode(change),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"sessionid={self.session}; csrftoken={CSRF}",
            },
        )
        reply = connection.getresponse()
        body = reply.read()
        if reply.status == 200:
            seq = json.loads(body)["seq"]
            self.acknowledgements.append((position, seq, str(change["choice"])))
        else:
            self.surprises.append(f"{reply.status} to {change}: {body[:200]!r}")

    def missing(self, folder: Path) -> list[str]:
        """Acknowledged and not stored. One change more may be stored: the one whose
        acknowledgement was under way."""
        newest = {place: (seq, choice) for place, seq, choice in self.acknowledgements}
        stored = _stored(folder, self.attempt)
        lost = []
        for place, (seq, choice) in newest.items():
            stored_seq, stored_choice = stored[place]
            if not (stored_seq == seq + 1 or (stored_seq, stored_choice) == (seq, choice)):
                lost.append(f"question {place}: {seq}, {choice} became {stored[place]}")
        return lost


def _stored(folder: Path, attempt: str) -> dict[int, tuple[int, str]]:
    """By position: number of changes, and the place of the option as the form sends it."""
    order = ["syntax", "order", "fine"]
    with sqlite3.connect(folder / "examprep.sqlite3") as database:
        rows = database.execute(
            "SELECT position, seq, response FROM attempts_slot WHERE attempt_id ="
            " (SELECT id FROM attempts_attempt WHERE uuid = ?)",
            [attempt.replace("-", "")],
        ).fetchall()
    database.close()
    return {
        position: (seq, str(order.index(json.loads(response)[0])) if response else "")
        for position, seq, response in rows
    }


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "examprep.asgi:application", "--port", str(port)]
    command += ["--lifespan", "off", "--log-level", "critical", "--no-access-log"]
    server = subprocess.Popen(command, env=_environment(folder), cwd=ROOT)

    def is_up() -> bool:
        assert server.poll() is None, "the server ended by itself"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _wait(is_up)
    return server


def _run(*arguments: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        env=_environment(folder),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _environment(folder: Path) -> dict[str, str]:
    unwanted = ("DATABASE_URL", "REDIS_URL", "SITE_URL")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "examprep.settings"}


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not until():
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.005)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lay_out() -> list[dict[str, str]]:
    import django  # noqa: PLC0415  (the settings read the data folder)

    django.setup()
    from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from accounts.learners import SESSION_KEY  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    exams = []
    for _ in range(LEARNERS):
        attempt = factories.ExamAttemptFactory()
        for position in range(1, QUESTIONS + 1):
            factories.SlotFactory(attempt=attempt, position=position)
        session = SessionStore()
        session[SESSION_KEY] = attempt.learner_id
        session.create()
        exams.append({"session": session.session_key, "attempt": str(attempt.uuid)})
    return exams


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_lay_out()))
