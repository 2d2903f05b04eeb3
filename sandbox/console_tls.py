"""STARTTLS in the console: a real handshake between two ends in memory, made once.

What is typed afterwards travels as before, by HTTP; the log records version and cipher.
"""

import datetime
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .smtp import LAB_DIRECTORY, TlsResult

_MOST_ROUNDS = 10  # TLS 1.3 takes two


def shake_hands(server_context: ssl.SSLContext) -> TlsResult:
    """What both ends agree on. The client takes any certificate: it has nobody to trust here."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for _round in range(_MOST_ROUNDS):
        client_done, server_done = _step(client), _step(server)
        if client_done and server_done:
            name, _protocol, _bits = server.cipher() or ("", "", 0)
            return TlsResult(version=server.version() or "", cipher=name)
    return TlsResult(failure="handshake")


def _step(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


@lru_cache(maxsize=1)
def server_context() -> ssl.SSLContext:
    """With a certificate of this process, which nobody has to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LAB_DIRECTORY.host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
        )
        context.load_cert_chain(chain)
    return context
