"""Logs and bounces: lines that tell of deliveries instead of being a dialogue."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from ..smtp import Ref, explain
from ..transcribing import TranscriptLine, visible
from .annotation import AnnotatedLine, Verdict, plain_lines
from .causes import Cause, cause_of_no_reply, likely_cause, product_in
from .codes import meaning_of
from .masking import mask_stray
from .pieces import octets_of
from .reasons import find_rule

PLAIN_LINES = 12  # of prose or headers in a row that are shown

# What became of a recipient: in the order in which a verdict looks at them.
Outcome = Literal["", "bounced", "rejected", "deferred", "login", "sent"]
_FAILURES: tuple[Outcome, ...] = ("bounced", "rejected", "deferred", "login")
_COUNTED = {
    "sent": "{n} delivered",
    "deferred": "{n} put off",
    "bounced": "{n} given up",
    "rejected": "{n} refused on arrival",
    "login": "{n} failed to log in",
}
_REPLY = re.compile(r"([2-5][0-9]{2})[ -](?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ ;]|$))?")
_IN_REPLY_TO = re.compile(r"\(in reply to (?:the )?(.{2,30}?)(?: command)?\)$")
_VERBS = {"end of DATA": ".", "MAIL FROM": "MAIL", "RCPT TO": "RCPT"}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A reply that a log or a bounce tells of. `code` is 0 where there was none."""

    code: int
    enhanced: str | None
    verb: str
    text: str

    @property
    def codes(self) -> str:
        """As they are told: "" if there was no reply, whatever a log has noted itself."""
        if self.code:
            return f"{self.code} {self.enhanced or ''}".rstrip()
        return self.text if self.text == self.enhanced else ""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log. `title` is "" for a line that needs no word; `who` is the recipient, or
    the client that was refused."""

    number: int
    text: str
    title: str = ""
    why: str = ""
    note: str = ""
    refs: tuple[Ref, ...] = ()
    outcome: Outcome = ""
    who: str = ""
    quoted: Quoted | None = None
    is_known: bool = True


def quote(text: str, verb: str = "", enhanced: str | None = None) -> Quoted:
    """The reply in `text`; `enhanced` is what the log says of it elsewhere."""
    told = _IN_REPLY_TO.search(text[-60:])
    if told:
        verb = _VERBS.get(told[1], told[1].upper())
    found = _REPLY.search(text)
    if found is None:
        return Quoted(0, enhanced, verb, text)
    return Quoted(int(found[1]), found[2] or enhanced, verb, text)


def annotate_records(records: Sequence[Record]) -> list[AnnotatedLine]:
    """What was explained before is not explained again, but for failures."""
    product = _product(records)
    lines: list[AnnotatedLine] = []
    explained: set[str] = set()
    for is_plain, run in groupby(records, key=lambda record: record.is_known and not record.title):
        if is_plain:
            texts = [(record.number, _shown(record)) for record in run]
            lines += plain_lines(texts, PLAIN_LINES, "that need no word")
            continue
        for record in run:
            told = _line(record, product)
            if told.line.why in explained and told.event != "failure":
                told = replace(told, line=replace(told.line, why=""))
            explained.add(told.line.why)
            lines.append(told)
    return lines


def _product(records: Sequence[Record]) -> str:
    return product_in("\n".join(record.text[:500] for record in records[:200]))


def _shown(record: Record) -> str:
    return visible(octets_of(mask_stray(record.text)))


def verdict_of_records(records: Sequence[Record]) -> Verdict:
    counts = Counter[str](record.outcome for record in records if record.outcome in _COUNTED)
    decisive = _decisive(records)
    if decisive is None:
        return _without_failure(records, counts)
    cause = _cause(decisive, _product(records))
    headline = _headline(decisive, counts)
    is_clear = counts.total() == 1 or not decisive.who
    why = cause.why if is_clear else f"{decisive.who}: {cause.why}"
    return Verdict(headline, why, cause.step, decisive.number, is_bad=True)


def _decisive(records: Sequence[Record]) -> Record | None:
    """The gravest failure, the last of its kind: it is what the log ends up with."""
    for outcome in _FAILURES:
        found = [record for record in records if record.outcome == outcome]
        if found:
            return found[-1]
    return None


def _headline(decisive: Record, counts: Counter[str]) -> str:
    if counts.total() > 1:
        return ", ".join(
            words.format(n=counts[outcome])
            for outcome, words in _COUNTED.items()
            if counts[outcome]
        )
    told = decisive.quoted
    code = f" with {told.codes}" if told and told.codes else ""
    who = decisive.who
    match decisive.outcome:
        case "bounced":
            return f"Mail to {who} was given up{code}" if who else f"Mail was given up{code}"
        case "deferred":
            return f"Mail to {who} is put off{code}" if who else f"Put off{code}"
        case "login":
            return f"A login from {who} failed"
    return f"{who} was refused{code}" if who else f"Refused{code}"


def _without_failure(records: Sequence[Record], counts: Counter[str]) -> Verdict:
    if counts["sent"]:
        number = counts["sent"]
        deliveries = "One delivery" if number == 1 else f"{number} deliveries"
        return Verdict(
            f"{deliveries} went well, and nothing was refused",
            "The next server, or the mailbox, has taken over responsibility.",
        )
    if any(record.title for record in records):
        return Verdict(
            "No delivery and no refusal is told of here",
            "The lines are explained, but the one with the outcome is not among them.",
            "Search the log for the queue id or the recipient and paste those lines too.",
        )
    return Verdict(
        "No line of this was recognised",
        "Nothing here looks like the format that was chosen.",
        "Let the page find out the format by itself, or choose another one.",
    )


def _cause(record: Record, product: str) -> Cause:
    told = record.quoted
    if told is None or not told.codes:
        return cause_of_no_reply(told.text if told else record.text)
    return likely_cause(told.code, told.enhanced, told.verb, told.text, product)


def _line(record: Record, product: str) -> AnnotatedLine:
    title, why, rule, refs, note = record.title, record.why, "", record.refs, record.note
    told = record.quoted
    if told and told.code >= 400:
        rule, case = find_rule(told.verb, told.code, told.enhanced, told.text)
        reason = (
            explain(rule, "", case)
            if rule
            else meaning_of(told.code, told.enhanced, product=product)
        )
        why = f"{why} {told.code}: {reason.why}".strip()
        refs = (*refs, *reason.refs)
        note = note or reason.note
    line = TranscriptLine(
        "event",
        _shown(record),
        enhanced=told.enhanced if told else None,
        title=title,
        why=why,
        rule=rule,
        refs=refs,
        note=note,
    )
    is_failure = record.outcome in _FAILURES
    event = "failure" if is_failure else ""
    annotated = AnnotatedLine(line, record.number, event, is_known=record.is_known)
    if not is_failure:
        return annotated
    cause = _cause(record, product)
    return replace(annotated, cause=cause.why, step=cause.step)
