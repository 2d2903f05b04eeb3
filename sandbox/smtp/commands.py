"""What each command does: check the argument, then change what the session stands on."""

from collections.abc import Callable

from .addressing import add_recipient, begin
from .parsing import Refused, parse_client_name
from .rules import RULES
from .standing import DONE, Chunk, Outcome, Standing
from .states import TABLE, State

_SHOWN = 64  # octets of a parsed name that a reply repeats
_MAX_CHUNK_DIGITS = 10


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
    return DONE


def nothing(standing: Standing, verb: str, argument: str) -> Outcome:
    return DONE


def verify(standing: Standing, verb: str, argument: str) -> Outcome:
    name = argument
    # RFC 6531 section 3.7.4.2: the client says whether it can read such an answer.
    takes_utf8 = standing.offers("SMTPUTF8") and name.upper().endswith(" SMTPUTF8")
    if takes_utf8:
        name = name[: -len(" SMTPUTF8")].rstrip()
    if not name:
        raise Refused("args.missing", verb, verb=verb)
    if not standing.profile.tells_users:
        return DONE
    directory = standing.facts.directory
    user, _, domain = name.strip("<>").partition("@")
    if domain and not directory.serves(domain):
        raise Refused("vrfy.unknown")
    if not directory.knows(user):
        begin_so = [known for known in directory.users if user and known.startswith(user.lower())]
        raise Refused("vrfy.ambiguous" if len(begin_so) > 1 else "vrfy.unknown")
    if not user.isascii() and not takes_utf8:
        return Outcome(rule="vrfy.utf8")
    address = f"{user.lower()}@{domain.lower() or sorted(directory.domains)[0]}"
    return Outcome(rule="vrfy.found", fill={"address": address})


def expand(standing: Standing, verb: str, argument: str) -> Outcome:
    if not argument:
        raise Refused("args.missing", verb, verb=verb)
    return DONE


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
