"""Saved answers per second at 32 connections, beside the floor program, in one run: checked in
practice (marked, the family met) and kept in an exam (acknowledged with its number).

.venv/bin/python -m benchmarks.answers
"""

import asyncio
import os
import tempfile
from pathlib import Path

CONNECTIONS = 32
ANSWERS_EACH = 60
ROUNDS = 3
CSRF = "a" * 32
ROOM = {
    "code": "N10-009",
    "name": "Network+",
    "pass_percent": 75,
    "navigation": "free",
    "count_check": "warn",
    "has_flags": True,
    "has_review": True,
    "hides_clock_in_performance": False,
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.floor_settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        from benchmarks import serving  # noqa: PLC0415
        from examprep.preparing import prepare  # noqa: PLC0415

        prepare()
        sessions = [make_sitting("practice") for _ in range(CONNECTIONS)]
        exams = [make_sitting("exam") for _ in range(CONNECTIONS)]
        rows = []
        with serving.server("benchmarks.floor:application", Path(folder)) as port:
            for round_number in range(ROUNDS):
                floor = [
                    [floor_request(key, slots[0][1])] * ANSWERS_EACH for key, slots in sessions
                ]
                first = round_number * ANSWERS_EACH
                answers = [
                    [answer_request(key, url) for url, _ in slots[first : first + ANSWERS_EACH]]
                    for key, slots in sessions
                ]
                saves = [
                    [save_request(key, url) for url, _ in slots[first : first + ANSWERS_EACH]]
                    for key, slots in exams
                ]
                rows.append(
                    {
                        "floor": asyncio.run(serving.measure(port, floor, b" 302 ")),
                        "practice": asyncio.run(serving.measure(port, answers, b" 303 ")),
                        "exam": asyncio.run(serving.measure(port, saves, b" 200 ")),
                    }
                )
    print(f"{'':<10}{'per second':>12}{'p50 ms':>9}{'p95 ms':>9}{'of the floor':>14}")
    for name in rows[0]:
        ratios = sorted(
            ((row[name].per_second / row["floor"].per_second, row[name]) for row in rows),
            key=lambda pair: pair[0],
        )
        ratio, figures = ratios[ROUNDS // 2]
        print(
            f"{name:<10}{figures.per_second:>12.0f}{figures.p50_ms:>9.1f}{figures.p95_ms:>9.1f}"
            f"{ratio:>14.2f}"
        )
    print(f"(median of {ROUNDS} rounds)")


def make_sitting(mode: str, n: int = ANSWERS_EACH * ROUNDS) -> tuple[str, list[tuple[str, int]]]:
    """A guest with one attempt of n slots: session key, and each slot's address and id."""
    from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: PLC0415

    from accounts.learners import SESSION_KEY  # noqa: PLC0415
    from accounts.models import Learner  # noqa: PLC0415
    from attempts.drawing.choosing import order_options  # noqa: PLC0415
    from attempts.models import Attempt, Slot  # noqa: PLC0415
    from questions.models import Exam, Revision  # noqa: PLC0415
    from questions.published import item_of  # noqa: PLC0415

    learner = Learner.objects.create()
    session = SessionStore()
    session[SESSION_KEY] = learner.pk
    session.create()
    exam = Exam.objects.get(code="N10-009") if mode == "exam" else None
    attempt = Attempt.objects.create(
        learner=learner, mode=mode, seed="x", exam=exam, room=ROOM if exam else {}
    )
    revisions = list(Revision.objects.filter(kind="single", current_of__isnull=False))
    slots = Slot.objects.bulk_create(
        Slot(
            attempt=attempt,
            position=position,
            revision=revision,
            option_order=order_options(item_of(revision), "x"),
        )
        for position, revision in (
            (position, revisions[position % len(revisions)]) for position in range(1, n + 1)
        )
    )
    return session.session_key, [(slot.get_absolute_url(), slot.pk) for slot in slots]


def request(session_key: str, url: str, body: str) -> bytes:
    form = f"csrfmiddlewaretoken={CSRF}&{body}"
    return (
        f"POST {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: sessionid={session_key}; csrftoken={CSRF}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        f"\r\n{form}"
    ).encode()


def floor_request(session_key: str, slot_id: int) -> bytes:
    return request(session_key, "/floor/", f"id={slot_id}")


def answer_request(session_key: str, url: str) -> bytes:
    save_id = "11111111-2222-4333-8444-555555555555"
    return request(session_key, url, f"step=check&choice=1&save_id={save_id}")


def save_request(session_key: str, url: str) -> bytes:
    save_id = "11111111-2222-4333-8444-555555555555"
    body = f"base_seq=0&choice=1&looked_ms=900&save_id={save_id}"
    return request(session_key, f"{url}answer/", body)


if __name__ == "__main__":
    main()
