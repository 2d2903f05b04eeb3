import pytest

from sandbox.smtp import ContentIn, LineIn, MessageAccepted, Notice, StateChange, Violation

from .talking import DATA, EHLO, HELO, MAIL, RCPT, Talk, of_type, only_reply, replies

NEWLINES = ["reject", "normalize", "wait"]
BEHIND = (
    b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<sam@lab.example>\r\nDATA\r\n"  # swallowed or run
)

# Number of the sequence: octets. None of these ends the content.
NOT_THE_END = {
    1: b"\n.\n",
    2: b"\n.\r\n",
    3: b"\n.\r",
    4: b"\r.\r",
    5: b"\r.\n",
    6: b"\r.\r\n",
    7: b"\r\n.\n",
    8: b"\r\n.\r",
    9: b"\r\n.\r\r\n",
    10: b"\r\r\n.\r\r\n",
    11: b"\r\n\0.\r\n",
    12: b"\r\n.\0\r\n",
    13: b"\r\0\n.\r\n",
    14: b"\r\n.\r\0\n",
}


def in_content(**changes):
    return Talk(EHLO, MAIL, RCPT, DATA, **changes)


def delivered(talk, octets):
    """Content of the one message that the octets hold."""
    (message,) = of_type(talk.say(octets), MessageAccepted)
    return message.content


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("number", NOT_THE_END)
@pytest.mark.parametrize("behind", [b"", BEHIND], ids=["alone", "commands"])
def test_only_crlf_dot_crlf_ends_the_content(number, newline, behind):
    talk = in_content(newline=newline)

    events = talk.say(b"Subject: x\r\n\r\ntext" + NOT_THE_END[number] + b"more " + behind)

    assert replies(events) == []
    assert of_type(events, LineIn) == []
    assert talk.state == "CONTENT"


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("number", NOT_THE_END)
def test_no_cut_makes_an_end_of_what_is_none(number, newline):
    octets = b"text" + NOT_THE_END[number] + b"more " + BEHIND
    for cut in range(1, len(octets)):
        talk = in_content(newline=newline)

        talk.say(octets[:cut])
        talk.say(octets[cut:])

        assert talk.state == "CONTENT", cut


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("number", NOT_THE_END)
def test_content_with_such_a_sequence_is_one_message_at_most(number, newline):
    talk = in_content(newline=newline)

    events = talk.say(b"text" + NOT_THE_END[number] + b"more\r\n.\r\n")

    has_bare_newline = number not in (11, 12)
    refused = has_bare_newline and newline != "normalize"
    expected = (550, "5.5.2", "data.bare-newline") if refused else (250, "2.0.0", "data.accepted")
    assert replies(events) == [expected]
    assert len(of_type(events, MessageAccepted)) == (0 if refused else 1)
    assert talk.state == "READY"


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize(
    ("octets", "content", "rules"),
    [
        (b"text\0\r\n.\r\n", b"text\0\r\n", ["data.accepted"]),  # 15
        (b"text\r\n.\r\n\0\r\n", b"text\r\n", ["data.accepted", "line.nul"]),  # 16
        (b".\r\n", b"", ["data.accepted"]),  # 17
        (b"text\r\n.\r\n", b"text\r\n", ["data.accepted"]),
    ],
)
def test_legal_end_counts_wherever_it_stands(octets, content, rules, newline):
    for cut in range(len(octets)):
        talk = in_content(newline=newline)

        events = talk.say(octets[:cut]) + talk.go_on(octets[cut:])

        assert [message.content for message in of_type(events, MessageAccepted)] == [content]
        assert [reply[2] for reply in replies(events)] == rules


def test_commands_behind_the_dot_run_as_commands():
    talk = in_content()

    events = talk.say(b"text\r\n.\r\n" + BEHIND)

    assert [reply[2] for reply in replies(events)] == [
        "data.accepted",
        "mail.ok",
        "rcpt.ok",
        "data.ok",
    ]


def test_stuffed_dots_are_taken_off():
    talk = in_content()

    assert delivered(talk, b"..profile\r\n..\r\n.x\r\na.b\r\n. \r\n.\r\n") == (
        b".profile\r\n.\r\nx\r\na.b\r\n \r\n"
    )


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
    assert violation.octets == octets[:-2]
    assert violation.offset == 21 + 31 + 29 + 6 + 6
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


def test_first_200_lines_are_events_then_runs():
    talk = in_content()
    lines = [b"line %d\r\n" % number for number in range(1500)]

    events = of_type(talk.say(b"".join(lines) + b".\r\n"), ContentIn)

    assert [event.octets for event in events[:200]] == lines[:200]
    assert {len(event.octets) for event in events[200:-2]} == {4096}
    assert events[-1].octets == b".\r\n"
    assert [event.end for event in events] == [False] * (len(events) - 1) + [True]


def test_content_events_give_back_every_octet():
    talk = in_content(limits={"size": 1000})
    octets = b"a\r\n..b\nc\r\n" + b"x" * 70_000 + b"\r\n" + b"y\r\n" * 5000 + b".\r\n"

    events = of_type(talk.say(octets), ContentIn)

    assert b"".join(event.octets for event in events) == octets
    begin = 21 + 31 + 29 + 6
    for event in events:
        assert event.offset == begin
        begin += len(event.octets)


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

    events = talk.say(DATA + b"a\r\nb\r\n.\r\n")

    assert [event.early for event in of_type(events, ContentIn)] == [True, False, False]
