"""Values that the parameters of MAIL and RCPT may have, and which extension brings them."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

Check = Callable[[str | None], bool]

# RFC 3461 section 4: printable characters, "+" and "=" written as "+XX".
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})++")
_ORIGINAL = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*+);(.++)")
_EVENTS = frozenset({"SUCCESS", "FAILURE", "DELAY"})

# With the keyword (RFC 3461 sections 4.4, 4.2 and 5.4).
_MAX_ENVID, _MAX_ORCPT = 100, 500


def is_size(value: str | None) -> bool:
    """RFC 1870 section 6: up to 20 digits."""
    return value is not None and len(value) <= 20 and value.isascii() and value.isdigit()


def is_body(value: str | None) -> bool:
    """RFC 6152 section 3."""
    return value is not None and value.upper() in ("7BIT", "8BITMIME")


def is_body_or_binary(value: str | None) -> bool:
    """RFC 3030 section 3."""
    return is_body(value) or (value is not None and value.upper() == "BINARYMIME")


def is_flag(value: str | None) -> bool:
    """RFC 6531 section 3.4: the keyword stands alone."""
    return value is None


def is_ret(value: str | None) -> bool:
    """RFC 3461 section 4.3."""
    return value is not None and value.upper() in ("FULL", "HDRS")


def is_envid(value: str | None) -> bool:
    return value is not None and len(value) + 6 <= _MAX_ENVID and bool(_XTEXT.fullmatch(value))


def is_notify(value: str | None) -> bool:
    """RFC 3461 section 4.1: NEVER alone, or a list of events."""
    if value is None:
        return False
    words = value.upper().split(",")
    return words == ["NEVER"] or (len(set(words)) == len(words) and set(words) <= _EVENTS)


def is_orcpt(value: str | None) -> bool:
    """RFC 3461 section 4.2; an address of type utf-8 may be written as it is (RFC 6533)."""
    if value is None or len(value.encode()) + 6 > _MAX_ORCPT:
        return False
    found = _ORIGINAL.fullmatch(value)
    if found is None:
        return False
    return found[1].lower() == "utf-8" or bool(_XTEXT.fullmatch(found[2]))


def is_auth(value: str | None) -> bool:
    """RFC 4954 section 5: an xtext address, or <>."""
    return value == "<>" or (value is not None and bool(_XTEXT.fullmatch(value)))


# By EHLO keyword; of two that bring the same parameter the later one here counts.
_OF_MAIL: dict[str, dict[str, Check]] = {
    "SIZE": {"SIZE": is_size},
    "8BITMIME": {"BODY": is_body},
    "BINARYMIME": {"BODY": is_body_or_binary},
    "SMTPUTF8": {"SMTPUTF8": is_flag},
    "DSN": {"RET": is_ret, "ENVID": is_envid},
    "AUTH": {"AUTH": is_auth},
}
_OF_RCPT: dict[str, dict[str, Check]] = {
    "DSN": {"NOTIFY": is_notify, "ORCPT": is_orcpt},
}


@lru_cache(maxsize=64)
def mail_parameters(offer: tuple[str, ...]) -> Mapping[str, Check]:
    """By name, of the extensions that are offered. AUTH= is taken before TLS too, as Postfix, Exim
    and OpenSMTPD do, although AUTH itself is offered later."""
    return _chosen(offer, _OF_MAIL)


@lru_cache(maxsize=64)
def rcpt_parameters(offer: tuple[str, ...]) -> Mapping[str, Check]:
    return _chosen(offer, _OF_RCPT)


def _chosen(offer: tuple[str, ...], all_: dict[str, dict[str, Check]]) -> Mapping[str, Check]:
    found: dict[str, Check] = {}
    for keyword, brought in all_.items():
        if keyword in offer:
            found |= brought
    return MappingProxyType(found)
