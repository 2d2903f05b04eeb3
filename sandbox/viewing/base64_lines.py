"""What the base64 of a login says, for reading. Pure; secrets are masked before they come here."""

import base64
import binascii

from ..transcribing import visible


def response_in(line: bytes, verb: str) -> bytes:
    """The base64 in a client's line of a login: a response, or the initial one behind AUTH."""
    words = line.split()
    if verb == "response":
        return b"".join(words[:1])
    return words[2] if verb == "AUTH" and len(words) == 3 else b""


def reveal(words: bytes) -> str:
    """Text that is safe to show; "" where it is no base64 or says nothing. NUL stands in words: it
    is what matters in PLAIN, and few fonts have its glyph."""
    try:
        shown = visible(base64.b64decode(words, validate=True))
        return shown.replace("\u2400", " NUL ").strip()
    except binascii.Error:
        return ""
