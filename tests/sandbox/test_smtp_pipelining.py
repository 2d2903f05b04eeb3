import pytest

from sandbox.smtp import Close, LineIn, Notice, Session, Violation, lab_facts

from .talking import DATA, EHLO, HELO, MAIL, RCPT, Talk, of_type, replies


def rules(events):
    return [reply[2] for reply in replies(events)]


def test_a_group_of_mail_rcpt_data_is_answered_in_order():
    talk = Talk(EHLO)

    events = talk.say(MAIL + RCPT + b"RCPT TO:<sam@lab.example>\r\n" + DATA)

    assert rules(events) == ["mail.ok", "rcpt.ok", "rcpt.ok", "data.ok"]
    assert [line.early for line in of_type(events, LineIn)] == [False, True, True, True]


@pytest.mark.parametrize("last", [b"NOOP\r\n", b"QUIT\r\n", EHLO, b"VRFY robin\r\n", b"HELP\r\n"])
def test_any_verb_may_end_a_group(last):
    talk = Talk(EHLO)

    assert len(replies(talk.say(b"RSET\r\n" + last))) == 2
    assert of_type(talk.events, Violation) == []


@pytest.mark.parametrize(
    "front", [EHLO, b"NOOP\r\n", b"VRFY robin\r\n", b"HELP\r\n", b"EXPN staff\r\n", b"XYZZY\r\n"]
)
def test_input_behind_a_verb_that_must_end_a_group_closes(front):
    talk = Talk(EHLO)

    events = talk.say(front + MAIL + RCPT)

    assert rules(events)[1:] == ["sync.breach"]
    assert replies(events)[-1] == (554, "5.5.0", "sync.breach")
    assert talk.state == "CLOSED"


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
