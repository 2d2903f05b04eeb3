"""What every SASL mechanism of AUTH has in common: challenges, verdicts, the frame around them.

An exchange holds no secret before it is given one, and none afterwards. Names and secrets are
taken as UTF-8; SASLprep (RFC 4013) is left out, which changes nothing for printable ASCII.
"""

import base64
import hmac
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_UNPADDED = re.compile(r"[A-Za-z0-9+/]*+={0,2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Challenge:
    """To be sent behind 334; base64 already, "" for an empty challenge (RFC 4954 section 4)."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The exchange waits for `given` with the secret of this user."""

    user: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The exchange is over."""

    rule: str
    case: str = ""


Answer = Challenge | Ask | Verdict


class Exchange(ABC):
    """One AUTH command to its end. `step` counts the responses taken, `user` is "" until known."""

    mechanism = ""
    takes_initial = True

    def __init__(self, seed: str, host: str, at: int, number: int) -> None:
        self.user = ""
        self.step = 0
        self._seed = seed.encode()
        self._stamp = f"{number} {at} {host}"
        self._claim = b""

    def begin(self, initial: str | None) -> Answer:
        """The argument behind the mechanism; "=" stands for an empty one (RFC 4954 section 4)."""
        if initial is None:
            return self._open()
        if not self.takes_initial:
            return Verdict("auth.unasked")
        return self._hear("" if initial == "=" else initial)

    def take(self, line: str) -> Answer:
        """A response without its line end; "*" cancels (RFC 4954 section 4)."""
        return Verdict("auth.cancelled") if line == "*" else self._hear(line)

    def given(self, secret: str | None) -> Challenge | Verdict:
        """None: no such user; a made-up secret is checked then, so that it takes as long."""
        expected = self._derive("nobody", self.user).hex() if secret is None else secret
        answer = self._check(expected.encode())
        self._claim = b""
        if secret is None:
            return Verdict("auth.bad", answer.case if isinstance(answer, Verdict) else "")
        return answer

    def resume(self, user: str) -> None:
        """Stands where it stood behind a response that is not known any more, but for its user."""
        self.user = user
        self.step += 1

    def peek_user(self, initial_or_line: str) -> str:
        """Whose secret this line carries as far as one can tell, "" if one cannot."""
        octets = decode("" if initial_or_line == "=" else initial_or_line)
        return "" if octets is None else self._owner(octets)

    def _open(self) -> Challenge:
        return Challenge("")

    def _hear(self, text: str) -> Answer:
        self.step += 1
        octets = decode(text)
        if octets is None:
            return Verdict("auth.base64", "padding" if _UNPADDED.fullmatch(text) else "alphabet")
        return self._respond(octets)

    @abstractmethod
    def _respond(self, octets: bytes) -> Answer:
        """To a response, decoded."""

    def _check(self, secret: bytes) -> Challenge | Verdict:
        """Of a secret that is sent as it is: PLAIN and LOGIN."""
        if hmac.compare_digest(self._claim, secret):
            return Verdict("auth.ok")
        return Verdict("auth.bad", "line-feed" if self._claim.endswith(b"\n") else "")

    @abstractmethod
    def _owner(self, octets: bytes) -> str:
        """Whose name a response bears."""

    def _derive(self, purpose: str, subject: str) -> bytes:
        return hmac.digest(self._seed, f"{purpose} {subject}".encode(), "sha256")


def challenge_of(octets: bytes) -> Challenge:
    return Challenge(base64.b64encode(octets).decode("ascii"))


def decode(text: str) -> bytes | None:
    return base64.b64decode(text) if _BASE64.fullmatch(text) else None


def name_of(octets: bytes) -> str:
    """For look-up and display; nobody's name holds a replacement character."""
    return _CONTROL.sub("\ufffd", octets.decode("utf-8", "replace"))
