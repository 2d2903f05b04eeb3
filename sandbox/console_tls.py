"""STARTTLS in the console: a real handshake between two ends in memory, made once.

What is typed afterwards travels as before, by HTTP; the log records version and cipher.
"""

import contextlib
import ssl
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .listening import certifying
from .listening.securing import TlsLayer
from .smtp import TlsResult

_MOST_ROUNDS = 10  # TLS 1.3 takes two


def shake_hands(server_context: ssl.SSLContext) -> TlsResult:
    """What both ends agree on. The client takes any certificate: it has nobody to trust here."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = TlsLayer(server_context)
    for _round in range(_MOST_ROUNDS):
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        server.take(to_server.read())
        if result := server.shake():
            return result
        to_client.write(server.to_send())
    return TlsResult(failure="handshake")


@lru_cache(maxsize=1)
def server_context() -> ssl.SSLContext:
    """That of the listener."""
    return certifying.server_context(Path(settings.DATA_DIR))
