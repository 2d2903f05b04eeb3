"""What each accepted command does: check the argument, then change what the session stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .content import Content
from .events import Envelope, Recipient
from .facts import TOKEN_DOMAIN, Facts, Greylisted, TlsResult
from .faults import FaultPlan
from .parameters import MAIL_PARAMETERS, RCPT_PARAMETERS, checks
from .parsing import (
    Path,
    Refused,
    parse_client_name,
    parse_parameters,
    parse_path,
    split_path,
)
from .profiles import Profile
from .rules import RULES
from .states import EXTENSION_VERBS, TABLE, State

_SHOWN = 64  # octets of a parsed name that a reply repeats
_SECOND = 1_000_000
_MAX_CHUNK_DIGITS = 10


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


class Standing:
    """What a session has learned so far, beside its state."""

    __slots__ = (
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
        self.greylist: dict[tuple[str, str], int] = {
            (seen.sender, seen.recipient): seen.at for seen in facts.greylist
        }
        self.mail_parameters = checks(profile.offer, MAIL_PARAMETERS)
        self.rcpt_parameters = checks(profile.offer, RCPT_PARAMETERS)

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

    def offer_lines(self) -> list[str]:
        """What EHLO lists now: AUTH only under TLS, STARTTLS only before it."""
        limits = self.profile.limits
        values = {
            "SIZE": f"SIZE {limits.size}",
            "AUTH": f"AUTH {' '.join(self.profile.mechanisms)}",
            "LIMITS": f"LIMITS RCPTMAX={limits.recipients} MAILMAX={limits.mails}",
        }
        hidden = "STARTTLS" if self.secured else "AUTH"
        return [
            values.get(keyword, keyword)
            for keyword in self.profile.offer
            if keyword != hidden and self.offers(keyword)
        ]


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


_DONE = Outcome()
_ROUTED = Outcome(notice="path.source-route")


def greet(standing: Standing, verb: str, argument: str) -> Outcome:
    if standing.profile.greets_once and standing.helo:
        raise Refused(f"{verb.lower()}.again")
    name = parse_client_name(argument)
    standing.helo = name
    standing.esmtp = verb == "EHLO"
    standing.forget_transaction()
    fill = {"host": standing.facts.directory.host, "name": name[:_SHOWN]}
    if verb == "HELO":
        return Outcome(fill=fill)
    return Outcome(lines=(RULES["ehlo.ok"].text.format_map(fill), *standing.offer_lines()))


def begin(standing: Standing, verb: str, argument: str) -> Outcome:
    text, rest = split_path(argument, verb="mail", keyword="FROM")
    path = parse_path(text, verb="mail") if text else Path("", "")
    values: dict[str, str] = {}
    if rest:
        allowed = standing.mail_parameters if standing.esmtp else {}
        values = parse_parameters(rest, allowed, unknown_case=lambda _: _offer_case(standing))
        if standing.profile.cannot_now and standing.profile.cannot_now & values.keys():
            raise Refused("param.later")
        if values.get("BODY", "").upper() == "BINARYMIME" and not standing.offers("CHUNKING"):
            raise Refused("param.value", "BODY")
    if not path.address.isascii() and "SMTPUTF8" not in values:
        raise Refused("mail.needs-ascii")
    if "SIZE" in values:
        _check_size(standing, int(values["SIZE"]))
    if standing.profile.demands_login and text and not _owns(standing, path):
        raise Refused("mail.not-owner")
    standing.transaction = Transaction(
        path.address,
        tuple(rest.split()),
        body=values.get("BODY", "").upper(),
        utf8="SMTPUTF8" in values,
    )
    if path.routed:
        return _ROUTED
    if not text:
        return Outcome("null")
    return Outcome("size") if "SIZE" in values else _DONE


def _check_size(standing: Standing, size: int) -> None:
    limits = standing.profile.limits
    if limits.size and size > limits.size:
        raise Refused("size.declared", limit=str(limits.size))
    if limits.room is not None and size > limits.room:
        raise Refused("size.no-room")


def _owns(standing: Standing, path: Path) -> bool:
    """A practice account sends as itself, a learner's token as any user here or of its domain."""
    user, directory = standing.user.lower(), standing.facts.directory
    if directory.is_practice(user):
        return path.address.lower() == user
    domain = path.domain.lower()
    return directory.serves(domain) or domain == f"{user}.{TOKEN_DOMAIN}"


def add_recipient(standing: Standing, verb: str, argument: str) -> Outcome:
    transaction = standing.transaction
    assert transaction is not None  # the table lets RCPT in only behind MAIL
    try:
        path, outcome, parameters = _check_recipient(standing, argument)
    except Refused:
        transaction.n_refused += 1
        raise
    if not outcome.token:
        transaction.recipients.append(Recipient(path.address, parameters))
    return outcome


def accept_token(standing: Standing, argument: str, *, known: bool) -> Outcome:
    """The recipient that a token was looked up for, now that it is known or not."""
    transaction = standing.transaction
    assert transaction is not None
    text, rest = split_path(argument, verb="rcpt", keyword="TO")
    if not known:
        transaction.n_refused += 1
        raise Refused("rcpt.no-domain")
    path = parse_path(text, verb="rcpt")
    transaction.recipients.append(Recipient(path.address, tuple(rest.split())))
    return Outcome("own")


def _check_recipient(standing: Standing, argument: str) -> tuple[Path, Outcome, tuple[str, ...]]:
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
            standing.rcpt_parameters if standing.esmtp else {},
            unknown_case=lambda name: (
                "mail-only"
                if standing.esmtp and name in standing.mail_parameters
                else _offer_case(standing)
            ),
        )
    transaction = standing.transaction
    assert transaction is not None
    if not path.address.isascii() and not transaction.utf8:
        raise Refused("rcpt.needs-ascii")
    outcome = _route(standing, path)
    _check_count(standing, transaction)
    if standing.profile.limits.greylist_seconds:
        _check_greylist(standing, transaction.sender, path.address)
    return path, outcome, tuple(rest.split())


def _route(standing: Standing, path: Path) -> Outcome:
    """Where the recipient is: here, in a learner's own domain, or elsewhere."""
    directory = standing.facts.directory
    domain = path.domain.lower()
    if domain.endswith(f".{TOKEN_DOMAIN}") and not directory.serves(domain):
        return Outcome(token=domain.removesuffix(f".{TOKEN_DOMAIN}"))
    if domain in directory.null_mx:
        raise Refused("rcpt.null-mx")
    if domain and not directory.serves(domain):
        if standing.user:
            return Outcome("relay")
        raise Refused("rcpt.relay")
    user = path.user.lower()
    if user == "postmaster":
        return Outcome("postmaster", notice=_ROUTED.notice if path.routed else "")
    if not directory.knows(user):
        raise Refused("rcpt.unknown")
    mailbox = directory.mailbox(user)
    if mailbox.moved_to:
        raise Refused("rcpt.moved", address=mailbox.moved_to)
    if mailbox.full:
        raise Refused("rcpt.full")
    return _ROUTED if path.routed else _DONE


def _check_count(standing: Standing, transaction: Transaction) -> None:
    limits, n = standing.profile.limits, len(transaction.recipients)
    if n >= limits.recipients:
        raise Refused("rcpt.too-many")
    most = limits.recipients_of_bounce
    if most is not None and not transaction.sender and n >= most:
        raise Refused("rcpt.too-many", "bounce")


def _check_greylist(standing: Standing, sender: str, recipient: str) -> None:
    """RFC 6647 section 5: the triple of client, sender and recipient has to come twice."""
    seconds = standing.profile.limits.greylist_seconds
    triple = (sender.lower(), recipient.lower())
    first = standing.greylist.setdefault(triple, standing.at)
    if standing.at - first < seconds * _SECOND:
        raise Refused("rcpt.greylisted", seconds=str(seconds))


def greylisted(standing: Standing) -> tuple[Greylisted, ...]:
    return tuple(Greylisted(*triple, at) for triple, at in standing.greylist.items())


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
    outcome = _alone(verb, argument)
    transaction = standing.transaction
    if transaction is not None and transaction.body == "BINARYMIME":
        raise Refused("data.order", "binary", after=State.FAILED)  # RFC 3030 section 3
    return outcome


def take_chunk(standing: Standing, verb: str, argument: str) -> Outcome:
    transaction = standing.transaction
    assert transaction is not None  # the table lets BDAT in only behind RCPT
    if not standing.esmtp:
        return swallow(standing, verb, argument)
    size, last = _parse_chunk(argument)
    limit = standing.profile.limits.size
    so_far = transaction.content.size if transaction.content else 0
    refusal = None
    if limit and so_far + size > limit:
        refusal = Refused("bdat.too-big", after=State.FAILED, limit=str(limit))
    return Outcome(chunk=Chunk(size, last, refusal))


def swallow(standing: Standing, verb: str, argument: str) -> Outcome:
    """The octets are on their way whatever the reply will be (RFC 3030 section 2)."""
    size, last = _parse_chunk(argument)
    transaction = standing.transaction
    refusal = Refused("bdat.order")
    if not standing.esmtp and standing.helo:
        refusal = Refused("bdat.order", "helo")
    elif transaction is not None and transaction.n_refused and not transaction.recipients:
        refusal = Refused("data.no-valid-recipient")
    return Outcome(chunk=Chunk(size, last, refusal))


def _parse_chunk(argument: str) -> tuple[int, bool]:
    words = argument.split(" ")
    digits = words[0]
    if not (
        digits.isascii()
        and digits.isdigit()
        and len(digits) <= _MAX_CHUNK_DIGITS
        and [word.upper() for word in words[1:]] in ([], ["LAST"])
    ):
        raise Refused("bdat.syntax")
    return int(digits), len(words) == 2


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
    name = argument
    if standing.offers("SMTPUTF8") and name.upper().endswith(" SMTPUTF8"):  # RFC 6531 s3.7.4.2
        name = name[: -len(" SMTPUTF8")].rstrip()
    if not name:
        raise Refused("args.missing", verb, verb=verb)
    if not standing.profile.tells_users:
        return _DONE
    directory = standing.facts.directory
    user, _, domain = name.strip("<>").partition("@")
    if not directory.knows(user) or (domain and not directory.serves(domain)):
        raise Refused("vrfy.unknown")
    address = f"{user.lower()}@{domain.lower() or sorted(directory.domains)[0]}"
    return Outcome(rule="vrfy.found", fill={"address": address})


def expand(standing: Standing, verb: str, argument: str) -> Outcome:
    if not argument:
        raise Refused("args.missing", verb, verb=verb)
    return _DONE


def show_help(standing: Standing, verb: str, argument: str) -> Outcome:
    known = " ".join(verb for verb in TABLE if standing.serves(verb))
    return Outcome(fill={"verbs": known})


def encrypt(standing: Standing, verb: str, argument: str) -> Outcome:
    outcome = _alone(verb, argument)
    if standing.secured:
        raise Refused("starttls.order", "tls")
    if not standing.esmtp:
        raise Refused("starttls.order", "helo")
    return outcome


def log_in(standing: Standing, verb: str, argument: str) -> Outcome:
    if not standing.esmtp:
        raise Refused("auth.order", "helo")
    if standing.user:
        raise Refused("auth.order", "user")
    if not standing.secured:
        raise Refused("auth.needs-tls")
    if standing.n_login_failures >= standing.profile.limits.login_failures:
        raise Refused("auth.too-many")
    mechanism, _, initial = argument.partition(" ")
    if not mechanism:
        raise Refused("args.missing", verb, verb=verb)
    if mechanism.upper() not in standing.profile.mechanisms:
        raise Refused("auth.mechanism", mechanisms=" ".join(standing.profile.mechanisms))
    return Outcome(mechanism=mechanism.upper(), initial=initial.strip(" ") or None)


EFFECTS: dict[str, Callable[[Standing, str, str], Outcome]] = {
    effect.__name__: effect
    for effect in (
        greet,
        begin,
        add_recipient,
        miss_recipient,
        collect,
        take_chunk,
        swallow,
        forget,
        leave,
        nothing,
        verify,
        expand,
        show_help,
        encrypt,
        log_in,
    )
}
