import pytest

from sandbox.recording import open_console, send_lines, send_message, send_octets
from sandbox.viewing.lessons import headline, lessons
from tests.factories import LearnerFactory

TO_CONTENT = """EHLO laptop.example
MAIL FROM:<casey@lab.example>
RCPT TO:<robin@lab.example>
DATA"""


@pytest.fixture
def console(db):
    return open_console(LearnerFactory())


def told(rows):
    return [(lesson.title, lesson.seq) for lesson in lessons(rows)]


def test_each_reason_of_a_refusal_is_told_once_with_its_line(console):
    rows = send_lines(console, "RCPT TO:<a@b.example>\nRCPT TO:<a@b.example>\nNOOP\nBLAH").rows

    assert told(rows) == [("503: Out of order", 3), ("500: No such command", 9)]


def test_violation_is_told_once_though_its_reply_has_the_same_reason(console):
    rows = send_lines(console, "NO\0OP").rows

    assert told(rows) == [("A NUL in the command", 3)]


def test_second_greeting_after_the_handshake_is_told(console):
    rows = send_lines(console, "EHLO a.example\nSTARTTLS\nEHLO a.example").rows

    [lesson] = lessons(rows)
    assert lesson.title == "EHLO twice"
    assert lesson.text.endswith("New in the list: AUTH; gone: STARTTLS.")


def test_missing_second_greeting_is_told(console):
    rows = send_lines(console, "EHLO a.example\nSTARTTLS\nMAIL FROM:<casey@lab.example>").rows

    assert [title for title, _ in told(rows)] == ["No EHLO under TLS", "503: Out of order"]


def test_allowed_pipelining_is_told_and_a_breach_is_not_called_so(console):
    send_lines(console, "EHLO a.example")
    group = b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<robin@lab.example>\r\n"

    rows = send_octets(console, group).rows
    assert told(rows) == [("Sent early", 6)]

    rows = send_octets(console, b"NOOP\r\nNOOP\r\n").rows
    assert "Sent early" not in [title for title, _ in told(rows)]


def test_session_in_which_nothing_went_wrong_says_so(console):
    send_lines(console, TO_CONTENT)

    assert [title for title, _ in told(send_message(console, "Hi").rows)] == ["Nothing was refused"]


def test_no_more_than_four_lessons_are_given(console):
    wrong = "BLAH\nRCPT TO:<a@b.example>\nEHLO\nNO\tOP\nDATA now\nEXPN x\nHELO a_b"

    assert len(lessons(send_lines(console, wrong).rows)) == 4


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("NOOP", "An SMTP session"),
        ("BLAH\nBLAH", "A session with 2 refusals"),
        ("EHLO a.example\nSTARTTLS", "Upgrading to TLS"),
        ("QUIT", "A session without a message"),
    ],
)
def test_headline_says_what_happened(console, said, title):
    rows = send_lines(console, said).rows
    console.refresh_from_db()

    assert headline(console, rows) == title
