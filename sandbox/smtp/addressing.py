"""MAIL and RCPT: who the message is from and for, and whether this server takes it."""

from .events import Recipient
from .facts import TOKEN_DOMAIN
from .parsing import Path, Refused, parse_parameters, parse_path, split_path
from .standing import DONE, Outcome, Standing, Transaction

_SECOND = 1_000_000
_ROUTED = Outcome(notice="path.source-route")


def begin(standing: Standing, verb: str, argument: str) -> Outcome:
    text, rest = split_path(argument, verb="mail", keyword="FROM")
    path = parse_path(text, verb="mail") if text else Path("", "")
    values: dict[str, str] = {}
    if rest:
        allowed = standing.mail_parameters if standing.esmtp else {}
        values = parse_parameters(
            rest,
            allowed,
            unknown_case=lambda name: (
                "rcpt-only"
                if standing.esmtp and name in standing.rcpt_parameters
                else _offer_case(standing)
            ),
        )
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
    return Outcome("size") if "SIZE" in values else DONE


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
    return _ROUTED if path.routed else DONE


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


def _offer_case(standing: Standing) -> str:
    if standing.esmtp:
        return ""
    return "helo" if standing.profile.offer else "plain-server"
