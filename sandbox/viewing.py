"""Rows of the log as lines to look at, for the page and for the live stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .models import SandboxEvent, SandboxSession
from .smtp import Ref, State
from .transcribing import TranscriptLine, client_line, content_lines, event_line, server_line

CONTENT_LINES = 200  # of one row that are shown

STEPS = {
    "connected": gettext_lazy("connected"),
    "greeted": gettext_lazy("greeted"),
    "transaction": gettext_lazy("transaction"),
    "content": gettext_lazy("content"),
    "accepted": gettext_lazy("accepted"),
    "closed": gettext_lazy("closed"),
}
_STEP_OF_STATE = {
    State.GREETED: "connected",
    State.READY: "greeted",
    State.SENDER: "transaction",
    State.RCPTS: "transaction",
    State.CONTENT: "content",
    State.CLOSED: "closed",
}

# A line with everything a line can have: what the page's script copies for lines to come.
SAMPLE_LINE = TranscriptLine(
    "server",
    "250 ok",
    code=250,
    title="title",
    why="why",
    refs=(Ref("smtp", "4"),),
    note="note",
    early=True,
)


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row to look at. `line` is None where another row says the same; `step` is where the
    session stands afterwards, "" where it stands as before."""

    row: SandboxEvent
    line: TranscriptLine | None
    step: str = ""

    def as_json(self) -> dict[str, Any]:
        """Text throughout, so that a page needs no markup from it."""
        data: dict[str, Any] = {
            "seq": self.row.seq,
            "dir": self.row.direction,
            "at_us": self.row.at_us,
            "step": self.step,
        }
        line = self.line
        if line is None:
            return {**data, "flags": ["quiet"]}
        return {
            **data,
            "side": line.side,
            "text": line.text,
            "code": line.code,
            "enhanced": line.enhanced,
            "rule": line.rule,
            "title": line.title,
            "why": line.why,
            "refs": [{"label": ref.short, "url": ref.url} for ref in line.refs],
            "note": _note_url(line.note),
            "state": [line.before, line.after],
            "flags": ["early"] if line.early else [],
        }


@dataclass(frozen=True, slots=True)
class RailStep:
    """`place` is done, here, or "" for what has not come."""

    name: str
    label: str
    place: str


def read_row(row: SandboxEvent) -> RowLine:
    octets, data = bytes(row.octets), row.data
    early, case = data.get("early", False), data.get("case", "")
    match data["event"]:
        case "reply":
            before, after = data["states"]
            line = server_line(
                octets,
                data["code"],
                data.get("enhanced"),
                rule=data["rule"],
                state=before,
                after=after,
                case=case,
            )
            return RowLine(row, line, _step(data["rule"], before, after))
        case "line":
            return RowLine(row, client_line(octets, data.get("verb", ""), early=early))
        case "content" if data.get("end"):
            return RowLine(row, client_line(octets, ".", early=early))
        case "content":
            return RowLine(row, _join(content_lines(octets, early=early), len(octets)))
        case "accepted":
            return RowLine(row, TranscriptLine("event", _stored(data)))
        case "notice":
            return RowLine(row, event_line(data["rule"], state=data["states"][0], case=case))
        case "close" if data["rule"] == "session.vanished":
            return RowLine(row, event_line(data["rule"]), "closed")
    return RowLine(row, None)


def _step(rule: str, before: str, after: str) -> str:
    if rule == "data.accepted":
        return "accepted"
    if before == after:
        return ""
    return _STEP_OF_STATE.get(State(after), "")


def _join(lines: Sequence[TranscriptLine], n_octets: int) -> TranscriptLine:
    texts = [line.text for line in lines[:CONTENT_LINES]]
    left = len(lines) - CONTENT_LINES
    if left > 0:
        texts.append(
            ngettext(
                "… %(left)d more line, %(octets)d octets in all",
                "… %(left)d more lines, %(octets)d octets in all",
                left,
            )
            % {"left": left, "octets": n_octets}
        )
    return replace(lines[0], text="\n".join(texts))


def _stored(data: dict[str, Any]) -> str:
    return _("Stored: %(octets)d octets from %(sender)s for %(recipients)s") % {
        "octets": data["size"],
        "sender": f"<{data['sender']}>",
        "recipients": ", ".join(f"<{recipient}>" for recipient in data["recipients"]),
    }


@lru_cache(maxsize=256)
def _note_url(slug: str) -> str:
    return reverse("note", args=[slug]) if slug else ""


def rail_of(lines: Iterable[RowLine]) -> list[RailStep]:
    """The way of a session as far as it has come; it may go back, as RSET does."""
    order = list(STEPS)
    done: set[str] = set()
    here = ""
    for line in lines:
        if line.step == "closed":
            done.add(here)
        elif line.step:
            done = set(order[: order.index(line.step)])
        here = line.step or here
    return [
        RailStep(name, str(label), "here" if name == here else "done" if name in done else "")
        for name, label in STEPS.items()
    ]


def headline(session: SandboxSession, rows: Iterable[SandboxEvent]) -> str:
    n_messages = sum(row.data["event"] == "accepted" for row in rows)
    if n_messages:
        return ngettext("One message accepted", "%(n)d messages accepted", n_messages) % {
            "n": n_messages
        }
    return _("An SMTP session") if session.ended_at is None else _("A session without a message")


def summary_of(session: SandboxSession) -> dict[str, Any]:
    """A session as a list names it."""
    return {
        "uuid": str(session.uuid),
        "url": session.get_absolute_url(),
        "channel": session.channel,
        "label": session.get_channel_display(),
        "started": session.started_at.isoformat(),
        "state": _("open") if session.ended_at is None else _("ended"),
    }
