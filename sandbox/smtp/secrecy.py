"""Which lines may hold somebody's password and must not be stored (RFC 4954 sections 4 and 9)."""

import re

from .facts import Directory
from .sasl import Exchange, peek_user

# Anywhere in what is no proper command line: pasted text and wrong line ends hide it well.
_LOGIN = re.compile(rb"\bAUTH[ \t]+[^\s]+[ \t]+[^\s]", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}\s*")


def looks_like_login(octets: bytes, front: str = "") -> bool:
    """`front`: behind a login that was refused, its next line comes all the same."""
    if front == "AUTH" and _BASE64.fullmatch(octets):
        return True
    return _LOGIN.search(octets) is not None


def is_secret_command(argument: bytes, directory: Directory) -> bool:
    """Of AUTH: whether it brings an initial response of anybody but a practice account."""
    words = argument.decode("latin-1").split(None, 1)
    if len(words) < 2 or words[1].strip() == "=":
        return False
    return not directory.is_practice(peek_user(words[0], words[1].strip(" ")))


def is_secret_response(line: str, exchange: Exchange, directory: Directory) -> bool:
    """Of a line behind 334."""
    if line in ("", "*"):
        return False
    return not directory.is_practice(exchange.peek_user(line) or exchange.user)
