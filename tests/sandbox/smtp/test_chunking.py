"""BDAT: octets by count, a message in chunks, and counts that are meant to deceive."""

import pytest

from sandbox.smtp import ChunkIn, Close, LineIn, MessageAccepted, Notice, StateChange

from ..talking import (
    DATA,
    EHLO,
    HELO,
    MAIL,
    QUIT,
    RCPT,
    Talk,
    of_type,
    only_reply,
    replies,
    rules,
)

ENVELOPE = (EHLO, MAIL, RCPT)
BINARY = b"MAIL FROM:<casey@lab.example> BODY=BINARYMIME\r\n"
BDAT_OK = (250, "2.0.0", "bdat.ok")
ACCEPTED = (250, "2.0.0", "data.accepted")
SYNTAX = (501, "5.5.4", "bdat.syntax")


def test_chunks_make_one_message():
    talk = Talk(*ENVELOPE)

    events = talk.say(b"BDAT 10\r\nSubject: x")
    events += talk.say(b"BDAT 6\r\n\r\n\r\nhe")
    events += talk.say(b"BDAT 5 LAST\r\nllo\r\n")

    assert replies(events) == [BDAT_OK, BDAT_OK, ACCEPTED]
    assert b"250 2.0.0 10 octets received\r\n" in talk.wire
    assert [message.content for message in of_type(events, MessageAccepted)] == [
        b"Subject: x\r\n\r\nhello\r\n"
    ]
    assert of_type(events, StateChange)[-1] == StateChange("CHUNKS", "READY", ("transaction",))


def test_chunk_is_told_as_it_arrives():
    talk = Talk(*ENVELOPE)
    offset = 21 + 31 + 29 + 8

    assert talk.say(b"BDAT 5\r\nab")[1:] == [ChunkIn(b"ab", offset, 5)]
    assert talk.go_on(b"c") == [ChunkIn(b"c", offset + 2, 5)]
    assert talk.go_on(b"de")[0] == ChunkIn(b"de", offset + 3, 5, end=True)


def test_there_is_no_reply_before_the_whole_chunk_is_there():
    talk = Talk(*ENVELOPE)

    assert replies(talk.say(b"BDAT 5 LAST\r\nabcd")) == []
    assert talk.state == "RCPTS"
    assert replies(talk.say(b"e")) == [ACCEPTED]


@pytest.mark.parametrize(
    ("line", "after"), [(b"BDAT 0\r\n", "CHUNKS"), (b"BDAT 0 LAST\r\n", "READY")]
)
def test_empty_chunk_is_answered_at_once(line, after):
    talk = Talk(*ENVELOPE)

    events = talk.say(line)

    assert only_reply(events).code == 250
    assert [chunk.end for chunk in of_type(events, ChunkIn)] == [True]
    assert talk.state == after


def test_dots_are_not_stuffed_in_a_chunk():
    talk = Talk(*ENVELOPE)

    events = talk.say(b"BDAT 15 LAST\r\n..a\r\n.\r\n..\r\n.\r\n")

    assert of_type(events, MessageAccepted)[0].content == b"..a\r\n.\r\n..\r\n.\r\n"


def test_last_is_known_in_any_case():
    talk = Talk(*ENVELOPE)

    assert replies(talk.say(b"bdat 2 last\r\n\r\n")) == [ACCEPTED]


@pytest.mark.parametrize(
    "argument",
    [
        b"", b" ", b" x", b" -5", b" +5", b" 0x5", b" 5e1", b" 5.0", b" 5LAST", b" LAST",
        b" LAST 5", b" 5 FIRST", b" 5 LAST LAST", b" 5 LAST x", b" 12345678901", b" 5\tLAST",
        " ٥".encode(), " 5\u00a0LAST".encode(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", [(), (EHLO,), ENVELOPE])
def test_count_that_cannot_be_read_ends_the_session(argument, way):
    talk = Talk(*way)

    events = talk.say(b"BDAT" + argument + b"\r\n" + MAIL)

    assert replies(events) == [SYNTAX]
    assert events[-1] == Close("bdat.syntax", graceful=False)
    assert talk.state == "CLOSED"


def test_count_may_have_leading_zeros_up_to_ten_digits():
    talk = Talk(*ENVELOPE)

    assert replies(talk.say(b"BDAT 0000000002 LAST\r\n\r\n")) == [ACCEPTED]


def test_count_that_is_too_small_makes_commands_of_the_rest():
    talk = Talk(*ENVELOPE)

    events = talk.say(b"BDAT 4 LAST\r\ntextRSET\r\n")

    assert rules(events) == ["data.accepted", "rset.ok"]


def test_count_that_is_too_large_takes_commands_for_content():
    talk = Talk(*ENVELOPE)

    talk.say(b"BDAT 100 LAST\r\ntext\r\n.\r\n")
    events = talk.say(MAIL) + talk.say(QUIT)

    assert replies(events) == []
    assert of_type(talk.events, LineIn)[-1].verb == "BDAT"
    assert talk.state == "RCPTS"


@pytest.mark.parametrize(
    ("way", "reply"),
    [
        ((), (503, "5.5.1", "bdat.order")),
        ((EHLO,), (503, "5.5.1", "bdat.order")),
        ((HELO, MAIL, RCPT), (503, "5.5.1", "bdat.order")),
        ((EHLO, MAIL, b"RCPT TO:<nobody@lab.example>\r\n"),
         (554, "5.5.1", "data.no-valid-recipient")),
    ],
)  # fmt: skip
def test_refused_chunk_is_swallowed_before_the_reply(way, reply):
    talk = Talk(*way)
    state = talk.state

    assert replies(talk.say(b"BDAT 12\r\nRSET\r\nQUI")) == []
    assert replies(talk.say(b"T\r\n")) == [reply]
    assert talk.state == state
    assert [chunk.octets for chunk in of_type(talk.events, ChunkIn)] == [b"RSET\r\nQUI", b"T\r\n"]
    assert replies(talk.say(QUIT)) == [(221, "2.0.0", "quit.ok")]


@pytest.mark.parametrize("chunks", [(b"BDAT 11\r\n",), (b"BDAT 6\r\n", b"BDAT 5\r\n")])
def test_message_too_big_in_chunks_is_552_and_fails(chunks):
    talk = Talk(*ENVELOPE, limits={"size": 10})

    for line in chunks:
        events = talk.say(line + b"x" * int(line.split()[1]))

    assert replies(events) == [(552, "5.3.4", "bdat.too-big")]
    assert talk.state == "FAILED"
    assert replies(talk.say(b"BDAT 1 LAST\r\nx")) == [(503, "5.5.1", "bdat.order")]
    assert replies(talk.say(b"RSET\r\n")) == [(250, "2.0.0", "rset.ok")]
    assert talk.state == "READY"


def test_announced_ten_gigabytes_are_swallowed_without_being_kept():
    talk = Talk(*ENVELOPE)
    talk.say(b"BDAT 9999999999 LAST\r\n")

    for _ in range(100):
        assert replies(talk.say(b"x" * 65_536)) == []

    assert talk.state == "RCPTS"


def test_data_cannot_follow_bdat():
    talk = Talk(*ENVELOPE, b"BDAT 2\r\n\r\n")

    assert replies(talk.say(DATA)) == [(503, "5.5.1", "data.order")]
    assert talk.state == "FAILED"
    for line in (MAIL, RCPT, DATA):
        assert only_reply(talk.say(line)).code == 503
    assert talk.state == "FAILED"


@pytest.mark.parametrize("out", [EHLO, HELO, b"RSET\r\n"])
def test_failed_transaction_is_left_by_a_new_beginning(out):
    talk = Talk(EHLO, BINARY, RCPT, DATA)
    assert talk.state == "FAILED"

    talk.say(out)

    assert [only_reply(talk.say(line)).code for line in (MAIL, RCPT, DATA)] == [250, 250, 354]


def test_binary_message_cannot_be_sent_with_data():
    talk = Talk(EHLO, BINARY, RCPT)

    reply = only_reply(talk.say(DATA))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        503, "5.5.1", "data.order", "binary",
    )  # fmt: skip
    assert talk.state == "FAILED"


def test_binary_message_keeps_every_bit_and_earns_no_remark():
    octets = b"a\nb\rc\0\xff\r\r\n." + b"x" * 70_000
    talk = Talk(EHLO, BINARY, RCPT)

    events = talk.say(b"BDAT %d LAST\r\n" % len(octets) + octets)

    assert of_type(events, MessageAccepted)[0].content == octets
    assert of_type(events, Notice) == []


def test_chunked_text_is_judged_like_any_other():
    talk = Talk(*ENVELOPE)

    assert replies(talk.say(b"BDAT 6 LAST\r\na\nb\rc\n")) == [(550, "5.5.2", "data.bare-newline")]
    assert talk.state == "READY"


def test_line_end_may_fall_between_two_chunks():
    talk = Talk(*ENVELOPE, b"BDAT 2\r\na\r")

    events = talk.say(b"BDAT 2 LAST\r\n\nb")

    assert of_type(events, MessageAccepted)[0].content == b"a\r\nb"


def test_message_in_chunks_may_end_without_a_line_end():
    talk = Talk(*ENVELOPE)

    events = talk.say(b"BDAT 4 LAST\r\ntext")

    assert of_type(events, MessageAccepted)[0].content == b"text"


def test_reset_between_chunks_forgets_them():
    talk = Talk(*ENVELOPE, b"BDAT 3\r\nabc", b"RSET\r\n", MAIL, RCPT)

    events = talk.say(b"BDAT 3 LAST\r\nxyz")

    assert of_type(events, MessageAccepted)[0].content == b"xyz"
