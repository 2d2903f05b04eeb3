"""Passwords in a pasted login are not shown again, but for those of practice accounts."""

import re
from dataclasses import dataclass

from ..smtp import LAB_DIRECTORY
from ..smtp.sasl import peek_user

MASK = b"********"
_AUTH_ANYWHERE = re.compile(r"(\bAUTH\s+[A-Z0-9_-]{3,20}\s+)([A-Za-z0-9+/=]{2,})", re.IGNORECASE)
_LAST_WORD = re.compile(r"[A-Za-z0-9+/=]{4,}(\W*)$")
_NOTHING = (b"", b"=", b"*")


@dataclass(slots=True)
class Secrets:
    """Follows one SASL exchange at a time."""

    _mechanism: str = ""
    _user: str = ""

    def of_command(self, octets: bytes) -> bytes:
        """An AUTH command, its initial response masked."""
        words = octets.split(None, 2)
        self._mechanism = words[1].decode("latin-1").upper() if len(words) > 1 else ""
        self._user = ""
        if len(words) < 3 or words[2].strip() in _NOTHING:
            return octets
        if self._is_practice(words[2]):
            return octets
        return octets[: octets.rindex(words[2])] + MASK

    def of_response(self, octets: bytes) -> bytes:
        if octets.strip() in _NOTHING or self._is_practice(octets):
            return octets
        return MASK

    def _is_practice(self, response: bytes) -> bool:
        if not self._user:
            self._user = peek_user(self._mechanism, response.decode("latin-1").strip())
        return LAB_DIRECTORY.is_practice(self._user)


def mask_stray(text: str) -> str:
    """A line that nobody could read may still hold an AUTH command."""
    if LAB_DIRECTORY.is_practice(_user_in(text)):
        return text
    return _AUTH_ANYWHERE.sub(lambda found: found[1] + MASK.decode(), text)


def mask_last_word(text: str) -> str:
    """A line behind a 334 that nobody could read may still hold the answer to it."""
    return _LAST_WORD.sub(lambda found: MASK.decode() + found[1], text)


def _user_in(text: str) -> str:
    found = _AUTH_ANYWHERE.search(text)
    return peek_user(found[1].split()[1], found[2]) if found else ""
