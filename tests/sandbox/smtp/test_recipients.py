"""Who may receive: users here, learners in domains of their own, and who is turned away."""

from dataclasses import replace

import pytest

from sandbox.smtp import (
    LAB_DIRECTORY,
    Directory,
    Greylisted,
    Mailbox,
    MessageAccepted,
    Need,
    Notice,
    TokenResult,
    lab_facts,
)

from ..talking import (
    DATA,
    EHLO,
    LOGGED_IN,
    MAIL,
    RCPT,
    TOKEN,
    Talk,
    of_type,
    only_reply,
    replies,
)

SECOND = 1_000_000
UTF8_MAIL = b"MAIL FROM:<casey@lab.example> SMTPUTF8\r\n"
OWN = f"RCPT TO:<me@{TOKEN}.sandbox.test>\r\n".encode()


def to(path):
    return f"RCPT TO:<{path}>\r\n".encode()


def facts_with(**changes):
    return lab_facts(directory=replace(LAB_DIRECTORY, **changes))


@pytest.mark.parametrize(
    "path",
    [
        "robin@lab.example",
        "ROBIN@LAB.EXAMPLE",
        '"robin"@lab.example',
        r'"r\obin"@lab.example',
        "postmaster",
        "PostMaster",
        "POSTMASTER@lab.example",
    ],
)
def test_local_recipient_is_accepted(path):
    talk = Talk(EHLO, MAIL)

    assert replies(talk.say(f"RCPT TO:<{path}>\r\n".encode())) == [(250, "2.1.5", "rcpt.ok")]


def test_postmaster_needs_no_mailbox_of_its_own():
    talk = Talk()
    empty = Directory("mx.lab.example", frozenset({"lab.example"}), frozenset())
    session = type(talk.session)(talk.profile, lab_facts(directory=empty))
    session.open(at=0)
    for line in (EHLO, MAIL):
        session.sent(at=0)
        session.receive(line, at=0)
    session.sent(at=0)

    events = session.receive(b"RCPT TO:<postmaster@lab.example>\r\n", at=0)

    assert replies(events) == [(250, "2.1.5", "rcpt.ok")]


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("nobody@lab.example", (550, "5.1.1", "rcpt.unknown")),
        ("robin@remote.example", (550, "5.7.1", "rcpt.relay")),
        ("robin@mx.lab.example", (550, "5.7.1", "rcpt.relay")),
        ("robin@[192.0.2.25]", (550, "5.7.1", "rcpt.relay")),
        ("postmaster@remote.example", (550, "5.7.1", "rcpt.relay")),
        ('"Robin Smith"@lab.example', (550, "5.1.1", "rcpt.unknown")),
    ],
)
def test_recipient_that_is_not_served_here(path, reply):
    talk = Talk(EHLO, MAIL, RCPT)

    assert replies(talk.say(f"RCPT TO:<{path}>\r\n".encode())) == [reply]
    assert talk.state == "RCPTS"


def test_source_route_is_accepted_and_ignored():
    talk = Talk(EHLO, MAIL)

    events = talk.say(b"RCPT TO:<@one.example,@two.example:robin@lab.example>\r\n")
    talk.say(DATA)
    message = of_type(talk.say(b".\r\n"), MessageAccepted)[0]

    assert replies(events) == [(250, "2.1.5", "rcpt.ok")]
    assert of_type(events, Notice)[0].rule == "path.source-route"
    assert message.envelope.recipients[0].address == "robin@lab.example"


def test_recipient_101_is_452_and_the_others_stay():
    talk = Talk(EHLO, MAIL)
    for _ in range(100):
        assert only_reply(talk.say(RCPT)).code == 250

    assert replies(talk.say(RCPT)) == [(452, "4.5.3", "rcpt.too-many")]
    talk.say(DATA)
    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)
    assert len(message.envelope.recipients) == 100


def test_recipients_of_a_bounce_can_be_limited_to_one():
    talk = Talk(EHLO, b"MAIL FROM:<>\r\n", RCPT, limits={"recipients_of_bounce": 1})

    reply = only_reply(talk.say(to("sam@lab.example")))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        452, "4.5.3", "rcpt.too-many", "bounce",
    )  # fmt: skip
    again = [only_reply(talk.say(octets)).code for octets in (b"RSET\r\n", MAIL, RCPT, RCPT)]
    assert again == [250, 250, 250, 250]


@pytest.mark.parametrize(
    ("mailbox", "reply"),
    [
        (Mailbox(full=True), (552, "5.2.2", "rcpt.full")),
        (Mailbox(moved_to="robin@new.example"), (551, "5.1.6", "rcpt.moved")),
        (Mailbox(ascii_only=True), (250, "2.1.5", "rcpt.ok")),
    ],
)
def test_mailbox_may_be_special(mailbox, reply):
    talk = Talk(EHLO, MAIL, facts=facts_with(mailboxes={"robin": mailbox}))

    events = talk.say(to("Robin@lab.example"))

    assert replies(events) == [reply]
    assert replies(talk.say(to("sam@lab.example"))) == [(250, "2.1.5", "rcpt.ok")]
    if mailbox.moved_to:
        assert only_reply(events).octets == (
            b"551 5.1.6 User not local; please try <robin@new.example>\r\n"
        )


def test_domain_that_takes_no_mail_is_556():
    talk = Talk(EHLO, MAIL, facts=facts_with(null_mx=frozenset({"nomail.example"})))

    assert replies(talk.say(to("robin@NoMail.example"))) == [(556, "5.1.10", "rcpt.null-mx")]


def test_user_who_is_logged_in_may_send_on():
    talk = Talk(*LOGGED_IN, MAIL)

    reply = only_reply(talk.say(to("robin@remote.example")))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        250, "2.1.5", "rcpt.ok", "relay",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "reply"),
    [(True, (250, "2.1.5", "rcpt.ok")), (False, (550, "5.1.2", "rcpt.no-domain"))],
)
def test_domain_of_a_token_is_looked_up(known, reply):
    talk = Talk(EHLO, MAIL)

    assert talk.say(OWN)[-1] == Need("token", TOKEN)
    assert talk.state == "SENDER"
    events = talk.answer(TokenResult(known))

    assert replies(events) == [reply]
    assert talk.state == ("RCPTS" if known else "SENDER")


def test_recipient_of_a_token_is_in_the_envelope_with_its_parameters():
    talk = Talk(EHLO, MAIL, OWN[:-2] + b" NOTIFY=NEVER\r\n", TokenResult(True), DATA)

    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)

    assert [(each.address, each.parameters) for each in message.envelope.recipients] == [
        (f"me@{TOKEN}.sandbox.test", ("NOTIFY=NEVER",))
    ]


def test_unknown_token_leaves_nobody_to_send_to():
    talk = Talk(EHLO, MAIL, OWN, TokenResult(False))

    assert replies(talk.say(DATA)) == [(554, "5.5.1", "data.no-valid-recipient")]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (OWN[:-2] + b" NOTIFY=x\r\n", "param.value"),
        (OWN[:-2] + b" FOO\r\n", "param.unknown"),
        (b"RCPT TO:<a..b@" + TOKEN.encode() + b".sandbox.test>\r\n", "rcpt.bad-path"),
    ],
)
def test_what_is_written_wrongly_is_refused_before_the_look_up(line, rule):
    talk = Talk(EHLO, MAIL)

    assert [reply[2] for reply in replies(talk.say(line))] == [rule]
    assert talk.need is None


def test_full_transaction_is_refused_before_or_behind_the_look_up():
    talk = Talk(EHLO, MAIL, RCPT, limits={"recipients": 1})
    events = talk.say(OWN)
    if talk.need:
        events = talk.answer(TokenResult(True))

    assert replies(events) == [(452, "4.5.3", "rcpt.too-many")]


def test_group_waits_for_the_look_up_and_is_answered_in_order():
    talk = Talk(EHLO, MAIL)

    waiting = talk.say(RCPT + OWN + RCPT + DATA)
    events = talk.answer(TokenResult(True))

    assert [reply[2] for reply in replies(waiting)] == ["rcpt.ok"]
    assert [reply[2] for reply in replies(events)] == ["rcpt.ok", "rcpt.ok", "data.ok"]


def greylisting(*seen, at=0):
    facts = replace(lab_facts(), greylist=seen)
    talk = Talk(facts=facts, limits={"greylist_seconds": 300})
    for step in (EHLO, MAIL):
        talk.say(step, at=at)
    return talk


def test_first_try_of_a_triple_is_450_and_a_later_one_is_taken():
    talk = greylisting()

    assert replies(talk.say(RCPT)) == [(450, "4.7.1", "rcpt.greylisted")]
    assert b"try again in 300 seconds" in talk.wire
    assert replies(talk.say(RCPT, at=300 * SECOND - 1)) == [(450, "4.7.1", "rcpt.greylisted")]
    assert replies(talk.say(RCPT, at=300 * SECOND)) == [(250, "2.1.5", "rcpt.ok")]


def test_greylist_knows_triples_without_regard_to_case():
    talk = greylisting()
    talk.say(RCPT)

    events = talk.say(b"RCPT TO:<ROBIN@lab.example>\r\n", at=300 * SECOND)

    assert replies(events) == [(250, "2.1.5", "rcpt.ok")]
    assert replies(talk.say(to("sam@lab.example"), at=300 * SECOND)) == [
        (450, "4.7.1", "rcpt.greylisted")
    ]


def test_greylist_goes_on_in_the_next_session():
    first = greylisting()
    first.say(RCPT, at=5 * SECOND)
    assert first.session.greylist == (
        Greylisted("casey@lab.example", "robin@lab.example", 5 * SECOND),
    )

    seen = Greylisted("casey@lab.example", "robin@lab.example", -400 * SECOND)

    assert replies(greylisting(seen).say(RCPT)) == [(250, "2.1.5", "rcpt.ok")]


def test_unknown_user_is_550_even_where_greylisting_is_on():
    assert replies(greylisting().say(to("nobody@lab.example"))) == [(550, "5.1.1", "rcpt.unknown")]


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("MAIL FROM:<søren@lab.example>", (550, "5.6.7", "mail.needs-ascii")),
        ("MAIL FROM:<casey@låb.example>", (550, "5.6.7", "mail.needs-ascii")),
        ("MAIL FROM:<søren@lab.example> SMTPUTF8", (250, "2.1.0", "mail.ok")),
        ("MAIL FROM:<casey@låb.example> SMTPUTF8", (250, "2.1.0", "mail.ok")),
        ("MAIL FROM:<" + "å" * 32 + "@lab.example> SMTPUTF8", (250, "2.1.0", "mail.ok")),
        ("MAIL FROM:<" + "å" * 33 + "@lab.example> SMTPUTF8", (501, "5.1.7", "mail.bad-path")),
        ("MAIL FROM:<sø ren@lab.example> SMTPUTF8", (501, "5.1.7", "mail.bad-path")),
    ],
)
def test_sender_beyond_ascii_needs_smtputf8(line, reply):
    assert replies(Talk(EHLO).say(line.encode() + b"\r\n")) == [reply]


@pytest.mark.parametrize(
    ("mail", "reply"),
    [(MAIL, (553, "5.6.7", "rcpt.needs-ascii")), (UTF8_MAIL, (250, "2.1.5", "rcpt.ok"))],
)
def test_recipient_beyond_ascii_needs_smtputf8_on_mail(mail, reply):
    facts = facts_with(users=LAB_DIRECTORY.users | {"søren"})
    talk = Talk(EHLO, mail, facts=facts)

    assert replies(talk.say(to("søren@lab.example"))) == [reply]


@pytest.mark.parametrize(("subject", "code"), [("Grüße", 554), ("Gruesse", 250)])
def test_utf8_in_header_fields_is_refused_for_a_mailbox_that_cannot_take_it(subject, code):
    facts = facts_with(mailboxes={"robin": Mailbox(ascii_only=True)})
    talk = Talk(EHLO, UTF8_MAIL[:-2] + b" BODY=8BITMIME\r\n", RCPT, DATA, facts=facts)

    reply = only_reply(talk.say(f"Subject: {subject}\r\n\r\nø\r\n.\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule) == (
        (554, "5.6.9", "data.utf8") if code == 554 else (250, "2.0.0", "data.accepted")
    )


@pytest.mark.parametrize(
    ("line", "reply", "text"),
    [
        ("VRFY sam", (250, "2.1.5", "vrfy.found"), b"<sam@lab.example>"),
        ("VRFY <SAM@lab.example>", (250, "2.1.5", "vrfy.found"), b"<sam@lab.example>"),
        ("VRFY sa", (553, "5.1.4", "vrfy.ambiguous"), b"ambiguous"),
        ("VRFY samir", (550, "5.1.1", "vrfy.unknown"), b"No such user"),
        ("VRFY sam@other.example", (550, "5.1.1", "vrfy.unknown"), b"No such user"),
        ("VRFY søren", (252, "2.6.8", "vrfy.utf8"), b"SMTPUTF8"),
        ("VRFY søren SMTPUTF8", (250, "2.1.5", "vrfy.found"), "<søren@lab.example>".encode()),
    ],
)
def test_server_that_tells_users_answers_vrfy(line, reply, text):
    facts = facts_with(users=frozenset({"sam", "sandy", "samira", "søren"}))
    talk = Talk(EHLO, facts=facts, tells_users=True)

    events = talk.say(line.encode() + b"\r\n")

    assert replies(events) == [reply]
    assert text in only_reply(events).octets
