"""TLS of one connection, between octets and octets: no socket, and every octet accounted for.

`StreamWriter.start_tls` is not used: what it does with octets that came before the handshake
differs between Python versions.
"""

import ssl

from ..smtp import TlsResult

READ_OCTETS = 65_536
HANDSHAKE = b"\x16"  # the first octet of a TLS connection (RFC 8446 section 5.1)


class TlsLayer:
    """What the socket brings goes to `take`, what it has to send comes from `to_send`."""

    __slots__ = ("_incoming", "_outgoing", "_tls", "has_begun", "is_established")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.has_begun = False
        self.is_established = False

    def take(self, octets: bytes) -> None:
        self._incoming.write(octets)

    def to_send(self) -> bytes:
        return self._outgoing.read()

    @property
    def n_unread(self) -> int:
        """Octets taken and not given out by `read`; decrypted ones never stay behind."""
        return self._incoming.pending

    def shake(self) -> TlsResult | None:
        """None: the client has to say more."""
        self.has_begun = True
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError:
            return TlsResult(failure="handshake")
        self.is_established = True
        name, _protocol, _bits = self._tls.cipher() or ("", "", 0)
        return TlsResult(self._tls.version() or "", name)

    def read(self) -> tuple[bytes, bool]:
        """What has been decrypted, and whether the client has closed its side. Raises SSLError
        where what came is not what was sent."""
        pieces = []
        try:
            while piece := self._tls.read(READ_OCTETS):
                pieces.append(piece)
        except ssl.SSLWantReadError:
            return b"".join(pieces), False
        except ssl.SSLZeroReturnError:
            pass
        return b"".join(pieces), True

    def write(self, octets: bytes) -> None:
        self._tls.write(octets)

    def close(self) -> None:
        """Says close_notify; what the client says after that is not waited for."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            return
