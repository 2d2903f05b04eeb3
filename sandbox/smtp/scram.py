"""SCRAM-SHA-256: both sides prove that they know the secret, and nobody sends it."""

import base64
import hashlib
import hmac
import re

from .exchanging import Answer, Ask, Challenge, Exchange, Verdict, challenge_of, name_of


class ScramSha256(Exchange):
    """RFC 5802 sections 3, 5 and 7, with SHA-256 (RFC 7677); no channel binding is offered."""

    mechanism = "SCRAM-SHA-256"
    ITERATIONS = 4096  # the least that RFC 7677 section 4 advises
    # gs2-header, then the bare message. `m=` in front of the name is an extension that must fail.
    _FIRST = re.compile(
        rb"((?P<flag>n|y|p=[A-Za-z0-9.-]++),(?:a=(?P<authzid>[^,\0]++))?,)"
        rb"(?P<bare>n=(?P<name>[^,\0]++),r=(?P<nonce>[!-+\--~]++)(?:,[A-Za-z]=[^,\0]++)*+)",
    )
    _FINAL = re.compile(
        rb"(?P<unproven>c=(?P<binding>[A-Za-z0-9+/=]++),r=(?P<nonce>[!-+\--~]++)"
        rb"(?:,(?!p=)[A-Za-z]=[^,\0]++)*+),p=(?P<proof>[A-Za-z0-9+/=]++)"
    )
    _MAX_NONCE = 256  # ours goes out behind it, in a reply line of 512 octets at most

    _header = _bare = _server_first = _nonce = _unproven = b""
    _proven = False

    def _respond(self, octets: bytes) -> Answer:
        if self._proven:
            return Verdict("auth.malformed", "scram") if octets else Verdict("auth.ok")
        return self._final(octets) if self._server_first else self._first(octets)

    def _first(self, octets: bytes) -> Answer:
        found = self._FIRST.fullmatch(octets)
        name = _unescape(found["name"]) if found else None
        if found is None or name is None or len(found["nonce"]) > self._MAX_NONCE:
            return Verdict("auth.malformed", "scram")
        self.user = name_of(name)
        if found["flag"].startswith(b"p"):
            return Verdict("auth.bad", "channel-binding")
        if found["authzid"] is not None and _unescape(found["authzid"]) != name:
            return Verdict("auth.bad", "authzid")
        self._header, self._bare = found[1], found["bare"]
        self._nonce = found["nonce"] + base64.b64encode(self._derive("nonce", self._stamp)[:18])
        salt = base64.b64encode(self._salt())
        self._server_first = b"r=%s,s=%s,i=%d" % (self._nonce, salt, self.ITERATIONS)
        return challenge_of(self._server_first)

    def _final(self, octets: bytes) -> Answer:
        found = self._FINAL.fullmatch(octets)
        if found is None:
            return Verdict("auth.malformed", "scram")
        if found["binding"] != base64.b64encode(self._header):
            return Verdict("auth.bad", "channel-binding")
        if found["nonce"] != self._nonce:
            return Verdict("auth.bad", "scram-nonce")
        self._unproven, self._claim = found["unproven"], found["proof"]
        return Ask(self.user)

    def _check(self, secret: bytes) -> Challenge | Verdict:
        exchanged = b",".join((self._bare, self._server_first, self._unproven))
        proof, signature = scram_proof(secret, self._salt(), self.ITERATIONS, exchanged)
        if not hmac.compare_digest(self._claim, base64.b64encode(proof)):
            return Verdict("auth.bad")
        # 235 carries no data, so this is one more 334 (RFC 4954 section 4).
        self._proven = True
        return challenge_of(b"v=" + base64.b64encode(signature))

    def _owner(self, octets: bytes) -> str:
        if self._server_first:
            return self.user
        found = self._FIRST.fullmatch(octets)
        return name_of(_unescape(found["name"]) or b"") if found else ""

    def _salt(self) -> bytes:
        return self._derive("salt", self.user)[:16]


def scram_proof(
    secret: bytes, salt: bytes, iterations: int, exchanged: bytes
) -> tuple[bytes, bytes]:
    """ClientProof and ServerSignature; `exchanged` is the AuthMessage of RFC 5802 section 3."""
    salted = hashlib.pbkdf2_hmac("sha256", secret, salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    client_signature = hmac.digest(stored_key, exchanged, "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, client_signature, strict=True))
    return proof, hmac.digest(server_key, exchanged, "sha256")


def _unescape(name: bytes) -> bytes | None:
    """`=2C` and `=3D` of a SCRAM name (RFC 5802 section 5.1); any other "=" is an error."""
    first, *rest = name.split(b"=")
    if any(part[:2] not in (b"2C", b"3D") for part in rest):
        return None
    return first + b"".join((b"," if part[:2] == b"2C" else b"=") + part[2:] for part in rest)
