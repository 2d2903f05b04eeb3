"""The same dialogue in memory, over a socket, under TLS and in the console: the same replies."""

import re

import pytest

from sandbox.recording import open_console, send_octets
from sandbox.smtp import TlsResult
from tests.factories import LearnerFactory

from .talking import Talk

EHLO = b"EHLO client.example\r\n"
MAIL = b"MAIL FROM:<casey@lab.example>\r\n"
RCPT = b"RCPT TO:<robin@lab.example>\r\n"
LOGIN = b"AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy\r\n"
MESSAGE = b"Subject: Hello\r\n\r\n..Hello\r\n.\r\n"

# Each write waits for its last reply. "TLS" follows STARTTLS.
DIALOGUES = {
    "a message": [EHLO, MAIL, RCPT, b"DATA\r\n", MESSAGE, b"QUIT\r\n"],
    "out of order": [b"DATA\r\n", RCPT, MAIL, b"XYZZY\r\n", EHLO, MAIL, MAIL, b"EXPN x\r\n"],
    "a group": [EHLO, MAIL + RCPT + b"RCPT TO:<nobody@lab.example>\r\nDATA\r\n", MESSAGE],
    "a breach": [EHLO, b"NOOP\r\n" + MAIL + RCPT],
    "chunks": [EHLO, MAIL + RCPT + b"BDAT 7\r\nHello\r\nBDAT 0 LAST\r\n", b"BDAT 3\r\nabc"],
    "an upgrade": [EHLO, b"STARTTLS\r\n", "TLS", MAIL, EHLO, LOGIN, MAIL, b"RSET\r\n"],
    "a login step by step": [
        EHLO,
        b"STARTTLS\r\n",
        "TLS",
        EHLO,
        b"AUTH LOGIN\r\n",
        b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n",
        b"*\r\n",
        LOGIN,
        b"AUTH LOGIN\r\n",
    ],
    "wrong line ends": [EHLO, MAIL, RCPT, b"DATA\r\n", b"a\nb\r\n.\r\n", b"NOOP\n"],
}


def without_queue_id(octets):
    return re.sub(rb"accepted as [0-9A-F]{12}", b"accepted as ID", octets)


def in_memory(dialogue):
    """What the server says to the connection, and then to each write."""
    talk = Talk()
    heard = [talk.wire]
    for step in dialogue:
        before = len(talk.wire)
        if step == "TLS":
            talk.answer(TlsResult("TLSv1.3", "TLS_AES_256_GCM_SHA384"))
        else:
            talk.say(step)
            heard.append(talk.wire[before:])
    return [without_queue_id(octets) for octets in heard]


@pytest.mark.parametrize("name", DIALOGUES)
def test_over_a_socket_as_in_memory(dial, name):
    expected = in_memory(DIALOGUES[name])
    client = dial()

    heard = [client.hear()]
    for step in DIALOGUES[name]:
        if step == "TLS":
            client.encrypt()
            continue
        client.say(step)
        wanted = len(re.findall(rb"^\d{3} ", expected[len(heard)], re.MULTILINE))
        heard.append(b"".join(client.hear() for _ in range(wanted)))

    assert [without_queue_id(octets) for octets in heard] == expected


@pytest.mark.django_db
@pytest.mark.parametrize("name", DIALOGUES)
def test_in_the_console_as_in_memory(name):
    session = open_console(LearnerFactory())

    for step in DIALOGUES[name]:
        if step != "TLS":  # the console shakes hands by itself
            send_octets(session, step)

    said = b"".join(bytes(row.octets) for row in session.events.filter(direction="out"))
    assert without_queue_id(said) == b"".join(in_memory(DIALOGUES[name]))
