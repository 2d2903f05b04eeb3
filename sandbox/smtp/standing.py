"""What a session stands on beside its state: the client, the transaction, the plan of faults."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from .content import Content
from .events import Envelope, Recipient
from .facts import TOKEN_DOMAIN, Facts, Greylisted, TlsResult
from .faults import FAULTS, FaultPlan
from .parameters import mail_parameters, rcpt_parameters
from .parsing import Refused
from .profiles import Limits, Profile
from .states import EXTENSION_VERBS

_NAMED_PLAN = re.compile(
    rf"(?:^|<)([a-z0-9-]+)[.@][a-z0-9]+\.{re.escape(TOKEN_DOMAIN)}(?:$|>)", re.IGNORECASE
)


@dataclass(slots=True)
class Transaction:
    """`n_refused` counts RCPT commands that were refused; `content` is what BDAT has brought."""

    sender: str
    parameters: tuple[str, ...]
    body: str = ""
    utf8: bool = False
    recipients: list[Recipient] = field(default_factory=list)
    n_refused: int = 0
    content: Content | None = None

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.sender, self.parameters, tuple(self.recipients))


@lru_cache(maxsize=64)
def _offer_lines(
    offer: tuple[str, ...], mechanisms: tuple[str, ...], limits: Limits, hidden: frozenset[str]
) -> tuple[str, ...]:
    values = {
        "SIZE": f"SIZE {limits.size}",
        "AUTH": f"AUTH {' '.join(mechanisms)}",
        "LIMITS": f"LIMITS RCPTMAX={limits.recipients} MAILMAX={limits.mails}",
    }
    return tuple(values.get(keyword, keyword) for keyword in offer if keyword not in hidden)


class Standing:
    """What a session has learned so far, beside its state."""

    __slots__ = (
        "_n_reached",
        "at",
        "esmtp",
        "facts",
        "greylist",
        "helo",
        "mail_parameters",
        "n_login_failures",
        "plan",
        "profile",
        "rcpt_parameters",
        "secured",
        "transaction",
        "user",
    )

    def __init__(self, profile: Profile, facts: Facts, plan: FaultPlan) -> None:
        self.profile = profile
        self.facts = facts
        self.plan = plan
        self.at = 0
        self.helo = self.user = ""
        self.esmtp = False
        self.secured: TlsResult | None = None
        self.transaction: Transaction | None = None
        self.n_login_failures = 0
        self._n_reached: Counter[str] = Counter()
        self.greylist: dict[tuple[str, str], int] = {
            (seen.sender, seen.recipient): seen.at for seen in facts.greylist
        }
        self.mail_parameters = mail_parameters(profile.offer)
        self.rcpt_parameters = rcpt_parameters(profile.offer)

    def forget_transaction(self) -> None:
        self.transaction = None

    def forget_client(self) -> None:
        """As after the greeting (RFC 3207 section 4.2)."""
        self.helo = self.user = ""
        self.esmtp = False
        self.transaction = None

    def offers(self, keyword: str) -> bool:
        if self.plan.effect == "hide" and keyword == "STARTTLS":
            return False
        return self.profile.offers(keyword)

    def serves(self, verb: str) -> bool:
        """Whether the verb is carried out here at all, in the right place."""
        if verb in EXTENSION_VERBS:
            return self.offers(EXTENSION_VERBS[verb] or "")
        return verb not in self.profile.unknown

    def offer_lines(self) -> tuple[str, ...]:
        """What EHLO lists now: AUTH only under TLS, STARTTLS only before it."""
        hidden = {"STARTTLS" if self.secured else "AUTH"}
        if self.plan.effect == "hide":
            hidden.add("STARTTLS")
        profile = self.profile
        return _offer_lines(profile.offer, profile.mechanisms, profile.limits, frozenset(hidden))

    def adopt_plan(self, text: str) -> bool:
        """A learner names a plan in a name of the learner's own domain. What makes the server
        vulnerable has to be chosen before the session begins."""
        found = _NAMED_PLAN.search(text) if TOKEN_DOMAIN in text.lower() else None
        plan = FAULTS.get(found[1].lower()) if found else None
        if plan is None or plan is self.plan or plan.effect == "lf-ends-data":
            return False
        self.plan = plan
        self._n_reached.clear()
        return True

    def strikes(self, step: str) -> bool:
        """Whether the plan has a fault here and now; each call is one more time at the step."""
        if self.plan.step != step:
            return False
        self._n_reached[step] += 1
        return self.plan.strikes(self._n_reached[step])

    def remembered(self) -> tuple[Greylisted, ...]:
        """What greylisting has to know in later sessions."""
        return tuple(Greylisted(*triple, at) for triple, at in self.greylist.items())


class Chunk(NamedTuple):
    """What BDAT announced. With `refusal` its octets are read and dropped."""

    size: int
    last: bool
    refusal: Refused | None = None


class Outcome(NamedTuple):
    """How a command went: the case of its rule, the reply lines or what fills them, a notice.

    With `chunk`, `token` or `mechanism` there is no reply yet: octets have to be read, a token to
    be looked up, or a SASL exchange to be held that begins with `initial`.
    """

    case: str = ""
    lines: tuple[str, ...] = ()
    fill: Mapping[str, str] | None = None
    notice: str = ""
    rule: str = ""
    chunk: Chunk | None = None
    token: str = ""
    mechanism: str = ""
    initial: str | None = None


DONE = Outcome()
