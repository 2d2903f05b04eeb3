"""Which lines may hold somebody's password and must not be stored (RFC 4954 sections 4 and 9)."""

import re

from .exchanging import decode
from .facts import Directory
from .sasl import Exchange, peek_user

# Anywhere in what is no proper command line: pasted text and wrong line ends hide it well.
# `LOGIN` and `PASS` are what IMAP and POP3 say at the wrong port.
_LOGIN = re.compile(
    rb"\b(?:AUTH(?:[ \t]+|=)|LOGIN[ \t]+)[^\s]+[ \t]+[^\s]|^PASS[ \t]+[^\s]", re.IGNORECASE
)
_WORD = re.compile(rb"[!-~]+\s*")
# IANA's registry of SASL mechanisms, what is common beside it, and the families.
_MECHANISM = re.compile(
    r"""PLAIN | LOGIN | XOAUTH2? | OAUTHBEARER | OAUTH10A | NTLM | EXTERNAL | ANONYMOUS | OTP | SKEY
    | (?:CRAM|DIGEST)-MD5 | SCRAM-[A-Z0-9-]{1,14} | GSSAPI | GSS-SPNEGO | SPNEGO(?:-PLUS)?
    | GS2-[A-Z0-9-]{1,16} | KERBEROS_V[45] | SECURID | SAML20 | OPENID20 | EAP-AES128(?:-PLUS)?
    | 9798-[MU]-[A-Z0-9-]{1,13} | NMAS_(?:AUTHEN|LOGIN) | NMAS-SAMBA-AUTH | SXOVER-PLUS
    | ECDH-X25519-CHALLENGE | ECDSA-NIST256P-CHALLENGE""",
    re.IGNORECASE | re.VERBOSE,
)
_SENDS_SECRET = frozenset({"PLAIN", "LOGIN"})  # the others send proofs
_SEPARATORS = b"\0: \t\r\n"


def looks_like_login(octets: bytes) -> bool:
    return _LOGIN.search(octets) is not None


def looks_like_response(octets: bytes) -> bool:
    """Behind a login that was refused, its next lines come all the same: the name, the password."""
    return _WORD.fullmatch(octets) is not None


def names_mechanism(word: str) -> bool:
    """Whoever leaves the mechanism out puts the password in its place, and it may look like one."""
    return _MECHANISM.fullmatch(word) is not None


def is_secret_command(argument: bytes, directory: Directory) -> bool:
    """Of AUTH: whether it brings an initial response that is not all practice."""
    words = argument.decode("latin-1").split(None, 1)
    if words and not names_mechanism(words[0]):
        return True
    if len(words) < 2 or words[1].strip() == "=":
        return False
    mechanism, initial = words[0].upper(), words[1].strip(" ")
    return not _is_practice(mechanism, initial, peek_user(mechanism, initial), directory)


def is_secret_response(line: str, exchange: Exchange, directory: Directory) -> bool:
    """Of a line behind 334."""
    if line in ("", "*"):
        return False
    user = exchange.peek_user(line) or exchange.user
    return not _is_practice(exchange.mechanism, line, user, directory)


def _is_practice(mechanism: str, text: str, user: str, directory: Directory) -> bool:
    """A password that is sent as it is has to be the one that everybody knows: under the name of
    a practice account people type their own."""
    if mechanism not in _SENDS_SECRET:
        return directory.is_practice(user)
    octets = decode(text)
    left = text.encode("latin-1") if octets is None else octets
    for account, secret in directory.accounts.items():
        left = left.replace(secret.encode(), b"").replace(account.encode(), b"")
    return not left.strip(_SEPARATORS)
