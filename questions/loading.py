"""Takes a checked bank into the database: all or nothing, by slug, never over an author's work."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

import sandbox
from notes.models import Note, NoteSource
from notes.searching import index_note
from notes.setting import RENDERER_VERSION

from .cataloguing import load_exam, load_labs, load_standards, load_topics
from .checking import Checked
from .items import Item, ItemSource
from .models import (
    ContentLoad,
    Family,
    Objective,
    Question,
    Revision,
    Standard,
    Topic,
)
from .publishing import make_revision, publish
from .reading import Bank, NoteFile
from .searching import index_unindexed
from .seating import seat_all


@dataclass(slots=True)
class Loaded:
    """What changed, as slugs; `drafts` are file versions that wait behind an author's work."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [
            f"{len(slugs)} {word}"
            for word, slugs in (
                ("new", self.created),
                ("updated", self.updated),
                ("waiting as drafts", self.drafts),
                ("retired", self.retired),
                ("back", self.revived),
            )
            if slugs
        ]
        return ", ".join(parts) or "nothing changed"


def digest_of(folder: Path) -> str:
    """Changes when a file of the folder, a module of the sandbox that answers its dialogues,
    or the renderer's version does."""
    digest = hashlib.sha256(RENDERER_VERSION.encode())
    engine = Path(sandbox.__file__).parent
    for root, pattern in ((folder, "*"), (engine, "*.py")):
        for path in sorted(root.rglob(pattern)):
            if path.is_file():
                digest.update(f"\0{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def was_loaded(digest: str) -> bool:
    return ContentLoad.objects.filter(digest=digest).exists()


@transaction.atomic
def remember_digest(digest: str) -> None:
    ContentLoad.objects.all().delete()
    ContentLoad.objects.create(digest=digest)


@transaction.atomic
def load_bank(bank: Bank, checked: Checked) -> Loaded:
    loaded = Loaded()
    standards = load_standards(bank)
    _load_notes(bank, checked, loaded)
    load_topics(bank)
    for exam in bank.exams:
        load_exam(exam)
    for slug, news in load_labs(bank.labs).items():
        getattr(loaded, news).append(slug)
    known = _Known.of(standards)
    questions = {
        question.slug: question
        for question in Question.objects.select_related("current_revision", "topic", "family")
    }
    for item in bank.items:
        _load_item(item, questions.get(item.slug), known, loaded)
    _retire_vanished(questions, {item.slug for item in bank.items}, loaded)
    seat_all()
    index_unindexed()
    return loaded


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows that items refer to, by their names in files."""

    topics: dict[str, Topic]
    families: dict[str, Family]
    standards: dict[int, Standard]
    notes: dict[str, Note]
    objectives: dict[str, Objective]

    @classmethod
    def of(cls, standards: dict[int, Standard]) -> "_Known":
        return cls(
            topics={topic.slug: topic for topic in Topic.objects.all()},
            families={family.slug: family for family in Family.objects.all()},
            standards=standards,
            notes={note.slug: note for note in Note.objects.all()},
            objectives={str(o): o for o in Objective.objects.select_related("exam")},
        )

    def family(self, slug: str) -> Family:
        if slug not in self.families:
            self.families[slug] = Family.objects.create(slug=slug)
        return self.families[slug]


def _hash_of_file(file: NoteFile) -> str:
    return _note_hash(file.title, file.summary, file.checked_on, file.body, file.sources)


def _hash_of_row(row: Note) -> str:
    sources = [
        ItemSource(source.rfc, source.section, source.url, source.title, source.read_on)
        for source in row.sources.all()
    ]
    return _note_hash(row.title, row.summary, row.checked_on, row.body, sources)


def _note_hash(*parts: Any) -> str:
    *texts, sources = parts
    return hashlib.sha256("\0".join(map(str, [*texts, *sources])).encode()).hexdigest()


def _load_notes(bank: Bank, checked: Checked, loaded: Loaded) -> None:
    order = {topic.slug: position for position, topic in enumerate(bank.topics, start=1)}
    rows = {note.slug: note for note in Note.objects.prefetch_related("sources")}
    for file in bank.notes:
        position = order.get(file.slug, len(order) + 1)
        _load_note(file, rows.get(file.slug), position, checked, loaded)
    vanished = set(rows) - {file.slug for file in bank.notes}
    for slug in sorted(vanished):
        row = rows[slug]
        if not row.file_hash or _hash_of_row(row) != row.file_hash:
            continue
        row.file_hash = ""
        if row.retired_at is None:
            row.retired_at = timezone.now()
            loaded.retired.append(slug)
        row.save(update_fields=["file_hash", "retired_at"])


def _load_note(
    file: NoteFile, row: Note | None, position: int, checked: Checked, loaded: Loaded
) -> None:
    new_hash = _hash_of_file(file)
    row_hash = row and _hash_of_row(row)
    vanished_before = row is not None and not row.file_hash and row_hash == new_hash
    if row is not None and row_hash not in (row.file_hash, new_hash):
        if new_hash != row.file_hash and file.body != row.waiting_file:
            row.waiting_file = file.body
            row.save(update_fields=["waiting_file"])
            loaded.drafts.append(file.slug)
        return
    page = checked.set_notes[file.slug].page
    values: dict[str, Any] = {
        "title": file.title,
        "summary": file.summary,
        "body": file.body,
        "checked_on": file.checked_on,
        "html": page.html,
        "anchors": page.anchors,
        "renderer_version": RENDERER_VERSION,
        "file_hash": new_hash,
        "waiting_file": "",
    }
    if vanished_before:
        values["retired_at"] = None
        loaded.revived.append(file.slug)
    elif row is None:
        values["position"] = position
        loaded.created.append(file.slug)
    elif row.file_hash != new_hash:
        loaded.updated.append(file.slug)
    note, _ = Note.objects.update_or_create(slug=file.slug, defaults=values)
    note.sources.all().delete()
    NoteSource.objects.bulk_create(
        NoteSource(
            note=note,
            position=position,
            rfc=source.rfc,
            section=source.section,
            url=source.url,
            title=source.title,
            read_on=source.read_on,
        )
        for position, source in enumerate(file.sources, start=1)
    )
    index_note(note)


def _load_item(item: Item, question: Question | None, known: _Known, loaded: Loaded) -> None:
    if question is None:
        question = Question.objects.create(
            slug=item.slug,
            topic=known.topics[item.topic],
            family=known.family(item.family),
            pool=item.pool,
            file_hash=item.content_hash,
        )
        publish(_revise(question, item, known), reviewer=None)
        loaded.created.append(item.slug)
        return
    if question.file_hash == item.content_hash:
        return
    vanished_before = not question.file_hash
    question.file_hash = item.content_hash
    if _is_changed_by_author(question):
        question.save(update_fields=["file_hash"])
        _revise(question, item, known)
        loaded.drafts.append(item.slug)
        return
    question.topic = known.topics[item.topic]
    question.family = known.family(item.family)
    question.pool = item.pool
    if vanished_before:
        question.retired_at = None
    question.save(update_fields=["file_hash", "topic", "family", "pool", "retired_at"])
    if question.current_revision.content_hash == item.content_hash:
        loaded.revived.append(item.slug)
        return
    publish(_revise(question, item, known), reviewer=None)
    loaded.updated.append(item.slug)


def _is_changed_by_author(question: Question) -> bool:
    """Its wording is an author's own, or its topic, family or pool are no longer the file's."""
    current = question.current_revision
    if current is None or not current.from_file:
        return True
    current.question = question
    return current.as_item().content_hash != current.content_hash


def _revise(question: Question, item: Item, known: _Known) -> Revision:
    return make_revision(
        question,
        item,
        standards=known.standards,
        notes=known.notes,
        objectives=[known.objectives[name] for name in item.exams],
        from_file=True,
    )


def _retire_vanished(questions: dict[str, Question], slugs: set[str], loaded: Loaded) -> None:
    """A question whose file item is gone is drawn no more; its history stays. One whose
    current wording is an author's own is left alone."""
    for slug in sorted(set(questions) - slugs):
        question = questions[slug]
        from_file = question.current_revision is not None and question.current_revision.from_file
        if not question.file_hash or not from_file:
            continue
        question.file_hash = ""
        if question.retired_at is None:
            question.retired_at = timezone.now()
            loaded.retired.append(slug)
        question.save(update_fields=["file_hash", "retired_at"])
