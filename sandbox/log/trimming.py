"""Keeps the log of all sessions below what it may take: the oldest ended sessions go first."""

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, Length

from ..models import SandboxSession

ROW_OCTETS = 150  # what a row takes beside its octets, about


def trim_log(limit: int) -> int:
    """Deletes whole sessions; returns how many rows. What is open, kept or part of a lab stays."""
    weighed = SandboxSession.objects.annotate(
        weight=Coalesce(Sum(Length("events__octets")), 0) + Count("events") * ROW_OCTETS
    )
    excess = (weighed.aggregate(total=Sum("weight"))["total"] or 0) - limit
    if excess <= 0:
        return 0
    leaving = []
    ended = weighed.filter(ended_at__isnull=False, kept=False, lab_run=None)
    for key, weight in ended.order_by(F("ended_at"), "pk").values_list("pk", "weight").iterator():
        if excess <= 0:
            break
        leaving.append(key)
        excess -= weight
    n_rows, _ = SandboxSession.objects.filter(pk__in=leaving).delete()
    return n_rows
