"""Commands in words: what each means beside a transcript, and what to type next."""

import base64
from dataclasses import dataclass

from .references import Ref
from .rules import Explanation
from .standing import Standing
from .states import State


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`line` without its CRLF, ready to be sent; `why` one sentence."""

    line: str
    why: str


def _note(title: str, why: str, note: str, *refs: Ref) -> Explanation:
    return Explanation(rule="", title=title, why=why, refs=refs, note=note)


# "." is the line that ends the content, "content" any other line behind 354.
VERB_NOTES: dict[str, Explanation] = {
    "EHLO": _note(
        "EHLO names the client",
        "The client says who it is and asks which extensions the server offers.",
        "esmtp-extension-model",
        Ref("smtp", "4.1.1.1"),
    ),
    "HELO": _note(
        "HELO names the client",
        "The client says who it is, in the old way that asks for no extensions.",
        "esmtp-extension-model",
        Ref("smtp", "4.1.1.1"),
    ),
    "MAIL": _note(
        "MAIL opens a transaction",
        "The client names the sender of the envelope, to whom a bounce would go.",
        "smtp-transaction",
        Ref("smtp", "4.1.1.2"),
    ),
    "RCPT": _note(
        "RCPT names a recipient",
        "The client adds one recipient to the envelope; each has a command and a reply of its own.",
        "smtp-transaction",
        Ref("smtp", "4.1.1.3"),
    ),
    "DATA": _note(
        "DATA asks to send the message",
        "The client wants to send the message and waits for 354 before it does.",
        "smtp-transaction",
        Ref("smtp", "4.1.1.4"),
    ),
    "RSET": _note(
        "RSET starts again",
        "The client gives up a transaction that may be open and keeps the session.",
        "smtp-aux-commands",
        Ref("smtp", "4.1.1.5"),
    ),
    "NOOP": _note(
        "NOOP does nothing",
        "The client only wants to see that the server still answers.",
        "smtp-aux-commands",
        Ref("smtp", "4.1.1.9"),
    ),
    "QUIT": _note(
        "QUIT ends the session",
        "The client is done; it waits for 221 before it closes.",
        "smtp-session-basics",
        Ref("smtp", "4.1.1.10"),
    ),
    "VRFY": _note(
        "VRFY asks about a mailbox",
        "The client asks whether a user or mailbox exists; an open transaction is not touched.",
        "smtp-aux-commands",
        Ref("smtp", "4.1.1.6"),
    ),
    "EXPN": _note(
        "EXPN asks about a list",
        "The client asks who is on a mailing list.",
        "smtp-aux-commands",
        Ref("smtp", "4.1.1.7"),
    ),
    "HELP": _note(
        "HELP asks for help",
        "The client asks which commands the server knows.",
        "smtp-aux-commands",
        Ref("smtp", "4.1.1.8"),
    ),
    "STARTTLS": _note(
        "STARTTLS asks for encryption",
        "The client wants to go on under TLS on the same connection.",
        "starttls-and-implicit-tls",
        Ref("starttls", "4"),
    ),
    "AUTH": _note(
        "AUTH logs in",
        "The client wants to prove who its user is, by the SASL mechanism it names.",
        "smtp-auth-sasl",
        Ref("auth", "4"),
    ),
    "BDAT": _note(
        "BDAT sends a chunk",
        "The client sends a counted piece of the message instead of lines up to a dot.",
        "esmtp-extension-model",
        Ref("chunking", "2"),
    ),
    "response": _note(
        "A step of the login",
        "The client answers the 334 before it, in base64 or with a lone asterisk to give up; no "
        "line here is a command, whatever it looks like.",
        "smtp-auth-sasl",
        Ref("auth", "4"),
    ),
    "chunk": _note(
        "The octets of the chunk",
        "These are the octets that BDAT announced: they are counted and not looked at, so a lone "
        "dot ends nothing here.",
        "esmtp-extension-model",
        Ref("chunking", "2"),
    ),
    ".": _note(
        "The dot ends the message",
        "A line that holds nothing but a dot says that the message is complete.",
        "dot-stuffing-and-lines",
        Ref("smtp", "4.1.1.4"),
        Ref("smtp", "4.5.2"),
    ),
    "content": _note(
        "Part of the message",
        "After 354 every line up to the lone dot is part of the message, even one that looks like "
        "a command; a line that begins with a dot is sent with a second one.",
        "dot-stuffing-and-lines",
        Ref("smtp", "4.5.2"),
    ),
}

_EHLO = Suggestion("EHLO laptop.example", "Introduce yourself and ask what the server offers.")
_HELO = Suggestion("HELO laptop.example", "Introduce yourself the old way, without extensions.")
_HELP = Suggestion("HELP", "Ask which commands the server knows.")
_NOOP = Suggestion("NOOP", "Check that the server still answers; nothing changes.")
_RSET = Suggestion("RSET", "Give up this transaction and keep the session.")
_QUIT = Suggestion("QUIT", "End the session properly.")
_CANCEL = Suggestion("*", "Give the login up.")
_STARTTLS = Suggestion("STARTTLS", "Encrypt the connection; the session then starts over.")
_MAIL = Suggestion("MAIL FROM:<casey@lab.example>", "Open a transaction by naming the sender.")
_VRFY = Suggestion("VRFY robin", "Ask whether a mailbox exists, and see why few servers tell.")
_AUTH_LOGIN = Suggestion("AUTH LOGIN", "Log in step by step: first the name, then the password.")

_FIXED: dict[State, tuple[Suggestion, ...]] = {
    State.SENDER: (
        Suggestion("RCPT TO:<robin@lab.example>", "Name a recipient that exists here."),
        Suggestion("RCPT TO:<nobody@lab.example>", "Name one that does not, and see it refused."),
        _RSET,
        _QUIT,
    ),
    State.RCPTS: (
        Suggestion("DATA", "Say that the message comes next."),
        Suggestion("RCPT TO:<sam@lab.example>", "Name one more recipient."),
        _RSET,
        _QUIT,
    ),
    State.CHUNKS: (Suggestion("BDAT 0 LAST", "End the message with an empty chunk."), _RSET, _QUIT),
    State.FAILED: (_RSET, _QUIT),
    State.REFUSED: (_QUIT,),
    State.CONTENT: (
        Suggestion("From: Casey <casey@lab.example>", "A header field that says who wrote it."),
        Suggestion("To: Robin <robin@lab.example>", "What readers see; the envelope is separate."),
        Suggestion("Date: Mon, 23 Nov 2026 10:00:00 +0000", "When it was written; required."),
        Suggestion("Subject: Hello", "What it is about."),
        Suggestion("", "An empty line ends the header section."),
        Suggestion("Hello Robin.", "The text itself."),
        Suggestion(".", "A dot on a line of its own ends the message."),
    ),
}


def suggest(state: State, standing: Standing, mechanism: str = "") -> tuple[Suggestion, ...]:
    """What would make sense now, most useful first. `mechanism`: of the exchange at hand."""
    match state:
        case State.GREETED:
            return tuple(_suggest_when_greeted(standing))
        case State.READY:
            return tuple(_suggest_when_ready(standing))
        case State.AUTHING:
            return (*_suggest_responses(standing, mechanism), _CANCEL)
    return _FIXED.get(state, ())


def _suggest_when_greeted(standing: Standing) -> list[Suggestion]:
    if standing.profile.demands_login and not standing.secured:
        return [_EHLO, _NOOP, _QUIT]  # all else is 530 (RFC 3207 section 4)
    if not standing.serves("EHLO"):
        return [_HELO, _QUIT]
    may_help = standing.serves("HELP") and not standing.profile.demands_login
    return [_EHLO, _HELO, *([_HELP] if may_help else []), _QUIT]


def _suggest_when_ready(standing: Standing) -> list[Suggestion]:
    open_for_all = not standing.profile.demands_login
    suggestions = []
    if standing.esmtp and not standing.secured and standing.offers("STARTTLS"):
        suggestions.append(_STARTTLS)
    if standing.esmtp and standing.secured and not standing.user and standing.offers("AUTH"):
        suggestions += _suggest_logins(standing)
    if open_for_all or standing.user:
        suggestions = [_MAIL, *suggestions] if open_for_all else [*suggestions, _MAIL]
        if standing.serves("VRFY"):
            suggestions.append(_VRFY)
    return [*suggestions, _NOOP, _QUIT]


def _suggest_logins(standing: Standing) -> list[Suggestion]:
    suggestions = []
    if "PLAIN" in standing.profile.mechanisms:
        for user, initial in _practice_responses(standing):
            why = f"Log in as {user}, who is for practice."
            suggestions.append(Suggestion(f"AUTH PLAIN {initial}", why))
    if "LOGIN" in standing.profile.mechanisms:
        suggestions.append(_AUTH_LOGIN)
    return suggestions


def _practice_responses(standing: Standing) -> list[tuple[str, str]]:
    """User and initial response of PLAIN (RFC 4616 section 2)."""
    accounts = standing.facts.directory.accounts
    return [(user, _base64(f"\0{user}\0{secret}")) for user, secret in accounts.items()][:1]


def _suggest_responses(standing: Standing, mechanism: str) -> list[Suggestion]:
    accounts = list(standing.facts.directory.accounts.items())[:1]
    suggestions = []
    for user, secret in accounts:
        if mechanism == "PLAIN":
            text = _base64(f"\0{user}\0{secret}")
            suggestions.append(Suggestion(text, f"NUL, {user}, NUL and the password, in base64."))
        elif mechanism == "LOGIN":
            suggestions.append(Suggestion(_base64(user), f"{user} in base64: the user name."))
            suggestions.append(Suggestion(_base64(secret), f"{secret} in base64: the password."))
    return suggestions


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def describe(verb: str) -> Explanation | None:
    """What a client's line does; None where no such verb exists or nothing is worth saying."""
    return VERB_NOTES.get(verb)
