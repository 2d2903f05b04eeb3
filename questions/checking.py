"""What files promise each other: topics, notes and anchors, standards, objectives, proofs.

Takes a bank as read and adds to its problems; nothing is loaded while there are any.
"""

from dataclasses import dataclass, field

from notes.setting import SetNote, set_note
from sandbox.labs.lab import LabFile
from sandbox.labs.rehearsing import contradictions
from sandbox.proving import DialogueError, Verdict
from sandbox.tables import Problem
from sandbox.watching import Script, perform

from .items import Item
from .linting import lint, problem_of
from .proving import contradiction, prove_item
from .reading import Bank, NoteFile


@dataclass(slots=True)
class Checked:
    """Notes as set, for loading; proofs that wait for the engine, for the report."""

    set_notes: dict[str, SetNote] = field(default_factory=dict)
    waiting: list[tuple[str, Verdict]] = field(default_factory=list)


def check_bank(bank: Bank) -> Checked:
    checked = Checked()
    titles = {note.slug: note.title for note in bank.notes}
    standards = {standard.rfc for standard in bank.standards}
    obsolete = {standard.rfc for standard in bank.standards if standard.obsoleted_by}
    for note in bank.notes:
        checked.set_notes[note.slug] = set_note(note.body, slug=note.slug, titles=titles)
    anchors = {slug: set(note.page.anchors) for slug, note in checked.set_notes.items()}
    for note in bank.notes:
        _check_note(note, checked, bank, anchors, standards)
    _check_topics(bank)
    objectives = {
        f"{exam.code}:{objective.code}" for exam in bank.exams for objective in exam.objectives
    }
    topics = {topic.slug for topic in bank.topics}
    for lab in bank.labs:
        _check_lab(lab, bank, topics)
    labs = {lab.slug for lab in bank.labs}
    for script in bank.scripts:
        _check_script(script, bank, set(titles))
    for item in bank.items:
        place = _Place(bank, item)
        for finding in lint(item):
            place.report(f"{finding.field} {finding.message} ({finding.rule})")
        if item.topic not in topics:
            place.report(f"topic {item.topic!r} is not in topics.toml")
        for objective in item.exams:
            if objective not in objectives:
                place.report(f"exams: no exam has the objective {objective!r}")
        if item.lab and item.lab not in labs:
            place.report(f"lab {item.lab!r} does not exist")
        _check_references(item, place, anchors, standards, obsolete)
        _check_proof(item, place, checked)
    return checked


@dataclass(frozen=True, slots=True)
class _Place:
    bank: Bank
    item: Item

    def report(self, message: str) -> None:
        file = self.bank.files.get(self.item.slug, "")
        self.bank.problems.append(Problem(file, f'question "{self.item.slug}"', message))


def _check_note(
    note: NoteFile,
    checked: Checked,
    bank: Bank,
    anchors: dict[str, set[str]],
    standards: set[int],
) -> None:
    set_ = checked.set_notes[note.slug]
    problems = set_.problems(anchors, first_line=note.body_line)
    problems += [
        f"source {number}: {problem}"
        for number, source in enumerate(note.sources, start=1)
        if (problem := problem_of(source))
    ]
    cited = {*set_.page.rfcs, *(source.rfc for source in note.sources if source.rfc)}
    problems += [f"RFC {rfc} is not in standards.toml" for rfc in sorted(cited - standards)]
    checked.waiting += [
        (f"note {note.slug}, line {line + note.body_line - 1}", verdict)
        for line, verdict in set_.verdicts
        if verdict.waiting
    ]
    bank.problems += [Problem(note.file, "", problem) for problem in problems]


def _check_topics(bank: Bank) -> None:
    slugs = [topic.slug for topic in bank.topics]
    for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        bank.problems.append(Problem("topics.toml", f'topic "{slug}"', "stands twice"))


def _check_lab(lab: LabFile, bank: Bank, topics: set[str]) -> None:
    name = f'lab "{lab.slug}"'
    was_read = not any(problem.item.startswith(name) for problem in bank.problems)
    problems = contradictions(lab) if was_read else []
    problems += [
        f"topic {topic!r} is not in topics.toml" for topic in lab.topics if topic not in topics
    ]
    bank.problems += [Problem(f"labs/{lab.slug}.toml", name, problem) for problem in problems]


def _check_script(script: Script, bank: Bank, notes: set[str]) -> None:
    file = f"sessions/{script.slug}.toml"
    if any(problem.file.endswith(file) for problem in bank.problems):
        return
    try:
        problems = list(perform(script).differences)
    except DialogueError as error:
        problems = [str(error)]
    problems += [f"there is no note {topic!r}" for topic in script.topics if topic not in notes]
    bank.problems += [Problem(file, "", problem) for problem in problems]


def _check_references(
    item: Item,
    place: _Place,
    anchors: dict[str, set[str]],
    standards: set[int],
    obsolete: set[int],
) -> None:
    slug, _, anchor = item.note.partition("#")
    if not slug:
        place.report("note is empty; a question leads to its note")
    if slug and slug not in anchors:
        place.report(f"note {slug!r} does not exist")
    elif anchor and anchor not in anchors[slug]:
        place.report(f"note {slug!r} has no heading {anchor!r}")
    for source in item.sources:
        if source.rfc is None:
            continue
        if source.rfc not in standards:
            place.report(f"sources: RFC {source.rfc} is not in standards.toml")
        elif source.rfc in obsolete and not item.historical:
            place.report(f"sources: RFC {source.rfc} is obsolete; set historical = true (E2)")


def _check_proof(item: Item, place: _Place, checked: Checked) -> None:
    if item.proof is None:
        return
    problem = contradiction(item.proof)
    if problem:
        place.report(f"proof: {problem}")
    elif prove_item(item.proof).waiting:
        checked.waiting.append((f"question {item.slug}", prove_item(item.proof)))
