"""What each accepted command does: check the argument, then change what the session stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .events import Envelope, Recipient
from .facts import Facts
from .parsing import (
    Check,
    Path,
    Refused,
    is_body,
    is_size,
    parse_client_name,
    parse_parameters,
    parse_path,
    split_path,
)
from .profiles import Profile
from .rules import RULES
from .states import TABLE

_SHOWN = 64  # octets of a parsed name that a reply repeats

# Parameters of MAIL by the extension that brings them.
_MAIL_PARAMETERS: dict[str, tuple[str, Check]] = {
    "SIZE": ("SIZE", is_size),
    "8BITMIME": ("BODY", is_body),
}


@dataclass(slots=True)
class Transaction:
    """`n_refused` counts RCPT commands that were refused."""

    sender: str
    parameters: tuple[str, ...]
    declared_8bit: bool
    recipients: list[Recipient] = field(default_factory=list)
    n_refused: int = 0

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.sender, self.parameters, tuple(self.recipients))


class Standing:
    """What a session has learned so far, beside its state."""

    __slots__ = ("esmtp", "facts", "helo", "mail_parameters", "profile", "transaction")

    def __init__(self, profile: Profile, facts: Facts) -> None:
        self.profile = profile
        self.facts = facts
        self.helo = ""
        self.esmtp = False
        self.transaction: Transaction | None = None
        self.mail_parameters: dict[str, Check] = dict(
            _MAIL_PARAMETERS[keyword] for keyword in profile.offer if keyword in _MAIL_PARAMETERS
        )

    def forget_transaction(self) -> None:
        self.transaction = None


class Outcome(NamedTuple):
    """How a command went: the case of its rule, the reply lines or what fills them, a notice."""

    case: str = ""
    lines: tuple[str, ...] = ()
    fill: Mapping[str, str] | None = None
    notice: str = ""


_DONE = Outcome()
_ROUTED = Outcome(notice="path.source-route")


def greet(standing: Standing, verb: str, argument: str) -> Outcome:
    name = parse_client_name(argument)
    standing.helo = name
    standing.esmtp = verb == "EHLO"
    standing.forget_transaction()
    fill = {"host": standing.facts.directory.host, "name": name[:_SHOWN]}
    if verb == "HELO":
        return Outcome(fill=fill)
    profile = standing.profile
    keywords = (
        f"SIZE {profile.limits.size}" if keyword == "SIZE" else keyword for keyword in profile.offer
    )
    return Outcome(lines=(RULES["ehlo.ok"].text.format_map(fill), *keywords))


def begin(standing: Standing, verb: str, argument: str) -> Outcome:
    text, rest = split_path(argument, verb="mail", keyword="FROM")
    path = parse_path(text, verb="mail") if text else Path("", "")
    values: dict[str, str] = {}
    if rest:
        allowed = standing.mail_parameters if standing.esmtp else {}
        values = parse_parameters(rest, allowed, unknown_case=lambda _: _offer_case(standing))
    limit = standing.profile.limits.size
    if "SIZE" in values and int(values["SIZE"]) > limit:
        raise Refused("size.declared", limit=str(limit))
    standing.transaction = Transaction(
        path.address, tuple(rest.split()), values.get("BODY", "").upper() == "8BITMIME"
    )
    if path.routed:
        return _ROUTED
    if not text:
        return Outcome("null")
    return Outcome("size") if "SIZE" in values else _DONE


def add_recipient(standing: Standing, verb: str, argument: str) -> Outcome:
    transaction = standing.transaction
    assert transaction is not None  # the table lets RCPT in only behind MAIL
    try:
        path, outcome = _check_recipient(standing, argument)
        if len(transaction.recipients) >= standing.profile.limits.recipients:
            raise Refused("rcpt.too-many")
    except Refused:
        transaction.n_refused += 1
        raise
    transaction.recipients.append(Recipient(path.address))
    return outcome


def _check_recipient(standing: Standing, argument: str) -> tuple[Path, Outcome]:
    text, rest = split_path(argument, verb="rcpt", keyword="TO")
    if text.lower() == "postmaster":  # RFC 5321 section 4.5.1
        path = Path(text, "")
    elif text:
        path = parse_path(text, verb="rcpt")
    else:
        raise Refused("rcpt.bad-path", "null")
    if rest:
        parse_parameters(
            rest,
            {},
            unknown_case=lambda name: (
                "mail-only"
                if standing.esmtp and name in standing.mail_parameters
                else _offer_case(standing)
            ),
        )
    directory = standing.facts.directory
    if path.domain and not directory.serves(path.domain):
        raise Refused("rcpt.relay")
    user = path.user.lower()
    if user == "postmaster":
        return path, Outcome("postmaster", notice=_ROUTED.notice if path.routed else "")
    if not directory.knows(user):
        raise Refused("rcpt.unknown")
    return path, _ROUTED if path.routed else _DONE


def _offer_case(standing: Standing) -> str:
    if standing.esmtp:
        return ""
    return "helo" if standing.profile.offer else "plain-server"


def miss_recipient(standing: Standing, verb: str, argument: str) -> Outcome:
    """DATA without a recipient. 503 or 554: the standard allows both (RFC 5321 section 3.3)."""
    transaction = standing.transaction
    refused = transaction is not None and transaction.n_refused
    raise Refused("data.no-valid-recipient" if refused else "data.order")


def collect(standing: Standing, verb: str, argument: str) -> Outcome:
    return _alone(verb, argument)


def forget(standing: Standing, verb: str, argument: str) -> Outcome:
    outcome = _alone(verb, argument)
    standing.forget_transaction()
    return outcome


def leave(standing: Standing, verb: str, argument: str) -> Outcome:
    _alone(verb, argument)
    standing.forget_transaction()
    return Outcome(fill={"host": standing.facts.directory.host})


def _alone(verb: str, argument: str) -> Outcome:
    if argument:
        raise Refused("args.unexpected", verb, verb=verb)
    return _DONE


def nothing(standing: Standing, verb: str, argument: str) -> Outcome:
    return _DONE


def verify(standing: Standing, verb: str, argument: str) -> Outcome:
    if not argument:
        raise Refused("args.missing")
    return _DONE


def show_help(standing: Standing, verb: str, argument: str) -> Outcome:
    known = " ".join(verb for verb in TABLE if verb not in standing.profile.unknown)
    return Outcome(fill={"verbs": known})


EFFECTS: dict[str, Callable[[Standing, str, str], Outcome]] = {
    effect.__name__: effect
    for effect in (
        greet,
        begin,
        add_recipient,
        miss_recipient,
        collect,
        forget,
        leave,
        nothing,
        verify,
        show_help,
    )
}
