import pytest

from sandbox.recording import open_console, send_lines, send_message
from sandbox.viewing.lessons import headline
from sandbox.viewing.railing import pace_of, rail_of
from sandbox.viewing.rows import CONTENT_LINES, read_row, read_rows, time_label
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory

TO_CONTENT = """EHLO laptop.example
MAIL FROM:<casey@lab.example>
RCPT TO:<robin@lab.example>
DATA"""


def places(rows):
    return {
        step.name: step.place for step in rail_of(pace_of(row.data) for row in rows) if step.place
    }


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

    assert (line.line.side, line.as_json()["step"]) == ("event", "closed")
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


@pytest.mark.parametrize(
    ("at_us", "label"),
    [(0, "0.0 ms"), (9_940, "9.9 ms"), (81_234, "81 ms"), (1_000_000, "1.00 s")],
)
def test_time_is_told_as_closely_as_it_matters(at_us, label):
    assert time_label(at_us) == label


def test_time_stands_where_it_changes_and_a_pause_is_told(db):
    session = SandboxSessionFactory()
    times = (200, 210, 1_500_000, 3_600_000)
    rows = [SandboxEventFactory(session=session, seq=n, at_us=t) for n, t in enumerate(times, 1)]

    assert [(line.at, line.gap) for line in read_rows(rows)] == [
        ("0.2 ms", ""),
        ("", ""),
        ("1.50 s", "+1.5 s"),
        ("3.60 s", "+2.1 s"),
    ]


def test_layers_of_a_session_are_events_with_what_was_agreed(db):
    session = open_console(LearnerFactory())
    login = "AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy"
    lines = f"EHLO a.example\nSTARTTLS\nEHLO a.example\n{login}"

    rows = send_lines(session, lines).rows
    read = read_rows(rows)

    layers = [line.line.text for line in read if line.kind == "layer"]
    assert layers[0].startswith("Encrypted from here: TLS 1.")
    assert layers[1] == "Logged in as casey@lab.example with PLAIN"
    marks = {
        step.name: step.label for step in rail_of(pace_of(row.data) for row in rows) if step.is_flag
    }
    assert marks["tls"].startswith("TLS 1.")
    assert marks["auth"] == "logged in"
    [said] = [line.line.more for line in read if line.line and line.line.text == login]
    assert said == "says: NUL casey@lab.example NUL Spring-Tide-42"


def test_empty_line_of_a_login_says_nothing(db):
    session = open_console(LearnerFactory())
    rows = send_lines(session, "EHLO a.example\nSTARTTLS\nEHLO a.example\nAUTH LOGIN\n\nNOOP").rows

    said = [read.line.more for read in read_rows(rows) if read.line and read.line.side == "client"]
    assert said == ["", "", "", "", "", ""]


def test_secret_is_shown_as_hidden(db):
    session = open_console(LearnerFactory())
    send_lines(session, "EHLO a.example\nSTARTTLS\nEHLO a.example")

    rows = send_lines(session, "AUTH PLAIN AHJlYWxAcGVyc29uLmV4YW1wbGUAaHVudGVyMg==").rows

    [line] = [line for line in read_rows(rows) if line.tags]
    assert (line.line.text, line.tags) == ("AUTH PLAIN ********", ["secret hidden, looked up"])
    assert line.as_json()["tags"] == ["secret hidden, looked up"]


def test_planned_fault_is_said_to_be_planned(db):
    session = open_console(LearnerFactory(), fault_plan="mail-451")

    rows = send_lines(session, "EHLO a.example\nMAIL FROM:<casey@lab.example>").rows

    [fault] = [line.line for line in read_rows(rows) if line.kind == "fault"]
    assert fault.text == "A planned fault: A local error at MAIL"


def test_addresses_of_a_stored_message_hide_nothing(db):
    told = {"sender": "a\u202eb@x.example", "recipients": ["r\u200b@lab.example"], "size": 1}
    row = SandboxEventFactory(direction="note", octets=b"", data={"event": "accepted", **told})

    text = read_row(row).line.text

    assert text == "Stored: 1 octets from <aU+202Eb@x.example> for <rU+200B@lab.example>"


@pytest.mark.django_db
def test_a_reply_that_is_held_back_says_for_how_long():
    session = open_console(LearnerFactory(), fault_plan="slow-greeting")

    (greeting,) = [line for line in read_rows(session.events.all()) if line.row.direction == "out"]

    assert greeting.tags == ["held back 5 s"]
