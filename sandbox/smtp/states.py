"""Where a session stands, and what each command does there: one table of verbs and states."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The value is what the session log stores."""

    NEW = "NEW"  # nothing said yet
    GREETED = "GREETED"  # 220 said
    READY = "READY"  # EHLO or HELO accepted, no transaction open
    SENDER = "SENDER"  # MAIL accepted, no recipient yet
    RCPTS = "RCPTS"  # at least one recipient accepted
    CHUNKS = "CHUNKS"  # a BDAT accepted, more to come
    FAILED = "FAILED"  # a chunk refused: RSET, EHLO, HELO or QUIT lead out
    CONTENT = "CONTENT"  # 354 said: everything up to the legal end is content
    AUTHING = "AUTHING"  # 334 said: every line is a SASL response
    TLS = "TLS"  # 220 to STARTTLS said: only a handshake may follow
    REFUSED = "REFUSED"  # greeted with 554 or 521: nothing is served
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table. Without an effect the command is refused.

    `effect` names the function of `commands` that checks the argument and carries the command
    out; `after` is the state then, None where the state stays as it is.
    """

    rule: str
    effect: str | None = None
    after: State | None = None


def _same(cell: Cell, *states: State) -> dict[State, Cell]:
    return dict.fromkeys(states, cell)


_GREETED, _READY, _SENDER, _RCPTS = State.GREETED, State.READY, State.SENDER, State.RCPTS
_CHUNKS, _FAILED = State.CHUNKS, State.FAILED
_ALL = (_GREETED, _READY, _SENDER, _RCPTS, _CHUNKS, _FAILED)

# RFC 5321 section 4.1.4 is the order, section 3.3 the transaction; BDAT: RFC 3030 section 2,
# STARTTLS: RFC 3207 section 4, AUTH: RFC 4954 section 4.
TABLE: dict[str, dict[State, Cell]] = {
    "EHLO": _same(Cell("ehlo.ok", "greet", _READY), *_ALL),
    "HELO": _same(Cell("helo.ok", "greet", _READY), *_ALL),
    "MAIL": {
        **_same(Cell("mail.order"), *_ALL),
        _READY: Cell("mail.ok", "begin", _SENDER),
    },
    "RCPT": {
        **_same(Cell("rcpt.order"), *_ALL),
        **_same(Cell("rcpt.ok", "add_recipient", _RCPTS), _SENDER, _RCPTS),
    },
    "DATA": {
        **_same(Cell("data.order"), *_ALL),
        _SENDER: Cell("data.order", "miss_recipient"),
        _RCPTS: Cell("data.ok", "collect", State.CONTENT),
        _CHUNKS: Cell("data.order", after=_FAILED),
    },
    "BDAT": {
        **_same(Cell("bdat.order", "swallow"), *_ALL),
        **_same(Cell("bdat.ok", "take_chunk", _CHUNKS), _RCPTS, _CHUNKS),
    },
    "RSET": {
        **_same(Cell("rset.ok", "forget", _READY), *_ALL),
        **_same(Cell("rset.ok", "forget"), _GREETED, _READY),
    },
    "NOOP": _same(Cell("noop.ok", "nothing"), *_ALL),
    "QUIT": _same(Cell("quit.ok", "leave", State.CLOSED), *_ALL),
    "VRFY": _same(Cell("vrfy.ok", "verify"), *_ALL),
    "EXPN": _same(Cell("expn.ok", "expand"), *_ALL),
    "HELP": _same(Cell("help.ok", "show_help"), *_ALL),
    "STARTTLS": {
        **_same(Cell("starttls.order"), *_ALL),
        _READY: Cell("starttls.ok", "encrypt", State.TLS),
    },
    "AUTH": {
        **_same(Cell("auth.order"), *_ALL),
        _READY: Cell("auth.ok", "log_in"),
    },
}

# A verb that belongs to an extension: without its keyword in the profile's offer it is answered
# 502 (RFC 5321 section 4.2.4). None: this server never implements it (RFC 5321 appendix F and,
# for ETRN and ATRN, queue starting, which needs a server that sends mail).
EXTENSION_VERBS: dict[str, str | None] = {
    "AUTH": "AUTH",
    "BDAT": "CHUNKING",
    "EXPN": "EXPN",
    "STARTTLS": "STARTTLS",
    "ATRN": None,
    "ETRN": None,
    "SAML": None,
    "SEND": None,
    "SOML": None,
    "TURN": None,
}

VERBS: dict[bytes, str] = {verb.encode(): verb for verb in (*TABLE, *EXTENSION_VERBS)}
