import pytest

from sandbox.smtp import Close, LineIn, Notice, Violation

from .talking import EHLO, MAIL, Talk, of_type, only_reply, replies


def padded(line, length):
    """The line with spaces and letters up to `length` octets, CRLF included."""
    return line + b" " + b"x" * (length - len(line) - 3) + b"\r\n"


@pytest.mark.parametrize(("length", "code"), [(512, 250), (513, 500)])
def test_command_line_has_512_octets_at_most(length, code):
    talk = Talk(EHLO)

    assert only_reply(talk.say(padded(b"NOOP", length))).code == code


@pytest.mark.parametrize(
    ("length", "reply"),
    [(552, (501, "5.1.7", "mail.bad-path")), (553, (500, "5.5.2", "line.too-long"))],
)
def test_size_and_8bitmime_lengthen_mail_by_40_octets(length, reply):
    talk = Talk(EHLO)
    line = b"MAIL FROM:<casey@" + b"a" * (length - 20) + b">\r\n"

    assert replies(talk.say(line)) == [reply]


def test_legacy_mail_line_is_not_lengthened():
    talk = Talk(b"HELO client.example\r\n", profile="legacy")

    assert only_reply(talk.say(b"MAIL FROM:<casey@" + b"a" * 496 + b">\r\n")).code == 500


def test_long_line_is_swallowed_whole_and_the_session_goes_on():
    talk = Talk(EHLO)

    events = talk.say(b"NOOP " + b"x" * 60_000 + b"\r\n")

    assert replies(events) == [(500, "5.5.2", "line.too-long")]
    assert of_type(events, LineIn)[0].octets == b"NOOP " + b"x" * 547 + b"\r\n"
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


def test_octet_above_127_in_a_command_is_500():
    talk = Talk(EHLO)

    line = "RCPT TO:<søren@lab.example>\r\n".encode()

    assert replies(talk.say(line)) == [(500, "5.5.2", "line.not-ascii")]


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


def test_synchronisation_is_checked_before_the_protocol():
    talk = Talk(EHLO)

    events = talk.say(b"NOOP\r\nGET /\r\n")

    assert [reply[2] for reply in replies(events)] == ["noop.ok", "sync.breach"]


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
