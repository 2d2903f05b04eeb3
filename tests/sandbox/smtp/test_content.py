import pytest

from sandbox.smtp import (
    ContentIn,
    MessageAccepted,
    Notice,
    StateChange,
    Violation,
)

from ..talking import (
    DATA,
    EHLO,
    HELO,
    LOGGED_IN,
    MAIL,
    RCPT,
    UNDER_TLS,
    Talk,
    of_type,
    only_reply,
    replies,
)

UTF8_MAIL = b"MAIL FROM:<casey@lab.example> SMTPUTF8\r\n"


def in_content(**changes):
    return Talk(EHLO, MAIL, RCPT, DATA, **changes)


def delivered(talk, octets):
    """Content of the one message that the octets hold."""
    (message,) = of_type(talk.say(octets), MessageAccepted)
    return message.content


def test_dot_before_a_bare_line_feed_leaves_the_line_feed():
    talk = in_content(newline="reject")

    events = talk.say(b"a\r\n.\nb\r\n.\r\n")

    assert "".join(event.octets.decode() for event in of_type(events, ContentIn)) == (
        "a\r\n.\nb\r\n.\r\n"
    )
    assert replies(events) == [(550, "5.5.2", "data.bare-newline")]


def test_normalize_makes_crlf_of_bare_line_feeds():
    talk = in_content(newline="normalize")

    events = talk.say(b"Subject: x\n\n..a\nb\r\n.\r\n")

    assert of_type(events, MessageAccepted)[0].content == b"Subject: x\r\n\r\n.a\r\nb\r\n"
    assert [notice.rule for notice in of_type(events, Notice)] == ["data.normalized"]


@pytest.mark.parametrize(("octets", "case"), [(b"a\nb\r\n", "lf"), (b"a\rb\r\n", "cr")])
def test_bare_newline_is_told_where_it_is_and_refused_at_the_end(octets, case):
    talk = in_content()

    events = talk.say(b"fine\r\n" + octets + b"more\nlines\r\n.\r\n")

    (violation,) = of_type(events, Violation)
    assert (violation.rule, violation.case) == ("data.bare-newline", case)
    assert violation.octets == b""
    assert violation.offset == 21 + 31 + 29 + 6 + 6 + 1
    assert only_reply(events).octets == (
        b"550 5.5.2 Lines must end with CR LF; the message was dropped\r\n"
    )
    assert replies(talk.say(MAIL)) == [(250, "2.1.0", "mail.ok")]


@pytest.mark.parametrize(("length", "noted"), [(1000, []), (1001, ["data.long-line"])])
def test_line_above_1000_octets_is_noted(length, noted):
    talk = in_content()

    events = talk.say(b"x" * (length - 2) + b"\r\n.\r\n")

    assert [notice.rule for notice in of_type(events, Notice)] == noted
    assert only_reply(events).code == 250


def test_stuffed_dot_does_not_count_for_the_length_of_a_line():
    talk = in_content()

    assert of_type(talk.say(b"." + b"x" * 998 + b"\r\n.\r\n"), Notice) == []


@pytest.mark.parametrize(
    ("length", "reply"),
    [(65_536, (250, "2.0.0", "data.accepted")), (65_537, (554, "5.6.0", "data.line-too-long"))],
)
def test_line_above_65536_octets_refuses_the_message(length, reply):
    talk = in_content()

    events = talk.say(b"x" * (length - 2) + b"\r\nnext\r\n.\r\n")

    assert replies(events) == [reply]
    assert talk.state == "READY"


@pytest.mark.parametrize(
    ("mail", "noted"),
    [(MAIL, ["data.undeclared-8bit"]), (b"MAIL FROM:<casey@lab.example> BODY=8BITMIME\r\n", [])],
)
def test_eight_bits_without_body_are_noted(mail, noted):
    talk = Talk(EHLO, mail, RCPT, DATA)

    events = talk.say("På dansk\r\nog på svensk\r\n.\r\n".encode())

    assert [notice.rule for notice in of_type(events, Notice)] == noted
    assert only_reply(events).code == 250


def test_server_without_8bitmime_refuses_eight_bits():
    talk = Talk(HELO, MAIL, RCPT, DATA, profile="legacy")

    reply = only_reply(talk.say("På dansk\r\n.\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule) == (554, "5.6.3", "data.8bit")
    assert reply.octets[:8] == b"554 The "


@pytest.mark.parametrize(("n", "code"), [(99, 250), (100, 554)])
def test_hundred_received_fields_are_a_loop(n, code):
    talk = in_content()

    reply = only_reply(talk.say(b"Received: from a\r\n by b\r\n" * n + b"\r\nReceived: x\r\n.\r\n"))

    assert reply.code == code
    assert reply.rule == ("data.accepted" if code == 250 else "data.loop")


def test_received_in_the_body_does_not_count():
    talk = in_content()

    assert only_reply(talk.say(b"\r\n" + b"Received: x\r\n" * 200 + b".\r\n")).code == 250


@pytest.mark.parametrize(("length", "code"), [(102_400, 250), (102_401, 554)])
def test_header_section_has_102400_octets_at_most(length, code):
    talk = in_content()
    lines = b"X-Filler: " + b"x" * 88 + b"\r\n"  # 100 octets
    rest = b"X: " + b"x" * (length - 1023 * 100 - 5) + b"\r\n"

    reply = only_reply(talk.say(lines * 1023 + rest + b"\r\nbody\r\n.\r\n"))

    assert reply.code == code
    assert reply.rule == ("data.accepted" if code == 250 else "data.mime")


@pytest.mark.parametrize(("body", "code"), [(2_048_000, 250), (2_048_001, 552)])
def test_size_counts_the_content_without_stuffed_dots(body, code):
    talk = in_content()
    first = b".." + b"x" * (body % 100 + 97) + b"\r\n"
    rest = (b"x" * 98 + b"\r\n") * ((body - len(first) + 1) // 100)

    reply = only_reply(talk.say(first + rest + b".\r\n"))

    assert len(first) - 1 + len(rest) == body
    assert reply.code == code
    assert reply.rule == ("data.accepted" if code == 250 else "size.actual")


def test_of_several_faults_the_line_end_is_named():
    talk = in_content(limits={"size": 10})

    assert replies(talk.say(b"a\nb and much more\r\n.\r\n")) == [
        (550, "5.5.2", "data.bare-newline")
    ]


def test_content_events_give_back_every_octet():
    talk = in_content(limits={"size": 1000})
    octets = b"a\r\n..b\nc\r\n" + b"x" * 70_000 + b"\r\n" + b"y\r\n" * 5000 + b".\r\n"

    events = of_type(talk.say(octets), ContentIn)

    assert b"".join(event.octets for event in events) == octets
    begin = 21 + 31 + 29 + 6
    assert [event.offset for event in events] == [begin, begin + len(octets) - 3]
    assert [event.end for event in events] == [False, True]


def test_accepted_message_has_envelope_trace_and_queue_id():
    talk = in_content()

    events = talk.say(b"Subject: x\r\n\r\nhello\r\n.\r\n", at=61_500_000)

    (message,) = of_type(events, MessageAccepted)
    assert message.queue_id == "DA201591B193"  # SHA-256 of "lab/1", the first 12 digits
    assert message.trace == (
        b"Received: from client.example ([192.0.2.10])\r\n"
        b"\tby mx.lab.example with ESMTP id DA201591B193\r\n"
        b"\tfor <robin@lab.example>;\r\n"
        b"\tMon, 23 Nov 2026 09:01:01 +0000\r\n"
    )
    assert events.index(message) < events.index(only_reply(events))


def test_trace_of_a_helo_session_names_no_recipient_of_several():
    talk = Talk(HELO, MAIL, RCPT, b"RCPT TO:<sam@lab.example>\r\n", DATA)

    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)

    assert b"with SMTP id" in message.trace
    assert b"for <" not in message.trace


def test_second_message_of_a_session_has_another_queue_id():
    talk = in_content()
    first = of_type(talk.say(b".\r\n"), MessageAccepted)[0]
    for line in (MAIL, RCPT, DATA):
        talk.say(line)

    second = of_type(talk.say(b".\r\n"), MessageAccepted)[0]

    assert first.queue_id != second.queue_id


def test_transaction_ends_with_its_message():
    talk = in_content()

    assert of_type(talk.say(b".\r\n"), StateChange) == [
        StateChange("CONTENT", "READY", ("transaction",))
    ]
    assert of_type(talk.say(b"RSET\r\n"), StateChange) == []


def test_crlf_of_an_overlong_line_may_come_in_two_reads():
    talk = in_content()
    talk.say(b"x" * 70_000 + b"\r")

    events = talk.say(b"\n.\r\n")

    assert replies(events) == [(554, "5.6.0", "data.line-too-long")]


def test_only_the_first_event_of_early_content_is_early():
    talk = Talk(HELO, MAIL, RCPT, profile="legacy")

    events = talk.say(DATA + b"a\r\n") + talk.go_on(b"b\r\n.\r\n")

    assert [event.early for event in of_type(events, ContentIn)] == [True, False, False]


@pytest.mark.parametrize("octets", [b"a\nb", b"a\rb", b"\xff", b"\0", b"x" * 66_000])
def test_what_is_wrong_with_a_message_is_told_when_it_ends(octets):
    talk = in_content()

    assert of_type(talk.say(octets) + talk.say(b"\r\nmore\r\n"), Notice | Violation) == []
    assert of_type(talk.say(b".\r\n"), Notice | Violation)


def test_nul_is_kept_with_a_notice():
    talk = in_content()

    events = talk.say(b"a\0b\r\n.\r\n")

    (notice,) = of_type(events, Notice)
    assert (notice.rule, notice.offset) == ("data.nul", 87 + 1)
    assert of_type(events, MessageAccepted)[0].content == b"a\0b\r\n"


def test_normalize_takes_a_stuffed_dot_off_behind_a_bare_lf_too():
    talk = in_content(newline="normalize")

    assert delivered(talk, b"a\n..b\n.c\r\n.\r\n") == b"a\r\n.b\r\nc\r\n"


@pytest.mark.parametrize(
    ("way", "mail", "keyword"),
    [
        ((HELO,), MAIL, b"SMTP"),
        ((EHLO,), MAIL, b"ESMTP"),
        ((EHLO,), UTF8_MAIL, b"UTF8SMTP"),
        (UNDER_TLS, MAIL, b"ESMTPS"),
        (UNDER_TLS, UTF8_MAIL, b"UTF8SMTPS"),
        (LOGGED_IN, MAIL, b"ESMTPSA"),
        (LOGGED_IN, UTF8_MAIL, b"UTF8SMTPSA"),
    ],
)
def test_trace_names_the_protocol(way, mail, keyword):
    """RFC 3848; RFC 6531 section 4.3."""
    talk = Talk(*way, mail, RCPT, DATA)

    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)

    assert b" with " + keyword + b" id " in message.trace
