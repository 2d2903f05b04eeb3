"""Conversations written to be watched: TOML → said to the engine → scenes with what to look at.

Pure. The server's lines are not taken from the file: it only says which codes are expected.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .dialogues import DialogueError, parse_dialogue
from .proving import say
from .smtp import FAULTS, NO_FAULTS, PROFILES, Session, lab_facts
from .tables import Problem, Table
from .transcribing import TranscriptLine, transcribe

TITLE_CHARACTERS = 80
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of the dialogue, and one or two sentences on what to look at in it."""

    dialogue: str
    caption: str


@dataclass(frozen=True, slots=True)
class Connection:
    """`later_minutes` after the one before; `title` says what is different here."""

    steps: tuple[Step, ...]
    title: str = ""
    profile: str = "modern"
    port: int = 25
    fault: str = ""
    later_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """`topics` are slugs of notes."""

    slug: str
    title: str
    summary: str
    position: int
    topics: tuple[str, ...]
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One step as it was played. `connection` is set where a new one begins."""

    number: int
    caption: str
    lines: tuple[TranscriptLine, ...]
    connection: Connection | None = None

    @property
    def spoken(self) -> tuple[TranscriptLine, ...]:
        """The lines without their reasons."""
        return tuple(replace(line, why="") for line in self.lines)

    @property
    def reasons(self) -> tuple[TranscriptLine, ...]:
        """Lines of the server that have one, and events; each reason once."""
        found = {(line.title, line.why): line for line in self.lines if line.side != "client"}
        return tuple(line for line in found.values() if line.why)


@dataclass(frozen=True, slots=True)
class Performance:
    """`differences`: where the server did not say what is written, one sentence each."""

    script: Script
    scenes: tuple[Scene, ...]
    differences: tuple[str, ...]


def read_scripts(folder: Path) -> tuple[tuple[Script, ...], list[Problem]]:
    """All files of content/sessions, in order of position. The slug is the file's name."""
    problems: list[Problem] = []
    scripts = [_read_script(path, problems) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(scripts, key=lambda script: (script.position, script.slug))), problems


def perform(script: Script) -> Performance:
    """Raises DialogueError for a dialogue that cannot be read."""
    scenes: list[Scene] = []
    differences: list[str] = []
    later_us = 0
    for connection in script.connections:
        later_us += connection.later_minutes * _MINUTE
        for number, (lines, difference) in enumerate(_play(connection, later_us)):
            caption = connection.steps[number].caption
            begun = connection if number == 0 else None
            scenes.append(Scene(len(scenes) + 1, caption, lines, begun))
            if difference:
                differences.append(f"step {len(scenes)}, {difference}")
    return Performance(script, tuple(scenes), tuple(differences))


def _play(
    connection: Connection, later_us: int
) -> Iterator[tuple[tuple[TranscriptLine, ...], str]]:
    """Lines of each step, and where the server differs. A session replays alike, so a step is
    what a session to its end says beyond the one to its beginning."""
    facts = lab_facts(nominal_port=connection.port)
    facts = replace(facts, started=facts.started + later_us)
    plan = FAULTS.get(connection.fault, NO_FAULTS)
    said: tuple[TranscriptLine, ...] = ()
    written = ""
    for step in connection.steps:
        n_earlier = written.count("\n")
        written += f"{step.dialogue}\n"
        session = Session(PROFILES[connection.profile], facts, plan)
        difference, events = say(parse_dialogue(written), session)
        lines = transcribe(events)
        told = ""
        if difference and difference.line > n_earlier:
            told = str(replace(difference, line=difference.line - n_earlier))
        yield lines[len(said) :], told
        said = lines


def _read_script(path: Path, problems: list[Problem]) -> Script:
    try:
        values = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), "", str(error)))
        values = {}
    table = Table(values, str(path), problems)
    script = Script(
        slug=path.stem,
        title=table.line("title", TITLE_CHARACTERS),
        summary=table.text("summary"),
        position=table.number("position"),
        topics=table.texts("topics"),
        connections=tuple(
            _read_connection(inner) for inner in table.tables("connection", named="connection")
        ),
    )
    table.done()
    return script


def _read_connection(table: Table) -> Connection:
    connection = Connection(
        steps=tuple(_read_step(inner) for inner in table.tables("step", named="step")),
        title=table.text("title", ""),
        profile=table.choice("profile", tuple(PROFILES), "modern"),
        port=table.number("port", 25),
        fault=table.choice("fault", tuple(FAULTS), ""),
        later_minutes=table.number("later_minutes", 0),
    )
    table.done()
    try:
        parse_dialogue("\n".join(step.dialogue for step in connection.steps))
    except DialogueError as error:
        table.report(str(error))
    return connection


def _read_step(table: Table) -> Step:
    step = Step(dialogue=table.block("dialogue"), caption=table.text("caption"))
    table.done()
    return step
