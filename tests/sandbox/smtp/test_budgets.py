import pytest

from sandbox.smtp import (
    PROFILES,
    Close,
    Fact,
    MessageAccepted,
    Notice,
    Reply,
    Session,
    StateChange,
    lab_facts,
)

from ..talking import (
    DATA,
    EHLO,
    HELO,
    LOGGED_IN,
    MAIL,
    RCPT,
    STARTTLS,
    UNDER_TLS,
    Talk,
    of_type,
    only_reply,
    replies,
)

SECOND = 1_000_000


def test_errors_above_ten_are_answered_late_and_the_twentieth_closes():
    talk = Talk(EHLO)

    answers = [only_reply(talk.say(b"XYZZY\r\n")) for _ in range(20)]

    assert [answer.delay_us for answer in answers] == [0] * 10 + [SECOND] * 9 + [0]
    assert [answer.code for answer in answers] == [500] * 19 + [421]
    assert (answers[-1].enhanced, answers[-1].rule) == ("4.7.0", "session.errors")
    assert talk.state == "CLOSED"


def test_last_error_is_named_beside_the_421():
    talk = Talk(EHLO, *[b"XYZZY\r\n"] * 19)

    events = talk.say(b"RCPT TO:<robin@lab.example>\r\n")

    assert [notice.rule for notice in of_type(events, Notice)] == ["rcpt.order"]


def test_good_commands_are_not_delayed_by_errors():
    talk = Talk(EHLO, *[b"XYZZY\r\n"] * 15)

    assert only_reply(talk.say(MAIL)).delay_us == 0


def test_temporary_refusals_are_no_errors():
    talk = Talk(EHLO, MAIL, RCPT, limits={"recipients": 1})

    answers = [only_reply(talk.say(RCPT)).code for _ in range(30)]

    assert answers == [452] * 30


@pytest.mark.parametrize("line", [b"NOOP\r\n", b"RSET\r\n", b"VRFY robin\r\n", b"HELP\r\n"])
def test_idle_commands_past_a_hundred_count_as_errors(line):
    talk = Talk(EHLO)

    answers = [only_reply(talk.say(line)) for _ in range(120)]

    assert [answer.code for answer in answers[:100]] == [answers[0].code] * 100
    assert [answer.delay_us for answer in answers] == [0] * 110 + [SECOND] * 9 + [0]
    assert answers[-1].rule == "session.errors"


def test_mail_21_ends_the_session_refused_ones_counted():
    talk = Talk(EHLO)
    for number in range(20):
        refused = number % 2
        line = b"MAIL FROM:<casey@lab.example>" + b" SIZE=9999999" * refused + b"\r\n"
        assert only_reply(talk.say(line)).code == (552 if refused else 250)
        talk.say(b"RSET\r\n")

    events = talk.say(MAIL)

    assert replies(events) == [(421, "4.7.0", "session.mails")]
    assert talk.state == "CLOSED"


def test_idle_session_is_closed_300_seconds_after_the_last_reply():
    talk = Talk()
    talk.say(EHLO, at=10 * SECOND)
    talk.say(b"NO", at=100 * SECOND)  # octets alone keep nothing alive

    assert talk.session.deadline == 310 * SECOND
    assert talk.session.tick(at=310 * SECOND - 1) == []
    events = talk.session.tick(at=310 * SECOND)

    assert replies(events) == [(421, "4.4.2", "session.timeout")]
    assert events[-1] == Close("session.timeout", graceful=False)
    assert talk.session.deadline is None


def test_each_line_of_content_starts_the_clock_again():
    talk = Talk(EHLO, MAIL, RCPT, DATA)
    talk.say(b"Subject: x\r\n", at=200 * SECOND)
    talk.say(b"half a line", at=300 * SECOND)

    assert talk.session.deadline == 500 * SECOND


def test_session_ends_after_half_an_hour_however_busy():
    talk = Talk(EHLO)
    for second in range(0, 1800, 100):
        talk.say(b"NOOP\r\n", at=second * SECOND)

    assert talk.session.deadline == 1800 * SECOND
    assert replies(talk.session.tick(at=1800 * SECOND)) == [(421, "4.4.2", "session.expired")]


TOKEN_RCPT = b"RCPT TO:<x@a.sandbox.test>\r\n"


@pytest.mark.parametrize(
    "way",
    [
        (),
        (EHLO,),
        (EHLO, MAIL, RCPT, DATA, b"half a mess"),
        (EHLO, MAIL, RCPT, b"BDAT 10\r\nhalf"),
        (*UNDER_TLS, b"AUTH LOGIN\r\n"),
        (EHLO, STARTTLS),
        (EHLO, MAIL, TOKEN_RCPT),
        (*UNDER_TLS, b"AUTH PLAIN AGEAYg==\r\n"),
    ],
)
def test_every_state_ends_by_timeout_shutdown_failure_or_eof(way):
    for fact, rule in FACTS.items():
        talk = Talk(*way)
        at = talk.session.deadline

        events = talk.answer(fact, at=at)

        assert events[-1] == Close(rule, graceful=False)
        assert [reply.code for reply in of_type(events, Reply)] == [421] * (fact is not Fact.EOF)
        assert talk.state == "CLOSED"
        assert talk.session.deadline is None
        assert talk.say(b"NOOP\r\n") == []


FACTS = {
    Fact.TICK: "session.timeout",
    Fact.EOF: "session.vanished",
    Fact.SHUTDOWN: "session.shutdown",
    Fact.LIMIT: "session.limit",
    Fact.FAILED: "session.failed",
}


def test_octets_of_a_chunk_without_a_line_keep_nothing_alive():
    talk = Talk(EHLO, MAIL, RCPT, b"BDAT 100\r\n")
    talk.say(b"some octets", at=200 * SECOND)

    assert talk.session.deadline == 300 * SECOND


def test_shutdown_is_421_in_any_state_and_drops_the_transaction():
    talk = Talk(EHLO, MAIL, RCPT, DATA, b"half a mess")

    events = talk.session.shutdown(at=0)

    assert replies(events) == [(421, "4.3.2", "session.shutdown")]
    assert of_type(events, StateChange) == [StateChange("CONTENT", "CLOSED", ("transaction",))]
    assert talk.session.shutdown(at=1) == []


def test_failure_of_the_host_is_421():
    talk = Talk(EHLO)

    assert replies(talk.session.fail(at=0)) == [(421, "4.3.0", "session.failed")]


def test_vanished_client_keeps_what_was_accepted_and_loses_the_rest():
    talk = Talk(EHLO, MAIL, RCPT, DATA, b"one\r\n.\r\n", MAIL, RCPT, DATA, b"two\r\n.\r")

    events = talk.session.eof(at=0)

    assert events == [
        StateChange("CONTENT", "CLOSED", ("transaction",)),
        Close("session.vanished", graceful=False),
    ]
    assert len(of_type(talk.events, MessageAccepted)) == 1
    assert talk.session.eof(at=0) == []


def test_command_without_line_end_is_not_run_when_the_client_vanishes():
    talk = Talk(EHLO, b"MAIL FROM:<casey@lab.example>")

    assert replies(talk.session.eof(at=0)) == []


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        (Fact.TICK, "session.timeout"),
        (Fact.EOF, "session.vanished"),
        (Fact.SHUTDOWN, "session.shutdown"),
        (Fact.LIMIT, "session.limit"),
        (Fact.FAILED, "session.failed"),
    ],
)
def test_fact_of_a_log_row_is_the_method_of_its_name(fact, rule):
    talk = Talk(EHLO)

    assert talk.session.answer(fact, at=300 * SECOND)[-1] == Close(rule, graceful=False)


def test_session_is_opened_once():
    session = Session(Talk().profile, lab_facts())
    assert session.deadline is None
    session.open(at=0)

    with pytest.raises(ValueError, match="open already"):
        session.open(at=0)


def test_next_commands_fit_the_state():
    talk = Talk()
    steps = [b"", EHLO, MAIL, RCPT, DATA, b".\r\n", b"QUIT\r\n"]
    first = []
    for octets in steps:
        talk.say(octets)
        suggestions = talk.session.next_commands()
        first.append(suggestions[0].line.partition(" ")[0] if suggestions else None)

    assert first == ["EHLO", "MAIL", "RCPT", "DATA", "From:", "MAIL", None]


WAYS = {
    "modern": [
        (),
        (EHLO,),
        (HELO,),
        (EHLO, MAIL),
        (EHLO, MAIL, RCPT),
        (EHLO, MAIL, RCPT, b"BDAT 1\r\nx"),
        (EHLO, MAIL, RCPT, b"BDAT 1\r\nx", DATA),
        UNDER_TLS,
        LOGGED_IN,
    ],
    "submission": [(), (EHLO,), UNDER_TLS, LOGGED_IN, (*UNDER_TLS, b"AUTH LOGIN\r\n")],
    "strict": [(), (EHLO,), (EHLO, MAIL)],
    "legacy": [(), (HELO,), (HELO, MAIL), (HELO, MAIL, RCPT)],
    "postfix-like": [(), (EHLO,), UNDER_TLS, (EHLO, MAIL)],
    "exim-like": [(), (EHLO,), UNDER_TLS, (EHLO, MAIL)],
    "opensmtpd-like": [(), (EHLO,), UNDER_TLS, (EHLO, MAIL)],
}


@pytest.mark.parametrize("profile", PROFILES)
def test_no_suggestion_is_refused(profile):
    """But for the recipient that does not exist, and the asterisk that gives a login up."""
    for way in WAYS[profile]:
        for suggestion in Talk(*way, profile=profile).session.next_commands():
            talk = Talk(*way, profile=profile)
            reply = only_reply(talk.say(suggestion.line.encode() + b"\r\n"))
            if "nobody" not in suggestion.line and suggestion.line != "*":
                assert reply.code < 400, (way, suggestion, reply)
            assert suggestion.why.endswith(".")


def test_suggestions_lead_to_a_login():
    talk = Talk(*UNDER_TLS, profile="submission")

    talk.say(talk.session.next_commands()[0].line.encode() + b"\r\n")

    assert talk.session.user == "casey@lab.example"


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN"])
def test_suggested_responses_are_those_of_the_practice_account(mechanism):
    talk = Talk(*UNDER_TLS, b"AUTH " + mechanism + b"\r\n")
    for place in (0, 1) if mechanism == b"LOGIN" else (0,):
        talk.say(talk.session.next_commands()[place].line.encode() + b"\r\n")

    assert talk.session.user == "casey@lab.example"


def test_suggested_message_lines_make_a_message():
    talk = Talk(EHLO, MAIL, RCPT, DATA)
    lines = [suggestion.line for suggestion in talk.session.next_commands()]

    events = talk.say("".join(f"{line}\r\n" for line in lines).encode())

    assert of_type(events, MessageAccepted)[0].content == (
        b"From: Casey <casey@lab.example>\r\nTo: Robin <robin@lab.example>\r\n"
        b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: Hello\r\n\r\nHello Robin.\r\n"
    )
