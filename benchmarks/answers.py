"""Saved answers per second at 32 connections, beside the floor program, in one run.

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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.floor_settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        from benchmarks import serving  # noqa: PLC0415
        from examprep.preparing import prepare  # noqa: PLC0415

        prepare()
        sessions = [make_sitting(ANSWERS_EACH * ROUNDS) for _ in range(CONNECTIONS)]
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
                rows.append(
                    (
                        asyncio.run(serving.measure(port, floor, b" 302 ")),
                        asyncio.run(serving.measure(port, answers, b" 303 ")),
                    )
                )
    print(f"{'':<10}{'per second':>12}{'p50 ms':>9}{'p95 ms':>9}")
    floor, answer = sorted(rows, key=lambda row: row[1].per_second / row[0].per_second)[ROUNDS // 2]
    for name, figures in (("floor", floor), ("answer", answer)):
        print(f"{name:<10}{figures.per_second:>12.0f}{figures.p50_ms:>9.1f}{figures.p95_ms:>9.1f}")
    print(
        f"answer / floor = {answer.per_second / floor.per_second:.2f} (median of {ROUNDS} rounds)"
    )


def make_sitting(n: int) -> tuple[str, list[tuple[str, int]]]:
    """A guest with one attempt of n slots: session key, and each slot's address and id."""
    from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: PLC0415

    from accounts.learners import SESSION_KEY  # noqa: PLC0415
    from accounts.models import Learner  # noqa: PLC0415
    from attempts.drawing import order_options  # noqa: PLC0415
    from attempts.models import Attempt, Slot  # noqa: PLC0415
    from questions.models import Revision  # noqa: PLC0415
    from questions.published import item_of  # noqa: PLC0415

    learner = Learner.objects.create()
    session = SessionStore()
    session[SESSION_KEY] = learner.pk
    session.create()
    attempt = Attempt.objects.create(learner=learner, mode="practice", seed="x")
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


if __name__ == "__main__":
    main()
