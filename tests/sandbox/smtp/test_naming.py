"""Learners choose planned faults by names in domains of their own."""

import pytest

from sandbox.smtp import FAULTS, NO_FAULTS, TokenResult

from ..talking import DATA, EHLO, MAIL, RCPT, TOKEN, Talk, only_reply, replies, rules
from .test_faults import MESSAGE, REPLIES

# The plans that a learner can still name once the session runs.
NAMED = [name for name in REPLIES if name[:4] in ("mail", "rcpt", "data", "end-")]


@pytest.mark.parametrize("name", NAMED)
def test_plan_named_in_the_sender_is_adopted(name):
    way, octets, reply, _ = REPLIES[name]
    sender = f"MAIL FROM:<{name}@{TOKEN}.sandbox.test>\r\n".encode()
    steps = [sender if step == MAIL else step for step in (*way, octets)]
    talk = Talk()

    events = [event for step in steps for event in talk.say(step)]

    assert replies(events)[-1] == reply
    assert talk.session.plan == FAULTS[name]


@pytest.mark.parametrize("name", [name for name in NAMED if name[:4] != "mail"])
def test_plan_named_in_a_recipient_is_adopted(name):
    recipient = f"RCPT TO:<{name.upper()}@{TOKEN}.sandbox.test>\r\n".encode()
    talk = Talk(EHLO, MAIL, recipient)
    assert talk.session.plan == NO_FAULTS

    events = talk.answer(TokenResult(True))
    for step in (RCPT, RCPT, DATA, MESSAGE):
        events += talk.say(step)

    assert talk.session.plan == FAULTS[name]
    assert REPLIES[name][2] in replies(events)


@pytest.mark.parametrize("name", ["mail-451", "rcpt-550", "tls-454", "tls-stripped", "end-550"])
def test_plan_named_in_ehlo_is_adopted(name):
    talk = Talk(f"EHLO {name}.{TOKEN}.sandbox.test\r\n".encode())

    assert talk.session.plan == FAULTS[name]


@pytest.mark.parametrize("name", ["ehlo-502", "ehlo-550"])
def test_plan_of_ehlo_named_in_ehlo_answers_it(name):
    talk = Talk()

    events = talk.say(f"EHLO {name}.{TOKEN}.sandbox.test\r\n".encode())

    assert rules(events) == [f"fault.{name}"]


@pytest.mark.parametrize(
    "steps",
    [
        (f"EHLO {TOKEN}.sandbox.test\r\n".encode(),),
        (f"EHLO nothing.{TOKEN}.sandbox.test\r\n".encode(),),
        (b"EHLO mail-451.lab.example\r\n",),
        (EHLO, b"MAIL FROM:<mail-451@lab.example>\r\n"),
        (EHLO, MAIL, b"RCPT TO:<mail-451@lab.example>\r\n"),
        (EHLO, MAIL, b"RCPT TO:<end-451@a.sandbox.test>\r\n", TokenResult(False)),
    ],
)
def test_no_plan_is_adopted_from_other_names(steps):
    talk = Talk(*steps)

    assert talk.session.plan == NO_FAULTS


def test_two_recipients_are_two_in_a_domain_of_the_learners_own_too():
    talk = Talk(EHLO, MAIL, limits={"recipients": 9})
    codes = []
    for user in ("rcpt-452", "b", "c"):
        events = talk.say(f"RCPT TO:<{user}@{TOKEN}.sandbox.test>\r\n".encode())
        events += talk.answer(TokenResult(True)) if talk.need else []
        codes.append(only_reply(events).code)

    assert codes == [250, 250, 452]


KNOWN = TokenResult(True)


@pytest.mark.parametrize(
    "steps",
    [
        (f"EHLO lf-ends-data.{TOKEN}.sandbox.test\r\n".encode(),),
        (EHLO, f"MAIL FROM:<lf-ends-data@{TOKEN}.sandbox.test>\r\n".encode()),
        (EHLO, MAIL, f"RCPT TO:<lf-ends-data@{TOKEN}.sandbox.test>\r\n".encode(), KNOWN),
    ],
)
def test_vulnerable_plan_cannot_be_named(steps):
    assert Talk(*steps).session.plan == NO_FAULTS
