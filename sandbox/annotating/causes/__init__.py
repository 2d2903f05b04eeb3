"""Why a refusal usually comes, and what to do next: the closest entry of a table."""

import re

from .addressing import ADDRESSING
from .cause import Cause
from .commanding import COMMANDING
from .connecting import CONNECTING

__all__ = ["Cause", "cause_of_no_reply", "likely_cause", "product_in"]

_CAUSES = (*CONNECTING, *ADDRESSING, *COMMANDING)
_LATER = Cause(
    "The server cannot do it now and does not say more; the first digit 4 means that it may work "
    "later.",
    "Leave the mail in the queue; if it stays so for hours, ask the other side.",
)
_NEVER = Cause(
    "The server refuses for good; its text is the best hint there is.",
    "Change what the text complains about before sending again: the same try fails the same way.",
)

_UNREACHED = (
    (
        r"refused",
        "Nothing listens on that port, or a firewall answers in its place.",
        "Check that the server runs and that the port is right: 25 between servers, 587 or 465 "
        "for programs.",
    ),
    (
        r"timed out|timeout",
        "Packets get lost: many providers block port 25 outwards, or the host is down.",
        "Try the port with nc from another network; send through a relay on port 587.",
    ),
    (
        r"host (?:or domain name )?not found|could not resolve|name service error|NonExistentDomain"
        r"|nodename|unknown host",
        "The name of the host or the domain is not in DNS, or DNS does not answer.",
        "Check the spelling of the domain and its MX record; try dig MX.",
    ),
    (
        r"no route|unreachable",
        "There is no way to that address, often an IPv6 address on a network without IPv6.",
        "Check the route, or let the program use IPv4.",
    ),
    (
        r"certificate|handshake|tls|ssl",
        "The TLS handshake failed: the certificate is not trusted or does not carry the name, or "
        "no TLS version fits both.",
        "Look at the certificate with openssl s_client -starttls smtp, and compare its names.",
    ),
    (
        r"lost connection|broken|closed|reset",
        "The other side dropped the connection in the middle.",
        "Let the queue try again; if it recurs at the same command, a firewall or the size of the "
        "message is the likely reason.",
    ),
)

_PRODUCTS = (
    ("Postfix", r"\bPostfix\b"),
    ("Exim", r"\bExim\b"),
    ("OpenSMTPD", r"\bOpenSMTPD\b"),
    ("Exchange", r"Microsoft ESMTP|outlook\.com|RESOLVER\.|STOREDRV|SMTPSEND|prod\.exchange"),
    ("Gmail", r"\bgsmtp\b|mx\.google\.com"),
    ("Sendmail", r"\bSendmail\b"),
)


def likely_cause(code: int, enhanced: str | None, verb: str, text: str, product: str = "") -> Cause:
    detail = enhanced.partition(".")[2] if enhanced else ""
    for cause in _CAUSES:
        if cause.fits(code, detail, verb, text[:1000], product):
            return cause
    is_for_now = str(code or enhanced).startswith("4")
    return _LATER if is_for_now else _NEVER


def cause_of_no_reply(text: str) -> Cause:
    """Of a delivery that got no reply: the system or the program says why."""
    for pattern, why, step in _UNREACHED:
        if re.search(pattern, text[:1000], re.IGNORECASE):
            return Cause(why, step)
    return Cause(
        "No reply came, so only the program's own words tell why.",
        "Try the connection by hand, with telnet or nc to the same host and port.",
    )


def product_in(text: str) -> str:
    """Which server it is by its own words, "" if they do not tell."""
    for name, pattern in _PRODUCTS:
        if re.search(pattern, text):
            return name
    return ""
