"""Where another server departs from our rules, and where it only decides what is its own."""

import pytest

from sandbox.annotating import annotate

READY = (
    "S: 220 mx.example ready\nC: EHLO a.example\nS: 250-mx.example\nS: 250-SIZE 1000\nS: 250 {0}\n"
)


def last(dialogue, offer="8BITMIME"):
    """The last line of a dialogue that goes on after EHLO."""
    return annotate(READY.format(offer) + dialogue).lines[-1]


@pytest.mark.parametrize(
    ("dialogue", "rule", "differs"),
    [
        (
            "C: VRFY robin\nS: 502 5.5.1 off",
            "verb.not-offered",
            "The other server answers 502 here; RFC 5321 §3.5.3 and §7.3 ask for 252.",
        ),
        (
            "C: MAIL FROM: <a@b.example>\nS: 250 2.1.0 ok",
            "mail.ok",
            "The other server answers 250 here and lets it pass; by the letter of RFC 5321 "
            "§4.1.1.2 and §3.3 it would be 501: not written as it must be.",
        ),
        (
            "C: RCPT TO:<a@b.example>\nS: 501 5.5.1 no",
            "rcpt.order",
            "The other server answers 501 here; RFC 5321 §3.3 and §4.1.4 ask for 503.",
        ),
        (
            "C: NOOP\nS: 250 5.0.0 ok",
            "noop.ok",
            "The class of 5.0.0 does not fit 250: its first digit has to be the same "
            "(RFC 2034 §4).",
        ),
    ],
)
def test_departure_from_a_rule_is_named_with_its_section(dialogue, rule, differs):
    line = last(dialogue)

    assert (line.rule, line.differs) == (rule, differs)


def test_departure_from_our_own_choice_is_not_laid_at_an_rfc():
    line = last("C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: STARTTLS\nS: 502 5.5.0 no", "STARTTLS")

    assert (line.rule, line.differs) == (
        "verb.not-offered",
        "The other server answers 502 here; the sandbox answers 503, which no RFC lays down.",
    )


@pytest.mark.parametrize(
    ("dialogue", "rule"),
    [
        ("C: EXPN staff\nS: 500 5.5.2 no", "verb.unknown"),
        ("C: DATA\nS: 554 5.5.1 no valid recipients", "data.order"),
        ("C: MAIL FROM:<a@b.example>\nS: 550 5.7.1 we do not like you", "fault.mail-550"),
        ("C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 251 moved", ""),
        ("C: MAIL FROM:<a@b.example>\nS: 421 4.3.2 closing", "session.shutdown"),
    ],
)
def test_decision_of_the_server_itself_is_no_departure(dialogue, rule):
    line = last(dialogue)

    assert (line.rule, line.differs) == (rule, "")


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("550 5.7.1 Relaying denied", "rcpt.relay"),
        ("550 5.7.54 SMTP; Unable to relay recipient", "rcpt.relay"),
        ("550 5.7.1 blocked using zen.example", ""),
        ("550 5.1.1 no", "rcpt.unknown"),
        ("550 no such user", "rcpt.unknown"),
        ("450 4.7.1 greylisted", "rcpt.greylisted"),
        ("450 4.7.1 cannot find your hostname", ""),
        ("452 4.5.3 too many", "rcpt.too-many"),
        ("552 5.2.2 mailbox full", "rcpt.full"),
        ("556 5.1.10 no mail", "rcpt.null-mx"),
        ("599 odd", ""),
    ],
)
def test_refusal_of_a_recipient_has_a_rule_only_where_its_words_allow(reply, rule):
    line = last(f"C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: {reply}")

    assert line.rule == rule
    assert line.line.why


def test_offer_of_the_other_server_decides_what_may_be_used():
    parameter = "C: MAIL FROM:<a@b.example> BODY=8BITMIME\nS: 250 ok"

    assert last(parameter, offer="8BITMIME").differs == ""
    assert "it would be 555" in last(parameter, offer="HELP").differs


def test_size_that_the_other_server_offers_is_its_limit():
    line = last("C: MAIL FROM:<a@b.example> SIZE=1001\nS: 552 5.3.4 too big")

    assert (line.rule, line.differs) == ("size.declared", "")


def test_session_goes_on_from_what_the_other_server_allowed():
    annotation = annotate(
        READY.format("HELP")
        + "C: RCPT TO:<a@b.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: .\nS: 250 ok\n"
        + "C: MAIL FROM:<a@b.example>\nS: 250 ok\n"
    )

    rules = [each.rule for each in annotation.lines if each.side == "server"]
    assert rules[2:] == ["rcpt.ok", "data.ok", "data.accepted", "mail.ok"]
    assert [bool(each.differs) for each in annotation.lines if each.side == "server"] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


def test_login_in_the_clear_is_remarked_where_it_is_certain():
    login = "C: AUTH PLAIN AGEAYg==\nS: 235 2.7.0 ok"

    assert last(login, offer="AUTH PLAIN").differs == ""
    text = READY.format("AUTH PLAIN").replace("SIZE 1000", "STARTTLS") + login
    assert annotate(text).lines[-1].differs == (
        "This login was not encrypted, so anybody on the way could read it (RFC 4954 §9)."
    )


def test_handshake_that_is_not_mentioned_starts_the_session_over():
    line = last("C: STARTTLS\nS: 220 go\nC: MAIL FROM:<a@b.example>\nS: 503 no", "STARTTLS")

    assert (line.rule, line.differs) == ("mail.order", "")


def test_transcript_may_begin_in_the_middle():
    annotation = annotate("C: RCPT TO:<a@b.example>\nS: 550 5.1.1 no\nC: DATA\nS: 554 5.5.1 no\n")

    rules = [each.rule for each in annotation.lines if each.side == "server"]
    assert rules == ["rcpt.unknown", "data.no-valid-recipient"]


def test_recipients_after_lmtp_dot_are_answered_one_by_one():
    annotation = annotate(
        "S: 220 mx LMTP\nC: LHLO a\nS: 250 mx\nC: MAIL FROM:<>\nS: 250 ok\n"
        "C: RCPT TO:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@b.example>\nS: 250 ok\n"
        "C: DATA\nS: 354 go\nC: hello\nC: .\nS: 250 2.1.5 a\nS: 452 4.2.2 c is full\n"
    )

    assert [each.differs for each in annotation.lines if each.side == "server"] == [""] * 8
    assert annotation.lines[-1].line.title == "No room, or enough recipients"


def test_code_that_exchange_uses_its_own_way_is_told_by_the_product():
    dialogue = (
        "C: EHLO a.example\nS: 250 x\nC: MAIL FROM:<a@b.example>\nS: 250 ok\n"
        "C: RCPT TO:<c@d.example>\nS: 550 5.1.10 no\n"
    )
    ours = annotate(f"S: 220 x\n{dialogue}").lines[-1]
    theirs = annotate(f"S: 220 x Microsoft ESMTP MAIL Service ready\n{dialogue}").lines[-1]

    assert "the recipient's domain declares that it takes no mail" in ours.line.why
    assert "Exchange uses 5.1.10 for a recipient that it did not find" in theirs.line.why
