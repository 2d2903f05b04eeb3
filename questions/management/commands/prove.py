"""Runs the bank's dialogues on the engine and names each line that differs."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notes.models import Note
from notes.setting import set_note
from questions.models import Proof, Question
from questions.proving import contradiction, prove_item


class Command(BaseCommand):
    help = "Proves every dialogue of questions and notes, or those of the slugs named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug")

    def handle(self, *args: Any, slugs: list[str], **options: Any) -> None:
        refuse_unknown(slugs)
        n_proven, n_waiting, n_different = 0, 0, 0
        for name, waiting, difference in [*questions(slugs), *notes(slugs)]:
            if difference:
                n_different += 1
                self.stderr.write(f"{name}: {difference}")
            elif waiting:
                n_waiting += 1
                self.stdout.write(f"{name}: waits for {', '.join(waiting)}")
            else:
                n_proven += 1
        summary = f"{n_proven} proven, {n_waiting} waiting, {n_different} different"
        if n_different:
            raise CommandError(summary)
        self.stdout.write(summary)


Outcome = tuple[str, tuple[str, ...], str]
"""Where the dialogue stands, the keywords it waits for, what differs."""


def refuse_unknown(slugs: list[str]) -> None:
    known = {*Question.objects.values_list("slug", flat=True)}
    known |= {*Note.objects.values_list("slug", flat=True)}
    unknown = sorted(set(slugs) - known)
    if unknown:
        raise CommandError(f"No question or note is called {', '.join(unknown)}.")


def questions(slugs: list[str]) -> Iterator[Outcome]:
    proofs = Proof.objects.filter(revision__current_of__isnull=False)
    if slugs:
        proofs = proofs.filter(revision__question__slug__in=slugs)
    for proof in proofs.select_related("revision__question").order_by("revision__question__slug"):
        item = proof.as_item()
        difference = contradiction(item)
        waiting = () if difference else prove_item(item).waiting
        yield f"question {proof.revision.question.slug}", waiting, difference


def notes(slugs: list[str]) -> Iterator[Outcome]:
    shown = Note.objects.shown()
    if slugs:
        shown = shown.filter(slug__in=slugs)
    for note in shown:
        for line, verdict in set_note(note.body, slug=note.slug, titles={}).verdicts:
            differs = not verdict.ok and not verdict.waiting
            difference = str(verdict.difference) if differs else ""
            yield f"note {note.slug}, line {line} of its text", verdict.waiting, difference
