import pytest

from sandbox.smtp import Ref
from sandbox.transcribing import content_lines, explain_once, server_line, transcribe, visible

from .talking import DATA, EHLO, MAIL, RCPT, Talk


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"EHLO client.example\r\n", "EHLO client.example"),
        (b"NOOP\n", "NOOP␊"),
        (b"NO\rOP\r\n", "NO␍OP"),
        (b"a\0b\x1b[2J\x7f\r\n", "a␀b␛[2J␡"),
        (b"Folded:\tfield\r\n", "Folded:\tfield"),
        ("søren\r\n".encode(), "søren"),
        ("a\u202eb\u200bc\ufeffd\u0085e\r\n".encode(), "aU+202EbU+200BcU+FEFFdU+0085e"),
        (b"caf\xe9\r\n", "caf\\xe9"),
        (b"<script>\r\n", "<script>"),
        (b"", ""),
    ],
)
def test_nothing_in_a_line_is_invisible(octets, text):
    assert visible(octets) == text


@pytest.mark.parametrize(("length", "text"), [(1000, "x" * 1000), (1001, "x" * 1000 + "…")])
def test_line_is_cut_at_1000_characters(length, text):
    assert visible(b"x" * length + b"\r\n") == text


def test_megabyte_without_line_end_is_cut_too():
    assert visible(b"\0" * 1_000_000) == "␀" * 1000 + "…"


def test_transcript_has_both_sides_with_reasons():
    talk = Talk(EHLO, b"RCPT TO:<robin@lab.example>\r\n")

    lines = transcribe(talk.events)

    assert [(line.side, line.text.split("\n")[0]) for line in lines] == [
        ("server", "220 mx.lab.example ESMTP ready"),
        ("client", "EHLO client.example"),
        ("server", "250-mx.lab.example greets client.example"),
        ("client", "RCPT TO:<robin@lab.example>"),
        ("server", "503 5.5.1 RCPT is out of order here: no transaction is open"),
    ]
    last = lines[-1]
    assert (last.code, last.enhanced, last.rule) == (503, "5.5.1", "rcpt.order")
    assert last.why.endswith("send MAIL FROM first.")
    assert last.refs[0] == Ref("smtp", "3.3")
    assert last.note == "smtp-transaction"
    assert (last.before, last.after) == ("READY", "READY")
    assert lines[1].title == "EHLO names the client"
    assert lines[1].before == "GREETED"


def test_reply_of_several_lines_is_one_item():
    lines = transcribe(Talk(EHLO).events)

    assert lines[2].text.split("\n")[:3] == [
        "250-mx.lab.example greets client.example",
        "250-SIZE 2048000",
        "250-8BITMIME",
    ]
    assert lines[2].text.endswith("\n250 HELP")
    assert [(part.code, part.separator, part.end) for part in lines[2].wire][:2] == [
        ("250", "-", "\u240d\u240a"),
        ("250", "-", "\u240d\u240a"),
    ]


def test_content_lines_and_the_dot_are_told_apart():
    lines = transcribe(Talk(EHLO, MAIL, RCPT, DATA, b"QUIT\r\n\r\n.\r\n").events)

    content = [line for line in lines if line.before == "CONTENT" and line.side == "client"]
    assert [(line.text, line.title) for line in content] == [
        ("QUIT", "Part of the message"),
        ("", "Part of the message"),
        (".", "The dot ends the message"),
    ]


def test_notice_stands_as_an_event_and_a_violation_does_not():
    noted = transcribe(Talk(EHLO, MAIL, RCPT, DATA, b"\0\r\n.\r\n").events)
    violated = transcribe(Talk(EHLO, b"NOOP\0\r\n").events)

    assert [line.text for line in noted if line.side == "event"] == ["A NUL in the message"]
    assert [line.text for line in violated if line.side == "event"] == []


def test_early_lines_are_marked():
    lines = transcribe(Talk(EHLO, MAIL + RCPT).events)

    assert [(line.text[:4], line.early) for line in lines if line.side == "client"] == [
        ("EHLO", False),
        ("MAIL", False),
        ("RCPT", True),
    ]


def test_client_that_vanished_is_told():
    talk = Talk(EHLO)

    lines = transcribe([*talk.events, *talk.session.eof(at=0)])

    assert (lines[-1].side, lines[-1].text) == ("event", "The client is gone")


def test_line_from_a_log_row_equals_the_live_one():
    talk = Talk(EHLO, b"MAIL FROM: <casey@lab.example>\r\n")
    reply = talk.events[-1]

    line = server_line(
        reply.octets,
        501,
        "5.5.2",
        rule="mail.syntax",
        state="READY",
        after="READY",
        case="space",
    )

    assert line == transcribe(talk.events)[-1]


def test_stored_run_of_content_is_cut_into_lines():
    assert [line.text for line in content_lines(b"a\r\n\r\nb\nc\r\n")] == ["a", "", "b␊c"]


def test_glyphs_of_a_line_have_names():
    [line] = content_lines(b"a\nb\0\x7fc\r\n")[0].wire

    assert line.pieces == [
        ("a", ""),
        ("\u240a", "LF"),
        ("b", ""),
        ("\u2400", "NUL"),
        ("\u2421", "DEL"),
        ("c", ""),
    ]


def test_a_misreading_is_told_once():
    reject = b"RCPT TO:<nobody@lab.example>\r\n"
    lines = explain_once(transcribe(Talk(EHLO, MAIL, reject, reject).events))

    told = [line.misreading for line in lines if line.rule == "rcpt.unknown"]
    assert told == ["The transaction is still open: one refused recipient does not end it.", ""]


def test_what_the_standard_leaves_open_is_marked():
    lines = transcribe(Talk(EHLO, b"NOOP\r\nNOOP\r\n").events)

    assert [(line.rule, line.is_choice) for line in lines if line.side == "server"] == [
        ("greeting.ok", False),
        ("ehlo.ok", False),
        ("noop.ok", False),
        ("sync.breach", True),
    ]
