"""What a session shows: its headline, and when it has ended what there is to learn from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import SandboxEvent, SandboxSession
from ..smtp import explain

MOST_LESSONS = 4


@dataclass(frozen=True, slots=True)
class Lesson:
    """`seq` is the row to look at."""

    title: str
    text: str
    seq: int


def headline(session: SandboxSession, rows: Sequence[SandboxEvent]) -> str:
    """What happened, in the order in which it is done: encrypt, log in, send."""
    events = Counter(row.data["event"] for row in rows)
    n_messages, n_refused = events["accepted"], len(_refusals(rows))
    parts = []
    if any(row.data["event"] == "tls" and row.data.get("version") for row in rows):
        parts.append(_("upgrading to TLS") if _said(rows, "STARTTLS") else _("under TLS"))
    if any(row.data["event"] == "auth" and row.data["verdict"] == "ok" for row in rows):
        parts.append(_("logging in"))
    if n_messages:
        sent = ngettext("sending one message", "sending %(n)d messages", n_messages)
        parts.append(sent % {"n": n_messages})
    if n_refused and not parts:
        text = ngettext("A session with one refusal", "A session with %(n)d refusals", n_refused)
        return text % {"n": n_refused}
    if n_refused:
        parts.append(ngettext("one refusal", "%(n)d refusals", n_refused) % {"n": n_refused})
    if not parts:
        return (
            _("An SMTP session") if session.ended_at is None else _("A session without a message")
        )
    text = ", ".join(parts)
    return text[0].upper() + text[1:]


def lessons(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    """The most telling first; at most MOST_LESSONS."""
    found = [
        *_warnings(rows),
        *_second_greeting(rows),
        *_explained_refusals(rows),
        *_ending(rows),
        *_early(rows),
    ]
    return found[:MOST_LESSONS] or _all_well(rows)


def _said(rows: Sequence[SandboxEvent], *verbs: str) -> list[SandboxEvent]:
    return [row for row in rows if row.data.get("verb") in verbs]


def _refusals(rows: Sequence[SandboxEvent]) -> list[SandboxEvent]:
    return [row for row in rows if row.direction == "out" and row.data["code"] >= 400]


def _warnings(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    first: dict[str, SandboxEvent] = {}
    for row in rows:
        if row.data["event"] in ("violation", "notice") and row.data["rule"] != "tls.started":
            first.setdefault(row.data["rule"], row)
    return [_lesson(row) for row in first.values()]


def _explained_refusals(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    told = {row.data["rule"] for row in rows if row.data["event"] in ("violation", "notice")}
    first: dict[str, SandboxEvent] = {}
    for row in _refusals(rows):
        if row.data["rule"] not in told:
            first.setdefault(row.data["rule"], row)
    return [_lesson(row) for row in first.values()]


def _lesson(row: SandboxEvent) -> Lesson:
    data = row.data
    reason = explain(data["rule"], data["states"][0], data.get("case", ""))
    code = f"{data['code']}: " if "code" in data else ""
    return Lesson(f"{code}{reason.title}", reason.why, row.seq)


def _second_greeting(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    handshakes = [r for r in rows if r.data["event"] == "tls" and r.data.get("version")]
    if not handshakes or not _said(rows, "STARTTLS"):
        return []
    seq = handshakes[0].seq
    offers = [row for row in rows if row.data.get("rule") == "ehlo.ok"]
    behind = [row for row in offers if row.seq > seq]
    if behind:
        before, after = _keywords(offers[0]), _keywords(behind[0])
        text = _(
            "After the handshake the session started over, so the client said EHLO again. "
            "New in the list: %(new)s; gone: %(gone)s."
        )
        new, gone = ", ".join(sorted(after - before)), ", ".join(sorted(before - after))
        return [Lesson(_("EHLO twice"), text % {"new": new or "–", "gone": gone or "–"}, seq)]
    return [
        Lesson(
            _("No EHLO under TLS"),
            _("After the handshake the session starts over; the client did not say EHLO again."),
            seq,
        )
    ]


def _keywords(offer: SandboxEvent) -> set[str]:
    lines = bytes(offer.octets).decode("ascii", "replace").split("\r\n")[1:-1]
    return {line[4:].partition(" ")[0] for line in lines}


def _ending(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    last = rows[-1] if rows else None
    if last is None or last.data.get("rule") != "session.vanished":
        return []
    reason = explain("session.vanished")
    return [Lesson(reason.title, reason.why, last.seq)]


def _early(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    early = [row for row in rows if row.data.get("early") and row.data["event"] == "line"]
    if not early or any(row.data.get("rule") == "sync.breach" for row in rows):
        return []
    text = ngettext(
        "%(n)d command came before the reply to the one in front of it: that is pipelining.",
        "%(n)d commands came before the reply to the one in front of them: that is pipelining.",
        len(early),
    )
    return [Lesson(_("Sent early"), text % {"n": len(early)}, early[0].seq)]


def _all_well(rows: Sequence[SandboxEvent]) -> list[Lesson]:
    accepted = [row for row in rows if row.data["event"] == "accepted"]
    if not accepted:
        return []
    return [
        Lesson(
            _("Nothing was refused"),
            _("Greeting, EHLO, MAIL, RCPT, DATA, dot: every command came when it was due."),
            accepted[0].seq,
        )
    ]
