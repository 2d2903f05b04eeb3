import pytest

from sandbox.smtp import Close, LineIn, Notice, Session, Violation, lab_facts

from ..talking import (
    DATA,
    EHLO,
    HELO,
    LOGIN,
    MAIL,
    QUIT,
    RCPT,
    STARTTLS,
    TLS,
    UNDER_TLS,
    Talk,
    of_type,
    replies,
    rules,
)


def test_a_group_of_mail_rcpt_data_is_answered_in_order():
    talk = Talk(EHLO)

    events = talk.say(MAIL + RCPT + b"RCPT TO:<sam@lab.example>\r\n" + DATA)

    assert rules(events) == ["mail.ok", "rcpt.ok", "rcpt.ok", "data.ok"]
    assert [line.early for line in of_type(events, LineIn)] == [False, True, True, True]


@pytest.mark.parametrize(
    "last",
    [EHLO, HELO, b"NOOP\r\n", QUIT, b"VRFY robin\r\n", b"HELP\r\n", b"EXPN x\r\n", b"XYZZY\r\n",
     STARTTLS, b"AUTH PLAIN\r\n", b"\r\n"],
)  # fmt: skip
@pytest.mark.parametrize("front", [b"RSET\r\n", MAIL, b"BDAT 2\r\nab"])
def test_any_verb_may_end_a_group(front, last):
    talk = Talk(EHLO)

    events = talk.say(front + last)

    assert len(replies(events)) == 2
    assert of_type(events, Violation) == []


# What nothing may follow, and how the breach calls it.
ENDING = {
    EHLO: "EHLO",
    HELO: "no-pipelining",
    b"NOOP\r\n": "NOOP",
    b"VRFY robin\r\n": "VRFY",
    b"EXPN staff\r\n": "EXPN",
    b"HELP\r\n": "HELP",
    b"AUTH PLAIN\r\n": "AUTH",
    b"DATA\r\n": "DATA",
    b"TURN\r\n": "TURN",
    b"XYZZY\r\n": "an unknown command",
    b"\r\n": "an unknown command",
}


@pytest.mark.parametrize("behind", [MAIL, b"RSET\r\n", QUIT, b"NOOP\r\n"])
@pytest.mark.parametrize("front", ENDING)
def test_input_behind_a_verb_that_must_end_a_group_closes(front, behind):
    talk = Talk(EHLO)
    alone = Talk(EHLO)

    events = talk.say(front + behind + RCPT)

    assert replies(events) == [*replies(alone.say(front)), (554, "5.5.0", "sync.breach")]
    assert of_type(events, Violation)[0].case == ENDING[front]
    assert talk.state == "CLOSED"


@pytest.mark.parametrize("front", [MAIL, RCPT, b"RSET\r\n", b"BDAT 2\r\nab", b"BDAT 0\r\n"])
@pytest.mark.parametrize("behind", [MAIL, RCPT, b"RSET\r\n", b"BDAT 2\r\nab", QUIT])
def test_what_may_stand_anywhere_in_a_group(front, behind):
    talk = Talk(EHLO)

    events = talk.say(front + behind)

    assert len(replies(events)) == 2
    assert of_type(events, Violation) == []


def test_auth_plain_with_its_initial_response_may_be_followed():
    talk = Talk(*UNDER_TLS)

    assert rules(talk.say(LOGIN + MAIL + RCPT + DATA)) == [
        "auth.ok", "mail.ok", "rcpt.ok", "data.ok",
    ]  # fmt: skip


def test_auth_plain_that_fails_may_be_followed_too():
    talk = Talk(*UNDER_TLS)

    assert rules(talk.say(b"AUTH PLAIN !\r\n" + MAIL)) == ["auth.base64", "mail.ok"]


@pytest.mark.parametrize(
    "front", [b"AUTH LOGIN\r\n", b"AUTH PLAIN\r\n", b"AUTH CRAM-MD5\r\n", b"AUTH LOGIN Yg==\r\n"]
)
def test_response_before_its_334_closes(front):
    talk = Talk(*UNDER_TLS)

    events = talk.say(front + b"Y2FzZXk=\r\n")

    assert rules(events) == ["auth.continue", "sync.breach"]
    assert of_type(events, Violation)[0].case == "AUTH"
    assert talk.state == "CLOSED"


def test_message_in_chunks_may_be_one_group():
    talk = Talk(EHLO)

    chunks = b"BDAT 6\r\nabcd\r\nBDAT 6 LAST\r\nefgh\r\n"
    events = talk.say(MAIL + RCPT + chunks + MAIL + RCPT + b"RSET\r\n" + QUIT)

    assert rules(events)[:4] == ["mail.ok", "rcpt.ok", "bdat.ok", "data.accepted"]
    assert rules(events)[4:] == ["mail.ok", "rcpt.ok", "rset.ok", "quit.ok"]


def test_commands_may_stand_right_behind_the_dot():
    talk = Talk(EHLO, MAIL, RCPT, DATA)

    events = talk.say(b"x\r\n.\r\n" + MAIL + RCPT + DATA)

    assert rules(events) == ["data.accepted", "mail.ok", "rcpt.ok", "data.ok"]
    assert [line.early for line in of_type(events, LineIn)] == [True, True, True]


@pytest.mark.parametrize(
    ("way", "octets", "answers"),
    [
        ((HELO, MAIL, RCPT, DATA), b"x\r\n.\r\nQUIT\r\n", ["data.accepted", "sync.breach"]),
        ((HELO,), b"BDAT 2\r\nabQUIT\r\n", ["bdat.order", "sync.breach"]),
        ((HELO,), MAIL + RCPT, ["mail.ok", "sync.breach"]),
        ((), b"NOOP\r\n" + EHLO, ["noop.ok", "sync.breach"]),
    ],
)
def test_nothing_may_follow_where_pipelining_is_not_in_force(way, octets, answers):
    talk = Talk(*way)

    events = talk.say(octets)

    assert rules(events) == answers
    assert of_type(events, Violation)[0].case == "no-pipelining"


@pytest.mark.parametrize("octets", [QUIT + b"NOOP\r\n", QUIT + EHLO * 50, QUIT + b"\0\n\r"])
def test_input_behind_quit_is_dropped(octets):
    talk = Talk(EHLO)

    assert rules(talk.say(octets)) == ["quit.ok"]
    assert of_type(talk.events, Violation) == []


def test_breach_names_the_verb_in_front():
    talk = Talk(EHLO)

    talk.say(b"VRFY robin\r\n" + MAIL)

    assert talk.wire.endswith(
        b"554 5.5.0 Input after VRFY did not wait for the reply, closing connection\r\n"
    )


def test_input_that_waits_after_the_handshake_is_not_early():
    talk = Talk(EHLO, STARTTLS, TLS)

    assert rules(talk.go_on(EHLO)) == ["ehlo.ok"]


def test_command_in_front_keeps_its_reply():
    talk = Talk(EHLO)

    events = talk.say(b"NOOP\r\n" + MAIL)

    assert replies(events)[0] == (250, "2.0.0", "noop.ok")
    (violation,) = of_type(events, Violation)
    assert violation.octets == MAIL
    assert b"Input after NOOP did not wait" in talk.wire


def test_message_behind_a_refused_data_is_not_run():
    talk = Talk(EHLO)

    events = talk.say(MAIL + DATA + b"RSET\r\n")

    assert rules(events) == ["mail.ok", "data.order", "sync.breach"]


def test_content_before_354_has_left_closes():
    talk = Talk(EHLO, MAIL, RCPT)

    events = talk.say(DATA + b"Subject: x\r\n\r\ntext\r\n.\r\n")

    assert rules(events) == ["data.ok", "sync.breach"]
    assert of_type(events, LineIn)[-1].octets == b"Subject: x\r\n"
    assert of_type(events, Violation)[0].case == "DATA"


def test_content_that_began_before_354_had_left_is_still_too_early():
    talk = Talk(EHLO, MAIL, RCPT)
    talk.say(DATA + b"Sub")

    events = talk.say(b"ject: x\r\n")

    assert rules(events) == ["sync.breach"]


@pytest.mark.parametrize(("greeting", "case"), [((), "no-pipelining"), ((HELO,), "no-pipelining")])
def test_without_ehlo_no_command_may_follow_another(greeting, case):
    talk = Talk(*greeting)

    events = talk.say(b"RSET\r\nRSET\r\n")

    assert rules(events) == ["rset.ok", "sync.breach"]
    assert of_type(events, Violation)[0].case == case


def test_server_that_does_not_offer_pipelining_takes_no_group():
    talk = Talk(EHLO, offer=("SIZE",))

    assert rules(talk.say(MAIL + RCPT)) == ["mail.ok", "sync.breach"]


def test_waiting_client_never_breaches():
    talk = Talk(EHLO, b"NOOP\r\n", MAIL, RCPT, DATA, b"x\r\n.\r\n", b"HELP\r\n", b"QUIT\r\n")

    assert of_type(talk.events, Violation) == []


def test_line_is_early_by_its_first_octet():
    talk = Talk(EHLO)
    talk.say(b"NOOP\r\nMA")

    events = talk.say(b"IL FROM:<casey@lab.example>\r\n")

    assert rules(events) == ["sync.breach"]
    assert of_type(events, LineIn)[0].early is True


def test_speaking_before_the_greeting_is_told_there():
    session = Session(Talk().profile, lab_facts())
    assert session.receive(EHLO[:5], at=0) + session.receive(EHLO[5:], at=0) == []

    events = session.open(at=10)

    assert of_type(events, LineIn)[0].octets == EHLO
    assert replies(events) == [(554, None, "sync.breach")]
    assert events[-1] == Close("sync.breach", graceful=False)


def test_speaking_while_the_greeting_is_on_its_way_closes():
    session = Session(Talk().profile, lab_facts())
    session.open(at=0)

    events = session.receive(EHLO, at=0)

    assert replies(events) == [(554, None, "sync.breach")]
    assert of_type(events, Violation)[0].case == "greeting"


def test_legacy_only_notes_early_input():
    talk = Talk(profile="legacy")

    events = talk.say(HELO + MAIL + RCPT + DATA + b"x\r\n.\r\nQUIT\r\n")

    assert rules(events) == [
        "helo.ok", "mail.ok", "rcpt.ok", "data.ok", "data.accepted", "quit.ok",
    ]  # fmt: skip
    assert {notice.rule for notice in of_type(events, Notice)} == {"sync.early"}


def test_legacy_hears_what_came_before_its_greeting():
    session = Session(Talk(profile="legacy").profile, lab_facts())
    session.receive(HELO, at=0)

    assert rules(session.open(at=0)) == ["greeting.ok", "helo.ok"]
