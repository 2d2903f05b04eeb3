"""Who really connects, where a proxy in front says so: the PROXY protocol, versions 1 and 2
(haproxy.org, proxy-protocol.txt). Only listed peers are believed."""

import asyncio
import ipaddress
import struct
from collections.abc import Callable
from typing import cast

import structlog
from django.conf import settings
from proxyprotocol import ProxyProtocolIncompleteError
from proxyprotocol.detect import ProxyProtocolDetect
from proxyprotocol.result import ProxyResult, is_ipv4, is_ipv6

log = structlog.get_logger(__name__)

HEADER_SECONDS = 3.0
HEADER_OCTETS = 4_096

Connect = Callable[[str | None], asyncio.Protocol]


class Doorway(asyncio.Protocol):
    """Hears a proxy's header, then leaves the transport to the connection: `connect` makes it, for
    a client at this address, or at that of the transport."""

    __slots__ = ("_connect", "_header", "_rest", "_timer", "_transport")

    _transport: asyncio.Transport

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._header = b""
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if is_believed(peer_of(self._transport)):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(HEADER_SECONDS, self._transport.abort)
        else:
            self._leave_to(None)

    def data_received(self, octets: bytes) -> None:
        self._rest += octets
        try:
            result = self._read_on()
        except (ValueError, struct.error) as error:
            log.warning("sandbox_proxy_not_understood", error=str(error))
            self._transport.abort()
            return
        if result:
            self._leave_to(str(result.source[0]) if is_ipv4(result) or is_ipv6(result) else None)

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()

    def _read_on(self) -> ProxyResult | None:
        """None: the header is not complete. It is taken from the rest as far as it reaches."""
        while True:
            try:
                return ProxyProtocolDetect().unpack(self._header)
            except ProxyProtocolIncompleteError as incomplete:
                wanted = incomplete.want_read.want_bytes or self._rest.find(b"\n") + 1
            if len(self._header) + (wanted or len(self._rest)) > HEADER_OCTETS:
                raise ValueError("the header is too long")
            if not 0 < wanted <= len(self._rest):
                return None
            self._header += self._rest[:wanted]
            self._rest = self._rest[wanted:]

    def _leave_to(self, client: str | None) -> None:
        if self._timer:
            self._timer.cancel()
        connection = self._connect(client)
        self._transport.set_protocol(connection)
        connection.connection_made(self._transport)
        if self._rest:
            connection.data_received(self._rest)


def is_believed(peer: str) -> bool:
    address = ipaddress.ip_address(peer.partition("%")[0])
    return any(address in network for network in settings.SANDBOX_PROXIES)


def peer_of(transport: asyncio.Transport) -> str:
    """Nobody's address where the client is gone already."""
    return (transport.get_extra_info("peername") or ["0.0.0.0"])[0]
