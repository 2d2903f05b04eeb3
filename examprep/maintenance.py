"""Housekeeping, as often as one likes: a missed run never changes a score."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.management import call_command

from accounts.models import Learner
from attempts.finishing import finish_forgotten
from sandbox.log.trimming import trim_log
from sandbox.models import SandboxSession

GUESTS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cleared:
    sandbox_sessions: int
    guests: int
    exams: int


def maintain(now: datetime) -> Cleared:
    """Ends exams whose time is up; deletes sandbox sessions past their time, or too many, and
    guests not seen for 30 days."""
    call_command("clearsessions")
    sessions, _ = SandboxSession.objects.expired(now).delete()
    sessions += trim_log(settings.SANDBOX_LOG_OCTETS)
    guests, _ = Learner.objects.abandoned(now - GUESTS_KEPT).delete()
    return Cleared(sessions, guests, finish_forgotten(now))
