"""Takes the tables that files alone own into the database: standards, topics, exams, labs."""

from collections.abc import Iterable
from dataclasses import asdict

from notes.models import Note
from sandbox.labs.lab import LabFile
from sandbox.models import Lab

from .models import Domain, Exam, Fact, Objective, Room, Standard, Topic
from .reading import Bank
from .reading_exams import ExamFile, RoomFile


def load_standards(bank: Bank) -> dict[int, Standard]:
    rows: dict[int, Standard] = {}
    for file in bank.standards:
        values = {
            "title": file.title,
            "year": file.year,
            "status": file.status,
            "checked_on": file.checked_on,
        }
        rows[file.rfc], _ = Standard.objects.update_or_create(rfc=file.rfc, defaults=values)
    for file in bank.standards:
        for name in ("obsoleted_by", "updated_by"):
            related = [rows[rfc] for rfc in getattr(file, name) if rfc in rows]
            getattr(rows[file.rfc], name).set(related)
    return rows


def load_topics(bank: Bank) -> None:
    notes = {note.slug: note for note in Note.objects.all()}
    for position, file in enumerate(bank.topics, start=1):
        Topic.objects.update_or_create(
            slug=file.slug,
            defaults={
                "title": file.title,
                "area": file.area,
                "summary": file.summary,
                "position": position,
                "note": notes.get(file.slug),
            },
        )


def load_exam(file: ExamFile) -> None:
    exam, _ = Exam.objects.update_or_create(
        code=file.code, version=file.version, defaults={"name": file.name, "vendor": file.vendor}
    )
    domains = {}
    for domain in file.domains:
        domains[domain.number], _ = Domain.objects.update_or_create(
            exam=exam,
            number=domain.number,
            defaults={
                "name": domain.name,
                "weight_low_percent": domain.weight_low_percent,
                "weight_high_percent": domain.weight_high_percent,
            },
        )
    for objective in file.objectives:
        Objective.objects.update_or_create(
            exam=exam,
            code=objective.code,
            defaults={"text": objective.text, "domain": domains.get(objective.domain)},
        )
    codes = [objective.code for objective in file.objectives]
    exam.objectives.exclude(code__in=codes).filter(revisions=None).delete()
    exam.domains.exclude(number__in=domains).filter(objectives=None).delete()
    _load_room(exam, file.room)
    exam.facts.all().delete()
    Fact.objects.bulk_create(
        Fact(
            exam=exam,
            name=fact.name,
            value=fact.value,
            source_kind=fact.source_kind,
            source_url=fact.source_url,
            checked_on=fact.checked_on,
            verify=fact.verify,
        )
        for fact in file.facts
    )


def _load_room(exam: Exam, file: RoomFile | None) -> None:
    """Attempts keep the rules they began with, so a room may go or change at any time."""
    if file is None:
        Room.objects.filter(exam=exam).delete()
        return
    Room.objects.update_or_create(exam=exam, defaults=asdict(file))


def load_labs(files: Iterable[LabFile]) -> dict[str, str]:
    """What became of labs, by slug: created, updated, retired or revived. A lab that has changed
    begins anew for those who were in the middle of it."""
    rows = {lab.slug: lab for lab in Lab.objects.all()}
    news = {}
    for file in files:
        lab = rows.pop(file.slug, None) or Lab(slug=file.slug)
        if lab.pk and lab.definition == file.definition and not lab.retired:
            continue
        news[file.slug] = "revived" if lab.retired else "updated" if lab.pk else "created"
        lab.take(file)
    for slug, lab in rows.items():
        if not lab.retired:
            lab.retire()
            news[slug] = "retired"
    return news
