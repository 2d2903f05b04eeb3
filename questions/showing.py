"""What a page may know of a question: key and reasons only once feedback is due. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.labs.lab import LabFile
from sandbox.proving import Verdict

from .items import Item, ItemSource
from .kinds import KINDS, Response
from .proving import contradiction, prove_item


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question as asked. Carries no item, so that a template cannot show what it must not;
    `rows` are those of its kind, `lab` is what the caller knows of its lab."""

    kind: str
    template: str
    stem: str
    artefact: str
    choose: int
    expects: str
    lab: Mapping[str, Any]
    rows: Sequence[Any]
    opened: str
    seq: int
    save_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Feedback:
    is_answered: bool
    is_right: bool
    percent: int  # of the mark, rounded down; between 0 and 100 for a part
    explanation: str
    view: str
    sources: tuple[ItemSource, ...]
    note_slug: str
    note_anchor: str
    exams: tuple[str, ...]  # such as SY0-701 4.9
    slug: str
    proof: Verdict | None


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    kind: str
    template: str
    stem: str
    artefact: str
    choose: int
    expects: str
    lab: Mapping[str, Any]
    rows: Sequence[Any]
    feedback: Feedback


def ask(
    item: Item,
    option_order: Sequence[str],
    *,
    opened: str = "",
    response: Response = None,
    seq: int = 0,
    lab: Mapping[str, Any] | None = None,
) -> OpenQuestion:
    """`opened` is the signed time at which the question was shown, `seq` how often its answer
    was saved by then."""
    kind = KINDS[item.kind]
    return OpenQuestion(
        kind=item.kind,
        template=kind.template,
        stem=item.stem,
        artefact="" if kind.rows_hold_artefact else item.artefact,
        choose=item.choose,
        expects=item.expects,
        lab=lab or {},
        rows=kind.ask(item, option_order, response),
        opened=opened,
        seq=seq,
    )


def judge(
    item: Item,
    option_order: Sequence[str],
    *,
    response: Response,
    mark: int,
    max_mark: int,
    lab: Mapping[str, Any] | None = None,
) -> AnsweredQuestion:
    kind = KINDS[item.kind]
    note_slug, _, note_anchor = item.note.partition("#")
    return AnsweredQuestion(
        kind=item.kind,
        template=kind.template,
        stem=item.stem,
        artefact="" if kind.rows_hold_artefact else item.artefact,
        choose=item.choose,
        expects=item.expects,
        lab=lab or {},
        rows=kind.judge(item, option_order, response),
        feedback=Feedback(
            is_answered=bool(response),
            is_right=mark == max_mark,
            percent=100 * mark // max_mark,
            explanation=item.explanation,
            view=item.view,
            sources=item.sources,
            note_slug=note_slug,
            note_anchor=note_anchor,
            exams=tuple(objective.replace(":", " ") for objective in item.exams),
            slug=item.slug,
            proof=_verdict(item),
        ),
    )


def lab_asked(lab: LabFile) -> dict[str, Any]:
    """What a lab question shows before the answer. Its steps are its key, its stem the goal."""
    return {"title": lab.title, "server": lab.server.say}


def lab_judged(lab: LabFile, response: Response) -> dict[str, Any]:
    met, broken, turns = ((response or {}).get(name, ()) for name in ("met", "breached", "turns"))
    return {
        "title": lab.title,
        "steps": [
            {"say": each.say, "refs": each.refs, "is_done": each.id in met}
            for each in (*lab.steps, *lab.checks)
        ],
        "broken": [ban for ban in lab.bans if ban.id in broken],
        "turns": [turn for turn in lab.turns if turn.turn in turns],
    }


def _verdict(item: Item) -> Verdict | None:
    """None too for a draft's proof that does not hold: the preview names what speaks against it."""
    if item.proof is None or contradiction(item.proof):
        return None
    return prove_item(item.proof)
