import pytest

from sandbox.dialogues import Write
from sandbox.proving import DialogueError, Difference, parse_dialogue, prove
from sandbox.smtp import Ref

PASSES = """\
S: 220
C: EHLO client.example
S: 250-mx.lab.example
S: ...
C: RCPT TO:<robin@lab.example>
S: 503 5.5.1
C: MAIL FROM:<casey@lab.example>
S: 250 2.1.0
"""


def verdict(text, **options):
    return prove(parse_dialogue(text), **options)


def difference(text, **options):
    found = verdict(text, **options)
    assert not found.ok
    return found.difference


def test_true_dialogue_is_proven():
    found = verdict(PASSES)

    assert found.ok
    assert found.difference is None
    assert found.waiting == ()


def test_wrong_code_is_named_with_its_line():
    assert difference(PASSES.replace("503 5.5.1", "501 5.5.1")) == Difference(
        6, "501 5.5.1", "“503 5.5.1 RCPT is out of order here: no transaction is open”"
    )


def test_wrong_enhanced_code_is_named():
    found = difference(PASSES.replace("250 2.1.0", "250 2.1.5"))

    assert str(found) == "line 8: expected 250 2.1.5, got “250 2.1.0 Sender ok”"


def test_enhanced_code_is_compared_only_if_given():
    assert verdict(PASSES.replace("503 5.5.1", "503")).ok
    assert verdict(PASSES.replace("503 5.5.1", "503 out of order")).ok


def test_enhanced_code_where_the_server_writes_none_differs():
    assert difference("S: 220\nC: HELO client.example\nS: 250 2.0.0").line == 3


def test_hyphen_and_space_are_told_apart():
    assert difference(PASSES.replace("S: 250-mx", "S: 250 mx").replace("S: ...\n", "")).line == 3
    assert difference(PASSES.replace("503 5.5.1", "503-5.5.1")).expected == "503-5.5.1"


def test_line_the_server_did_not_say_is_missing():
    assert difference(PASSES + "S: 250 2.1.0\n") == Difference(9, "250 2.1.0", "nothing")


def test_line_that_nobody_expected_is_one_too_many():
    assert difference(PASSES.replace("S: 503 5.5.1\n", "E: wait=1\n")).line == 7
    assert difference(PASSES.replace("S: ...\n", "")) == Difference(
        4, "no further reply line", "“250-SIZE 2048000”"
    )


def test_line_too_many_at_the_end_is_named():
    assert difference(PASSES.removesuffix("S: 250 2.1.0\n")) == Difference(
        7, "no further reply line", "“250 2.1.0 Sender ok”"
    )


def test_rest_of_a_reply_needs_a_reply():
    assert difference(PASSES + "S: ...\n") == Difference(9, "the rest of a reply", "nothing")


def test_rest_takes_one_reply_and_no_more():
    group = "S: 220\nC: EHLO client.example\nS: ...\nC: RSET\nC: RSET\nS: ...\n"

    assert verdict(group + "S: 250 2.0.0").ok
    assert difference(group).got == "“250 2.0.0 OK, nothing is open”"


def test_dots_alone_pass_over_any_number_of_lines():
    assert verdict("S: 220\nC: EHLO client.example\n...\nC: NOOP\nS: 250 2.0.0").ok
    assert verdict("S: 220\nC: EHLO client.example\n...\nS: 250 HELP\nC: NOOP\n...").ok
    assert not verdict("S: 220\nC: EHLO client.example\n...\nS: 251 HELP").ok


def test_dots_alone_end_with_the_line_that_matches():
    text = "S: 220\nC: EHLO client.example\nS: ...\nC: RSET\nC: DATA\n...\nS: 250\n"

    assert verdict(text + "S: 503").ok
    assert verdict(text.replace("DATA", "RCPT\nC: NOOP") + "S: 503\nS: 250").ok
    assert not verdict(text.replace("DATA", "RCPT\nC: NOOP") + "S: 250").ok


def test_client_lines_in_a_row_go_out_as_one_write():
    steps = parse_dialogue("S: 220\nC: RSET\nC: NOOP\nS: 250").steps
    group = (
        "S: 220\nC: EHLO client.example\nS: ...\nC: MAIL FROM:<casey@lab.example>\n"
        "C: RCPT TO:<robin@lab.example>\nC: DATA\nS: 250 2.1.0\nS: 250 2.1.5\nS: 354\n"
    )

    assert steps[1] == Write(2, b"RSET\r\nNOOP\r\n")
    assert verdict(group + "C: Subject: x\nC:\nC: text\nC: .\nS: 250 2.0.0\n").ok
    assert verdict("S: 220\nC: RSET\nC: NOOP\nS: 250 2.0.0\nS: 554 5.5.0\nE: close").ok


def test_escapes_stand_for_octets():
    steps = parse_dialogue("S: 220\nC: NOOP \\x00\\xC3\\xa5 \\n").steps

    assert steps[1] == Write(2, b"NOOP \x00\xc3\xa5 \\n\r\n")
    assert verdict("S: 220\nC: NOOP \\x00\nS: 501 5.5.2").ok
    assert verdict("S: 220\nC: NOOP\\x0ANOOP\nS: 550 5.5.2\nE: close").ok


def test_close_is_checked():
    assert verdict("S: 220\nC: QUIT\nS: 221 2.0.0\nE: close").ok
    assert difference("S: 220\nC: NOOP\nS: 250\nE: close") == Difference(
        4, "the server to close", "an open connection"
    )


def test_speaking_to_a_closed_connection_differs():
    assert difference("S: 220\nC: QUIT\nS: 221\nC: NOOP\nS: 250").line == 4


def test_waiting_moves_the_clock():
    assert verdict("S: 220\nE: wait=299\nC: NOOP\nS: 250").ok
    assert verdict("S: 220\nE: wait=300\nS: 421 4.4.2\nE: close").ok
    assert verdict("S: 220\nE: wait=200\nE: wait=100\nS: 421 4.4.2\nE: close").ok


def test_profile_is_played():
    legacy = "S: 220\nC: EHLO client.example\nS: 500\nC: HELO client.example\nS: 250\n"

    assert verdict(legacy, profile="legacy").ok
    assert not verdict(legacy).ok
    with pytest.raises(ValueError, match="unknown profile 'nosuch'"):
        verdict(legacy, profile="nosuch")


def test_proof_waits_for_what_the_profile_does_not_offer():
    text = "S: 220\nC: HELO client.example\nS: 250\nC: STARTTLS\nS: 220\nE: tls-ok\n"

    found = verdict(text, profile="legacy", needs=("SIZE", "STARTTLS", "AUTH"))

    assert (found.ok, found.waiting) == (False, ("SIZE", "STARTTLS", "AUTH"))
    assert (found.difference, found.events) == (None, ())
    assert verdict(text, profile="legacy").waiting == ("STARTTLS",)
    assert [line.side for line in found.lines[-3:]] == ["client", "server", "event"]
    assert found.lines[-3].title == "STARTTLS asks for encryption"


def test_need_that_is_met_is_no_reason_to_wait():
    assert verdict(PASSES, needs=("SIZE", "PIPELINING", "STARTTLS", "AUTH", "CHUNKING")).ok


def test_transcript_is_what_was_really_said():
    found = verdict(PASSES.replace("503 5.5.1", "250 2.1.5"))

    assert [line.text.split("\n")[0] for line in found.lines] == [
        "220 mx.lab.example ESMTP ready",
        "EHLO client.example",
        "250-mx.lab.example greets client.example",
        "RCPT TO:<robin@lab.example>",
        "503 5.5.1 RCPT is out of order here: no transaction is open",
        "MAIL FROM:<casey@lab.example>",
        "250 2.1.0 Sender ok",
    ]
    assert found.lines[4].refs[0] == Ref("smtp", "3.3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the dialogue is empty"),
        ("\nC: NOOP", "line 2: the server speaks first"),
        ("E: close", "line 1: the server speaks first"),
        ("S: 220\nNOOP", "line 2: a line begins with C:, S: or E:"),
        ("S: 220\nC:NOOP", "line 2: a line begins with C:, S: or E:"),
        ("S: 220\n\nS: hello", "line 3: S: needs a reply code"),
        ("S: 220\nS: 2500", "line 2: S: needs a reply code"),
        ("S: 220\nE: shut", "line 2: E: is close, tls-ok or wait=SECONDS"),
        ("S: 220\nE: wait=soon", "line 2: E: is close, tls-ok or wait=SECONDS"),
    ],
)
def test_dialogue_that_cannot_be_read_names_the_line(text, message):
    with pytest.raises(DialogueError) as caught:
        parse_dialogue(text)

    assert str(caught.value).startswith(message)


def test_line_endings_of_windows_do_not_matter():
    assert verdict(PASSES.replace("\n", "\r\n")).ok


UNDER_TLS = """\
S: 220
C: EHLO client.example
S: ...
C: STARTTLS
S: 220 2.0.0
E: tls-ok
C: EHLO client.example
S: ...
"""


def test_handshake_succeeds_and_the_session_starts_over():
    assert verdict(UNDER_TLS + "C: STARTTLS\nS: 503 5.5.1").ok
    assert verdict(
        UNDER_TLS.removesuffix("C: EHLO client.example\nS: ...\n") + "C: RCPT\nS: 503"
    ).ok


def test_input_behind_starttls_is_injected():
    text = UNDER_TLS.partition("S: 220 2.0.0")[0] + "C: NOOP\nS: 220\nS: 554 5.5.0\nE: close"

    assert verdict(text).ok


def test_handshake_may_come_first():
    text = (
        "E: tls-ok\nS: 220\nC: EHLO client.example\n...\nC: AUTH PLAIN\nS: 334\nC: *\nS: 501 5.7.0"
    )

    found = verdict(text, profile="submission", port=465)

    assert found.ok, found.difference


def test_practice_account_logs_in():
    login = "C: AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy\n"

    assert verdict(UNDER_TLS + login + "S: 235 2.7.0").ok
    assert difference(UNDER_TLS + login + "S: 535 5.7.8") == Difference(
        10, "535 5.7.8", "“235 2.7.0 Authentication succeeded”"
    )


def test_nobody_else_is_known():
    assert verdict(UNDER_TLS + "C: AUTH PLAIN AGFsaWNlAGh1bnRlcjI=\nS: 535 5.7.8").ok
    assert verdict(
        UNDER_TLS + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<x@a.sandbox.test>\nS: 550 5.1.2"
    ).ok


def test_chunks_are_said_with_their_line_ends():
    text = (
        UNDER_TLS + "C: MAIL FROM:<casey@lab.example>\nC: RCPT TO:<robin@lab.example>\n"
        "C: BDAT 6\nC: text\nC: BDAT 0 LAST\nS: 250 2.1.0\nS: 250 2.1.5\nS: 250 2.0.0\nS: 250 2.0.0"
    )

    assert verdict(text).ok
