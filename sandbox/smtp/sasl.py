"""AUTH: the mechanisms on offer, and how an exchange of each begins (RFC 4954, RFC 4422)."""

import hmac
import re

from .exchanging import Answer, Ask, Challenge, Exchange, Verdict, challenge_of, name_of
from .scram import ScramSha256

__all__ = [
    "MECHANISMS",
    "Answer",
    "Ask",
    "Challenge",
    "Exchange",
    "Verdict",
    "peek_user",
    "start",
]


class Plain(Exchange):
    """RFC 4616 section 2: `[authzid] NUL authcid NUL password`."""

    mechanism = "PLAIN"

    def _respond(self, octets: bytes) -> Answer:
        self.user = self._owner(octets)
        fields = octets.split(b"\0")
        if len(fields) == 1:
            return Verdict("auth.bad", "plain-colon" if b":" in octets else "plain-no-nul")
        if len(fields) != 3:
            return Verdict("auth.bad", "plain-one-nul" if len(fields) == 2 else "plain-nuls")
        authzid, authcid, secret = fields
        if not authcid or not secret:
            return Verdict("auth.bad", "plain-empty")
        if authzid not in (b"", authcid):
            return Verdict("auth.bad", "authzid")
        self._claim = secret
        return Ask(self.user)

    def _owner(self, octets: bytes) -> str:
        fields = octets.split(b"\0")
        if len(fields) == 1:
            return name_of(octets.partition(b":")[0]) if b":" in octets else ""
        return name_of(fields[1] if len(fields) == 3 else fields[0])


class Login(Exchange):
    """An expired draft that everybody follows, prompts included; no RFC has it."""

    mechanism = "LOGIN"
    _named = False
    _name_ends_line = False

    def _open(self) -> Challenge:
        return Challenge("VXNlcm5hbWU6")  # Username:

    def _respond(self, octets: bytes) -> Answer:
        if self._named:
            self._claim = octets
            return Ask(self.user)
        self._named = True
        self._name_ends_line = octets.endswith(b"\n")
        self.user = name_of(octets)
        return Challenge("UGFzc3dvcmQ6")  # Password:

    def _check(self, secret: bytes) -> Challenge | Verdict:
        verdict = super()._check(secret)
        if verdict == Verdict("auth.bad") and self._name_ends_line:
            return Verdict("auth.bad", "line-feed")
        return verdict

    def resume(self, user: str) -> None:
        super().resume(user)
        self._named = True

    def peek_user(self, initial_or_line: str) -> str:
        return self.user if self._named else super().peek_user(initial_or_line)

    def _owner(self, octets: bytes) -> str:
        return name_of(octets)


class CramMd5(Exchange):
    """RFC 2195 section 2: the server speaks first, the client answers `user SP digest`."""

    mechanism = "CRAM-MD5"
    takes_initial = False
    _RESPONSE = re.compile(rb"(.+) ([0-9a-f]{32})", re.DOTALL)

    def __init__(self, seed: str, host: str, at: int, number: int) -> None:
        super().__init__(seed, host, at, number)
        digits = int.from_bytes(self._derive("cram-md5", self._stamp)[:8], "big")
        self._challenge = f"<{digits}.{at}@{host}>".encode()

    def _open(self) -> Challenge:
        return challenge_of(self._challenge)

    def _respond(self, octets: bytes) -> Answer:
        found = self._RESPONSE.fullmatch(octets)
        if found is None:
            return Verdict("auth.malformed", "cram-md5")
        self.user = name_of(found[1])
        self._claim = found[2]
        return Ask(self.user)

    def _check(self, secret: bytes) -> Challenge | Verdict:
        digest = cram_md5_digest(secret, self._challenge)
        return Verdict("auth.ok" if hmac.compare_digest(self._claim, digest) else "auth.bad")

    def _owner(self, octets: bytes) -> str:
        return name_of(octets.rpartition(b" ")[0])


_EXCHANGES = {each.mechanism: each for each in (ScramSha256, CramMd5, Plain, Login)}
MECHANISMS = tuple(_EXCHANGES)


def start(mechanism: str, *, host: str, seed: str, at: int, number: int) -> Exchange:
    """`mechanism` as in MECHANISMS. Equal arguments give equal challenges, salts and nonces."""
    return _EXCHANGES[mechanism](seed, host, at, number)


def peek_user(mechanism: str, initial: str) -> str:
    """Whose secret an initial response carries as far as one can tell, "" if one cannot."""
    exchange = _EXCHANGES.get(mechanism.upper())
    return exchange("", "", 0, 0).peek_user(initial) if exchange else ""


def cram_md5_digest(secret: bytes, challenge: bytes) -> bytes:
    return hmac.digest(secret, challenge, "md5").hex().encode()
