import pytest

from sandbox.smtp import Close, LineIn, Notice, Violation

from ..talking import (
    DATA,
    EHLO,
    HELO,
    MAIL,
    RCPT,
    UNDER_TLS,
    Talk,
    of_type,
    only_reply,
    replies,
    rules,
)


def padded(line, length):
    """The line with spaces and letters up to `length` octets, CRLF included."""
    return line + b" " + b"x" * (length - len(line) - 3) + b"\r\n"


@pytest.mark.parametrize(("length", "code"), [(512, 250), (513, 500)])
def test_command_line_has_512_octets_at_most(length, code):
    talk = Talk(EHLO)

    assert only_reply(talk.say(padded(b"NOOP", length))).code == code


# 512, and for MAIL: SIZE 26, BODY=BINARYMIME 16, SMTPUTF8 10, AUTH 500, DSN 110; for RCPT: DSN 530.
@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"MAIL FROM:<casey@lab.example> ENVID=", 1174),
        (b"RCPT TO:<robin@lab.example> ORCPT=", 1042),
        (b"VRFY ", 512),
        (b"EHLO ", 512),
        (b"BDAT ", 512),
        (b"STARTTLS ", 512),
        (b"XYZZY ", 512),
        (b"AUTH ", 12_288),
    ],
)
def test_lines_are_as_long_as_the_extensions_make_them(line, length):
    fits = Talk(EHLO, MAIL) if line[:4] == b"RCPT" else Talk(EHLO)
    exceeds = Talk(EHLO, MAIL) if line[:4] == b"RCPT" else Talk(EHLO)

    assert "too-long" not in rules(fits.say(line + b"x" * (length - 2 - len(line)) + b"\r\n"))[0]
    assert "too-long" in rules(exceeds.say(line + b"x" * (length - 1 - len(line)) + b"\r\n"))[0]


@pytest.mark.parametrize(
    ("offer", "length"),
    [
        ((), 512),
        (("SIZE",), 538),
        (("SIZE", "8BITMIME"), 552),
        (("SIZE", "8BITMIME", "CHUNKING", "BINARYMIME"), 554),
        (("8BITMIME", "SMTPUTF8"), 536),
        (("AUTH",), 1012),
        (("DSN",), 622),
    ],
)
def test_each_extension_lengthens_mail_by_its_share(offer, length):
    line = b"MAIL FROM:<casey@" + b"a" * (length - 20) + b">\r\n"

    assert rules(Talk(EHLO, offer=offer).say(line)) == ["mail.bad-path"]
    assert rules(Talk(EHLO, offer=offer).say(b"MAIL " + line[4:])) == ["line.too-long"]


def test_legacy_mail_line_is_not_lengthened():
    talk = Talk(b"HELO client.example\r\n", profile="legacy")

    assert only_reply(talk.say(b"MAIL FROM:<casey@" + b"a" * 496 + b">\r\n")).code == 500


def test_long_line_is_swallowed_whole_and_the_session_goes_on():
    talk = Talk(EHLO)

    events = talk.say(b"NOOP " + b"x" * 60_000 + b"\r\n")

    assert replies(events) == [(500, "5.5.2", "line.too-long")]
    assert of_type(events, LineIn)[0].octets == b"NOOP " + b"x" * 12_285 + b"\r\n"
    assert only_reply(talk.say(b"NOOP\r\n")).code == 250


@pytest.mark.parametrize(("length", "rule"), [(65_536, "line.too-long"), (65_537, "line.endless")])
def test_line_above_65536_octets_ends_the_session(length, rule):
    talk = Talk(EHLO)

    events = talk.say(b"x" * (length - 2) + b"\r\n")

    assert only_reply(events).rule == rule
    assert talk.state == ("CLOSED" if rule == "line.endless" else "READY")


def test_endless_line_is_421_before_it_ends():
    talk = Talk(EHLO)

    events = talk.say(b"x" * 65_537)

    assert replies(events) == [(421, "4.7.0", "line.endless")]
    assert of_type(events, Close)[0].graceful is False


@pytest.mark.parametrize(
    ("octets", "case"), [(b"NOOP\n", "lf"), (b"NOOP\rX", "cr"), (b"NO\nOP\r\n", "lf")]
)
def test_bare_newline_in_a_command_closes_and_runs_nothing(octets, case):
    talk = Talk(EHLO)

    events = talk.say(octets + b"MAIL FROM:<casey@lab.example>\r\n")

    assert replies(events) == [(550, "5.5.2", "line.bare-newline")]
    assert of_type(events, Violation)[0].case == case
    assert talk.state == "CLOSED"


def test_cr_at_the_end_of_a_read_waits_for_its_lf():
    talk = Talk(EHLO)

    assert talk.say(b"NOOP\r") == []
    assert replies(talk.say(b"\n")) == [(250, "2.0.0", "noop.ok")]


def test_normalize_takes_a_bare_lf_for_a_line_end():
    talk = Talk(EHLO, newline="normalize")

    events = talk.say(b"NOOP\n")

    assert replies(events) == [(250, "2.0.0", "noop.ok")]
    assert of_type(events, Notice)[0].rule == "line.normalized"


def test_normalize_refuses_a_stray_cr_and_goes_on():
    talk = Talk(EHLO, newline="normalize")

    assert replies(talk.say(b"NO\rOP\r\n")) == [(500, "5.5.2", "line.stray-newline")]
    assert talk.state == "READY"


def test_wait_acts_on_crlf_only():
    talk = Talk(EHLO, newline="wait")

    assert talk.say(b"NOOP\nRSET\n") == []
    assert replies(talk.say(b"\r\n")) == [(500, "5.5.2", "line.stray-newline")]
    assert talk.state == "READY"


def test_nul_in_a_command_is_501():
    talk = Talk(EHLO)

    assert replies(talk.say(b"NOOP\0\r\n")) == [(501, "5.5.2", "line.nul")]
    assert talk.state == "READY"


def test_octet_above_127_is_500_where_smtputf8_is_not_offered():
    talk = Talk(HELO, MAIL, profile="legacy")

    line = "RCPT TO:<s\u00f8ren@lab.example>\r\n".encode()

    reply = only_reply(talk.say(line))
    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        500, "5.5.2", "line.not-ascii", "",
    )  # fmt: skip


@pytest.mark.parametrize("octets", [b"\xff", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xc0\x80"])
def test_octets_that_are_no_utf8_are_500_where_it_is_offered(octets):
    reply = only_reply(Talk(EHLO).say(b"NOOP " + octets + b"\r\n"))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        500, "5.5.2", "line.not-ascii", "utf8",
    )  # fmt: skip


def test_names_of_clients_stay_ascii():
    """RFC 6531 section 3.7.1."""
    assert replies(Talk().say("EHLO b\u00fccher.example\r\n".encode())) == [
        (501, None, "ehlo.bad-name")
    ]


@pytest.mark.parametrize("line", ["VRFY søren", "VRFY søren SMTPUTF8", "NOOP søren", "HELP ø"])
def test_utf8_that_names_nobody_is_let_through(line):
    assert only_reply(Talk(EHLO).say(line.encode() + b"\r\n")).code in (214, 250, 252)


@pytest.mark.parametrize(
    "word", ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PRI"]
)
def test_http_closes_and_its_body_is_not_run(word):
    talk = Talk()

    events = talk.say(word.encode() + b" / HTTP/1.1\r\nHost: mx\r\n\r\nHELO client.example\r\n")

    assert replies(events) == [(500, "5.7.0", "line.foreign")]
    assert talk.state == "CLOSED"


def test_http_in_mid_session_closes_too():
    talk = Talk(EHLO, MAIL)

    assert replies(talk.say(b"GET /\r\n")) == [(500, "5.7.0", "line.foreign")]


def test_header_field_as_first_line_closes():
    talk = Talk()

    assert replies(talk.say(b"Subject: hello\r\n")) == [(500, "5.7.0", "line.foreign")]


def test_header_field_behind_a_pipelined_command_closes():
    talk = Talk(EHLO)

    events = talk.say(b"RSET\r\nSubject: hello\r\n")

    assert [reply[2] for reply in replies(events)] == ["rset.ok", "line.foreign"]


def test_header_field_typed_calmly_is_explained():
    talk = Talk(EHLO)

    reply = only_reply(talk.say(b"Subject: hello\r\n"))

    assert (reply.code, reply.rule, reply.case) == (500, "verb.unknown", "header")
    assert talk.state == "READY"


def test_verb_with_a_colon_is_no_header_field():
    talk = Talk()

    reply = only_reply(talk.say(b"MAIL:<casey@lab.example>\r\n"))

    assert (reply.code, reply.rule, reply.case) == (500, "verb.unknown", "colon")
    assert talk.state == "GREETED"


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        (b"\0" + b"x" * 600, ["line.too-long"]),  # length before octets
        (b"GET \0", ["line.nul"]),  # octets before protocol
        (b"EHLO b_d", ["ehlo.bad-name"]),
        (b"XYZZY \xff", ["line.not-ascii"]),  # octets before the verb
        (b"EXPN", ["verb.not-offered"]),  # offer before argument
        (b"RCPT", ["rcpt.order"]),  # state before argument
        (b"MAIL FROM:<a b> FOO=1", ["mail.bad-path"]),  # argument before parameters
        (b"MAIL FROM:<casey@lab.example> SIZE=x FOO", ["param.unknown"]),  # 555 before 501
        (b"MAIL FROM:<casey@lab.example> SIZE=9999999 SIZE=1", ["param.value"]),  # before size
    ],
)
def test_checks_come_in_a_fixed_order(line, rules):
    talk = Talk(EHLO)

    assert [reply[2] for reply in replies(talk.say(line + b"\r\n"))] == rules


def test_a_browser_is_told_apart_whether_it_waits_or_not():
    early, calm = Talk(EHLO), Talk(EHLO, b"NOOP\r\n")

    assert [reply[2] for reply in replies(early.say(b"NOOP\r\nGET /\r\n"))] == [
        "noop.ok",
        "line.foreign",
    ]
    assert [reply[2] for reply in replies(calm.say(b"GET /\r\n"))] == ["line.foreign"]


@pytest.mark.parametrize("line", [b"EHLO \xff", b"HELO \0", b"EHLO " + b"x" * 600, b"EHLO x\n"])
def test_no_answer_to_a_greeting_has_an_enhanced_code(line):
    talk = Talk()

    reply = only_reply(talk.say(line + b"\r\n"))

    assert reply.enhanced is None
    assert reply.octets[:4] in (b"500 ", b"501 ", b"550 ")
    assert not reply.octets[4:5].isdigit()


def test_line_says_where_in_the_stream_it_begins():
    talk = Talk(EHLO)

    (first, second) = of_type(talk.say(b"RSET\r\nRSET\r\n"), LineIn)

    assert (first.offset, second.offset) == (21, 27)
    assert (first.early, second.early) == (False, True)


@pytest.mark.parametrize("word", ["GET", "POST", "PRI"])
@pytest.mark.parametrize(
    "way", [(), (EHLO,), (EHLO, MAIL), (EHLO, MAIL, RCPT), (EHLO, MAIL, RCPT, b"BDAT 1\r\nx")]
)
def test_http_closes_in_every_state_that_takes_commands(way, word):
    for line in (f"{word} / HTTP/1.1\r\n", f"{word.lower()} /\r\n", f"{word}\r\n"):
        talk = Talk(*way)

        assert rules(talk.say(line.encode())) == ["line.foreign"]
        assert talk.state == "CLOSED"


def test_http_is_content_and_a_response_like_anything_else():
    assert replies(Talk(EHLO, MAIL, RCPT, DATA).say(b"GET / HTTP/1.1\r\n")) == []
    assert rules(Talk(*UNDER_TLS, b"AUTH PLAIN\r\n").say(b"GET / HTTP/1.1\r\n")) == ["auth.base64"]


@pytest.mark.parametrize("word", ["GETS", "POSTING", "GE", "XGET"])
def test_word_that_only_resembles_http_is_unknown(word):
    assert rules(Talk(EHLO).say(f"{word} /\r\n".encode())) == ["verb.unknown"]


@pytest.mark.parametrize("line", [b"Host: mx\r\n", b"X-Custom:1\r\n", b"subject: x\r\n"])
def test_header_like_line_closes_first_and_early_but_not_calmly(line):
    assert rules(Talk().say(line)) == ["line.foreign"]
    assert rules(Talk(EHLO).say(b"RSET\r\n" + line)) == ["rset.ok", "line.foreign"]
    assert rules(Talk(EHLO).say(line)) == ["verb.unknown"]


def test_first_line_is_the_first_of_the_session_and_not_of_a_state():
    assert rules(Talk(b"\r\n").say(b"Subject: x\r\n")) == ["verb.unknown"]


@pytest.mark.parametrize("newline", ["reject", "normalize", "wait"])
def test_nul_in_content_is_no_fault_and_in_a_command_it_is(newline):
    talk = Talk(EHLO, MAIL, RCPT, DATA, newline=newline)

    assert rules(talk.say(b"a\0b\r\n.\r\n")) == ["data.accepted"]
    assert replies(talk.say(b"NO\0OP\r\n")) == [(501, "5.5.2", "line.nul")]


@pytest.mark.parametrize("line", [b"\x1b[2J", b"XYZZY{host}", b"MAIL FROM:<\x1b[2J>", b"EHLO \x07"])
def test_no_reply_repeats_raw_input(line):
    reply = only_reply(Talk(EHLO).say(line + b"\r\n"))

    assert reply.code in (500, 501)
    assert line[-5:] not in reply.octets
