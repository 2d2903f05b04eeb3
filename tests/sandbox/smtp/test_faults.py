"""Planned faults: each at its step, as often as it says, and never held against the client."""

import pytest

from sandbox.smtp import (
    FAULTS,
    Close,
    CredentialResult,
    FaultApplied,
    MessageAccepted,
    Need,
    Reply,
    StateChange,
)

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
    only_reply,
    replies,
    rules,
)

SECOND = 1_000_000
ENVELOPE = (EHLO, MAIL, RCPT)
MESSAGE = b"Subject: x\r\n\r\ntext\r\n.\r\n"

# Name: how far to go, what then gets the fault, the reply, and the state behind it.
REPLIES = {
    "ehlo-502": ((), EHLO, (502, None, "fault.ehlo-502"), "GREETED"),
    "ehlo-550": ((), EHLO, (550, None, "fault.ehlo-550"), "GREETED"),
    "tls-454": ((EHLO,), STARTTLS, (454, "4.7.0", "tls.unavailable"), "READY"),
    "auth-454": (UNDER_TLS, LOGIN, (454, "4.7.0", "auth.later"), "READY"),
    "auth-535": (UNDER_TLS, LOGIN, (535, "5.7.8", "auth.bad"), "READY"),
    "auth-534": (UNDER_TLS, LOGIN, (534, "5.7.9", "auth.weak"), "READY"),
    "auth-432": (UNDER_TLS, LOGIN, (432, "4.7.12", "auth.transition"), "READY"),
    "mail-421": ((EHLO,), MAIL, (421, "4.3.2", "session.shutdown"), "CLOSED"),
    "mail-451": ((EHLO,), MAIL, (451, "4.3.0", "fault.mail-451"), "READY"),
    "mail-452": ((EHLO,), MAIL, (452, "4.3.1", "size.no-room"), "READY"),
    "mail-550": ((EHLO,), MAIL, (550, "5.7.1", "fault.mail-550"), "READY"),
    "rcpt-greylist": ((EHLO, MAIL), RCPT, (450, "4.7.1", "rcpt.greylisted"), "SENDER"),
    "rcpt-452": ((EHLO, MAIL, RCPT, RCPT), RCPT, (452, "4.5.3", "rcpt.too-many"), "RCPTS"),
    "rcpt-550": ((EHLO, MAIL), RCPT, (550, "5.1.1", "rcpt.unknown"), "SENDER"),
    "rcpt-551": ((EHLO, MAIL), RCPT, (551, "5.1.6", "rcpt.moved"), "SENDER"),
    "rcpt-552": ((EHLO, MAIL), RCPT, (552, "5.2.2", "rcpt.full"), "SENDER"),
    "rcpt-556": ((EHLO, MAIL), RCPT, (556, "5.1.10", "rcpt.null-mx"), "SENDER"),
    "data-451": (ENVELOPE, DATA, (451, "4.3.0", "fault.data-451"), "RCPTS"),
    "data-554": (ENVELOPE, DATA, (554, "5.5.1", "fault.data-554"), "RCPTS"),
    "end-451": ((*ENVELOPE, DATA), MESSAGE, (451, "4.3.0", "fault.end-451"), "READY"),
    "end-452": ((*ENVELOPE, DATA), MESSAGE, (452, "4.3.1", "fault.end-452"), "READY"),
    "end-552": ((*ENVELOPE, DATA), MESSAGE, (552, "5.3.4", "size.actual"), "READY"),
    "end-554": ((*ENVELOPE, DATA), MESSAGE, (554, "5.6.0", "fault.end-554"), "READY"),
    "end-550": ((*ENVELOPE, DATA), MESSAGE, (550, "5.7.1", "fault.end-550"), "READY"),
    "shutdown": ((EHLO, MAIL, RCPT), DATA, (421, "4.3.2", "session.shutdown"), "CLOSED"),
}
OTHERS = {
    "connect-421", "connect-554", "connect-521", "slow-greeting", "ehlo-drop",
    "tls-broken-handshake", "tls-stripped", "tls-response-injection", "end-silent",
    "end-accept-then-drop", "drop-mid-reply", "slow-reply", "lf-ends-data",
}  # fmt: skip


def test_plans_are_those_of_the_specification():
    assert set(FAULTS) == {*REPLIES, *OTHERS}
    assert all(name == plan.name and plan.title for name, plan in FAULTS.items())


@pytest.mark.parametrize("name", REPLIES)
def test_planned_reply_comes_at_its_step(name):
    way, octets, reply, state = REPLIES[name]
    talk = Talk(*way, plan=name)
    assert of_type(talk.events, FaultApplied) == []

    events = talk.say(octets)

    assert replies(events) == [reply]
    assert talk.state == state
    (fault,) = of_type(events, FaultApplied)
    assert fault.plan == name
    assert fault.rule == reply[2]
    assert isinstance(events[events.index(fault) + 1 :][-1], Reply | StateChange | Close)
    assert of_type(events, MessageAccepted) == []


@pytest.mark.parametrize("name", REPLIES)
def test_planned_fault_is_the_same_each_time(name):
    way, octets, _, _ = REPLIES[name]

    assert Talk(*way, octets, plan=name).events == Talk(*way, octets, plan=name).events


STRIKES_ONCE = "rcpt-greylist"
STAYING = [name for name in REPLIES if REPLIES[name][3] != "CLOSED" and name != STRIKES_ONCE]


@pytest.mark.parametrize("name", STAYING)
def test_planned_fault_is_no_error_of_the_client(name):
    """Thirty errors would have ended the session; late replies begin at the eleventh."""
    way, octets, (code, _, rule), _ = REPLIES[name]
    talk = Talk(*way, plan=name, limits={"mails": 100})

    for _ in range(30):
        reply = of_type(talk.say(octets), Reply)[-1]
        assert (reply.code, reply.rule, reply.delay_us) == (code, rule, 0)
        if name.startswith("end-"):
            for step in (MAIL, RCPT, DATA):
                talk.say(step)


def test_greylisting_plan_strikes_the_first_try_only():
    talk = Talk(EHLO, MAIL, plan=STRIKES_ONCE)

    assert [only_reply(talk.say(RCPT)).code for _ in range(4)] == [450, 250, 250, 250]


def test_recipient_plan_takes_two_and_no_more():
    talk = Talk(EHLO, MAIL, plan="rcpt-452")

    assert [only_reply(talk.say(RCPT)).code for _ in range(5)] == [250, 250, 452, 452, 452]
    talk.say(DATA)
    (message,) = of_type(talk.say(MESSAGE), MessageAccepted)
    assert len(message.envelope.recipients) == 2


def test_every_recipient_refused_by_plan_leaves_nobody_to_send_to():
    talk = Talk(EHLO, MAIL, RCPT, plan="rcpt-550")

    assert replies(talk.say(DATA)) == [(554, "5.5.1", "data.no-valid-recipient")]


def test_fault_waits_for_its_place_in_the_session():
    """A command that is out of order is answered as ever."""
    for name, octets in (("mail-451", MAIL), ("rcpt-550", RCPT), ("data-451", DATA)):
        talk = Talk(plan=name)

        assert only_reply(talk.say(octets)).code == 503
        assert of_type(talk.events, FaultApplied) == []


def test_fault_comes_before_the_argument_is_looked_at():
    talk = Talk(EHLO, plan="mail-451")

    assert replies(talk.say(b"MAIL FROM:casey\r\n")) == [(451, "4.3.0", "fault.mail-451")]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("connect-421", (421, None, "fault.connect-421")),
        ("connect-554", (554, None, "fault.connect-554")),
        ("connect-521", (521, None, "fault.connect-521")),
    ],
)
def test_greeting_may_refuse(name, reply):
    talk = Talk(plan=name)

    assert talk.events[0] == FaultApplied(name, "connect", f"fault.{name}")
    assert replies(talk.events) == [reply]
    assert talk.state == ("CLOSED" if reply[0] == 421 else "REFUSED")


def test_greeting_that_refuses_waits_for_quit():
    talk = Talk(plan="connect-554")

    assert replies(talk.say(EHLO)) == [(503, None, "session.refused")]
    assert replies(talk.say(MAIL)) == [(503, "5.5.1", "session.refused")]
    assert replies(talk.say(QUIT)) == [(221, "2.0.0", "quit.ok")]
    assert talk.state == "CLOSED"


def test_slow_greeting_is_the_greeting_late_and_nothing_else():
    talk = Talk(EHLO, plan="slow-greeting")

    assert rules(talk.events) == ["greeting.ok", "ehlo.ok"]
    assert [reply.delay_us for reply in of_type(talk.events, Reply)] == [5 * SECOND, 0]
    assert of_type(talk.events, FaultApplied) == [FaultApplied("slow-greeting", "connect")]


def test_slow_replies_are_all_late_but_the_greeting():
    talk = Talk(EHLO, MAIL, b"XYZZY\r\n", plan="slow-reply")

    delays = [reply.delay_us for reply in of_type(talk.events, Reply)]
    assert delays == [0, 3 * SECOND, 3 * SECOND, 3 * SECOND]


def test_drop_at_ehlo_is_a_close_without_a_reply():
    talk = Talk(plan="ehlo-drop")

    events = talk.say(EHLO)

    assert replies(events) == []
    assert events[-1] == Close("fault.drop", graceful=False)


def test_helo_is_not_struck_by_faults_of_ehlo():
    for name in ("ehlo-502", "ehlo-550", "ehlo-drop"):
        assert replies(Talk(plan=name).say(HELO)) == [(250, None, "helo.ok")]


def test_broken_handshake_says_220_and_hangs_up():
    talk = Talk(EHLO, plan="tls-broken-handshake")

    events = talk.say(STARTTLS)

    assert replies(events) == [(220, "2.0.0", "starttls.ok")]
    assert events[-1] == Close("fault.drop", graceful=False)
    assert of_type(events, Need) == []


def test_stripped_starttls_is_neither_listed_nor_known():
    talk = Talk(EHLO, plan="tls-stripped")

    assert b"STARTTLS" not in talk.wire
    assert b"250-8BITMIME" in talk.wire
    assert replies(talk.say(STARTTLS)) == [(502, "5.5.1", "verb.not-offered")]


def test_injected_response_stands_behind_the_220():
    talk = Talk(EHLO, plan="tls-response-injection")

    events = talk.say(STARTTLS)

    assert replies(events) == [(220, "2.0.0", "starttls.ok"), (250, "2.0.0", "fault.injected")]
    assert talk.need == Need("tls")
    talk.answer(TLS)
    assert rules(talk.say(EHLO)) == ["ehlo.ok"]


def test_silent_end_says_nothing_until_the_session_times_out():
    talk = Talk(*ENVELOPE, DATA, plan="end-silent")

    events = talk.say(MESSAGE)

    assert replies(events) == []
    assert of_type(events, FaultApplied) == [FaultApplied("end-silent", "end")]
    assert of_type(events, MessageAccepted) == []
    assert talk.say(QUIT) == []
    assert talk.session.deadline == 300 * SECOND
    assert of_type(talk.session.tick(at=300 * SECOND), Close)
    assert talk.state == "CLOSED"


def test_lost_reply_leaves_the_message_stored():
    talk = Talk(*ENVELOPE, DATA, plan="end-accept-then-drop")

    events = talk.say(MESSAGE)

    assert len(of_type(events, MessageAccepted)) == 1
    assert replies(events) == []
    assert events[-1] == Close("fault.drop", graceful=False)
    assert of_type(events, FaultApplied) == [
        FaultApplied("end-accept-then-drop", "end", "fault.drop")
    ]


def test_third_reply_breaks_off_after_five_octets():
    talk = Talk(EHLO, MAIL, plan="drop-mid-reply")

    events = talk.say(RCPT)

    (reply,) = of_type(events, Reply)
    assert (reply.code, reply.cut_after) == (250, 5)
    assert events[-1] == Close("fault.drop", graceful=False)
    assert talk.state == "CLOSED"


@pytest.mark.parametrize("bad", [b"a\nb\r\n.\r\n", b"Received: x\r\n" * 100 + b".\r\n"])
def test_message_that_is_refused_anyhow_keeps_its_own_reason(bad):
    talk = Talk(*ENVELOPE, DATA, plan="end-451")

    assert only_reply(talk.say(bad)).rule in ("data.bare-newline", "data.loop")


def test_fault_at_the_end_meets_the_last_chunk_too():
    talk = Talk(*ENVELOPE, plan="end-452")

    events = talk.say(b"BDAT 4\r\nab\r\n") + talk.say(b"BDAT 0 LAST\r\n")

    assert rules(events) == ["bdat.ok", "fault.end-452"]
    assert talk.state == "READY"


def test_failed_logins_by_plan_end_no_session():
    talk = Talk(*UNDER_TLS, plan="auth-535")

    assert [only_reply(talk.say(LOGIN)).code for _ in range(5)] == [535] * 5


def test_plan_answers_a_login_whatever_its_credentials():
    talk = Talk(*UNDER_TLS, plan="auth-454")

    assert replies(talk.say(b"AUTH PLAIN AGEAYg==\r\n")) == []  # the host is asked first
    assert replies(talk.answer(CredentialResult(None))) == [(454, "4.7.0", "auth.later")]
    assert replies(talk.say(LOGIN)) == [(454, "4.7.0", "auth.later")]
    assert replies(talk.say(b"AUTH FOO\r\n")) == [(504, "5.5.4", "auth.mechanism")]
    assert talk.session.user == ""


def test_plan_lets_a_login_come_to_its_end_first():
    talk = Talk(*UNDER_TLS, plan="auth-535")
    steps = [b"AUTH LOGIN\r\n", b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n", b"U3ByaW5nLVRpZGUtNDI=\r\n"]

    assert [only_reply(talk.say(step)).code for step in steps] == [334, 334, 535]
