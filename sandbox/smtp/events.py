"""What a session reports: all that came in, went out or changed, in order, as plain values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from .rules import RULES
from .states import State


class Fact(StrEnum):
    """Things that befall a session from outside; the value is the name its log row carries."""

    TICK = "tick"  # time passed a deadline
    EOF = "eof"  # the client vanished
    SHUTDOWN = "shutdown"  # the server is being stopped
    LIMIT = "limit"  # the host takes no more of this session
    FAILED = "failed"  # the host met a bug of its own


@dataclass(frozen=True, slots=True)
class LineIn:
    """A command line with its line end. `verb` is upper case, "" if no such verb exists.

    Of a line longer than any command may be, `octets` holds the beginning and the line end.
    `early`: its first octet came before the previous reply was marked sent. `offset` counts the
    octets the client had sent before. `secret`: it may hold somebody's password, so the host
    must not store it; the AuthStep or Violation that follows says how it went.
    """

    octets: bytes
    verb: str
    early: bool
    offset: int
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ContentIn:
    """Octets of the content as they arrived, dots still stuffed: neighbours joined, they are the
    same however the input was cut. `end` marks the final dot line, an event of its own."""

    octets: bytes
    offset: int
    early: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class ChunkIn:
    """Octets behind BDAT as they arrived, `declared` in all; `end` marks the last of them."""

    octets: bytes
    offset: int
    declared: int
    early: bool = False
    end: bool = False


class _Ruled:
    __slots__ = ()
    rule: str

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"{type(self).__name__}: no rule {self.rule!r}")


@dataclass(frozen=True, slots=True)
class Reply(_Ruled):
    """`octets` is the whole reply as it goes out. `lines` is its text, without the codes.

    `state` is the one in which the command arrived, `after` the one that follows; `case` narrows
    the rule's reason. `enhanced` is there even if the profile does not write enhanced codes.
    The host waits `delay_us` before it sends, and sends only `cut_after` octets if that is set.
    """

    octets: bytes
    code: int
    enhanced: str | None
    lines: tuple[str, ...]
    rule: str
    state: State
    after: State
    case: str = ""
    delay_us: int = 0
    cut_after: int | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """`cleared`: what was forgotten on the way, of "helo", "user" and "transaction"."""

    before: State
    after: State
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """`address` without brackets and source route; `parameters` octet for octet."""

    address: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """`sender` is "" for the null reverse-path; `parameters` octet for octet."""

    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """Comes before its 250, so that the host can store first and acknowledge then.

    `content` is without stuffed dots; `trace` is the Received field to put before it
    (RFC 5321 section 4.4), folded, with its CRLF.
    """

    envelope: Envelope
    content: bytes
    queue_id: str
    trace: bytes


@dataclass(frozen=True, slots=True)
class Violation(_Ruled):
    """Input that changes the reply or ends the session. `octets`: 64 of the offending at most."""

    rule: str
    state: State
    offset: int
    octets: bytes
    case: str = ""


@dataclass(frozen=True, slots=True)
class Notice(_Ruled):
    """Something worth knowing that changes no reply.

    Where the error budget ends a session, it names the fault that the 421 took the place of.
    """

    rule: str
    state: State
    offset: int
    octets: bytes = b""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Close(_Ruled):
    """The connection ends. `graceful`: after QUIT and its 221 (RFC 5321 section 4.1.1.10)."""

    rule: str
    graceful: bool
    case: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """The session waits for `Session.answer`.

    "tls": the host makes the handshake; "credential": the secret of the user `subject`;
    "token": whether the token `subject` exists.
    """

    kind: Literal["tls", "credential", "token"]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AuthStep:
    """How a line of a SASL exchange went, never what it said.

    `step` counts from 1. `verdict` is "continue", "need" (a credential is asked for), "ok", or
    the id of the rule by which it was refused.
    """

    mechanism: str
    step: int
    user: str
    verdict: str


@dataclass(frozen=True, slots=True)
class FaultApplied:
    """A planned fault comes next; `rule` is the reason that it pretends to, "" if it is silent."""

    plan: str
    step: str
    rule: str = ""


Event = (
    LineIn
    | ContentIn
    | ChunkIn
    | Reply
    | StateChange
    | MessageAccepted
    | Violation
    | Notice
    | Close
    | Need
    | AuthStep
    | FaultApplied
)
