"""Notes that a learner has met families of questions."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

MEET = """
    INSERT INTO attempts_exposure (learner_id, family_id, n_met, first_at, last_at)
    VALUES (%s, %s, 1, %s, %s)
    ON CONFLICT (learner_id, family_id)
    DO UPDATE SET n_met = attempts_exposure.n_met + 1,
                  last_at = CASE WHEN excluded.last_at > attempts_exposure.last_at
                                 THEN excluded.last_at ELSE attempts_exposure.last_at END
"""


def meet(learner_id: int, families: Iterable[int], *, now: datetime) -> None:
    """`families` by key. In their order, so that two forms at once wait and never lock up."""
    moment = connection.ops.adapt_datetimefield_value(now)
    rows = [(learner_id, family, moment, moment) for family in sorted(set(families))]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(MEET, rows[0])
        else:
            cursor.executemany(MEET, rows)
