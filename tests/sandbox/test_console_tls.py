import ssl

from sandbox.console_tls import shake_hands
from sandbox.listening.certifying import server_context
from sandbox.smtp import TlsResult


def test_both_ends_agree_on_a_version_and_a_cipher(tmp_path):
    result = shake_hands(server_context(tmp_path))

    assert (result.version, result.failure) == ("TLSv1.3", "")
    assert result.cipher.startswith("TLS_")


def test_server_without_a_certificate_gives_no_encryption():
    assert shake_hands(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) == TlsResult(failure="handshake")
