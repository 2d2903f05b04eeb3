"""Which server is being played: what it offers, how strict it is, where its limits lie."""

from dataclasses import dataclass, field
from typing import Literal

Newline = Literal["reject", "normalize", "wait"]
Sync = Literal["close", "note"]

# By how much a keyword lengthens the lines of a verb. SIZE: RFC 1870 section 4; 8BITMIME gives no
# number, this is " BODY=8BITMIME".
_LINE_GROWTH: dict[str, dict[str, int]] = {"MAIL": {"SIZE": 26, "8BITMIME": 14}}


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are octets; line lengths count their CRLF; times are seconds."""

    command_line: int = 512  # RFC 5321 section 4.5.3.1.4; extensions raise it
    line_endless: int = 65_536  # our choice: past this the client is not speaking SMTP
    text_line: int = 1000  # RFC 5321 section 4.5.3.1.6; longer lines only earn a notice
    size: int = 2_048_000  # section 4.5.3.1.7 asks for at least 64K
    recipients: int = 100  # section 4.5.3.1.8
    received_fields: int = 100  # section 6.3
    header_section: int = 102_400  # our choice, Postfix's header_size_limit
    idle_seconds: int = 300  # section 4.5.3.2.7
    session_seconds: int = 1800  # our choice
    errors_soft: int = 10  # section 7.8; values as in Postfix
    errors_hard: int = 20
    error_delay_us: int = 1_000_000
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
    """

    name: str
    title: str
    offer: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    newline: Newline = "reject"
    sync: Sync = "close"
    limits: Limits = field(default_factory=Limits)

    def offers(self, keyword: str) -> bool:
        return keyword in self.offer

    def line_limits(self) -> dict[str, int]:
        """By verb where an offered extension makes lines longer than `Limits.command_line`."""
        return {
            verb: self.limits.command_line + sum(growth.get(keyword, 0) for keyword in self.offer)
            for verb, growth in _LINE_GROWTH.items()
        }


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="modern",
            title="An Internet mail exchanger of today",
            offer=("SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "HELP"),
        ),
        Profile(
            name="legacy",
            title="A server from before the extensions: HELO only, no enhanced codes",
            unknown=frozenset({"EHLO"}),
            newline="normalize",
            sync="note",
        ),
    )
}
