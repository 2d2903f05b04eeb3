"""A bounce: prose for the sender, and somewhere in it the reply that ended the delivery."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ..records import Outcome, Record, quote

_ADDRESS = re.compile(r"<?([^\s<>@()]{1,64}@[^\s<>@():]{1,255})>?(?: ?\(.{0,260}\))?:?$")
_NUMBERED = re.compile(r"(?:^|[ ;])([245]\d\d [245]\.\d+\.\d+ .*)")
_SAID = re.compile(r"\s*(?:<([^>]{1,320})>: )?host \S+ said: (.*)$")
_FIELD = re.compile(r"(Reporting-MTA|Final-Recipient|Original-Recipient|Action|Status|Remote-MTA|"
                    r"Diagnostic-Code|Last-Attempt-Date|Arrival-Date): ?(.*)$")  # fmt: skip
_MARKS = (
    "Diagnostic information for administrators",
    "Generating server",
    "Delivery has failed to these recipients",
    "Original message headers",
    "Undelivered Mail Returned to Sender",
    "This is the mail system at host",
)
_FIELDS = {
    "Reporting-MTA": ("Who reports", "The server that gave up and wrote this report."),
    "Final-Recipient": ("The recipient", "The address of the envelope that could not be reached."),
    "Original-Recipient": ("As it was written", "The address that the sender had used."),
    "Action": ("What was done", "failed: given up; delayed: still being tried; delivered and "
               "relayed: all is well."),
    "Status": ("The enhanced code", "The reason as a number of RFC 3463."),
    "Remote-MTA": ("Who refused", "The server that gave the reply below; without it, the "
                   "reporting server decided by itself."),
    "Last-Attempt-Date": ("The last try", "When delivery was tried last."),
    "Arrival-Date": ("Arrival", "When the message came to the reporting server."),
}  # fmt: skip


def matches(line: str) -> bool:
    return bool(
        line.startswith(_MARKS) or _returned(line) or _FIELD.match(line) or _SAID.match(line)
    )


def read(lines: list[str]) -> Iterator[Record]:
    """A bounce gives its reason twice, in prose and in fields: the first counts."""
    told: set[str] = set()
    for record in _records(lines):
        if record.outcome and record.who in told:
            record = replace(record, outcome="")
        told.add(record.who if record.outcome else "")
        yield record


def _records(lines: list[str]) -> Iterator[Record]:
    recipient = ""
    in_original = False
    for number, line in enumerate(lines, 1):
        in_original = in_original or line.startswith("Original message headers")
        if in_original:
            is_mark = line.startswith("Original message headers")
            why = "What follows is the header of the message that came back."
            yield Record(number, line, "The message" if is_mark else "", why if is_mark else "")
        elif found := _ADDRESS.match(line.strip()):
            recipient = found[1]
            yield Record(number, line, "The recipient", "Mail to this address came back.")
        elif found := _FIELD.match(line):
            recipient = _recipient(found[2]) if found[1] == "Final-Recipient" else recipient
            yield _field(number, line, found[1], found[2], recipient)
        elif returned := _returned(line) or _numbered(line):
            text = _whole(lines, number, returned)
            yield _failure(number, line, text, recipient, text)
        elif found := _SAID.match(line):
            recipient = found[1] or recipient
            yield _failure(number, line, _whole(lines, number, found[2]), recipient, found[2])
        elif line.startswith(("Generating server", "Receiving server")):
            yield _server(number, line)
        else:
            yield Record(number, line)


def _returned(line: str) -> str:
    before, mark, text = line.partition("returned '")
    return text if mark and "erver" in before else ""


def _numbered(line: str) -> str:
    """`#550 5.1.1 RESOLVER...##` and `host #<host #5.1.1 smtp;550 5.1.1 ...>` of older Exchange."""
    before, mark, rest = line.partition("#")
    found = _NUMBERED.search(rest) if mark and " " not in before.strip() else None
    return found[1].rstrip("#>") if found else ""


def _recipient(text: str) -> str:
    return text.partition(";")[2].strip() or text.strip()


def _whole(lines: list[str], number: int, text: str) -> str:
    """A reply that is wrapped goes on to its quote mark or to an empty line."""
    parts = [text]
    for line in lines[number : number + 8]:
        if not line.strip() or parts[-1].endswith(("'", ")")) or _FIELD.match(line):
            break
        parts.append(line.strip())
    return " ".join(parts).rstrip("'")


def _failure(number: int, line: str, text: str, recipient: str, told: str) -> Record:
    quoted = quote(text)
    outcome: Outcome = "deferred" if quoted.code // 100 == 4 else "bounced"
    why = "This reply ended the delivery."
    if "Remote " in line[:60]:
        why = "The other side gave this reply, and so the delivery ended."
    elif "RESOLVER." in told or "QUEUE." in told:
        why = "The organisation's own server gave up with this."
    who = f"<{recipient}>" if recipient else ""
    return Record(number, line, "The reason", why, outcome=outcome, who=who, quoted=quoted)


def _field(number: int, line: str, name: str, text: str, recipient: str) -> Record:
    if name == "Diagnostic-Code":
        return _failure(number, line, text, recipient, text)
    title, why = _FIELDS[name]
    return Record(number, line, title, f"{why} (RFC 3464 §2)")


def _server(number: int, line: str) -> Record:
    if line.startswith("Generating"):
        why = "This server wrote the bounce; it need not be the one that refused the message."
        return Record(number, line, "Who wrote this", why)
    return Record(number, line, "Who was asked", "The server that the message was to go to.")
