"""Runs the bank's dialogues on the engine and names each line that differs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questions.models import Proof, Question
from questions.proving import prove_item


class Command(BaseCommand):
    help = "Proves every dialogue of the bank, or those of the questions named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug")

    def handle(self, *args: Any, slugs: list[str], **options: Any) -> None:
        proofs = Proof.objects.filter(revision__current_of__isnull=False).select_related(
            "revision__question"
        )
        if slugs:
            unknown = set(slugs) - set(
                Question.objects.filter(slug__in=slugs).values_list("slug", flat=True)
            )
            if unknown:
                raise CommandError(f"No such question: {', '.join(sorted(unknown))}")
            proofs = proofs.filter(revision__question__slug__in=slugs)
        n_proven, waiting, different = 0, [], []
        for proof in proofs.order_by("revision__question__slug"):
            slug = proof.revision.question.slug
            verdict = prove_item(proof.as_item())
            if verdict.waiting:
                waiting.append(f"{slug}: waits for {', '.join(verdict.waiting)}")
            elif verdict.ok:
                n_proven += 1
            else:
                different.append(f"{slug}: {verdict.difference}")
        for line in waiting:
            self.stdout.write(line)
        for line in different:
            self.stderr.write(line)
        summary = f"{n_proven} proven, {len(waiting)} waiting, {len(different)} different"
        if different:
            raise CommandError(summary)
        self.stdout.write(summary)
