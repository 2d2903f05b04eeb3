"""Rows of the log as lines to look at, for the page and for the live stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import SandboxEvent, SandboxSession
from ..smtp import FAULTS, RULES, Ref, State
from ..transcribing import (
    TranscriptLine,
    client_line,
    content_lines,
    event_line,
    explain_anew,
    server_line,
    visible,
)
from .base64_lines import response_in, reveal
from .railing import pace_of, tls_label
from .status_codes import Status, read_status

CONTENT_LINES = 200  # of one row that are shown
NOTABLE_GAP_US = 1_000_000

TAGS = {
    "early": gettext_lazy("sent early"),
    "cut": gettext_lazy("cut off"),
}
VERDICTS = {
    "ok": gettext_lazy("secret hidden, right"),
    "continue": gettext_lazy("secret hidden"),
    "need": gettext_lazy("secret hidden, looked up"),
}


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row to look at. `line` is None where another row says the same.

    `kind` tells events apart: warn, layer, fault, stored. `at` is when, "" where it reads like
    the row before; `gap_us` is the time since that one.
    """

    row: SandboxEvent
    line: TranscriptLine | None
    kind: str = ""
    at: str = ""
    gap_us: int = 0
    is_explained: bool = True

    @property
    def tags(self) -> list[str]:
        data = self.row.data
        tags = [str(label) for key, label in TAGS.items() if data.get(key)]
        if verdict := data.get("masked"):
            tags.append(str(VERDICTS.get(verdict, _("secret hidden, refused"))))
        if delay := data.get("delay"):
            tags.append(_("held back %(seconds)g s") % {"seconds": delay / 1_000_000})
        return tags

    @property
    def gap(self) -> str:
        if self.gap_us < NOTABLE_GAP_US:
            return ""
        return _("+%(seconds).1f s") % {"seconds": self.gap_us / 1_000_000}

    @property
    def status(self) -> Status | None:
        enhanced = self.line.enhanced if self.line and self.is_explained else None
        return read_status(enhanced) if enhanced else None

    def as_json(self) -> dict[str, Any]:
        """Text throughout, so that a page needs no markup from it."""
        pace = pace_of(self.row.data)
        data: dict[str, Any] = {
            "seq": self.row.seq,
            "dir": self.row.direction,
            "at_us": self.row.at_us,
            "event": self.row.data["event"],
            "step": pace.step,
            "mark": pace.mark,
        }
        line = self.line
        if line is None:
            return {**data, "flags": ["quiet"]}
        status = self.status
        return {
            **data,
            "side": line.side,
            "kind": self.kind,
            "text": line.text,
            "end": line.end,
            "more": line.more,
            "code": line.code,
            "enhanced": line.enhanced,
            "status": [status.meaning, status.label, status.url] if status else None,
            "rule": line.rule,
            "title": line.title,
            "why": line.why,
            "refs": [{"label": ref.short, "url": ref.url} for ref in line.refs],
            "note": _note_url(line.note),
            "choice": line.is_choice,
            "misreading": line.misreading,
            "state": [line.before, line.after],
            "tags": self.tags,
            "flags": ["early"] if line.early else [],
        }


def unexplained(row: RowLine) -> RowLine:
    """What was said, without a word on why."""
    bare = {"title": "", "why": "", "refs": (), "note": "", "is_choice": False, "misreading": ""}
    line = row.line and replace(row.line, **bare)
    return replace(row, line=line, is_explained=False)


def time_label(at_us: int) -> str:
    if at_us < 10_000:
        return f"{at_us / 1000:.1f} ms"
    return f"{at_us // 1000} ms" if at_us < 1_000_000 else f"{at_us / 1_000_000:.2f} s"


# A row with everything a row can have: what the page's script copies for rows to come.
SAMPLE_ROW = RowLine(
    SandboxEvent(seq=0, at_us=0, data={"event": "reply", "early": True}),
    TranscriptLine(
        "server",
        "250 2.0.0 ok",
        code=250,
        enhanced="2.0.0",
        title="title",
        why="why",
        refs=(Ref("smtp", "4"),),
        note="note",
        more="more",
        is_choice=True,
        misreading="misreading",
    ),
    at=time_label(0),
    gap_us=NOTABLE_GAP_US,
)


def read_rows(rows: Iterable[SandboxEvent]) -> list[RowLine]:
    """With the gaps between them; a command is explained where it comes first."""
    lines: list[RowLine] = []
    explained: set[str] = set()
    last_us, last_at, state = 0, "", ""
    for row in rows:
        at = time_label(row.at_us)
        gap_us = row.at_us - last_us if lines else 0
        shown_at = "" if at == last_at else at
        read = replace(read_row(row, state), at=shown_at, gap_us=gap_us)
        last_us, last_at = row.at_us, at
        state = row.data["states"][1] if "states" in row.data else state
        if read.line:
            read = replace(read, line=explain_anew(read.line, explained))
        lines.append(read)
    return lines


def read_row(row: SandboxEvent, state: str = "") -> RowLine:
    """`state` is where the session stands, "" if that is not known."""
    match row.direction:
        case "in":
            return _read_in(row, state)
        case "out":
            return _read_out(row)
        case "fact":
            return _read_fact(row)
    return _read_note(row)


def _read_out(row: SandboxEvent) -> RowLine:
    data = row.data
    before, after = data["states"]
    line = server_line(
        bytes(row.octets),
        data["code"],
        data.get("enhanced"),
        rule=data["rule"],
        state=before,
        after=after,
        case=data.get("case", ""),
    )
    if data["rule"] == "auth.continue":
        line = replace(line, more=_says(line.text[4:].encode()))
    return RowLine(row, line)


def _says(words: bytes) -> str:
    text = reveal(words)
    return _("says: %(text)s") % {"text": text} if text else ""


def _read_in(row: SandboxEvent, state: str) -> RowLine:
    octets, data = bytes(row.octets), row.data
    early = data.get("early", False)
    match data["event"]:
        case "line":
            verb = "response" if state == State.AUTHING else data.get("verb", "")
            line = client_line(octets, verb, early=early)
            if "masked" not in data:
                line = replace(line, more=_says(response_in(octets, verb)))
            return RowLine(row, line)
        case "content" if data.get("end"):
            return RowLine(row, client_line(octets, ".", early=early))
    lines = content_lines(octets, verb=data["event"], early=early)
    if not lines:
        return RowLine(row, None)
    return RowLine(row, _join(lines, len(octets)))


def _join(lines: Sequence[TranscriptLine], n_octets: int) -> TranscriptLine:
    shown, left = lines[:CONTENT_LINES], len(lines) - CONTENT_LINES
    more = ""
    if left > 0:
        more = ngettext(
            "… %(left)d more line, %(octets)d octets in all",
            "… %(left)d more lines, %(octets)d octets in all",
            left,
        ) % {"left": left, "octets": n_octets}
    text = "\n".join(line.text for line in shown)
    return replace(lines[0], text=text, end=shown[-1].end, more=more)


def _read_fact(row: SandboxEvent) -> RowLine:
    data = row.data
    match data["event"]:
        case "tls" if data.get("version"):
            told = {"version": tls_label(data["version"]), "cipher": data["cipher"]}
            text = _("Encrypted from here: %(version)s, %(cipher)s") % told
            return RowLine(row, replace(event_line("tls.started"), text=text), "layer")
        case "clock":
            text = ngettext(
                "The clock was moved on by %(n)d second",
                "The clock was moved on by %(n)d seconds",
                data["seconds"],
            ) % {"n": data["seconds"]}
            return RowLine(row, TranscriptLine("event", text), kind="layer")
        case "claimed":
            text = _("From here on it is known whose session this is")
            return RowLine(row, TranscriptLine("event", text))
    return RowLine(row, None)


def _read_note(row: SandboxEvent) -> RowLine:
    data = row.data
    rule, case = data.get("rule", ""), data.get("case", "")
    match data["event"]:
        case "accepted":
            return RowLine(row, TranscriptLine("event", _stored(data)), kind="stored")
        case "violation":
            octets = bytes(row.octets)
            text = f"{RULES[rule].title}: {visible(octets)}" if octets else RULES[rule].title
            return RowLine(row, TranscriptLine("event", text, rule=rule), kind="warn")
        case "notice" if rule != "tls.started":
            return RowLine(row, event_line(rule, state=data["states"][0], case=case), kind="warn")
        case "auth" if data["verdict"] == "ok":
            told = {**data, "user": visible(data["user"].encode())}
            text = _("Logged in as %(user)s with %(mechanism)s") % told
            return RowLine(row, TranscriptLine("event", text), "layer")
        case "fault":
            text = _("A planned fault: %(title)s") % {"title": FAULTS[data["plan"]].title}
            line = TranscriptLine("event", text, title=_("On purpose"), why=_planned())
            return RowLine(row, line, kind="fault")
        case "close" if RULES[rule].code is None:
            return RowLine(row, event_line(rule))
    return RowLine(row, None)


def _planned() -> str:
    return _("What comes next is not the server's opinion but part of the plan of this session.")


def _stored(data: dict[str, Any]) -> str:
    return _("Stored: %(octets)d octets from %(sender)s for %(recipients)s") % {
        "octets": data["size"],
        "sender": _bracketed(data["sender"]),
        "recipients": ", ".join(map(_bracketed, data["recipients"])),
    }


def _bracketed(address: str) -> str:
    return f"<{visible(address.encode())}>"


@lru_cache(maxsize=256)
def _note_url(slug: str) -> str:
    return reverse("note", args=[slug]) if slug else ""


def summary_of(session: SandboxSession) -> dict[str, Any]:
    """A session as a list names it."""
    return {
        "uuid": str(session.uuid),
        "url": session.get_absolute_url(),
        "channel": session.channel,
        "label": _("%(channel)s, port %(port)d")
        % {"channel": session.get_channel_display(), "port": session.nominal_port},
        "started": session.started_at.isoformat(),
        "state": _("open") if session.ended_at is None else _("ended"),
    }
