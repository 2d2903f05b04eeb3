"""A real server at the other end of a loopback connection."""

import contextlib
import select
import socket
import ssl
from collections.abc import Iterator

from .playing import split_replies

HOST = "127.0.0.1"
FIRST_SECONDS, QUIET_SECONDS = 4, 0.4  # a refused login is slow on purpose


class Connection:
    """Reads as many replies to each write as `awaited` names, in their order; None: until the
    server has been quiet for a while, which only recording has to wait for."""

    def __init__(self, port: int, awaited: Iterator[int | None]) -> None:
        self.closed = False
        self._port = port
        self._awaited = awaited
        self._rest = b""
        self._socket: socket.socket | ssl.SSLSocket

    def open(self) -> list[bytes]:
        self._socket = socket.create_connection((HOST, self._port), timeout=20)
        return self._read(1)

    def write(self, octets: bytes) -> list[bytes]:
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(octets)
        return self._read(next(self._awaited))

    def handshake(self) -> bool:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        # From 1.3 on, tickets arrive that no one asked for and look like a reply to `select`.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._socket = context.wrap_socket(self._socket)
        except (ssl.SSLError, OSError):
            self.closed = True
            return False
        return True

    def close(self) -> None:
        self._socket.close()

    def _read(self, n: int | None) -> list[bytes]:
        replies: list[bytes] = []
        while not self.closed and (n is None or len(replies) < n):
            if n is None and not self._is_ready(QUIET_SECONDS if replies else FIRST_SECONDS):
                break
            try:
                octets = self._socket.recv(65_536)
            except (ConnectionError, ssl.SSLError):
                octets = b""
            if not octets:
                self.closed = True
            found, self._rest = split_replies(self._rest + octets)
            replies += found
        return replies

    def _is_ready(self, seconds: float) -> bool:
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
        return bool(pending or select.select([self._socket], [], [], seconds)[0])
