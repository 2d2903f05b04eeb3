"""Answers to a login's challenge that nobody works out by hand: what a mail program would send.

Pure; for practice accounts, whose passwords everybody knows.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .smtp import Suggestion
from .smtp.sasl import cram_md5_digest
from .smtp.scram import scram_proof
from .viewing.base64_lines import response_in

NONCE = "made-for-practice"  # a real client draws one at random


class LogRow(Protocol):
    @property
    def direction(self) -> str: ...
    @property
    def octets(self) -> bytes | memoryview: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def work_out(rows: Sequence[LogRow], user: str, secret: str) -> Suggestion | None:
    """The next line of the login in which the rows end; None where it needs no arithmetic."""
    start = max(number for number, row in enumerate(rows) if row.data.get("verb") == "AUTH")
    mechanism = bytes(rows[start].octets).split()[1].upper()
    challenge = _decode(bytes(rows[-1].octets)[4:].strip())
    if mechanism == b"CRAM-MD5":
        return _cram(challenge, user, secret)
    if mechanism == b"SCRAM-SHA-256":
        lines = [row for row in rows[start:] if row.direction == "in"]
        said = [response_in(bytes(r.octets), r.data.get("verb") or "response") for r in lines]
        return _scram([_decode(words) for words in said if words], challenge, user, secret)
    return None


def _cram(challenge: bytes, user: str, secret: str) -> Suggestion:
    """RFC 2195 section 2."""
    digest = cram_md5_digest(secret.encode(), challenge).decode("ascii")
    why = "The user, a space and the HMAC-MD5 of the challenge under the password."
    return Suggestion(_encode(f"{user} {digest}".encode()), why)


def _scram(said: Sequence[bytes], challenge: bytes, user: str, secret: str) -> Suggestion | None:
    """RFC 5802 section 3."""
    if not said:
        first = f"n,,n={user},r={NONCE}".encode()
        return Suggestion(_encode(first), "The user and a nonce; the server answers with its own.")
    if len(said) > 1:
        return Suggestion("", "An empty line: the server has proved itself, and that is all.")
    try:
        nonce, salt, iterations = (field[2:] for field in challenge.split(b","))
        header, bare = said[0][:3], said[0][3:]
        unproven = b"c=" + base64.b64encode(header) + b",r=" + nonce
        exchanged = b",".join((bare, challenge, unproven))
        proof, _signature = scram_proof(
            secret.encode(), base64.b64decode(salt), int(iterations), exchanged
        )
    except ValueError:  # another client's first message, which we cannot go on with
        return None
    final = unproven + b",p=" + base64.b64encode(proof)
    return Suggestion(_encode(final), "Both nonces and a proof that the password is known.")


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _decode(words: bytes) -> bytes:
    try:
        return base64.b64decode(words)
    except binascii.Error:
        return b""
