"""What each profile offers, and where the servers that are played differ in structure."""

import pytest

from sandbox.smtp import PROFILES, MessageAccepted, Notice, Reply
from sandbox.smtp.states import EXTENSION_VERBS

from ..talking import (
    DATA,
    EHLO,
    HELO,
    MAIL,
    RCPT,
    STARTTLS,
    TLS,
    UNDER_TLS,
    Talk,
    of_type,
    only_reply,
    replies,
)

SECOND = 1_000_000
WITH_EHLO = [name for name in PROFILES if name != "legacy"]


def offer(talk):
    """Lines of the last answer to EHLO, without the first."""
    reply = of_type(talk.events, Reply)[-1]
    assert reply.rule == "ehlo.ok"
    return list(reply.lines[1:])


def test_profiles_are_those_of_the_specification():
    assert list(PROFILES) == [
        "modern", "submission", "strict", "legacy", "postfix-like", "exim-like", "opensmtpd-like",
    ]  # fmt: skip


MODERN = [
    "SIZE 2048000",
    "8BITMIME",
    "PIPELINING",
    "ENHANCEDSTATUSCODES",
    "CHUNKING",
    "BINARYMIME",
    "SMTPUTF8",
    "DSN",
    "LIMITS RCPTMAX=100 MAILMAX=20",
]


def test_modern_lists_starttls_in_the_clear_and_auth_under_tls():
    assert offer(Talk(EHLO)) == [*MODERN, "STARTTLS", "HELP"]
    assert offer(Talk(*UNDER_TLS)) == [*MODERN, "AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN", "HELP"]


def test_answer_to_ehlo_goes_out_as_one_reply_of_many_lines():
    reply = only_reply(Talk().say(EHLO))

    assert reply.octets.startswith(
        b"250-mx.lab.example greets client.example\r\n250-SIZE 2048000\r\n250-8BITMIME\r\n"
    )
    assert reply.octets.endswith(b"250-STARTTLS\r\n250 HELP\r\n")


def test_limits_and_size_of_the_offer_are_those_in_force():
    talk = Talk(EHLO, limits={"size": 10_240, "recipients": 2, "mails": 5})

    assert "SIZE 10240" in offer(talk)
    assert "LIMITS RCPTMAX=2 MAILMAX=5" in offer(talk)


def test_strict_lists_expn_too():
    assert offer(Talk(EHLO, profile="strict")) == [*MODERN, "STARTTLS", "HELP", "EXPN"]


def test_product_profiles_list_what_those_products_do():
    keywords = {
        name: {line.split()[0] for line in offer(Talk(EHLO, profile=name))}
        for name in ("postfix-like", "exim-like", "opensmtpd-like")
    }

    assert "LIMITS" not in keywords["postfix-like"]
    assert {"PIPELINING", "CHUNKING", "SMTPUTF8", "DSN"} <= keywords["postfix-like"]
    assert "ENHANCEDSTATUSCODES" not in keywords["exim-like"]
    assert keywords["opensmtpd-like"] == {
        "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE", "DSN", "STARTTLS", "HELP",
    }  # fmt: skip


VERB_LINES = {
    "AUTH": b"AUTH PLAIN\r\n",
    "BDAT": b"BDAT 2\r\n\r\n",
    "EXPN": b"EXPN staff\r\n",
    "STARTTLS": STARTTLS,
    "HELP": b"HELP\r\n",
    "VRFY": b"VRFY robin\r\n",
}
BROUGHT_BY = {"CHUNKING": "BDAT"}


@pytest.mark.parametrize("way", [(EHLO,), UNDER_TLS], ids=["clear", "TLS"])
@pytest.mark.parametrize("profile", WITH_EHLO)
def test_nothing_is_listed_that_would_be_500_or_502(profile, way):
    keywords = [line.split()[0] for line in offer(Talk(*way, profile=profile))]

    for keyword in keywords:
        verb = BROUGHT_BY.get(keyword, keyword)
        if verb in VERB_LINES:
            reply = replies(Talk(*way, profile=profile).say(VERB_LINES[verb]))[0]
            assert reply[0] not in (500, 502), keyword


@pytest.mark.parametrize("profile", PROFILES)
def test_verb_of_an_extension_that_is_missing_is_502(profile):
    hello = HELO if profile == "legacy" else EHLO
    for verb, keyword in EXTENSION_VERBS.items():
        if not PROFILES[profile].offers(keyword or ""):
            line = VERB_LINES.get(verb, verb.encode() + b"\r\n").partition(b"\n")[0] + b"\n"
            reply = only_reply(Talk(hello, profile=profile).say(line))
            assert reply.rule in ("verb.not-offered", "verb.unknown"), verb


def test_octets_behind_bdat_that_is_not_offered_are_ordinary_lines():
    talk = Talk(HELO, MAIL, RCPT, profile="legacy")

    events = talk.say(b"BDAT 6 LAST\r\nQUIT\r\n")

    assert [reply[2] for reply in replies(events)] == ["verb.not-offered", "quit.ok"]


def test_legacy_knows_no_ehlo_and_writes_no_enhanced_codes():
    talk = Talk(EHLO, HELO, MAIL, RCPT, profile="legacy")

    assert talk.wire == (
        b"220 mx.lab.example SMTP ready\r\n"
        b"500 Command not recognized\r\n"
        b"250 mx.lab.example greets client.example\r\n"
        b"250 Sender ok\r\n"
        b"250 Recipient ok\r\n"
    )
    assert talk.state == "RCPTS"


def test_legacy_events_have_the_enhanced_codes_that_are_not_written():
    assert replies(Talk(HELO, profile="legacy").say(MAIL)) == [(250, "2.1.0", "mail.ok")]


def test_strict_greets_after_two_seconds_and_says_nothing_late_afterwards():
    talk = Talk(EHLO, profile="strict")

    assert [reply.delay_us for reply in of_type(talk.events, Reply)] == [2 * SECOND, 0]


def test_strict_waits_for_crlf():
    talk = Talk(EHLO, profile="strict")

    assert talk.say(b"NOOP\n") == []
    assert replies(talk.say(b"\r\n")) == [(500, "5.5.2", "line.stray-newline")]


@pytest.mark.parametrize(("length", "code"), [(1000, 250), (1001, 554)])
def test_strict_enforces_lines_of_1000_octets(length, code):
    talk = Talk(EHLO, MAIL, RCPT, DATA, profile="strict")

    reply = only_reply(talk.say(b"x" * (length - 2) + b"\r\n.\r\n"))

    assert (reply.code, reply.enhanced) == (code, "2.0.0" if code == 250 else "5.6.0")


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (b"", (554, "5.6.3", "data.8bit")),
        (b" BODY=7BIT", (554, "5.6.3", "data.8bit")),
        (b" BODY=8BITMIME", (250, "2.0.0", "data.accepted")),
    ],
)
def test_strict_refuses_eight_bits_that_were_not_declared(body, reply):
    talk = Talk(EHLO, MAIL[:-2] + body + b"\r\n", RCPT, DATA, profile="strict")

    assert replies(talk.say("på dansk\r\n.\r\n".encode())) == [reply]


def test_strict_neither_verifies_nor_expands():
    talk = Talk(EHLO, profile="strict")

    assert replies(talk.say(b"VRFY robin\r\n")) == [(252, "2.5.0", "vrfy.ok")]
    assert replies(talk.say(b"EXPN staff\r\n")) == [(252, "2.5.0", "expn.ok")]


@pytest.mark.parametrize(("hello", "rule"), [(EHLO, "ehlo.again"), (HELO, "helo.again")])
def test_opensmtpd_like_greets_once(hello, rule):
    talk = Talk(EHLO, MAIL, profile="opensmtpd-like")

    assert replies(talk.say(hello)) == [(503, None, rule)]
    assert talk.state == "SENDER"


def test_opensmtpd_like_greets_again_under_tls():
    talk = Talk(EHLO, STARTTLS, TLS, profile="opensmtpd-like")

    assert replies(talk.say(EHLO)) == [(250, None, "ehlo.ok")]


@pytest.mark.parametrize("profile", ["postfix-like", "exim-like", "opensmtpd-like"])
def test_product_profiles_take_a_bare_lf_for_a_line_end_and_never_for_the_end_of_content(profile):
    talk = Talk(EHLO, profile=profile)

    events = talk.say(b"MAIL FROM:<casey@lab.example>\n")
    talk.say(RCPT)
    talk.say(DATA)
    talk.say(b"Subject: x\n\ntext\n.\nmore\r\n.\r\n")

    assert [notice.rule for notice in of_type(events, Notice)] == ["line.normalized"]
    (message,) = of_type(talk.events, MessageAccepted)
    assert message.content.endswith(b"\r\nmore\r\n")
    assert talk.state == "READY"


@pytest.mark.parametrize("line", [b"XYZZY\r\n", b"MAIL FROM\r\n"])
def test_exim_like_ends_with_the_fourth_line_it_cannot_read(line):
    talk = Talk(EHLO, profile="exim-like")

    assert [talk.say(line) and talk.state for _ in range(4)] == ["READY"] * 3 + ["CLOSED"]


@pytest.mark.parametrize(
    ("profile", "size", "recipients"),
    [
        ("postfix-like", 10_240_000, 1000),
        ("exim-like", 52_428_800, 50_000),
        ("opensmtpd-like", 36_700_160, 1000),
    ],
)
def test_product_profiles_have_their_defaults(profile, size, recipients):
    assert f"SIZE {size}" in offer(Talk(EHLO, profile=profile))
    assert PROFILES[profile].limits.recipients == recipients


def test_postfix_like_takes_lines_of_2048_octets():
    talk = Talk(EHLO, profile="postfix-like")

    assert only_reply(talk.say(b"NOOP " + b"x" * 2041 + b"\r\n")).code == 250
    assert only_reply(talk.say(b"NOOP " + b"x" * 2042 + b"\r\n")).rule == "line.too-long"


def test_opensmtpd_like_takes_100_messages():
    assert PROFILES["opensmtpd-like"].limits.mails == 100
