"""Which server is being played: what it offers, how strict it is, where its limits lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .sasl import MECHANISMS

Newline = Literal["reject", "normalize", "wait"]
Sync = Literal["close", "note"]

# By how much a keyword lengthens the lines of a verb. SIZE: RFC 1870 section 4; 8BITMIME gives no
# number, this is " BODY=8BITMIME", and BINARYMIME is two longer; AUTH: RFC 4954 section 3;
# SMTPUTF8: RFC 6531 section 3.1; DSN: RFC 3461 section 5.4, our sum.
_LINE_GROWTH: dict[str, dict[str, int]] = {
    "MAIL": {"SIZE": 26, "8BITMIME": 14, "BINARYMIME": 2, "SMTPUTF8": 10, "AUTH": 500, "DSN": 110},
    "RCPT": {"DSN": 530},
}
SASL_LINE = 12_288  # RFC 4954 section 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are octets; line lengths count their CRLF; times are seconds."""

    command_line: int = 512  # RFC 5321 section 4.5.3.1.4; extensions raise it
    line_endless: int = 65_536  # our choice: past this the client is not speaking SMTP
    text_line: int = 1000  # RFC 5321 section 4.5.3.1.6; longer lines only earn a notice
    size: int = 2_048_000  # section 4.5.3.1.7 asks for at least 64K
    room: int | None = None  # octets free for messages now; None: enough for all
    recipients: int = 100  # section 4.5.3.1.8
    recipients_of_bounce: int | None = None  # with the null sender; None: as above
    received_fields: int = 100  # section 6.3
    header_section: int = 102_400  # our choice, Postfix's header_size_limit
    greylist_seconds: int = 0  # 0: no greylisting (RFC 6647)
    idle_seconds: int = 300  # section 4.5.3.2.7
    session_seconds: int = 1800  # our choice
    errors_soft: int = 10  # section 7.8; values as in Postfix
    errors_hard: int = 20
    error_delay_us: int = 1_000_000
    unknown_verbs: int | None = None  # the one beyond ends the session; None: only errors_hard
    syntax_errors: int | None = None  # likewise
    login_failures: int = 3  # RFC 4954 section 9 asks for three at least
    idle_commands: int = 100  # NOOP, RSET, VRFY, EXPN, HELP; then each is an error
    mails: int = 20  # MAIL commands, refused ones too (RFC 9422 section 4.1)


@dataclass(frozen=True, slots=True)
class Profile:
    """`offer` holds EHLO keywords in the order they are listed; only what works may stand there.

    `unknown` verbs are answered as if this server had never heard of them (500).
    `newline`: `reject` closes at a bare CR or LF in a command and refuses such content at its end;
    `normalize` takes a bare LF for a line end, never for the end of content; `wait` acts on CRLF
    only.
    `sync`: what follows input that came too early.
    `demands_login`: nothing but the way to a login is open before one (RFC 6409 section 4.3).
    `strict_content`: lines over the limit and undeclared 8-bit octets refuse a message.
    `cannot_now`: parameters that are offered and cannot be met (RFC 6531 section 3.4).
    `greets_once`: a second EHLO or HELO is refused.
    `replies` holds code and enhanced code by rule, or rule and case ("rule/case"), where this
    server gives others for the same reason.
    """

    name: str
    title: str
    offer: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = MECHANISMS
    unknown: frozenset[str] = frozenset()
    newline: Newline = "reject"
    sync: Sync = "close"
    greeting_delay_us: int = 0
    demands_login: bool = False
    tells_users: bool = False  # VRFY looks mailboxes up
    strict_content: bool = False
    cannot_now: frozenset[str] = frozenset()
    greets_once: bool = False
    replies: Mapping[str, tuple[int, str | None]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def offers(self, keyword: str) -> bool:
        return keyword in self.offer

    def line_limits(self) -> dict[str, int]:
        """By verb where an offered extension makes lines longer than `Limits.command_line`."""
        limits = {
            verb: self.limits.command_line + sum(growth.get(keyword, 0) for keyword in self.offer)
            for verb, growth in _LINE_GROWTH.items()
        }
        if self.offers("AUTH"):
            limits["AUTH"] = SASL_LINE
        return limits


_MODERN = (
    "SIZE",
    "8BITMIME",
    "PIPELINING",
    "ENHANCEDSTATUSCODES",
    "CHUNKING",
    "BINARYMIME",
    "SMTPUTF8",
    "DSN",
    "LIMITS",
    "STARTTLS",
    "AUTH",
    "HELP",
)

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="modern",
            title="An Internet mail exchanger of today",
            offer=_MODERN,
        ),
        Profile(
            name="submission",
            title="A submission server: log in first, then send anywhere",
            offer=_MODERN,
            demands_login=True,
        ),
        Profile(
            name="strict",
            title="A strict server: long lines and undeclared 8-bit text are refused",
            offer=(*_MODERN, "EXPN"),
            newline="wait",
            greeting_delay_us=2_000_000,
            strict_content=True,
        ),
        Profile(
            name="legacy",
            title="A server from before the extensions: HELO only, no enhanced codes",
            unknown=frozenset({"EHLO"}),
            newline="normalize",
            sync="note",
        ),
        Profile(
            name="postfix-like",
            title="Answers like Postfix",
            offer=(
                "PIPELINING",
                "SIZE",
                "STARTTLS",
                "AUTH",
                "ENHANCEDSTATUSCODES",
                "8BITMIME",
                "DSN",
                "SMTPUTF8",
                "CHUNKING",
            ),
            mechanisms=("PLAIN", "LOGIN"),
            newline="normalize",
            replies={"vrfy.ok": (252, "2.0.0"), "starttls.order/tls": (554, "5.5.1")},
            limits=Limits(command_line=2048, size=10_240_000, recipients=1000),
        ),
        Profile(
            name="exim-like",
            title="Answers like Exim",
            offer=("SIZE", "8BITMIME", "PIPELINING", "CHUNKING", "STARTTLS", "AUTH", "HELP"),
            mechanisms=("PLAIN", "LOGIN"),
            newline="normalize",
            limits=Limits(size=52_428_800, recipients=50_000, unknown_verbs=3, syntax_errors=3),
        ),
        Profile(
            name="opensmtpd-like",
            title="Answers like OpenSMTPD",
            offer=("8BITMIME", "ENHANCEDSTATUSCODES", "SIZE", "DSN", "STARTTLS", "AUTH", "HELP"),
            mechanisms=("PLAIN", "LOGIN"),
            newline="normalize",
            greets_once=True,
            limits=Limits(size=36_700_160, recipients=1000, mails=100),
        ),
    )
}
