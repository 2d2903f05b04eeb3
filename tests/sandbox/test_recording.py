import base64
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from sandbox.conversing import load
from sandbox.log import logbook
from sandbox.log.logbook import replay_row
from sandbox.models import SandboxSession, SandboxToken
from sandbox.recording import (
    NoMessageDue,
    SessionEnded,
    move_clock,
    open_console,
    play_dialogue,
    send_lines,
    send_message,
    send_octets,
)
from sandbox.smtp import replay
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def console(db):
    return open_console(LearnerFactory())


def log_of(session):
    return [(e.seq, e.direction, bytes(e.octets), e.data) for e in session.events.order_by("seq")]


def test_console_begins_with_the_greeting(console):
    assert console.channel == "console"
    assert console.ended_at is None
    assert log_of(console) == [
        (
            1,
            "out",
            b"220 mx.lab.example ESMTP ready\r\n",
            {
                "event": "reply",
                "rule": "greeting.ok",
                "code": 220,
                "states": ["NEW", "GREETED"],
            },
        )
    ]


def test_line_and_its_reply_become_two_rows(console):
    send_lines(console, "MAIL FROM:<casey@lab.example>")

    assert log_of(console)[1:] == [
        (2, "in", b"MAIL FROM:<casey@lab.example>\r\n", {"event": "line", "verb": "MAIL"}),
        (
            3,
            "out",
            b"503 5.5.1 MAIL is out of order here\r\n",
            {
                "event": "reply",
                "rule": "mail.order",
                "code": 503,
                "enhanced": "5.5.1",
                "states": ["GREETED", "GREETED"],
            },
        ),
    ]


TO_CONTENT = """EHLO laptop.example
MAIL FROM:<casey@lab.example>
RCPT TO:<robin@lab.example>
DATA"""


def test_pasted_lines_wait_for_their_replies_each(console):
    conversation = send_lines(console, TO_CONTENT)

    assert [row.data.get("code") for row in conversation.rows if row.direction == "out"] == [
        220,
        250,
        250,
        250,
        354,
    ]
    assert not any(row.data.get("early") for row in conversation.rows)


def test_octets_go_out_as_one_write(console):
    conversation = send_octets(console, b"NOOP\r\nNOOP\r\nQUIT")

    assert [
        (bytes(row.octets)[:4], row.data.get("early", False), row.data.get("code"))
        for row in conversation.rows[1:]
    ] == [
        (b"NOOP", False, None),
        (b"250 ", False, 250),
        (b"NOOP", True, None),
        (b"NOOP", False, None),  # the breach
        (b"554 ", False, 554),
        (b"", False, None),
    ]


def test_starttls_makes_a_handshake_and_records_it(console):
    conversation = send_lines(console, "EHLO laptop.example\nSTARTTLS\nEHLO laptop.example")

    [fact] = [row.data for row in conversation.rows if row.direction == "fact"]
    assert (fact["event"], fact["version"][:4], bool(fact["cipher"])) == ("tls", "TLSv", True)
    assert conversation.engine.secured is not None
    assert load(console).engine.secured == conversation.engine.secured
    assert b"250-AUTH " in bytes(conversation.rows[-1].octets)


def test_console_on_port_465_is_encrypted_before_the_greeting(db):
    console = open_console(LearnerFactory(), nominal_port=465)

    assert [data["event"] for *_, data in log_of(console)] == ["tls", "notice", "reply"]
    assert load(console).engine.secured is not None


def test_practice_account_logs_in_and_stays_in_the_log(console):
    login = "AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy"

    conversation = send_lines(console, f"EHLO a.example\nSTARTTLS\nEHLO a.example\n{login}")

    assert conversation.engine.user == "casey@lab.example"
    assert login.encode() + b"\r\n" in [octets for _, _, octets, _ in log_of(console)]


def test_own_token_logs_in_and_that_of_another_does_not(console):
    own = SandboxToken.objects.create(learner=console.learner)
    other = SandboxToken.objects.create(learner=LearnerFactory())
    send_lines(console, "EHLO a.example\nSTARTTLS\nEHLO a.example")

    for token in (other, own):
        secret = base64.b64encode(f"\0{token.value}\0{token.value}".encode()).decode()
        conversation = send_lines(console, f"AUTH PLAIN {secret}")

    codes = [row.data["code"] for row in conversation.rows if row.direction == "out"]
    assert codes[-2:] == [535, 235]
    assert conversation.engine.user == own.value
    assert load(console).engine.user == own.value


def test_secret_of_somebody_is_not_in_the_log(console):
    secret = base64.b64encode(b"\0real@person.example\0hunter22").decode()

    send_lines(console, f"EHLO a.example\nSTARTTLS\nEHLO a.example\nAUTH PLAIN {secret}")

    assert not [octets for _, _, octets, _ in log_of(console) if secret.encode() in octets]
    assert log_of(console)[-1][3]["code"] == 535
    assert load(console).engine.state == "READY"


def test_recipient_at_a_token_is_local_for_its_owner_only(console):
    own = SandboxToken.objects.create(learner=console.learner)
    other = SandboxToken.objects.create(learner=LearnerFactory())

    conversation = send_lines(
        console,
        "EHLO a.example\nMAIL FROM:<casey@lab.example>\n"
        f"RCPT TO:<x@{own.value}.sandbox.test>\nRCPT TO:<x@{other.value}.sandbox.test>",
    )

    codes = [row.data["code"] for row in conversation.rows if row.direction == "out"]
    assert codes[-2:] == [250, 550]


def test_clock_is_moved_and_later_lines_come_later(console):
    before = move_clock(console, 200)
    after = send_lines(console, "NOOP")

    assert [(row.data["event"], row.data.get("seconds")) for row in before.rows[1:]] == [
        ("clock", 200)
    ]
    assert before.rows[-1].at_us >= 200_000_000
    assert after.rows[-1].at_us >= before.rows[-1].at_us
    assert move_clock(console, 300).rows[-2].data["code"] == 421


def test_planned_fault_strikes_and_is_told(db):
    console = open_console(LearnerFactory(), fault_plan="mail-451")

    rows = send_lines(console, "EHLO a.example\nMAIL FROM:<casey@lab.example>").rows

    assert [row.data.get("plan") or row.data.get("code") for row in rows[-2:]] == ["mail-451", 451]
    assert load(console).engine.state == "READY"


def test_message_is_one_row_then_its_dot_and_what_was_stored(console):
    send_lines(console, TO_CONTENT)

    send_message(console, "Subject: Hello\r\n\r\nHello Robin\r\n")

    assert [
        (direction, octets, data["event"]) for _, direction, octets, data in log_of(console)[9:]
    ] == [
        ("in", b"Subject: Hello\r\n\r\nHello Robin\r\n", "content"),
        ("in", b".\r\n", "content"),
        ("note", b"", "accepted"),
        ("out", log_of(console)[12][2], "reply"),
    ]
    accepted = log_of(console)[11][3]
    assert accepted["sender"] == "casey@lab.example"
    assert accepted["recipients"] == ["robin@lab.example"]
    assert accepted["size"] == 31
    assert log_of(console)[12][2].startswith(b"250 2.0.0 ")


def test_message_keeps_a_dot_line_that_was_typed(console):
    send_lines(console, TO_CONTENT)

    send_message(console, "Hello\n.\nNOOP")

    assert [(octets, data.get("code")) for _, _, octets, data in log_of(console)[9:]][:2] == [
        (b"Hello\r\n", None),
        (b".\r\n", None),
    ]
    # What stands behind the dot is commands again, and so is the dot that was added.
    assert [d["code"] for _, direction, _, d in log_of(console)[11:] if direction == "out"] == [
        250,
        250,
        500,
    ]


def test_message_sent_twice_is_refused_the_second_time(console):
    send_lines(console, TO_CONTENT)
    send_message(console, "Hello")

    with pytest.raises(NoMessageDue):
        send_message(console, "Hello")

    assert SandboxSession.objects.with_counts().get().n_messages == 1


def test_replay_of_every_prefix_stands_where_the_session_stood(console):
    send_lines(console, TO_CONTENT)
    send_message(console, "Hello")
    send_lines(console, "QUIT")
    rows = [replay_row(row) for row in console.events.order_by("seq")]

    states = [
        replay(rows[:n], console.engine_profile, console.facts).state
        for n in range(1, len(rows) + 1)
    ]

    # greeting, then line and reply of EHLO, MAIL, RCPT, DATA, then content, dot, note, reply, QUIT
    assert states == [
        "GREETED",
        "READY",
        "READY",
        "SENDER",
        "SENDER",
        "RCPTS",
        "RCPTS",
        "CONTENT",
        "CONTENT",
        "CONTENT",
        "READY",
        "READY",
        "READY",
        "CLOSED",
        "CLOSED",
        "CLOSED",
    ]


def test_quit_ends_the_session_for_good(console):
    conversation = send_lines(console, "QUIT\nNOOP")

    console.refresh_from_db()
    assert console.ended_at is not None
    assert [row.data["event"] for row in conversation.rows] == ["reply", "line", "reply", "close"]
    with pytest.raises(SessionEnded):
        send_lines(console, "NOOP")


def test_of_two_posts_at_once_the_second_speaks_after_the_first(transactional_db):
    console = open_console(LearnerFactory())
    rival = threading.Thread(target=post_and_close, args=(console, "EHLO first.example"))

    def let_the_rival_in(execute, sql, *rest):
        if rival.ident is None and (sql.startswith("BEGIN") or "INSERT" in sql):
            rival.start()
            rival.join()
        return execute(sql, *rest)

    with connection.execute_wrapper(let_the_rival_in):
        send_lines(console, "MAIL FROM:<casey@lab.example>")

    assert [
        (seq, octets) for seq, _, octets, data in log_of(console) if data["event"] == "line"
    ] == [
        (2, b"EHLO first.example\r\n"),
        (4, b"MAIL FROM:<casey@lab.example>\r\n"),
    ]
    # Replayed behind the rival's EHLO, MAIL is in order; before it, it was not.
    assert log_of(console)[-1][3]["code"] == 250


def post_and_close(session, text):
    try:
        send_lines(session, text)
    finally:
        connection.close()


def test_one_query_loads_a_session(console, django_assert_num_queries):
    send_lines(console, "EHLO laptop.example")

    with django_assert_num_queries(1):
        conversation = load(console)

    assert conversation.engine.state == "READY"
    assert conversation.last_seq == 3


def test_full_session_is_shut_down(console, monkeypatch):
    monkeypatch.setattr(logbook, "EVENTS_PER_SESSION", 3)
    send_lines(console, "EHLO laptop.example")

    send_lines(console, "NOOP")

    assert [data["event"] for _, _, _, data in log_of(console)[3:]] == [
        "limit",
        "reply",
        "close",
    ]
    assert log_of(console)[4][2].startswith(b"421 4.7.0 ")
    assert load(console).ended


def test_twenty_first_open_console_hangs_up_in_the_oldest(db):
    learner = LearnerFactory()
    sessions = [open_console(learner) for _ in range(20)]
    foreign = open_console(LearnerFactory())

    open_console(learner)

    ended = SandboxSession.objects.exclude(ended_at=None)
    assert [session.pk for session in ended] == [sessions[0].pk]
    assert [data["event"] for *_, data in log_of(sessions[0])] == ["reply", "eof", "close"]
    assert not load(foreign).ended


PROOF = """S: 220
C: EHLO laptop.example
S: ...
C: MAIL FROM:<casey@lab.example>
C: RCPT TO:<robin@lab.example>
S: 250
S: 250
"""


def test_dialogue_is_played_into_a_session_that_goes_on(db):
    session = play_dialogue(PROOF, "modern", LearnerFactory())

    assert [(octets[:4], data.get("early", False)) for _, _, octets, data in log_of(session)] == [
        (b"220 ", False),
        (b"EHLO", False),
        (b"250-", False),
        (b"MAIL", False),
        (b"250 ", False),
        (b"RCPT", True),
        (b"250 ", False),
    ]
    assert send_lines(session, "DATA").engine.state == "CONTENT"


def test_played_dialogue_lets_time_pass(db):
    session = play_dialogue("S: 220\nE: wait=300\nS: 421\nE: close\n", "modern", LearnerFactory())

    assert [(row.data["event"], row.at_us) for row in session.events.order_by("seq")] == [
        ("reply", 0),
        ("clock", 300_000_000),
        ("tick", 300_000_000),
        ("reply", 300_000_000),
        ("close", 300_000_000),
    ]
    assert session.ended_at is not None


def test_one_row_per_place_in_a_session(db):
    first = SandboxEventFactory()

    wrong = r"session_id.*seq|sandboxevent_one_per_seq"  # SQLite names the columns
    with pytest.raises(IntegrityError, match=wrong), transaction.atomic():
        SandboxEventFactory(session=first.session)


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("sandboxsession_channel_known", {"channel": "udp"}),
        ("sandboxsession_console_has_learner", {"channel": "console"}),
    ],
)
def test_session_constraint_holds(db, constraint, wrong):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SandboxSessionFactory(**wrong)


def test_event_direction_is_one_of_four(db):
    with pytest.raises(IntegrityError, match="sandboxevent_direction_known"), transaction.atomic():
        SandboxEventFactory(direction="up")


def kept_of(sessions):
    expired = set(SandboxSession.objects.expired(NOON).values_list("pk", flat=True))
    return [name for name, session in sessions.items() if session.pk not in expired]


def sessions_of_all_ages():
    def ended(peer, minutes, **fields):
        moment = NOON - timedelta(minutes=minutes)
        return SandboxSessionFactory(peer=peer, started_at=moment, ended_at=moment, **fields)

    learner = LearnerFactory()
    return {
        "stranger, 9 minutes": ended("203.0.113.9", 9),
        "stranger, 11 minutes": ended("203.0.113.9", 11),
        "stranger, still talking": SandboxSessionFactory(
            peer="203.0.113.9", started_at=NOON - timedelta(minutes=11)
        ),
        "loopback, 23 hours": ended("127.0.0.1", 23 * 60),
        "loopback, 25 hours": ended("127.0.0.1", 25 * 60),
        "claimed, 23 hours": ended("203.0.113.9", 23 * 60, learner=learner),
        "claimed, 25 hours": ended("203.0.113.9", 25 * 60, learner=learner),
    }


def test_expired_in_local_mode_spares_loopback_for_a_day(db, settings):
    settings.LOCAL_MODE = True

    assert kept_of(sessions_of_all_ages()) == [
        "stranger, 9 minutes",
        "stranger, still talking",
        "loopback, 23 hours",
        "claimed, 23 hours",
    ]


def test_expired_in_production_takes_all_unclaimed_after_ten_minutes(db, settings):
    settings.LOCAL_MODE = False

    assert kept_of(sessions_of_all_ages()) == [
        "stranger, 9 minutes",
        "stranger, still talking",
        "claimed, 23 hours",
    ]


def test_abandoned_connection_is_closed_in_the_record(db):
    left = SandboxSessionFactory(started_at=NOON - timedelta(minutes=32))
    talking = SandboxSessionFactory(started_at=NOON - timedelta(minutes=30))

    assert SandboxSession.objects.end_abandoned(NOON) == 1

    left.refresh_from_db()
    talking.refresh_from_db()
    assert (left.ended_at, talking.ended_at) == (NOON, None)


def test_export_holds_the_log_as_text(console):
    send_lines(console, "NOOP s\u00f8ren\0")
    SandboxEventFactory()

    [exported] = console.learner.sandbox_sessions.exported()

    assert exported["uuid"] == console.uuid
    assert [event["text"] for event in exported["events"]] == [
        "220 mx.lab.example ESMTP ready\r\n",
        "NOOP s\\xc3\\xb8ren\0\r\n",
        "NOOP s\\xc3\\xb8ren\0\r\n",  # the violation names what offends
        "501 5.5.2 NUL in command\r\n",
    ]
