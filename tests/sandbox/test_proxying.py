"""Whose word on who connects is taken, and what becomes of a word that is none."""

import struct
from ipaddress import ip_network

import pytest

from sandbox.listening import proxying
from sandbox.models import SandboxSession

V1 = b"PROXY TCP4 192.0.2.9 198.51.100.1 40000 25\r\n"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
V2 = (  # version 2, PROXY; TCP over IPv6; 36 octets: 2001:db8::9 from port 40000, 2001:db8::1, 25
    SIGNATURE
    + b"\x21\x21\x00\x24"
    + bytes.fromhex("20010db8000000000000000000000009" + "20010db8000000000000000000000001")
    + struct.pack("!HH", 40000, 25)
)
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
GREETING = b"220 mx.lab.example ESMTP ready\r\n"


@pytest.fixture
def proxies(settings):
    settings.SANDBOX_PROXIES = [ip_network("203.0.113.0/24"), ip_network("127.0.0.1")]


@pytest.fixture
def smtp(proxies, smtp):
    return smtp


def peers():
    return list(SandboxSession.objects.order_by("pk").values_list("peer", flat=True))


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (V1, "192.0.2.9"),
        (b"PROXY TCP6 2001:db8::9 2001:db8::1 40000 25\r\n", "2001:db8::9"),
        (V2, "2001:db8::9"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (LOCAL, "127.0.0.1"),
    ],
)
def test_client_is_whom_the_proxy_names(smtp, dial, header, peer):
    client = dial()
    client.say(header)

    assert client.hear() == GREETING
    client.say(b"QUIT\r\n")
    assert client.codes_to_end() == [b"221"]
    smtp.stop()
    assert peers() == [peer]


@pytest.mark.parametrize("header", [V1, V2])
def test_header_in_pieces_with_the_clients_words_behind_it(smtp, dial, header):
    client = dial()
    for octet in header[:-1]:
        client.say(bytes([octet]))
    client.say(header[-1:] + b"EHLO laptop.example\r\nQUIT\r\n")

    assert client.codes_to_end()[0] == b"220"
    smtp.stop()
    early = SandboxSession.objects.get().events.filter(data__early=True)
    assert [bytes(row.octets) for row in early][:1] == [b"EHLO laptop.example\r\n"]


def test_tls_from_the_first_octet_begins_behind_the_header(smtp, dial):
    client = dial(smtp.smtps_port)
    client.say(V1)
    client.encrypt()

    assert client.hear().startswith(b"220 ")
    assert client.socket.version() == "TLSv1.3"


@pytest.mark.parametrize(
    "words",
    [
        b"EHLO laptop.example\r\n",
        b"PROXY TCP4 nobody 198.51.100.1 40000 25\r\n",
        b"PROXY TCP4 192.0.2.9 198.51.100.1 40000 66000\r\n",
        b"PROXY " + b"x" * 5000,
        b"PROXY " + b"x" * 5000 + b"\r\n",
        SIGNATURE + b"\x21\x21\x00\x04" + bytes(4),
        SIGNATURE + b"\x21\x21\xff\xff",
        SIGNATURE + b"\x31\x21\x00\x24" + bytes(36),
    ],
)
def test_what_is_no_header_ends_the_connection_unheard(smtp, dial, words):
    client = dial()
    client.say(words)

    assert client.ends_without_a_word()
    smtp.stop()
    assert peers() == []


def test_proxy_that_says_nothing_is_let_go(smtp, dial, monkeypatch):
    monkeypatch.setattr(proxying, "HEADER_SECONDS", 0.05)
    client = dial()
    client.say(V1[:20])

    assert client.ends_without_a_word()


def test_nobody_else_is_believed(smtp, dial, settings):
    settings.SANDBOX_PROXIES = [ip_network("203.0.113.0/24")]
    client = dial()

    assert client.hear() == GREETING
    client.say(V1)
    assert client.hear()[:3] == b"500"
    client.leave()
    smtp.stop()
    assert peers() == ["127.0.0.1"]


def test_caps_are_those_of_the_client(smtp, dial, settings):
    settings.SANDBOX_CONNECTIONS_PER_ADDRESS = 1
    replies = []
    for address in (b"192.0.2.9", b"192.0.2.9", b"192.0.2.10"):
        client = dial()
        client.say(V1.replace(b"192.0.2.9", address))
        replies.append(client.hear()[:3])

    assert replies == [b"220", b"421", b"220"]
