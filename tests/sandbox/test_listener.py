import contextlib
import gc
import smtplib
import socket
import time

import pytest
from django.test import override_settings

from sandbox.listening import connection, listener
from sandbox.listening.connection import Connection
from sandbox.listening.outbox import Outbox
from sandbox.models import SandboxEvent, SandboxSession

MESSAGE = "Subject: Hello\r\n\r\nHello Robin\r\n"


def rows_of(session):
    return [(e.seq, e.direction, bytes(e.octets), e.data) for e in session.events.order_by("seq")]


def commands_of(session):
    return [octets for _, _, octets, data in rows_of(session) if data["event"] == "line"]


def codes_of(session):
    return [data["code"] for _, direction, _, data in rows_of(session) if direction == "out"]


def dial_with_smtplib(smtp):
    return smtplib.SMTP("127.0.0.1", smtp.port, local_hostname="laptop.example", timeout=5)


def test_session_of_smtplib_is_recorded(smtp):
    with dial_with_smtplib(smtp) as client:
        client.sendmail("casey@lab.example", ["robin@lab.example"], MESSAGE)
    smtp.stop()

    session = SandboxSession.objects.get()
    assert commands_of(session) == [
        b"ehlo laptop.example\r\n",
        b"mail FROM:<casey@lab.example> size=31\r\n",
        b"rcpt TO:<robin@lab.example>\r\n",
        b"data\r\n",
        b"QUIT\r\n",
    ]
    assert codes_of(session) == [220, 250, 250, 250, 354, 250, 221]
    assert [seq for seq, *_ in rows_of(session)] == list(range(1, 17))
    assert not any(data.get("early") for *_, data in rows_of(session))
    assert (session.channel, session.peer, session.learner) == ("tcp", "127.0.0.1", None)
    assert session.ended_at > session.started_at


def test_message_is_stored_before_it_is_acknowledged(smtp):
    with dial_with_smtplib(smtp) as client:
        client.sendmail("casey@lab.example", ["robin@lab.example"], MESSAGE)
        accepted = SandboxEvent.objects.filter(data__event="accepted")

        assert [event.data["size"] for event in accepted] == [31]


def test_pipelined_group_is_early_and_fine(smtp, dial):
    client = dial()
    client.hear()
    client.say(b"EHLO laptop.example\r\n")
    client.hear()

    client.say(
        b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<robin@lab.example>\r\n"
        b"RCPT TO:<sam@lab.example>\r\nDATA\r\n"
    )

    assert [client.hear()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
    client.say(b"Hello\r\n.\r\nQUIT\r\n")
    assert client.codes_to_end() == [b"250", b"221"]
    smtp.stop()
    early = [
        (octets[:4], data.get("early", False))
        for _, _, octets, data in rows_of(SandboxSession.objects.get())
        if data["event"] == "line"
    ]
    assert early == [
        (b"EHLO", False),
        (b"MAIL", False),
        (b"RCPT", True),
        (b"RCPT", True),
        (b"DATA", True),
        (b"QUIT", True),
    ]


def test_client_that_does_not_wait_is_told_and_cut_off(smtp, dial):
    client = dial()
    client.hear()

    client.say(b"EHLO laptop.example\r\nMAIL FROM:<casey@lab.example>\r\n")

    assert client.hear().startswith(b"250-")
    assert client.hear().startswith(b"554 5.5.0 ")
    assert client.hear() == b""


def test_octets_cut_anywhere_are_put_together(smtp, dial):
    client = dial()
    client.hear()

    for octet in b"NOOP\r\n":
        client.say(bytes([octet]))

    assert client.hear().startswith(b"250 2.0.0 ")


def test_client_that_vanishes_leaves_an_ended_session(smtp, dial):
    client = dial()
    client.hear()
    client.socket.shutdown(socket.SHUT_WR)

    assert client.hear() == b""
    client.leave()
    smtp.stop()
    session = SandboxSession.objects.get()
    assert session.ended_at is not None
    assert [data["event"] for *_, data in rows_of(session)] == ["reply", "eof", "close"]


def test_replies_owed_are_said_to_a_client_that_only_listens_on(smtp, dial):
    client = dial()
    client.hear()
    client.say(b"EHLO laptop.example\r\n")
    client.hear()
    client.say(b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<robin@lab.example>\r\nDATA\r\n")
    for _ in range(3):
        client.hear()

    client.say(b"Hello\r\n.\r\n")
    client.socket.shutdown(socket.SHUT_WR)

    assert client.codes_to_end() == [b"250"]


def test_shutdown_says_421_and_stores_everything(smtp, dial):
    client = dial()
    client.hear()
    began = time.monotonic()

    smtp.stop()

    assert time.monotonic() - began < 3
    assert client.hear().startswith(b"421 4.3.2 ")
    session = SandboxSession.objects.get()
    assert [data["event"] for *_, data in rows_of(session)] == [
        "reply",
        "shutdown",
        "reply",
        "close",
    ]
    assert session.ended_at is not None


def test_is_listening_only_between_start_and_close(smtp):
    assert listener.is_listening()

    smtp.stop()

    assert not listener.is_listening()


def test_idle_session_is_closed_at_its_deadline(smtp, dial, monkeypatch):
    client = dial()
    client.hear()
    five_minutes = 300 * 1_000_000_000
    really = time.monotonic_ns
    monkeypatch.setattr(connection.time, "monotonic_ns", lambda: really() + five_minutes)

    assert client.hear().startswith(b"421 4.4.2 ")
    assert client.hear() == b""


def test_session_that_says_too_much_is_ended(smtp, dial, settings):
    settings.SANDBOX_SESSION_OCTETS = 10
    client = dial()
    client.hear()

    client.say(b"NOOP NOOP NOOP\r\n")

    assert client.hear().startswith(b"421 4.7.0 ")


def test_who_floods_a_closed_session_is_cut_off(smtp, dial, settings):
    settings.SANDBOX_SESSION_OCTETS = 100_000
    client = dial()
    client.hear()
    client.say(b"GET / HTTP/1.1\r\n")
    client.hear()

    with pytest.raises(OSError, match="reset|Broken pipe"):
        client.say(bytes(64 * 1024 * 1024))


@pytest.mark.parametrize("loopback_is_free", [True, False])
def test_connections_of_one_address_are_capped_except_loopback_at_home(
    smtp, dial, loopback_is_free
):
    with override_settings(LOCAL_MODE=loopback_is_free):
        greetings = [dial().hear() for _ in range(11)]

    refused = b"421 mx.lab.example Too many connections from your address, try again later\r\n"
    assert greetings[:10] == [b"220 mx.lab.example ESMTP ready\r\n"] * 10
    assert (greetings[10] == refused) is not loopback_is_free


def test_all_connections_together_are_capped(smtp, dial, settings):
    settings.SANDBOX_CONNECTIONS = 1
    first = dial()
    first.hear()

    assert dial().hear() == b"421 mx.lab.example Too many connections, try again later\r\n"
    first.say(b"QUIT\r\n")
    assert first.codes_to_end() == [b"221"]
    smtp.stop()
    assert SandboxSession.objects.count() == 1


def test_new_connections_of_one_address_are_capped_by_the_minute(smtp, dial, settings):
    settings.SANDBOX_NEW_PER_MINUTE = 2
    with override_settings(LOCAL_MODE=False):
        greetings = [dial().hear()[:3] for _ in range(3)]

    assert greetings == [b"220", b"220", b"421"]


def test_bug_of_ours_ends_one_session_and_is_logged(smtp, dial, monkeypatch, caplog):
    unlucky, lucky = dial(), dial()
    unlucky.hear()
    lucky.hear()
    honest = connection.Conversation.receive

    def fail_at_help(self, octets, *, at):
        if octets.startswith(b"HELP"):
            raise RuntimeError("a bug")
        return honest(self, octets, at=at)

    monkeypatch.setattr(connection.Conversation, "receive", fail_at_help)
    unlucky.say(b"HELP\r\n")
    lucky.say(b"NOOP\r\n")

    assert unlucky.hear().startswith(b"421 4.3.0 ")
    assert lucky.hear().startswith(b"250 2.0.0 ")
    assert "sandbox_session_failed" in caplog.text


def test_message_that_cannot_be_stored_is_not_acknowledged(smtp, dial):
    client = dial()
    client.hear()
    client.say(b"EHLO laptop.example\r\n")
    client.hear()
    client.say(b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<robin@lab.example>\r\nDATA\r\n")
    for _ in range(3):
        client.hear()
    while not SandboxEvent.objects.filter(data__code=354).exists():
        pass
    SandboxSession.objects.all().delete()

    client.say(b"Hello\r\n.\r\n")

    with contextlib.suppress(ConnectionResetError):
        assert client.hear() == b""
    assert dial().hear() == b"220 mx.lab.example ESMTP ready\r\n"


def test_connection_that_is_over_leaves_nothing_to_the_garbage_collector(smtp, dial):
    gc.collect()
    gc.disable()
    try:
        client = dial()
        client.hear()
        client.say(b"QUIT\r\n")
        client.leave()
        smtp.stop()

        left = [each for each in gc.get_objects() if type(each) in (Connection, Outbox)]
    finally:
        gc.enable()

    assert left == []


def test_a_long_message_is_taken_in_few_reads(smtp, dial, monkeypatch):
    pauses = []

    def read_on(self):
        pauses.append(self)
        original(self)

    original = Connection._read_on
    monkeypatch.setattr(Connection, "_read_on", read_on)
    client = dial()
    client.hear()
    for line in (b"EHLO a.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<robin@lab.example>"):
        client.say(line + b"\r\n")
        client.hear()
    client.say(b"DATA\r\n")
    client.hear()

    for _ in range(60):
        client.say(b"x" * 1022 + b"\r\n" + b"y" * 3070 + b"\r\n")
    client.say(b".\r\n")

    assert client.hear().startswith(b"250 ")
    client.leave()
    smtp.stop()
    rows = SandboxEvent.objects.filter(data__event="content")
    assert sum(len(row.octets) for row in rows) == 60 * 4_096 + 3
    assert pauses
