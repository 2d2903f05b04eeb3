"""What the daemons of Postfix say beside deliveries and refusals, one line of text each."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...smtp import Ref
from ..records import Outcome

_COUNT = re.compile(r"(\w+)=(\d+)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Told:
    """`pattern` is matched behind the queue id, if there is one."""

    pattern: str
    title: str
    why: str | Callable[[re.Match[str]], str]
    outcome: Outcome = ""
    refs: tuple[Ref, ...] = ()


def _counts(found: re.Match[str]) -> str:
    """`ehlo=1 rcpt=1/2` of a disconnect: how many of each command, accepted/all."""
    refused = [
        f"{int(total) - int(good)} of {total} {verb.upper()}"
        for verb, good, total in _COUNT.findall(found[1])
        if total and verb != "commands"
    ]
    if not refused:
        return "The numbers count the commands of the session; all of them were accepted."
    return (
        "The numbers count the commands of the session, accepted and all; refused were "
        f"{', '.join(refused)}."
    )


def _queued(found: re.Match[str]) -> str:
    who = "a bounce or another notice, because its sender is empty" if not found[1] else "a message"
    recipients = "one recipient" if found[3] == "1" else f"{found[3]} recipients"
    return f"The queue manager takes up {who}, {found[2]} octets for {recipients}."


def _client(found: re.Match[str]) -> str:
    told = "From here on the queue id at the front of the line leads through the log."
    if found[3]:
        return f"The client logged in as {found[3]} with {found[2]}. {told}"
    return f"smtpd began a message of this client. {told}"


TOLD = (
    Told(r"connect from ", "A client connects", "smtpd, the server, has a new connection."),
    Told(r"disconnect from \S+(.*)$", "The session ends", _counts),
    Told(
        r"lost connection after ([\w-]+)",
        "The client hung up",
        lambda found: (
            f"The connection ended after {found[1]} and without QUIT; an open transaction is "
            "dropped."
        ),
        refs=(Ref("smtp", "4.1.1.10"),),
    ),
    Told(
        r"timeout after ([\w-]+)",
        "The client fell silent",
        lambda found: (
            f"Nothing came after {found[1]} for too long, so smtpd closed the connection."
        ),
        refs=(Ref("smtp", "4.5.3.2.7"),),
    ),
    Told(
        r"(Anonymous|Untrusted|Trusted|Verified) TLS connection established (from|to) .{0,300}?: "
        r"(\S+) with cipher (\S+)",
        "TLS stands",
        lambda found: (
            f"From here on the session is encrypted, {found[3]}; {found[1]} tells how far the "
            "other side's certificate was checked."
        ),
        refs=(Ref("starttls", "4.2"),),
    ),
    Told(
        r"SSL_(?:accept|connect) error|warning: TLS library problem",
        "The TLS handshake went wrong",
        "The two sides did not agree, or one of them broke off.",
        refs=(Ref("starttls", "4.1"),),
    ),
    Told(
        r"warning: (?P<who>\S+): SASL (\S+) authentication failed",
        "A login failed",
        "Many of these from strange addresses are guesses at passwords.",
        "login",
    ),
    Told(
        r"client=(\S+?\])(?:, sasl_method=(\S+), sasl_username=(\S+))?$",
        "A message begins",
        _client,
    ),
    Told(
        r"message-id=",
        "The message has a name",
        "cleanup has read the header; by the Message-ID a message is found on other servers.",
        refs=(Ref("format", "3.6.4"),),
    ),
    Told(r"from=<(.*?)>, size=(\d+), nrcpt=(\d+) \(queue active\)", "In the queue", _queued),
    Told(
        r"from=<.*?>, status=expired",
        "Given up after too long",
        "The message was put off again and again until its time was over; it goes back to the "
        "sender.",
        refs=(Ref("smtp", "4.5.4.1"),),
    ),
    Told(
        r"removed$",
        "Done with",
        "Every recipient is settled, delivered or given up, and the message leaves the queue.",
    ),
    Told(
        r"sender (?:non-delivery|delay|delivery status) notification: (\S+)",
        "A report to the sender",
        lambda found: (
            f"bounce has written to the sender of the message; the report is queued as {found[1]}."
        ),
        refs=(Ref("smtp", "6.1"),),
    ),
    Told(
        r"connect to \S+: ",
        "No connection",
        "This address of the next server was not reached; what follows from it stands in a line "
        "with status=.",
    ),
    Told(
        r"host \S+ (?:said|refused to talk to me): ",
        "One server refused",
        "Postfix may still try another server of the domain; the line with status= tells.",
    ),
    Told(r"uid=\d+ from=", "Handed in on this machine", "pickup took it from sendmail(1)."),
    Told(r"statistics: ", "Statistics", "anvil counts connections and rates per client."),
    Told(
        r"warning: hostname (\S+) does not resolve to address",
        "The name does not lead back",
        "The client's address has a name in DNS, but that name has another address.",
    ),
    Told(
        r"improper command pipelining after",
        "The client did not wait",
        "It sent more before the answer to its command; bots do that.",
        refs=(Ref("pipelining", "3.1"),),
    ),
    Told(
        r"too many errors after",
        "Too many errors",
        "smtpd has closed a session that brought nothing but errors.",
        refs=(Ref("smtp", "7.8"),),
    ),
    Told(
        r"warning: non-SMTP command from",
        "Another protocol",
        "A browser or another program spoke to the mail port.",
        refs=(Ref("smtp", "7.8"),),
    ),
    Told(
        r"(?:daemon started|starting the Postfix|stopping the Postfix|refreshing the Postfix|"
        r"reload|terminating on signal)",
        "Postfix itself",
        "Postfix starts, stops or reloads.",
    ),
    Told(
        r"(?:warning|error|fatal): ",
        "A warning",
        "Postfix speaks about itself or its surroundings, not about a reply.",
    ),
)
