import contextlib
import smtplib
import socket
import ssl

import pytest

from sandbox.listening import connection
from sandbox.models import SandboxSession

EHLO = b"EHLO laptop.example\r\n"
ANY_CERTIFICATE = ssl._create_unverified_context()


def entries_of(session):
    return [(event.direction, event.data) for event in session.events.order_by("seq")]


def events_of(session):
    return [data["event"] for _, data in entries_of(session)]


def only(session_events, name):
    (data,) = [data for _, data in session_events if data["event"] == name]
    return data


def upgraded(client):
    """Behind STARTTLS."""
    client.hear()
    client.say(EHLO)
    client.hear()
    client.say(b"STARTTLS\r\n")
    assert client.hear() == b"220 2.0.0 Ready to start TLS\r\n"
    client.encrypt()
    return client


def test_starttls_secures_the_session_and_makes_it_new(smtp):
    with smtplib.SMTP("127.0.0.1", smtp.port, local_hostname="laptop.example", timeout=5) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=ANY_CERTIFICATE)
        client.ehlo()
        assert not client.has_extn("starttls")
        version, (cipher, *_) = client.sock.version(), client.sock.cipher()
        client.sendmail(
            "casey@lab.example", ["robin@lab.example"], "Subject: Hello\r\n\r\nHello\r\n"
        )
    smtp.stop()

    log = entries_of(SandboxSession.objects.get())
    assert only(log, "tls") == {"event": "tls", "version": version, "cipher": cipher}
    assert ("note", "tls.started") in [(side, data.get("rule")) for side, data in log]
    assert only(log, "accepted")["sender"] == "casey@lab.example"
    assert not any(data.get("early") for _, data in log)


def test_implicit_tls_comes_before_the_greeting(smtp):
    with smtplib.SMTP_SSL(
        "127.0.0.1", smtp.smtps_port, local_hostname="laptop.example", context=ANY_CERTIFICATE
    ) as client:
        client.login("casey@lab.example", "Spring-Tide-42")
        client.sendmail(
            "casey@lab.example", ["robin@lab.example"], "Subject: Hello\r\n\r\nHello\r\n"
        )
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.nominal_port, session.profile) == (465, "submission")
    assert events_of(session)[:3] == ["tls", "notice", "reply"]
    assert only(entries_of(session), "auth")["verdict"] == "ok"


def test_submission_port_wants_tls_and_a_login(smtp):
    with smtplib.SMTP("127.0.0.1", smtp.submission_port, local_hostname="laptop.example") as client:
        client.ehlo()
        assert client.mail("casey@lab.example")[0] == 530
        client.starttls(context=ANY_CERTIFICATE)
        client.login("casey@lab.example", "Spring-Tide-42")
        assert client.mail("casey@lab.example")[0] == 250
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.nominal_port, session.profile) == (587, "submission")


def test_pipelined_group_under_tls_is_early_and_fine(smtp, dial):
    client = upgraded(dial())
    client.say(EHLO)
    client.hear()

    client.say(b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<robin@lab.example>\r\nDATA\r\n")

    assert [client.hear()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
    client.say(b"Hello\r\n.\r\n")
    assert client.hear()[:3] == b"250"
    client.say(b"QUIT\r\n")
    assert client.codes_to_end() == [b"221"]
    smtp.stop()
    lines = [
        (data["verb"], data.get("early", False))
        for _, data in entries_of(SandboxSession.objects.get())
        if data["event"] == "line"
    ]
    assert lines == [
        ("EHLO", False),
        ("STARTTLS", False),
        ("EHLO", False),
        ("MAIL", False),
        ("RCPT", True),
        ("DATA", True),
        ("QUIT", False),
    ]


def test_talking_on_without_waiting_is_seen_under_tls_too(smtp, dial):
    client = upgraded(dial())

    client.say(EHLO + b"MAIL FROM:<casey@lab.example>\r\n")

    assert client.hear().startswith(b"250-")
    assert client.hear().startswith(b"554 5.5.0 ")


@pytest.mark.parametrize(
    "together", [True, False], ids=["in the same packet", "instead of a handshake"]
)
def test_plain_text_behind_starttls_is_shown_and_never_carried_out(smtp, dial, together):
    client = dial()
    client.hear()
    client.say(EHLO)
    client.hear()
    injected = b"MAIL FROM:<mallory@lab.example>\r\n"

    if together:
        client.say(b"STARTTLS\r\n" + injected)
    else:
        client.say(b"STARTTLS\r\n")
        assert client.hear().startswith(b"220 ")
        client.say(injected)
    with contextlib.suppress(ConnectionResetError):
        client.codes_to_end()

    smtp.stop()
    log = entries_of(SandboxSession.objects.get())
    assert only(log, "violation")["rule"] == "tls.injection"
    assert "mail.ok" not in [data.get("rule") for _, data in log]
    assert only(log, "close")["rule"] == "tls.injection"


def test_tls_on_a_plain_port_is_explained(smtp, dial):
    client = dial()
    client.hear()

    with pytest.raises(ssl.SSLError):
        client.encrypt()

    client.leave()
    smtp.stop()
    assert only(entries_of(SandboxSession.objects.get()), "close")["rule"] == "tls.record"


def test_plain_text_on_the_tls_port_is_explained(smtp, dial):
    client = dial(smtp.smtps_port)

    client.say(EHLO)

    assert client.hear() == b""
    client.leave()
    smtp.stop()
    log = entries_of(SandboxSession.objects.get())
    assert only(log, "tls") == {"event": "tls", "failure": "plain"}
    assert only(log, "close")["rule"] == "tls.failed"


def test_broken_handshake_ends_the_session(smtp, dial):
    client = dial(smtp.smtps_port)

    client.say(b"\x16\x03\x01\x00\x05hello")

    client.codes_to_end()
    smtp.stop()
    assert only(entries_of(SandboxSession.objects.get()), "tls") == {
        "event": "tls",
        "failure": "handshake",
    }


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_tls_is_refused(smtp, dial):
    old = ssl._create_unverified_context()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises(ssl.SSLError):
        old.wrap_socket(dial(smtp.smtps_port).socket)


def test_handshake_that_does_not_come_is_waited_for_in_vain(smtp, dial, monkeypatch):
    monkeypatch.setattr(connection, "HANDSHAKE_US", 0)

    assert dial(smtp.smtps_port).hear() == b""
    smtp.stop()
    log = entries_of(SandboxSession.objects.get())
    assert only(log, "tls") == {"event": "tls", "failure": "handshake"}


def test_closing_tls_is_leaving(smtp, dial):
    client = upgraded(dial())

    client.socket.unwrap().close()

    smtp.stop()
    assert events_of(SandboxSession.objects.get())[-2:] == ["eof", "close"]


def test_nonsense_under_tls_ends_the_connection(smtp, dial):
    client = upgraded(dial())
    client.file.close()

    with socket.socket(fileno=client.socket.detach()) as raw:
        raw.settimeout(5)
        raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        with contextlib.suppress(ConnectionResetError):
            while raw.recv(4096):
                pass

    smtp.stop()
    assert events_of(SandboxSession.objects.get())[-2:] == ["eof", "close"]


def test_shutdown_says_421_under_tls_and_nothing_into_a_handshake(smtp, dial):
    client, waiting = upgraded(dial()), dial(smtp.smtps_port)
    while SandboxSession.objects.count() < 2:
        pass

    smtp.stop()

    assert client.hear().startswith(b"421 4.3.2 ")
    assert waiting.hear() == b""
