"""Ends and deletes what has outlived its time; for cron where `serve` does not run."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from examprep.maintenance import maintain


class Command(BaseCommand):
    help = "Housekeeping: exams past their time, old sandbox sessions, guests and logins."

    def handle(self, *args: Any, **options: Any) -> None:
        cleared = maintain(timezone.now())
        self.stdout.write(
            f"Deleted rows: {cleared.sandbox_sessions} of sandbox sessions, "
            f"{cleared.guests} of guests. Exams ended: {cleared.exams}."
        )
