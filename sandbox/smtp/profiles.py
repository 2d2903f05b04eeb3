"""Which server is being played: what it offers, how strict it is, where its limits lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
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


@lru_cache(maxsize=64)
def _line_limits(offer: tuple[str, ...], command_line: int) -> Mapping[str, int]:
    limits = {
        verb: command_line + sum(growth.get(keyword, 0) for keyword in offer)
        for verb, growth in _LINE_GROWTH.items()
    }
    if "AUTH" in offer:
        limits["AUTH"] = SASL_LINE
    return MappingProxyType(limits)


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
    `replies` holds code and enhanced code by rule, by rule and case ("rule/case") or by rule and
    state ("rule/STATE"), where this server gives others for the same reason.
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

    def line_limits(self) -> Mapping[str, int]:
        """By verb where an offered extension makes lines longer than `Limits.command_line`."""
        return _line_limits(self.offer, self.limits.command_line)


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

# Commands that the products named below have never heard of (RFC 5321 appendix F, RFC 2645).
_HISTORIC = frozenset({"ATRN", "SAML", "SEND", "SOML", "TURN"})

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
                "VRFY",
                "STARTTLS",
                "AUTH",
                "ENHANCEDSTATUSCODES",
                "8BITMIME",
                "DSN",
                "SMTPUTF8",
                "CHUNKING",
            ),
            mechanisms=("PLAIN", "LOGIN"),
            unknown=_HISTORIC | {"EXPN", "HELP"},
            newline="normalize",
            tells_users=True,
            replies={
                "auth.base64": (535, "5.7.8"),
                "auth.mechanism": (535, "5.7.8"),
                "auth.needs-tls": (503, "5.5.1"),
                "bdat.order/SENDER": (554, "5.5.1"),
                "bdat.syntax": (521, "5.5.4"),
                "data.loop": (554, "5.4.0"),
                "data.order/SENDER": (554, "5.5.1"),
                "line.foreign": (221, "2.7.0"),
                "line.nul": (500, "5.5.2"),
                "mail.needs-ascii": (553, "5.6.7"),
                "mail.syntax": (501, "5.5.4"),
                "mail.syntax/brackets": (501, "5.1.7"),
                "mail.syntax/glued": (501, "5.1.7"),
                "param.value/BODY": (555, "5.5.4"),
                "param.value/SMTPUTF8": (555, "5.5.4"),
                "rcpt.relay": (554, "5.7.1"),
                "rcpt.syntax": (501, "5.5.4"),
                "rcpt.syntax/brackets": (501, "5.1.3"),
                "rcpt.syntax/glued": (501, "5.1.3"),
                "rcpt.syntax/two-paths": (501, "5.1.3"),
                "starttls.order/tls": (554, "5.5.1"),
                "tls.record": (221, "2.7.0"),
                "vrfy.found": (252, "2.0.0"),
            },
            limits=Limits(
                command_line=2048,
                size=10_240_000,
                recipients=1000,
                errors_hard=21,
                login_failures=20,
                mails=1000,
            ),
        ),
        Profile(
            name="exim-like",
            title="Answers like Exim",
            offer=(
                "SIZE",
                "8BITMIME",
                "PIPELINING",
                "AUTH",
                "CHUNKING",
                "STARTTLS",
                "SMTPUTF8",
                "HELP",
            ),
            mechanisms=("PLAIN", "LOGIN"),
            unknown=_HISTORIC,
            newline="normalize",
            replies={
                "args.missing/AUTH": (504, None),
                "auth.needs-tls": (503, None),
                "data.no-valid-recipient": (503, None),
                "mail.syntax/keyword": (500, None),
                "mail.syntax/space": (500, None),
                "param.unknown": (501, None),
                "rcpt.syntax/keyword": (500, None),
                "rcpt.syntax/space": (500, None),
                "verb.not-offered/EXPN": (550, None),
            },
            limits=Limits(
                command_line=16_384,
                size=52_428_800,
                recipients=50_000,
                errors_hard=1000,
                unknown_verbs=3,
                syntax_errors=3,
                login_failures=100,
                mails=1000,
            ),
        ),
        Profile(
            name="opensmtpd-like",
            title="Answers like OpenSMTPD",
            offer=("8BITMIME", "ENHANCEDSTATUSCODES", "SIZE", "DSN", "STARTTLS", "AUTH", "HELP"),
            mechanisms=("PLAIN", "LOGIN"),
            unknown=_HISTORIC | {"BDAT", "ETRN", "EXPN", "VRFY"},
            newline="normalize",
            greets_once=True,
            replies={
                "args.unexpected": (500, "5.5.4"),
                "args.unexpected/STARTTLS": (501, "5.5.4"),
                "auth.bad": (535, None),
                "auth.bad/plain-no-nul": (501, "5.5.2"),
                "auth.bad/plain-one-nul": (501, "5.5.2"),
                "auth.cancelled": (501, "5.5.2"),
                "auth.mechanism": (504, "5.7.4"),
                "auth.needs-tls": (503, "5.5.1"),
                "auth.ok": (235, "2.0.0"),
                "data.loop": (500, "5.4.6"),
                "data.no-valid-recipient": (503, "5.5.4"),
                "data.order/SENDER": (503, "5.5.4"),
                "line.foreign": (500, "5.5.1"),
                "line.nul": (500, "5.5.1"),
                "line.stray-newline": (500, "5.5.1"),
                "line.too-long": (500, "5.0.0"),
                "mail.bad-path": (553, "5.1.0"),
                "mail.ok": (250, "2.0.0"),
                "mail.syntax": (553, "5.1.0"),
                "mail.syntax/keyword": (500, "5.5.1"),
                "mail.syntax/space": (500, "5.5.1"),
                "param.unknown": (503, "5.5.4"),
                "param.unknown/mail-only": (503, None),
                "param.value/BODY": (503, "5.5.4"),
                "param.value/ENVID": (503, "5.5.4"),
                "param.value/NOTIFY": (553, None),
                "param.value/ORCPT": (553, None),
                "param.value/SIZE": (503, "5.5.4"),
                "rcpt.relay": (550, None),
                "rcpt.syntax": (501, "5.1.3"),
                "rcpt.syntax/keyword": (500, "5.5.1"),
                "rcpt.syntax/space": (500, "5.5.1"),
                "rcpt.syntax/two-paths": (503, None),
                "rcpt.too-many": (451, "4.5.3"),
                "rcpt.unknown": (550, None),
                "sync.breach": (500, "5.5.1"),
                "tls.record": (500, "5.5.1"),
                "verb.unknown": (500, "5.5.1"),
            },
            limits=Limits(
                command_line=2048,
                size=36_700_160,
                recipients=1000,
                errors_hard=1000,
                login_failures=100,
                idle_commands=1000,
                mails=100,
            ),
        ),
    )
}
