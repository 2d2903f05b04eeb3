"""Message tracking of Exchange and message trace of Microsoft 365: events instead of dialogue.

The names and meanings of the events are those of the vendor's documentation.
"""

import csv
import re
from collections.abc import Iterator

from ..records import Outcome, Record, quote

_EVENTS: dict[str, tuple[Outcome, str, str]] = {
    "RECEIVE": ("", "Received", "A server or a mailbox handed the message in, and it was stored."),
    "SUBMIT": ("", "Submitted", "The message was taken from the sender's mailbox to be sent."),
    "SEND": ("sent", "Sent on", "The message went to another server by SMTP."),
    "DELIVER": ("sent", "Delivered", "The message was put into a mailbox of this organisation."),
    "FAIL": ("bounced", "Failed", "Delivery to this recipient is given up."),
    "DEFER": ("deferred", "Put off", "Delivery is delayed and will be tried again."),
    "DSN": ("", "A report", "A delivery status notification was written for the sender."),
    "EXPAND": ("", "Expanded", "A distribution group was replaced by its members."),
    "REDIRECT": ("", "Redirected", "The message goes to another recipient than the given one."),
    "RESOLVE": ("", "Resolved", "A directory look-up replaced the recipient's address by another."),
    "TRANSFER": ("", "Split", "The message was copied, as its recipients need different things."),
    "BADMAIL": ("bounced", "Unusable", "It can be neither delivered nor returned."),
    "POISONMESSAGE": ("bounced", "Set aside", "The message made a server process fail, and was "
                      "put into the poison queue or taken out of it."),
    "NOTIFYMAPI": ("", "Noticed", "A message was found in an Outbox of this mailbox server."),
    "AGENTINFO": ("", "An agent", "A transport agent noted what it did."),
    "DUPLICATEDELIVER": ("", "A duplicate", "The recipient had this message already."),
    "DROP": ("", "Dropped", "The message was dropped without a bounce."),
    # message trace
    "DELIVERED": ("sent", "Delivered", "The message was delivered."),
    "FAILED": ("bounced", "Failed", "Delivery to this recipient is given up."),
    "PENDING": ("deferred", "Pending", "Delivery is being tried, or tried again."),
    "EXPANDED": ("", "Expanded", "A distribution group was replaced by its members."),
    "QUARANTINED": ("rejected", "Quarantined", "The message was held back as spam or malware."),
    "FILTEREDASSPAM": ("rejected", "Marked as spam", "The message was marked as spam."),
    "GETTINGSTATUS": ("", "Not known yet", "The message has just arrived; ask again later."),
}  # fmt: skip
# The two exports name their columns differently; compared without case, spaces and hyphens.
_NAMES = {
    "event": ("eventid", "event", "status"),
    "recipient": ("recipientaddress", "recipients", "recipient"),
    "told": ("recipientstatus", "detail", "statusdetail"),
    "source": ("source",),
    "context": ("sourcecontext",),
}
_LAST_ERROR = re.compile(r"LED=(.{3,400}?)(?:\}|;\{|$)")


def matches(line: str) -> bool:
    columns = _columns(line)
    return "event" in columns and "recipient" in columns


def read(lines: list[str]) -> Iterator[Record]:
    columns: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        found = _columns(line) if not columns or line.startswith("#") else {}
        if "event" in found and "recipient" in found:
            columns = found
            yield Record(number, line, "The columns", "This line names the fields of the others.")
        elif not columns or line.startswith("#") or not line.strip():
            yield Record(number, line, is_known=not line.strip() or line.startswith("#"))
        else:
            yield _row(number, line, columns)


def _columns(line: str) -> dict[str, int]:
    """Where the fields are that matter, if this is a line of headings."""
    if "," not in line or len(line) > 4000:
        return {}
    cells = [re.sub(r"[\s_-]", "", cell).lower() for cell in _cells(line.removeprefix("#Fields:"))]
    return {
        field: cells.index(name)
        for field, names in _NAMES.items()
        for name in reversed(names)
        if name in cells
    }


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _row(number: int, line: str, columns: dict[str, int]) -> Record:
    cells = _cells(line)
    field = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
    event = re.sub(r"\s", "", field["event"]).upper()
    if event not in _EVENTS:
        return Record(number, line, is_known=False)
    outcome, title, why = _EVENTS[event]
    source = field.get("source", "")
    if source:
        why = f"{why} The component that says so is {source}."
    told = field.get("told", "")
    last = _LAST_ERROR.search(told)
    quoted = quote(last[1] if last else told) if told and outcome != "sent" else None
    if outcome == "bounced" and field.get("source", "").upper() == "AGENT":
        why = f"{why} A rule or an agent did this, which may be meant so."
    who = field["recipient"].replace(";", ", ") or "nobody named"
    return Record(number, line, title, why, outcome=outcome, who=f"<{who}>", quoted=quoted)
