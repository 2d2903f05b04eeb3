"""Every format, on output of the real program: golden files, checked line by line by hand."""

from pathlib import Path

import pytest

from sandbox.annotating import FORMATS, annotate

HERE = Path(__file__).parent
SAMPLES = Path(annotate.__code__.co_filename).parent / "samples"
RECORDED = sorted((HERE / "recorded").glob("*.txt"))


def summary(annotation):
    """A line each: number, side, code, rule or title, and what stands out."""
    lines = [f"{annotation.format}: {annotation.verdict.headline}"]
    for each in annotation.lines:
        line = each.line
        words = [each.number, each.side, line.code, each.rule or line.title or "-"]
        words += [f"({each.event})" if each.event else "", "differs" if each.differs else ""]
        lines.append(" ".join(str(word) for word in words if word))
    return lines


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_read_as_the_golden_file_says(name):
    annotation = annotate((SAMPLES / f"{name}.txt").read_text())

    assert summary(annotation) == (HERE / "golden" / f"{name}.txt").read_text().splitlines()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_output_is_detected_and_has_no_unknown_line(path):
    annotation = annotate(path.read_text())

    program = path.stem.partition("_")[0]
    names = {"nc": "typed", "smtplib1": "smtplib", "postfix": "bounce", "s": "s_client"}
    assert annotation.format == names.get(program, program)
    assert annotation.n_unknown == 0


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("curl", "One message was accepted, and nothing was refused"),
        ("curl_tls", "One message was accepted, and nothing was refused"),
        ("smtplib1", "One message was accepted, and nothing was refused"),
        ("smtplib_auth", "One message was accepted, and nothing was refused"),
        ("swaks_tls_auth", "One message was accepted, and nothing was refused"),
        ("swaks_bad_auth", "The login was refused with 535 5.7.8"),
        ("swaks_pipeline", "Nothing was refused, and no message was sent"),
        ("s_client_quiet", "Nothing was refused, and no message was sent"),
        ("s_client12", "RCPT TO:<robin@lab.example> never reached the server"),
        ("postfix_bounce", "Mail to <pat@refused.example> was given up with 550 5.7.1"),
    ],
)
def test_recorded_output_comes_to_a_verdict(name, headline):
    annotation = annotate((HERE / "recorded" / f"{name}.txt").read_text())

    assert annotation.verdict.headline == headline


@pytest.mark.parametrize("name", ["swaks_tls_auth", "curl_tls", "smtplib_auth", "s_client_quiet"])
def test_login_under_tls_is_told_by_its_rules(name):
    annotation = annotate((HERE / "recorded" / f"{name}.txt").read_text())

    rules = [each.rule for each in annotation.lines if each.side == "server"]
    assert "auth.ok" in rules
    assert not any(each.differs for each in annotation.lines)


def test_our_own_server_never_differs_from_its_rules():
    annotation = annotate((HERE / "recorded" / "swaks_own.txt").read_text())

    assert [each.rule for each in annotation.lines if each.side == "server"] == [
        "greeting.ok",
        "ehlo.ok",
        "mail.ok",
        "rcpt.ok",
        "rcpt.relay",
        "data.ok",
        "data.accepted",
        "quit.ok",
    ]
    assert not any(each.differs for each in annotation.lines)


def test_pipelined_lines_are_matched_with_their_replies():
    annotation = annotate((HERE / "recorded" / "swaks_pipeline.txt").read_text())

    told = [(each.text, each.line.early) for each in annotation.lines if each.side == "client"]
    assert told == [
        ("EHLO laptop.example", False),
        ("MAIL FROM:<casey@lab.example>", False),
        ("RCPT TO:<robin@lab.example>", True),
        ("QUIT", True),
    ]
    rules = [each.rule for each in annotation.lines if each.side == "server"]
    assert rules == ["greeting.ok", "ehlo.ok", "mail.ok", "rcpt.ok", "quit.ok"]


def test_console_export_marks_are_read():
    text = """\
E> connect 25
S< 220 mx.lab.example ESMTP ready
C> EHLO laptop.example
S< 250-mx.lab.example
S< 250 CHUNKING
C> MAIL FROM:<casey@lab.example>
C+> RCPT TO:<robin@lab.example>
S< 250 2.1.0 ok
S< 250 2.1.5 ok
C> BDAT 7 LAST
B> Hello
S< 250 2.0.0 ok
E> wait=5
E> close
"""
    annotation = annotate(text)

    assert summary(annotation) == [
        "notation: One message was accepted, and nothing was refused",
        "1 event A connection",
        "2 server 220 greeting.ok",
        "3 client EHLO names the client",
        "4 server 250 ehlo.ok",
        "6 client MAIL opens a transaction",
        "7 client RCPT names a recipient",
        "8 server 250 mail.ok",
        "9 server 250 rcpt.ok",
        "10 client BDAT sends a chunk",
        "11 client The octets of the chunk",
        "12 server 250 data.accepted",
        "13 event Time passes",
        "14 event The connection ends",
    ]


def test_exchange_send_log_has_the_server_on_the_other_side():
    head = "2026-11-24T08:00:00.000Z,Out,0A,{0},192.0.2.25:4000,203.0.113.25:25,"
    rows = ["+,,", "<,220 mx.elsewhere.example ESMTP,", ">,EHLO ex1.lab.example,", "<,250 hi,"]
    text = "#Log-type: SMTP Send Protocol Log\n"
    text += "\n".join(head.format(number) + row for number, row in enumerate(rows))

    annotation = annotate(text)

    assert [(each.side, each.text) for each in annotation.lines[2:]] == [
        ("server", "220 mx.elsewhere.example ESMTP"),
        ("client", "EHLO ex1.lab.example"),
        ("server", "250 hi"),
    ]


def test_exchange_sessions_that_are_mixed_in_the_log_are_told_apart():
    head = "2026-11-24T08:00:00.000Z,In,{0},{1},192.0.2.25:25,198.51.100.7:4000,"
    text = "#Log-type: SMTP Receive Protocol Log\n" + "\n".join(
        head.format(session, number) + row
        for session, number, row in [
            ("0A", 0, "+,,"),
            ("0B", 0, "+,,"),
            ("0A", 1, ">,220 one,"),
            ("0B", 1, ">,220 two,"),
            ("0A", 2, "<,AUTH LOGIN,"),
            ("0B", 2, "<,QUIT,"),
            ("0A", 3, ">,503 5.5.1 no,"),
            ("0B", 3, ">,221 bye,"),
        ]
    )

    rules = [each.rule for each in annotate(text).lines if each.side == "server"]

    assert rules == ["greeting.ok", "auth.order", "greeting.ok", "quit.ok"]


def test_message_trace_of_microsoft_365_is_read_by_its_headings():
    text = (
        "Received,Sender Address,Recipient Address,Subject,Status\n"
        "2026-11-24 08:00,pat@elsewhere.example,robin@lab.example,Monday,Delivered\n"
        "2026-11-24 08:01,pat@elsewhere.example,sam@lab.example,Monday,Quarantined\n"
        "2026-11-24 08:02,pat@elsewhere.example,sam@lab.example,Monday,Somehow\n"
    )
    annotation = annotate(text)

    assert summary(annotation) == [
        "tracking: 1 delivered, 1 refused on arrival",
        "1 event The columns",
        "2 event Delivered",
        "3 event Quarantined (failure)",
        "4 event -",
    ]
    assert [each.is_known for each in annotation.lines] == [True, True, True, False]


def test_postfix_delays_are_told_in_words():
    annotation = annotate((SAMPLES / "postfix.txt").read_text())

    assert annotation.lines[6].line.why == (
        "127.0.0.1 took the message over. Of 0.03 s it spent 0.01 s before the queue manager had "
        "it, 0.01 s in the queue, 0.01 s on the way to a connection and 0 s being sent."
    )


def test_bounce_that_tells_its_reason_twice_counts_it_once():
    annotation = annotate((HERE / "recorded" / "postfix_bounce.txt").read_text())

    failures = [each.number for each in annotation.lines if each.event == "failure"]
    assert failures == [13]


def test_format_that_was_chosen_is_kept_to():
    annotation = annotate("S: 220 ready\nC: QUIT\nS: 221 bye\n", format="swaks")

    assert annotation.format == "swaks"
    assert annotation.n_unknown == 3
    assert annotation.verdict.headline == "No line of this was recognised"


def test_lines_that_nobody_knows_stay_as_they_are():
    annotation = annotate("S: 220 ready\nhm, odd\nC: QUIT\nS: 221 bye\n")

    odd = annotation.lines[1]
    assert (odd.text, odd.is_known, odd.line.why, odd.rule) == ("hm, odd", False, "", "")
