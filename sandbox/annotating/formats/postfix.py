"""The log of Postfix: which daemon said what, and what became of each recipient."""

import re
from collections.abc import Iterator

from ..records import Outcome, Record, quote
from .postfix_lines import TOLD

_LINE = re.compile(
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,}) \S+ "
    r"(postfix[\w/.-]*)(?:\[\d+\])?: (.*)$"
)
_QUEUED = re.compile(r"(NOQUEUE|(?=[A-Za-z]*\d)[0-9A-Za-z]{6,20}): (.*)$")
_DELIVERY = re.compile(
    r"to=<([^>]*)>,(?: orig_to=<[^>]*>,)? relay=([^,]*), (?:conn_use=\d+, )?delay=([\d.]+), "
    r"delays=([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+), dsn=(\d\.\d+\.\d+), status=(\w+) \((.*)\)$"
)
_REJECT = re.compile(r"(?:milter-)?reject: (\S+)(?: command)? from ([^\s:\[]+\[[^\]]*\]): (.*)$")
_RECIPIENT = re.compile(r"[^>]*> to=<([^>]*)>")
_OUTCOMES: dict[str, tuple[Outcome, str, str]] = {
    "sent": ("sent", "Delivered", "{relay} took the message over."),
    "deferred": (
        "deferred",
        "Put off",
        "Not delivered this time; Postfix keeps the message in its queue and tries again.",
    ),
    "bounced": ("bounced", "Given up", "It will not be tried again; the sender gets a bounce."),
    "expired": ("bounced", "Given up", "It has lain in the queue for too long and goes back."),
    "undeliverable": ("", "Not deliverable", "This was only a test of the address."),
    "deliverable": ("", "Deliverable", "This was only a test of the address."),
}


def matches(line: str) -> bool:
    return _LINE.match(line) is not None


def read(lines: list[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line)
        if found is None:
            yield Record(number, line, is_known=not line.strip())
            continue
        text = found[2]
        queued = _QUEUED.match(text)
        if queued and (delivery := _DELIVERY.match(queued[2])):
            yield _delivery(number, line, delivery)
        elif queued and (reject := _REJECT.match(queued[2])):
            yield _reject(number, line, reject)
        else:
            yield _other(number, line, queued[2] if queued else text)


def _delivery(number: int, line: str, found: re.Match[str]) -> Record:
    to, relay, delay, before, queue, setup, sending, dsn, status, text = found.groups()
    outcome, title, why = _OUTCOMES.get(status, ("", status.capitalize(), ""))
    spent = (
        f"Of {delay} s it spent {before} s before the queue manager had it, {queue} s in the "
        f"queue, {setup} s on the way to a connection and {sending} s being sent."
    )
    server = relay.partition("[")[0] if relay != "none" else "no server"
    why = f"{why.format(relay=server[0].upper() + server[1:])} {spent}"
    told = quote(text, enhanced=dsn)
    return Record(number, line, title, why, "postfix-logs", outcome=outcome, who=f"<{to}>",
                  quoted=told)  # fmt: skip


def _reject(number: int, line: str, found: re.Match[str]) -> Record:
    verb, client, told = found.groups()
    text, _, envelope = told.rpartition("; from=<") if "; from=<" in told else (told, "", "")
    to = _RECIPIENT.match(envelope)
    who = f"<{to[1]}>" if to else client
    why = f"smtpd refused the client {client} in answer to {verb}; no message came of it."
    verb = {"END-OF-MESSAGE": ".", "CONNECT": ""}.get(verb, verb)
    return Record(number, line, "Refused on arrival", why, "postfix-logs", outcome="rejected",
                  who=who, quoted=quote(text, verb))  # fmt: skip


def _other(number: int, line: str, text: str) -> Record:
    for told in TOLD:
        found = re.match(told.pattern, text)
        if found is None:
            continue
        why = told.why(found) if callable(told.why) else told.why
        is_login = told.outcome == "login"
        return Record(
            number,
            line,
            told.title,
            why,
            "postfix-logs",
            told.refs,
            told.outcome,
            who=found["who"] if is_login else "",
            quoted=quote(f"535 5.7.8 {text}", "AUTH") if is_login else None,
        )
    return Record(number, line, is_known=False)
