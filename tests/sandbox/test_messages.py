import pytest

from sandbox.recording import open_console, send_lines, send_message
from sandbox.viewing.messages import read_messages
from tests.factories import LearnerFactory, SandboxEventFactory

TO_CONTENT = "EHLO laptop.example\nMAIL FROM:<casey@lab.example>\nRCPT TO:<robin@lab.example>\nDATA"
LETTER = """From: Casey <casey@lab.example>
To: robin@lab.example
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: text/html

<p onclick="x()">Hi
--b1
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

caf=E9
..dot
--b1
Content-Type: text/plain
Content-Disposition: attachment; filename="../note.txt"
Content-Transfer-Encoding: base64

T0sK
--b1--
"""


@pytest.fixture
def console(db):
    return open_console(LearnerFactory())


def sent(console, text, before=TO_CONTENT):
    send_lines(console, before)
    return read_messages(send_message(console, text).rows)


def test_message_is_read_with_envelope_header_text_and_parts(console):
    [message] = sent(console, LETTER)

    assert (message.sender, message.recipients) == (
        "casey@lab.example",
        (("robin@lab.example", ()),),
    )
    assert message.subject == "Gr\u00fc\u00dfe"
    assert [name for name, _ in message.top_fields] == ["From", "To", "Subject"]
    assert message.text == "caf\u00e9\n.dot"
    assert message.html == '<p onclick="x()">Hi'
    assert [(part.depth, part.content_type, part.octets) for part in message.parts] == [
        (0, "multipart/mixed", 0),
        (1, "text/html", 19),
        (1, "text/plain", 10),
        (1, "text/plain", 3),
    ]
    assert [part.filename for part in message.attachments] == ["note.txt"]
    assert (message.hidden_recipients, message.has_other_author) == ([], False)
    assert message.size == len(message.raw.replace("\n", "\r\n")) + 2


def test_envelope_and_header_that_differ_are_told(console):
    [message] = sent(console, "From: robin@lab.example\nTo: sam@lab.example\n\nHi")

    assert message.hidden_recipients == ["robin@lab.example"]
    assert message.has_other_author is True


def test_each_message_has_its_own_content(console):
    sent(console, "Subject: one\n\nfirst")

    messages = sent(console, "Subject: two\n\nsecond", TO_CONTENT.partition("\n")[2])

    assert [(m.number, m.subject, m.text) for m in messages] == [
        (1, "one", "first"),
        (2, "two", "second"),
    ]


def test_refused_content_is_not_part_of_the_next_message(db):
    def row(octets, **data):
        return SandboxEventFactory.build(octets=octets, data=data)

    stored = {"sender": "", "recipients": [], "queue_id": "A1", "size": 4}
    rows = [
        row(b"bad\n\r\n", event="content"),
        row(b".\r\n", event="content", end=True),
        row(b"MAIL FROM:<>\r\n", event="line", verb="MAIL"),
        row(b"good\r\n", event="content"),
        row(b"", event="accepted", **stored),
    ]

    assert [message.raw for message in read_messages(rows)] == ["good"]


def test_chunks_are_joined_and_keep_their_dots(db):
    accepted = {
        "event": "accepted",
        "sender": "",
        "recipients": ["robin@lab.example"],
        "queue_id": "A1",
        "size": 18,
    }
    rows = [
        SandboxEventFactory.build(seq=1, octets=b"Subject: x\r\n", data={"event": "chunk"}),
        SandboxEventFactory.build(seq=2, octets=b"\r\n..a\r\n", data={"event": "chunk"}),
        SandboxEventFactory.build(seq=3, octets=b"", data=accepted),
    ]

    [message] = read_messages(rows)

    assert (message.in_chunks, message.text, message.sender) == (True, "..a", "")


def test_text_is_inert_and_bounded(console):
    [message] = sent(console, "Subject: \u202ex\n\n" + "line\n" * 300)

    assert message.subject == "U+202Ex"
    assert message.text.split("\n")[-2:] == ["line", "\u2026"]
    assert message.text.count("line") == 200


def test_letters_beyond_ascii_in_the_envelope_are_named(db):
    stored = {
        "event": "accepted",
        "sender": "s\u00f8ren@lab.example",
        "recipients": ["\u0430nn\u202e@lab.example"],
        "queue_id": "A1",
        "size": 0,
    }

    [message] = read_messages([SandboxEventFactory.build(octets=b"", data=stored)])

    assert message.recipients == (("\u0430nnU+202E@lab.example", ()),)
    assert message.beyond_ascii == [
        ("\u00f8", "U+00F8 LATIN SMALL LETTER O WITH STROKE"),
        ("\u0430", "U+0430 CYRILLIC SMALL LETTER A"),
    ]
