"""A pasted dialogue, line by line with its reasons."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from ..smtp import explain
from ..transcribing import TranscriptLine, client_line, explain_once, server_line, visible
from .annotation import AnnotatedLine, plain_lines, shortened
from .causes import likely_cause, product_in
from .codes import meaning_of
from .following import Follower
from .masking import mask_last_word, mask_stray
from .pairing import Answered, Aside, Item
from .pieces import octets_of
from .reasons import BLAMES_CLIENT, reason_of
from .standing import Said

PROGRAM_LINES = 4  # of what a program says to itself
CONTENT_LINES = 100  # of one message that are shown


def annotate_dialogue(items: Sequence[Item]) -> list[AnnotatedLine]:
    follower = Follower(items)
    product = product_of(items)
    lines: list[AnnotatedLine] = []
    for kind, run in groupby(items, key=_kind_of_run):
        if kind == "program":
            asides = [(each.piece.number, _shown(each)) for each in run if isinstance(each, Aside)]
            lines += plain_lines(asides, PROGRAM_LINES, "of the program itself")
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
            told = _answered(item, follower, product)
            return _with_cause(told, item, product) if told.event == "failure" else told
        case Aside():
            return _aside(item)
        case Said():
            line = client_line(item.octets, item.verb, early=item.early)
            return AnnotatedLine(line, item.piece.number, "secret" if item.secret else "")


def _content(run: Sequence[Said]) -> AnnotatedLine:
    first = client_line(run[0].octets, run[0].verb, early=run[0].early)
    texts = [visible(said.octets) for said in run]
    text, more = shortened(texts, CONTENT_LINES, "of the message")
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


def _with_cause(line: AnnotatedLine, given: Answered, product: str) -> AnnotatedLine:
    """Where the client is to blame, the reason itself says best what was wrong."""
    text = given.octets.decode("utf-8", "replace")
    verb = given.verb if given.to else "connect"
    cause = likely_cause(given.line.code, given.line.enhanced, verb, text, product)
    is_clear = given.line.code in BLAMES_CLIENT and line.rule and line.line.why
    return replace(line, cause=line.line.why if is_clear else cause.why, step=cause.step)


def _aside(item: Aside) -> AnnotatedLine:
    each = item.piece
    line = TranscriptLine("event", _shown(item), title=each.title, why=each.why)
    if each.happening == "tls":
        reason = explain("tls.started")
        line = replace(line, rule=reason.rule, refs=reason.refs, note=reason.note)
    event = {"tls": "layer", "lost": "failure", "swallowed": "failure"}
    return AnnotatedLine(
        line, each.number, event.get(each.happening, ""), is_known=each.kind != "unknown"
    )


def _shown(item: Aside) -> str:
    text = item.piece.octets.decode("utf-8", "replace")
    return visible(octets_of(mask_last_word(text) if item.secret else mask_stray(text)))
