import pytest

from sandbox.lessons import headline
from sandbox.railing import rail_of
from sandbox.recording import open_console, send_lines, send_message
from sandbox.viewing import CONTENT_LINES, read_row
from tests.factories import LearnerFactory, SandboxEventFactory

TO_CONTENT = """EHLO laptop.example
MAIL FROM:<casey@lab.example>
RCPT TO:<robin@lab.example>
DATA"""


def places(rows):
    return {step.name: step.place for step in rail_of(map(read_row, rows)) if step.place}


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        ("NOOP", {"connected": "here"}),
        ("EHLO laptop.example", {"connected": "done", "greeted": "here"}),
        (
            TO_CONTENT.removesuffix("\nDATA"),
            {"connected": "done", "greeted": "done", "transaction": "here"},
        ),
        (
            TO_CONTENT.removesuffix("DATA") + "RSET",
            {"connected": "done", "greeted": "here"},
        ),
        (
            "EHLO laptop.example\nQUIT",
            {"connected": "done", "greeted": "done", "closed": "here"},
        ),
    ],
)
def test_rail_shows_how_far_the_session_has_come(db, said, reached):
    session = open_console(LearnerFactory())

    assert places(send_lines(session, said).rows) == reached


def test_rail_after_a_message_and_a_goodbye_has_every_step(db):
    session = open_console(LearnerFactory())
    send_lines(session, TO_CONTENT)
    accepted = places(send_message(session, "Hello").rows)

    closed = places(send_lines(session, "QUIT").rows)

    assert list(accepted.items())[-1] == ("accepted", "here")
    assert closed == {
        "connected": "done",
        "greeted": "done",
        "transaction": "done",
        "content": "done",
        "accepted": "done",
        "closed": "here",
    }


def test_every_row_gives_one_line_and_some_are_quiet(db):
    session = open_console(LearnerFactory())
    rows = send_lines(session, "NO\0OP\nQUIT").rows

    told = [(row.data["event"], "quiet" in read_row(row).as_json()["flags"]) for row in rows]

    assert told == [
        ("reply", False),
        ("line", False),
        ("violation", False),
        ("reply", False),
        ("line", False),
        ("reply", False),
        ("close", True),
    ]


def test_vanished_client_is_told(db):
    line = read_row(
        SandboxEventFactory(
            direction="note",
            octets=b"",
            data={"event": "close", "rule": "session.vanished", "graceful": False},
        )
    )

    assert (line.line.side, line.step) == ("event", "closed")
    assert line.line.why


def test_long_content_is_cut_and_counted(db):
    row = SandboxEventFactory(
        direction="in", octets=b"x\r\n" * (CONTENT_LINES + 2), data={"event": "content"}
    )

    line = read_row(row).line

    assert line.text.split("\n") == ["x"] * 200
    assert line.more == "… 2 more lines, 606 octets in all"


def test_headline_counts_messages(db):
    session = open_console(LearnerFactory())
    rows = send_lines(session, TO_CONTENT).rows
    assert headline(session, rows) == "An SMTP session"

    rows = send_message(session, "Hello").rows
    assert headline(session, rows) == "Sending one message"

    left = open_console(LearnerFactory())
    rows = send_lines(left, "QUIT").rows
    assert headline(left, rows) == "A session without a message"
