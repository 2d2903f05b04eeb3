"""The name a message gets here and the Received field that is put before it."""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from .events import Envelope
from .facts import Facts

# Not strftime: day and month names on the wire are English whatever the locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def queue_id(seed: str, number: int) -> str:
    """The same session names its messages alike each time it is replayed."""
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:12].upper()


def format_date(epoch_us: int) -> str:
    """RFC 5322 section 3.3, in UTC."""
    return _format_second(epoch_us // 1_000_000)


@lru_cache(maxsize=64)
def _format_second(epoch: int) -> str:
    moment = datetime.fromtimestamp(epoch, UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day} {month} {moment.year} {moment:%H:%M:%S} +0000"


@lru_cache(maxsize=256)
def address_literal(peer: str) -> str:
    """RFC 5321 section 4.1.3; "" for a peer that is not an address, such as the console."""
    try:
        return f"[{IPv4Address(peer)}]"
    except AddressValueError:
        pass
    try:
        return f"[IPv6:{IPv6Address(peer)}]"
    except AddressValueError:
        return ""


def trace_protocol(*, esmtp: bool, utf8: bool, tls: bool, auth: bool) -> str:
    """The keyword behind "with" (RFC 3848; RFC 6531 section 4.3)."""
    if not esmtp:
        return "SMTP"
    name = "UTF8SMTP" if utf8 else "ESMTP"
    return f"{name}{'S' * tls}{'A' * auth}"


def received_field(
    envelope: Envelope, facts: Facts, *, helo: str, protocol: str, message_id: str, at: int
) -> bytes:
    """RFC 5321 section 4.4. `protocol` is the keyword behind "with"."""
    literal = address_literal(facts.peer)
    source = f"{helo} ({literal})" if literal else helo
    # One recipient may be named; naming several would tell them of each other (section 7.6).
    recipients = envelope.recipients
    target = f"\r\n\tfor <{recipients[0].address}>" if len(recipients) == 1 else ""
    return (
        f"Received: from {source}\r\n"
        f"\tby {facts.directory.host} with {protocol} id {message_id}{target};\r\n"
        f"\t{format_date(facts.started + at)}\r\n"
    ).encode()
