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
    CONTENT = "CONTENT"  # 354 said: everything up to the legal end is content
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table. Without an effect the command is refused and changes nothing.

    `effect` names the function of `commands` that checks the argument and carries the command
    out; `after` is the state then, None where the command leaves it as it is.
    """

    rule: str
    effect: str | None = None
    after: State | None = None


def _same(cell: Cell, *states: State) -> dict[State, Cell]:
    return dict.fromkeys(states, cell)


_GREETED, _READY, _SENDER, _RCPTS = State.GREETED, State.READY, State.SENDER, State.RCPTS
_ALL = (_GREETED, _READY, _SENDER, _RCPTS)

# RFC 5321 section 4.1.4 is the order, section 3.3 the transaction.
TABLE: dict[str, dict[State, Cell]] = {
    "EHLO": _same(Cell("ehlo.ok", "greet", _READY), *_ALL),
    "HELO": _same(Cell("helo.ok", "greet", _READY), *_ALL),
    "MAIL": {
        **_same(Cell("mail.order"), *_ALL),
        _READY: Cell("mail.ok", "begin", _SENDER),
    },
    "RCPT": {
        **_same(Cell("rcpt.order"), _GREETED, _READY),
        **_same(Cell("rcpt.ok", "add_recipient", _RCPTS), _SENDER, _RCPTS),
    },
    "DATA": {
        **_same(Cell("data.order"), _GREETED, _READY),
        _SENDER: Cell("data.order", "miss_recipient"),
        _RCPTS: Cell("data.ok", "collect", State.CONTENT),
    },
    "RSET": {
        **_same(Cell("rset.ok", "forget"), _GREETED, _READY),
        **_same(Cell("rset.ok", "forget", _READY), _SENDER, _RCPTS),
    },
    "NOOP": _same(Cell("noop.ok", "nothing"), *_ALL),
    "QUIT": _same(Cell("quit.ok", "leave", State.CLOSED), *_ALL),
    "VRFY": _same(Cell("vrfy.ok", "verify"), *_ALL),
    "HELP": _same(Cell("help.ok", "show_help"), *_ALL),
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
