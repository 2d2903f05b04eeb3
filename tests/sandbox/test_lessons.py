import pytest

from sandbox.lessons import lessons
from sandbox.recording import open_console, send_lines
from tests.factories import LearnerFactory


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
