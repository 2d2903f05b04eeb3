"""Starts from banks of 300 to 300,000 questions: an exam of 60, and a practice set of 40, for a
learner who has met nothing and for one who has met a hundred families.
No question is in memory when a start begins, as after a restart.

.venv/bin/python -m benchmarks.drawing
"""

import os
import statistics
import tempfile
import time
from datetime import timedelta
from types import SimpleNamespace

SIZES = (300, 3_000, 30_000, 300_000)
STARTS = 15
BATCH = 5_000


def main() -> None:
    print(
        f"{'questions':>10}{'exam of 60':>14}{'after much':>12}{'set of 40':>12}{'after much':>12}"
    )
    rows = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            if pid := os.fork():
                os.waitpid(pid, 0)
                with open(f"{folder}/figures", encoding="ascii") as file:
                    rows[size] = [float(figure) for figure in file.read().split()]
            else:
                write_figures(size, folder)
                os._exit(0)
        print(
            f"{size:>10,}"
            + "".join(f"{ms:>{w}.1f}" for ms, w in zip(rows[size], (14, 12, 12, 12), strict=True))
        )
    ratios = [last / first for first, last in zip(rows[SIZES[0]], rows[SIZES[-1]], strict=True)]
    print("(milliseconds, median) last / first: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))


def write_figures(size: int, folder: str) -> None:
    """In a process of its own, whose database is in the folder."""
    os.environ["DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "examprep.settings"
    import django  # noqa: PLC0415  (the data folder has to be named first)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from accounts.models import Learner  # noqa: PLC0415
    from questions import published  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    bank = fill_bank(size)
    figures = []
    for deed in (start_exam, start_set):
        for n_met in (0, 100):
            times = []
            for _ in range(STARTS):
                learner = Learner.objects.create()
                meet(learner, bank.families[:n_met])
                published._items.clear()
                began = time.perf_counter()
                deed(learner, bank)
                times.append(1000 * (time.perf_counter() - began))
            figures.append(statistics.median(times))
    with open(f"{folder}/figures", "w", encoding="ascii") as file:
        file.write(" ".join(map(str, figures)))


def start_exam(learner, bank) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from attempts import starting  # noqa: PLC0415

    starting.start_exam(learner, bank.room, time_percent=100, now=timezone.now())


def start_set(learner, bank) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from attempts import starting  # noqa: PLC0415
    from questions.models import Question, Topic  # noqa: PLC0415

    topics = Topic.objects.values_list("pk", flat=True)
    questions = Question.objects.practice()
    starting.start_practice(learner, questions, 40, now=timezone.now(), topics=list(topics))


def meet(learner, families) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from attempts.models import Exposure  # noqa: PLC0415

    now = timezone.now() - timedelta(days=1)
    Exposure.objects.bulk_create(
        (
            Exposure(learner=learner, family_id=family, first_at=now, last_at=now)
            for family in families
        ),
        batch_size=BATCH,
    )


def fill_bank(size: int) -> SimpleNamespace:
    """An exam of five domains over twenty topics; a fifth of the questions are probes."""
    from django.utils import timezone  # noqa: PLC0415

    from questions import models  # noqa: PLC0415
    from questions.seating import seat_all  # noqa: PLC0415

    exam = models.Exam.objects.create(code="N10-009", name="Network+", vendor="CompTIA")
    objectives = []
    for number, weight in enumerate((23, 20, 19, 14, 24), 1):
        domain = models.Domain.objects.create(
            exam=exam,
            number=number,
            name=f"Domain {number}",
            weight_low_percent=weight,
            weight_high_percent=weight,
        )
        objectives.append(
            models.Objective.objects.create(exam=exam, domain=domain, code=f"{number}.1", text="…")
        )
    topics = [
        models.Topic.objects.create(slug=f"t-{n}", title=f"T {n}", area="A", summary="…")
        for n in range(20)
    ]
    families = make(models.Family, ({"slug": f"f-{n}"} for n in range(size)))
    questions = make(
        models.Question,
        (
            {
                "slug": f"q-{n}",
                "topic": topics[n % 20],
                "family_id": families[n],
                "pool": "practice" if n % 5 else "probe",
            }
            for n in range(size)
        ),
    )
    revisions = make(
        models.Revision,
        (
            {
                "question_id": questions[n],
                "number": 1,
                "stem": f"Question {n}?",
                "explanation": "…",
                "level": ("recall", "apply", "analyse")[n % 3],
                "origin": "own work",
                "content_hash": f"{n:064}",
                "state": "published",
                "published_at": timezone.now(),
            }
            for n in range(size)
        ),
    )
    make(
        models.Option,
        (
            {
                "revision_id": revisions[n],
                "ident": f"o-{k}",
                "position": k,
                "text": f"Option {k}",
                "is_key": k == 1,
                "rationale": "…",
            }
            for n in range(size)
            for k in range(1, 5)
        ),
    )
    through = models.Revision.objectives.through
    make(
        through,
        (
            {"revision_id": revisions[n], "objective_id": objectives[n // 20 % 5].pk}
            for n in range(size)
        ),
    )
    for first in range(0, size, BATCH):
        batch = range(first, min(first + BATCH, size))
        models.Question.objects.bulk_update(
            (models.Question(pk=questions[n], current_revision_id=revisions[n]) for n in batch),
            ["current_revision"],
            batch_size=500,
        )
    seat_all()
    room = models.Room.objects.create(
        exam=exam,
        slug="n10-009",
        n_items=60,
        item_seconds=60,
        timing="…",
        pass_percent=75,
        navigation="free",
        count_check="warn",
        tutorial="…",
    )
    return SimpleNamespace(room=room, families=families)


def make(model, rows) -> list[int]:
    """Creates rows in bulk; their keys."""
    made = model.objects.bulk_create((model(**row) for row in rows), batch_size=BATCH)
    return [row.pk for row in made]


if __name__ == "__main__":
    main()
