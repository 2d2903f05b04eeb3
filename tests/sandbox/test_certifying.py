import datetime
import socket
import ssl
import stat
import threading

from cryptography import x509

from sandbox.listening import certifying
from sandbox.listening.certifying import server_context


def chain_of(folder):
    return folder / "sandbox-tls.pem"


def test_key_is_made_for_its_owner_only_and_kept(tmp_path):
    server_context(tmp_path)
    first = chain_of(tmp_path).read_bytes()

    server_context(tmp_path)

    assert stat.S_IMODE(chain_of(tmp_path).stat().st_mode) == 0o600
    assert chain_of(tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox-tls.pem"]


def test_certificate_names_what_learners_dial(tmp_path):
    server_context(tmp_path)

    certificate = x509.load_pem_x509_certificate(chain_of(tmp_path).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "mx.lab.example"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_certificate_near_its_end_or_spoilt_is_made_anew(tmp_path, monkeypatch):
    server_context(tmp_path)
    first = chain_of(tmp_path).read_bytes()
    now = datetime.datetime.now(datetime.UTC)
    monkeypatch.setattr(certifying, "_now", lambda: now + datetime.timedelta(days=340))

    server_context(tmp_path)
    second = chain_of(tmp_path).read_bytes()
    chain_of(tmp_path).write_bytes(b"")
    server_context(tmp_path)

    assert first != second
    assert chain_of(tmp_path).read_bytes() not in (b"", second)


def test_client_that_trusts_the_certificate_is_content(tmp_path):
    context = server_context(tmp_path)
    trusting = ssl.create_default_context(cafile=chain_of(tmp_path))
    here, there = socket.socketpair()
    serving = threading.Thread(target=lambda: context.wrap_socket(there, server_side=True).close())
    serving.start()

    with trusting.wrap_socket(here, server_hostname="mx.lab.example") as secure:
        assert secure.version() == "TLSv1.3"

    serving.join()
