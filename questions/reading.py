"""Content files → plain data: topics, standards, exams, labs, sessions, notes, questions. Pure.

Everything wrong in one file is reported at once, with file, item and field.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.labs.lab import LabFile
from sandbox.labs.reading import read_lab
from sandbox.tables import Problem, Table
from sandbox.watching import Script, read_scripts

from .items import Item, ItemProof, ItemSource
from .kinds import KINDS
from .reading_exams import ExamFile, read_exam

ORIGIN_CHARACTERS = 80
LEVELS = ("recall", "apply", "analyse")


@dataclass(frozen=True, slots=True)
class TopicFile:
    slug: str
    title: str
    area: str
    summary: str


@dataclass(frozen=True, slots=True)
class StandardFile:
    rfc: int
    title: str
    year: int
    status: str
    obsoleted_by: tuple[int, ...]
    updated_by: tuple[int, ...]
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class NoteFile:
    slug: str
    title: str
    summary: str
    body: str
    checked_on: date | None
    sources: tuple[ItemSource, ...]
    file: str
    body_line: int


@dataclass(slots=True)
class Bank:
    """All that the content folder says; `files` names the file of each question."""

    topics: list[TopicFile] = field(default_factory=list)
    standards: list[StandardFile] = field(default_factory=list)
    exams: list[ExamFile] = field(default_factory=list)
    labs: list[LabFile] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    notes: list[NoteFile] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_bank(folder: Path) -> Bank:
    bank = Bank()
    topics = _read_toml(folder / "topics.toml", folder, bank)
    for table in topics.tables("topic", named="topic"):
        bank.topics.append(_read_topic(table))
    topics.done()
    standards = _read_toml(folder / "standards.toml", folder, bank)
    for table in standards.tables("standard", named="standard"):
        bank.standards.append(_read_standard(table))
    standards.done()
    for path in sorted((folder / "exams").glob("*.toml")):
        bank.exams.append(read_exam(_read_toml(path, folder, bank), path.stem))
    for path in sorted((folder / "labs").glob("*.toml")):
        bank.labs.append(read_lab(_read_toml(path, folder, bank), path.stem))
    scripts, problems = read_scripts(folder / "sessions")
    bank.scripts += scripts
    bank.problems += problems
    for path in sorted((folder / "notes").glob("*.md")):
        note = _read_note(path, folder, bank)
        if note:
            bank.notes.append(note)
    for path in sorted((folder / "questions").glob("*.toml")):
        questions = _read_toml(path, folder, bank)
        for table in questions.tables("question", named="question"):
            item = read_item(table)
            if item.topic != path.stem:
                table.report(f"topic is {item.topic!r}, but the file is {path.name}")
            bank.items.append(item)
            bank.files.setdefault(item.slug, questions.file)
        questions.done()
    for slug, n in Counter(item.slug for item in bank.items).items():
        if n > 1:
            bank.problems.append(Problem(bank.files[slug], f'question "{slug}"', "stands twice"))
    return bank


def _read_toml(path: Path, folder: Path, bank: Bank) -> Table:
    name = _name(path, folder)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        bank.problems.append(Problem(name, "", "the file is missing"))
        return Table({}, name, [])
    except UnicodeDecodeError as error:
        bank.problems.append(Problem(name, "", f"is not UTF-8: octet {error.start} cannot be read"))
        return Table({}, name, [])
    except tomllib.TOMLDecodeError as error:
        bank.problems.append(Problem(name, "", f"is not TOML: {error}"))
        return Table({}, name, [])
    return Table(values, name, bank.problems)


def _name(path: Path, folder: Path) -> str:
    return f"{folder.name}/{path.relative_to(folder)}"


def _read_topic(table: Table) -> TopicFile:
    topic = TopicFile(
        slug=table.slug("slug"),
        title=table.text("title"),
        area=table.text("area"),
        summary=table.text("summary"),
    )
    table.item = f'topic "{topic.slug}"'
    table.done()
    return topic


def _read_standard(table: Table) -> StandardFile:
    standard = StandardFile(
        rfc=table.number("rfc"),
        title=table.text("title"),
        year=table.number("year"),
        status=table.text("status"),
        obsoleted_by=table.numbers("obsoleted_by"),
        updated_by=table.numbers("updated_by"),
        checked_on=table.day("checked_on"),
    )
    table.item = f"RFC {standard.rfc}"
    table.done()
    return standard


def _read_note(path: Path, folder: Path, bank: Bank) -> NoteFile | None:
    name = _name(path, folder)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        bank.problems.append(Problem(name, "", f"is not UTF-8: octet {error.start} cannot be read"))
        return None
    front, found, body = text.removeprefix("+++\n").partition("\n+++\n")
    if not text.startswith("+++\n") or not found:
        bank.problems.append(Problem(name, "", "does not begin with a +++ … +++ heading block"))
        return None
    try:
        values: dict[str, Any] = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        bank.problems.append(Problem(name, "", f"its heading block is not TOML: {error}"))
        return None
    table = Table(values, name, bank.problems)
    note = NoteFile(
        slug=path.stem,
        title=table.text("title"),
        summary=table.text("summary"),
        body=body.strip() + "\n",
        checked_on=table.day("checked_on"),
        sources=_read_sources(table),
        file=name,
        body_line=front.count("\n") + 4 + len(body) - len(body.lstrip("\n")),
    )
    table.done()
    if not body.strip():
        table.report("the note has no text")
    return note


def read_item(table: Table) -> Item:
    slug = table.slug("slug")
    table.item = f'question "{slug}"'
    name = table.choice("kind", tuple(KINDS))
    kind = KINDS.get(name, KINDS["single"])
    taken = kind.take(table)
    item = Item(
        slug=slug,
        kind=name,
        topic=table.text("topic"),
        level=table.choice("level", LEVELS),
        exams=tuple(sorted(table.texts("exams"))),
        view=table.choice("view", ("rfc", "exam"), "rfc"),
        stem=table.text("stem"),
        choose=taken.choose,
        policy=table.choice("policy", kind.policies, kind.policies[0]),
        options=taken.options,
        explanation=table.text("explanation"),
        sources=_read_sources(table),
        family=table.slug("family", slug),
        pool=table.choice("pool", ("practice", "probe"), "practice"),
        note=table.text("note"),
        seconds=table.positive("seconds", 60),
        origin=table.line("origin", ORIGIN_CHARACTERS),
        historical=table.yes("historical"),
        scenario=table.yes("scenario"),
        artefact=table.block("artefact", ""),
        artefact_kind=table.choice("artefact_kind", ("transcript", "log", "header"), ""),
        proof=_read_proof(table.table("proof")),
        expects=taken.expects,
        lab=taken.lab,
    )
    if "exams" not in table.values:
        table.report("exams is missing ([] for a topic without an exam)")
    table.done()
    return item


def _read_sources(table: Table) -> tuple[ItemSource, ...]:
    return tuple(_read_source(inner) for inner in table.tables("sources", named="source"))


def _read_source(table: Table) -> ItemSource:
    source = ItemSource(
        rfc=table.optional_number("rfc"),
        section=table.text("section", ""),
        url=table.text("url", ""),
        title=table.text("title", ""),
        read_on=table.optional_day("read_on"),
    )
    table.done()
    return source


def _read_proof(table: Table | None) -> ItemProof | None:
    if table is None:
        return None
    proof = ItemProof(
        profile=table.text("profile", "modern"),
        port=table.number("port", 25),
        needs=table.texts("needs"),
        dialogue=table.block("dialogue"),
    )
    table.done()
    return proof
