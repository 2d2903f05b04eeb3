"""Content files → published questions and notes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from questions.checking import check_bank
from questions.loading import digest_of, load_bank, remember_digest, was_loaded
from questions.reading import read_bank


class Command(BaseCommand):
    help = "Loads content/ into the database: everything or, if anything is wrong, nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.CONTENT_DIR)
        parser.add_argument("--check", action="store_true", help="only say what is wrong")
        parser.add_argument(
            "--if-changed", action="store_true", help="do nothing if no file has changed"
        )

    def handle(
        self, *args: Any, folder: Path, check: bool, if_changed: bool, **options: Any
    ) -> None:
        digest = digest_of(folder)
        if if_changed and was_loaded(digest):
            return
        bank = read_bank(folder)
        checked = check_bank(bank)
        if bank.problems:
            for problem in bank.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{len(bank.problems)} problems; nothing was loaded.")
        size = f"{len(bank.items)} questions, {len(bank.notes)} notes, {len(bank.topics)} topics"
        size += f", {len(bank.labs)} labs" if bank.labs else ""
        if check:
            for place, verdict in checked.waiting:
                self.stdout.write(f"{place}: waits for {', '.join(verdict.waiting)}")
            self.stdout.write(f"{size}: no problem found.")
            return
        loaded = load_bank(bank, checked)
        remember_digest(digest)
        self.stdout.write(f"{size}: {loaded}.")
