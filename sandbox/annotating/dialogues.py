"""A pasted dialogue, line by line with its reasons."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from ..smtp import explain
from ..transcribing import TranscriptLine, client_line, explain_once, server_line, visible
from .annotation import AnnotatedLine
from .causes import product_in
from .codes import meaning_of
from .following import Follower
from .masking import mask_stray
from .pairing import Answered, Aside, Item
from .reasons import reason_of
from .standing import Said

CONTENT_LINES = 100  # of one message that are shown
PROGRAM_LINES = 4  # of what a program says to itself


def annotate_dialogue(items: Sequence[Item]) -> list[AnnotatedLine]:
    follower = Follower(items)
    product = product_of(items)
    lines: list[AnnotatedLine] = []
    for kind, run in groupby(items, key=_kind_of_run):
        if kind == "program":
            lines.append(_program_lines([each for each in run if isinstance(each, Aside)]))
        elif kind:
            lines.append(_content([each for each in run if isinstance(each, Said)]))
        else:
            lines += [_annotated(each, follower, product) for each in run]
    once = explain_once(each.line for each in lines)
    return [replace(each, line=line) for each, line in zip(lines, once, strict=True)]


def product_of(items: Sequence[Item]) -> str:
    """By the greeting and, where that is silent, by what any reply lets slip."""
    for item in items:
        if isinstance(item, Answered):
            product = product_in(item.octets[:500].decode("utf-8", "replace"))
            if product:
                return product
    return ""


def _kind_of_run(item: Item) -> str:
    """Lines of a message that follow each other are one item, and so are lines that a program
    says to itself."""
    match item:
        case Said() if item.is_content:
            return item.verb
        case Aside() if item.piece.kind == "event" and not item.piece.title:
            return "program"
    return ""


def _annotated(item: Item, follower: Follower, product: str) -> AnnotatedLine:
    match item:
        case Answered():
            return _answered(item, follower, product)
        case Aside():
            return _aside(item)
        case Said():
            line = client_line(item.octets, item.verb, early=item.early)
            return AnnotatedLine(line, item.piece.number, "secret" if item.secret else "")


def _program_lines(asides: list[Aside]) -> AnnotatedLine:
    shown = [_aside(each).line.text for each in asides[:PROGRAM_LINES]]
    left = len(asides) - PROGRAM_LINES
    more = f"… {left} more {'line' if left == 1 else 'lines'} of the program itself"
    line = TranscriptLine("event", "\n".join(shown), more=more if left > 0 else "")
    return AnnotatedLine(line, asides[0].piece.number)


def _content(run: list[Said]) -> AnnotatedLine:
    first = client_line(run[0].octets, run[0].verb, early=run[0].early)
    text = "\n".join(visible(said.octets) for said in run[:CONTENT_LINES])
    left = len(run) - CONTENT_LINES
    more = f"… {left} more {'line' if left == 1 else 'lines'} of the message" if left > 0 else ""
    return AnnotatedLine(replace(first, text=text, more=more), run[0].piece.number)


def _answered(given: Answered, follower: Follower, product: str) -> AnnotatedLine:
    reason = reason_of(given, follower.predict(given))
    reply = given.line
    event = "failure" if reply.code >= 400 else "difference" if reason.differs else ""
    number = given.pieces[0].number
    after = str(given.after)
    if reason.rule:
        line = server_line(
            given.octets,
            reply.code,
            reply.enhanced,
            rule=reason.rule,
            state=reason.state,
            after=after,
            case=reason.case,
        )
        return AnnotatedLine(line, number, event, reason.differs)
    meaning = meaning_of(reply.code, reply.enhanced, product=product)
    text = "\n".join(visible(line) for line in given.octets.split(b"\r\n"))
    line = TranscriptLine(
        "server",
        text,
        reply.code,
        reply.enhanced,
        title=meaning.title,
        why=meaning.why,
        refs=meaning.refs,
        note=meaning.note,
        before=reason.state,
        after=after,
    )
    return AnnotatedLine(line, number, event, reason.differs)


def _aside(item: Aside) -> AnnotatedLine:
    each = item.piece
    text = visible(mask_stray(each.octets.decode("utf-8", "replace")).encode())
    line = TranscriptLine("event", text, title=each.title, why=each.why)
    if each.happening == "tls":
        reason = explain("tls.started")
        line = replace(line, rule=reason.rule, refs=reason.refs, note=reason.note)
    event = {
        "tls": "layer",
        "connected": "layer",
        "closed": "layer",
        "lost": "failure",
        "swallowed": "failure",
    }
    return AnnotatedLine(
        line, each.number, event.get(each.happening, ""), is_known=each.kind != "unknown"
    )
