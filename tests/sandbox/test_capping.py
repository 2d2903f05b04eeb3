import base64
import smtplib
import ssl
from datetime import timedelta

import pytest
from django.utils import timezone

from sandbox.listening import capping, connection
from sandbox.listening.capping import Turnstile, network_of
from sandbox.log.trimming import trim_log
from sandbox.models import SandboxSession
from tests.factories import SandboxEventFactory, SandboxSessionFactory

ANY_CERTIFICATE = ssl._create_unverified_context()


@pytest.fixture
def strangers_welcome(settings):
    settings.LOCAL_MODE = False
    settings.SANDBOX_CONNECTIONS = 3
    settings.SANDBOX_CONNECTIONS_PER_ADDRESS = 2
    settings.SANDBOX_NEW_PER_MINUTE = 4


def test_connections_of_an_address_and_of_all_are_counted(strangers_welcome):
    turnstile = Turnstile()

    assert [turnstile.enter("192.0.2.1") for _ in range(3)] == [
        "",
        "",
        "Too many connections from your address, try again later",
    ]
    assert turnstile.enter("192.0.2.2") == ""
    assert turnstile.enter("192.0.2.3") == "Too many connections, try again later"
    turnstile.leave("192.0.2.1")
    assert turnstile.enter("192.0.2.1") == ""


def test_hosts_of_one_ipv6_network_are_one_address(strangers_welcome):
    turnstile = Turnstile()

    turnstile.enter("2001:db8::1")
    turnstile.enter("2001:db8::2")

    assert turnstile.enter("2001:db8::3").startswith("Too many connections from your address")
    assert turnstile.enter("2001:db8:0:1::1") == ""
    assert network_of("fe80::1%eth0") == "fe80::/64"


def test_new_connections_count_for_a_minute(strangers_welcome, monkeypatch):
    turnstile = Turnstile()
    now = 1000.0
    monkeypatch.setattr(capping.time, "monotonic", lambda: now)
    for _ in range(4):
        assert turnstile.enter("192.0.2.1") == ""
        turnstile.leave("192.0.2.1")
    assert "wait a minute" in turnstile.enter("192.0.2.1")

    now += 61
    turnstile.sweep()

    assert turnstile.enter("192.0.2.1") == ""


def test_failed_logins_of_an_address_count_for_ten_minutes(settings, monkeypatch):
    settings.LOCAL_MODE = False
    turnstile = Turnstile()
    now = 1000.0
    monkeypatch.setattr(capping.time, "monotonic", lambda: now)
    for _ in range(10):
        assert turnstile.may_log_in("192.0.2.1")
        turnstile.count_failed_login("192.0.2.1")

    assert not turnstile.may_log_in("192.0.2.1")
    assert turnstile.may_log_in("192.0.2.2")
    now += 601
    assert turnstile.may_log_in("192.0.2.1")


def test_login_after_too_many_failures_is_put_off(smtp, settings):
    settings.LOCAL_MODE = False
    settings.SANDBOX_LOGIN_FAILURES = 1
    with smtplib.SMTP("127.0.0.1", smtp.port, local_hostname="laptop.example") as client:
        client.starttls(context=ANY_CERTIFICATE)
        client.ehlo()
        line = "PLAIN " + base64.b64encode(b"\0jo@home.example\0secret").decode()

        assert [client.docmd("AUTH", line)[0] for _ in range(2)] == [535, 454]


def in_content(client):
    client.hear()
    for line in (
        b"EHLO a.example",
        b"MAIL FROM:<casey@lab.example>",
        b"RCPT TO:<robin@lab.example>",
    ):
        client.say(line + b"\r\n")
        client.hear()
    client.say(b"DATA\r\n")
    assert client.hear().startswith(b"354 ")


def test_content_that_drips_is_cut_off_and_whole_lines_are_not(smtp, dial, settings, monkeypatch):
    settings.SANDBOX_CONTENT_RATE = 10**9
    monkeypatch.setattr(connection, "CONTENT_GRACE_US", 0)
    typing, dripping = dial(), dial()
    in_content(typing)
    in_content(dripping)

    typing.say(b"Subject: typed by hand\r\n")
    dripping.say(b"Subject: dri")

    assert dripping.hear().startswith(b"421 ")
    typing.say(b".\r\n")
    assert typing.hear().startswith(b"250 ")


def test_session_with_too_many_rows_is_ended(smtp, dial, settings):
    settings.SANDBOX_SESSION_EVENTS = 1
    client = dial()
    client.hear()

    client.say(b"NOOP\r\n")

    assert client.hear().startswith(b"421 ")


def test_oldest_ended_sessions_make_room(db):
    now = timezone.now()
    sessions = [
        SandboxSessionFactory(started_at=now - timedelta(minutes=age), ended_at=ended)
        for age, ended in ((50, None), (40, now), (30, now), (20, now))
    ]
    for session in sessions:
        SandboxEventFactory(session=session, seq=1, octets=b"x" * 1000)

    assert trim_log(10_000) == 0
    assert trim_log(2_500) == 4  # two sessions with a row each

    assert list(SandboxSession.objects.order_by("pk")) == [sessions[0], sessions[3]]
