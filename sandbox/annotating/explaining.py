"""From a pasted text to its annotation: limits, format, lines, verdict."""

from collections.abc import Sequence

from .annotation import Annotation, Unreadable
from .dialogues import annotate_dialogue
from .formats import FORMATS, Format, detect
from .masking import MASK, mask_last_word, mask_stray
from .pairing import Answered, Aside, Item, pair
from .records import annotate_records, verdict_of_records
from .verdicts import verdict_of

MOST_OCTETS = 256 * 1024
MOST_LINES = 5_000


def annotate(text: str, *, format: str | None = None) -> Annotation:
    """`format` names one of FORMATS; None finds out. Work is linear in the text.

    Raises Unreadable for a text that is too long or of no known format.
    """
    lines = _lines(text)
    chosen = FORMATS[format] if format else detect(lines)
    if chosen is None:
        raise Unreadable(
            "No line of this bears the mark of a format known here. If you know which program it "
            "comes from, choose it from the list."
        )
    if chosen.records:
        records = list(chosen.records(lines))
        masked = "\n".join(mask_stray(line) for line in lines)
        told = tuple(annotate_records(records))
        return Annotation(chosen.name, told, verdict_of_records(records), masked)
    return _annotate_dialogue(chosen, lines)


def _lines(text: str) -> list[str]:
    n_octets = len(text.encode("utf-8", "replace"))
    if n_octets > MOST_OCTETS:
        raise Unreadable(
            f"The text has {n_octets:,} octets and {MOST_OCTETS:,} (256 KiB) are taken at most: "
            "leave out what has nothing to do with the failure."
        )
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MOST_LINES:
        raise Unreadable(
            f"The text has {len(lines):,} lines and {MOST_LINES:,} are taken at most: leave out "
            "what has nothing to do with the failure."
        )
    if not lines:
        raise Unreadable("There is nothing but empty lines.")
    return lines


def _annotate_dialogue(chosen: Format, lines: list[str]) -> Annotation:
    assert chosen.pieces is not None
    items = pair(chosen.pieces(lines))
    told = annotate_dialogue(items)
    verdict = verdict_of(items, told)
    return Annotation(chosen.name, tuple(told), verdict, _masked(lines, items))


def _masked(lines: Sequence[str], items: Sequence[Item]) -> str:
    """The text as it was pasted, with what is secret in it replaced: at worst the whole line."""
    shown = list(lines)
    for item in items:
        if isinstance(item, Answered) or not item.secret:
            continue
        at = item.piece.number - 1
        if isinstance(item, Aside):
            shown[at] = mask_last_word(shown[at])
            continue
        said = item.piece.octets.decode("utf-8", "replace")
        told = item.octets.decode("utf-8", "replace")
        shown[at] = shown[at].replace(said, told) if said in shown[at] else MASK.decode()
    return "\n".join(map(mask_stray, shown))
