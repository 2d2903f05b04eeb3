"""Planned faults as a client of the listener meets them."""

import contextlib
import smtplib
import threading

import pytest

from sandbox.listening import outbox
from sandbox.models import SandboxSession, SandboxToken
from tests.factories import LearnerFactory

TOKEN = "k3v9q2m7x4w8n1zz"


@pytest.fixture
def learner(transactional_db):
    learner = LearnerFactory()
    SandboxToken.objects.create(learner=learner, value=TOKEN)
    return learner


def greet_with(client, plan):
    client.hear()
    client.say(f"EHLO {plan}.{TOKEN}.sandbox.test\r\n".encode())
    return client.hear()


def send_message(client):
    for line in (b"MAIL FROM:<casey@lab.example>", b"RCPT TO:<robin@lab.example>", b"DATA"):
        client.say(line + b"\r\n")
        client.hear()
    client.say(b"Hello\r\n.\r\n")


def events_of(session):
    return [event.data["event"] for event in session.events.order_by("seq")]


def test_reply_that_is_cut_ends_the_connection(smtp, dial, learner):
    client = dial()
    greet_with(client, "drop-mid-reply")
    for _ in range(2):
        client.say(b"NOOP\r\n")
        last = client.file.readline()

    client.say(b"NOOP\r\n")
    with contextlib.suppress(ConnectionResetError):
        last = client.file.read()

    assert last == b"250 2"
    client.leave()
    smtp.stop()
    session = SandboxSession.objects.get()
    assert session.learner == learner
    assert "close" in events_of(session)


def test_message_can_be_stored_and_its_reply_lost(smtp, dial, learner):
    client = dial()
    greet_with(client, "end-accept-then-drop")

    send_message(client)

    assert client.hear() == b""
    client.leave()
    assert "accepted" in events_of(SandboxSession.objects.get())


def test_silent_server_says_nothing_until_the_client_gives_up(smtp, dial, learner):
    client = dial()
    greet_with(client, "end-silent")
    send_message(client)

    client.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)

    client.leave()
    while SandboxSession.objects.open().exists():
        pass
    assert events_of(SandboxSession.objects.get())[-2:] == ["eof", "close"]


def test_reply_that_is_late_comes_all_the_same(smtp, dial, learner, monkeypatch):
    monkeypatch.setattr(outbox, "SECOND_US", 10**9)  # so that three seconds are over at once
    client = dial()
    greet_with(client, "slow-reply")

    client.say(b"NOOP\r\n")

    assert client.hear().startswith(b"250 2.0.0 ")


def test_two_hundred_slow_clients_do_not_delay_a_fast_one(smtp, settings, dial):
    settings.SANDBOX_CONNECTIONS = 300
    slow = [dial() for _ in range(200)]
    for client in slow:
        client.hear()
        client.say(b"EH")
    gone = threading.Event()

    def drip():
        while not gone.is_set():
            for client in slow:
                client.say(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with smtplib.SMTP("127.0.0.1", smtp.port, local_hostname="a.example", timeout=5) as client:
            refused = client.sendmail("casey@lab.example", ["robin@lab.example"], "Subject: x\n\nx")
    finally:
        gone.set()
        dripping.join()

    assert refused == {}
