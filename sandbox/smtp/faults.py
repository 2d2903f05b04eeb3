"""Planned faults: where in a session a server misbehaves, and how; nothing is left to chance."""

from dataclasses import dataclass
from typing import Literal

Step = Literal["connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "end", "any", "none"]
Effect = Literal[
    "reply",  # `rule` answers in place of the true reply
    "slow",  # the true reply leaves late
    "cut",  # the connection breaks in the middle of the true reply
    "drop",  # the connection breaks without a reply
    "silent",  # no reply, now or later
    "lose",  # the message is stored and its reply is lost
    "hide",  # STARTTLS is neither listed nor known
    "inject",  # plain text behind the 220 to STARTTLS
    "lf-ends-data",  # LF . LF ends a message
]
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Applies at the `nth` time that the step would succeed, and `times` times from there on
    (None: for good). `delay_us` and `cut_after` (octets) belong to the effect."""

    name: str
    title: str
    step: Step
    effect: Effect
    rule: str = ""
    nth: int = 1
    times: int | None = None
    delay_us: int = 0
    cut_after: int = 0

    def strikes(self, occurrence: int) -> bool:
        """`occurrence` counts from 1."""
        last = None if self.times is None else self.nth + self.times
        return occurrence >= self.nth and (last is None or occurrence < last)


NO_FAULTS = FaultPlan("", "No planned fault", "none", "reply")


def _reply(name: str, title: str, step: Step, rule: str, **more: int) -> FaultPlan:
    return FaultPlan(name, title, step, "reply", rule, **more)


# The delays keep below what clients wait (RFC 5321 section 4.5.3.2).
FAULTS: dict[str, FaultPlan] = {
    plan.name: plan
    for plan in (
        _reply("connect-421", "Too busy to greet", "connect", "fault.connect-421"),
        _reply("connect-554", "Greets with a refusal", "connect", "fault.connect-554"),
        _reply("connect-521", "Takes no mail at all", "connect", "fault.connect-521"),
        FaultPlan("slow-greeting", "Greets after five seconds", "connect", "slow",
                  delay_us=5 * _SECOND),
        _reply("ehlo-502", "Does not do EHLO", "EHLO", "fault.ehlo-502"),
        _reply("ehlo-550", "Refuses the client at EHLO", "EHLO", "fault.ehlo-550"),
        FaultPlan("ehlo-drop", "Hangs up at EHLO", "EHLO", "drop", "fault.drop"),
        _reply("tls-454", "Cannot encrypt for now", "STARTTLS", "tls.unavailable"),
        FaultPlan("tls-broken-handshake", "Hangs up in the handshake", "STARTTLS", "drop",
                  "fault.drop"),
        FaultPlan("tls-stripped", "STARTTLS is missing from the offer", "STARTTLS", "hide"),
        FaultPlan("tls-response-injection", "Plain text behind the 220 to STARTTLS", "STARTTLS",
                  "inject", "fault.injected"),
        _reply("auth-454", "Cannot check a login for now", "AUTH", "auth.later"),
        _reply("auth-535", "Refuses every login", "AUTH", "auth.bad"),
        _reply("auth-534", "Wants a stronger mechanism", "AUTH", "auth.weak"),
        _reply("auth-432", "Wants one login with PLAIN first", "AUTH", "auth.transition"),
        _reply("mail-421", "Shuts down at MAIL", "MAIL", "session.shutdown"),
        _reply("mail-451", "A local error at MAIL", "MAIL", "fault.mail-451"),
        _reply("mail-452", "No room left at MAIL", "MAIL", "size.no-room"),
        _reply("mail-550", "Refuses the sender", "MAIL", "fault.mail-550"),
        _reply("rcpt-greylist", "Greylists the first try", "RCPT", "rcpt.greylisted", times=1),
        _reply("rcpt-452", "Takes two recipients", "RCPT", "rcpt.too-many", nth=3),
        _reply("rcpt-550", "Knows no such user", "RCPT", "rcpt.unknown"),
        _reply("rcpt-551", "The user has moved", "RCPT", "rcpt.moved"),
        _reply("rcpt-552", "The mailbox is full", "RCPT", "rcpt.full"),
        _reply("rcpt-556", "The domain takes no mail", "RCPT", "rcpt.null-mx"),
        _reply("data-451", "A local error at DATA", "DATA", "fault.data-451"),
        _reply("data-554", "Refuses at DATA", "DATA", "fault.data-554"),
        _reply("end-451", "A local error after the message", "end", "fault.end-451"),
        _reply("end-452", "No room left after the message", "end", "fault.end-452"),
        _reply("end-552", "Finds the message too big", "end", "size.actual"),
        _reply("end-554", "Refuses the message for its content", "end", "fault.end-554"),
        _reply("end-550", "Refuses the message by policy", "end", "fault.end-550"),
        FaultPlan("end-silent", "Never answers the message", "end", "silent"),
        FaultPlan("end-accept-then-drop", "Stores the message and loses the reply", "end", "lose",
                  "fault.drop"),
        FaultPlan("drop-mid-reply", "Hangs up in the middle of the third reply", "any", "cut",
                  "fault.drop", nth=3, times=1, cut_after=5),
        FaultPlan("slow-reply", "Takes three seconds for each reply", "any", "slow",
                  delay_us=3 * _SECOND),
        _reply("shutdown", "Shuts down at the fourth command", "any", "session.shutdown", nth=4),
        FaultPlan("lf-ends-data", "Vulnerable: LF . LF ends a message", "end", "lf-ends-data"),
    )
}  # fmt: skip
