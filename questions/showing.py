"""What a page may know of a question: key and reasons only once feedback is due. Pure."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sandbox.proving import Verdict

from .items import Item, ItemSource
from .proving import contradiction, prove_item


@dataclass(frozen=True, slots=True)
class OpenOption:
    """An option before the answer: its place on the wire and its words, nothing else."""

    place: int
    number: int
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class JudgedOption:
    place: int
    number: int
    text: str
    is_chosen: bool
    is_key: bool
    rationale: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question as asked. Carries no item, so that a template cannot show what it must not."""

    kind: str
    stem: str
    artefact: str
    choose: int
    options: list[OpenOption]
    opened: str
    save_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Feedback:
    is_answered: bool
    is_right: bool
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
    stem: str
    artefact: str
    choose: int
    options: list[JudgedOption]
    feedback: Feedback


def ask(
    item: Item, option_order: Sequence[str], *, opened: str = "", chosen: Collection[str] = ()
) -> OpenQuestion:
    """`opened` is the signed time at which the question was shown."""
    texts = {option.ident: option.text for option in item.options}
    return OpenQuestion(
        kind=item.kind,
        stem=item.stem,
        artefact=item.artefact,
        choose=item.choose,
        options=[
            OpenOption(place, place + 1, texts[ident], ident in chosen)
            for place, ident in enumerate(option_order)
        ],
        opened=opened,
    )


def judge(
    item: Item, option_order: Sequence[str], *, response: Collection[str], is_right: bool
) -> AnsweredQuestion:
    options = {option.ident: option for option in item.options}
    note_slug, _, note_anchor = item.note.partition("#")
    return AnsweredQuestion(
        kind=item.kind,
        stem=item.stem,
        artefact=item.artefact,
        choose=item.choose,
        options=[
            JudgedOption(
                place=place,
                number=place + 1,
                text=options[ident].text,
                is_chosen=ident in response,
                is_key=options[ident].is_key,
                rationale=options[ident].rationale,
            )
            for place, ident in enumerate(option_order)
        ],
        feedback=Feedback(
            is_answered=bool(response),
            is_right=is_right,
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


def _verdict(item: Item) -> Verdict | None:
    """None too for a draft's proof that does not hold: the preview names what speaks against it."""
    if item.proof is None or contradiction(item.proof):
        return None
    return prove_item(item.proof)
