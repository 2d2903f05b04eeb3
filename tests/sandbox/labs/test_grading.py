import tomllib

import pytest

from sandbox.labs.grading import grade
from sandbox.labs.reading import read_lab
from sandbox.labs.rehearsing import rehearse
from sandbox.tables import Table

FRAME = """
title = "A lab"
level = "core"
position = 1
goal = "Do it."
passing = "S: 220"
[hints]
nudge = "Think."
commands = "EHLO"
[[wrong]]
turn = "HELO."
say = "That is the old way."
verb = "HELO"
"""
EHLO = """
[[step]]
id = "ehlo"
say = "Greet."
verb = "EHLO"
reply = "250"
ref = "smtp 4.1.1.1"
"""
SEND = """
[[step]]
id = "mail"
say = "Name the sender."
verb = "MAIL"
reply = "250"
ref = "smtp 4.1.1.2"
[[step]]
id = "data"
say = "Ask to send."
verb = "DATA"
reply = "354"
ref = "smtp 4.1.1.4"
[[step]]
id = "from"
say = "A From field."
header = "From"
ref = "format 3.6.2"
any_order = "header"
[[step]]
id = "date"
say = "A Date field."
header = "Date"
ref = "format 3.6.1"
any_order = "header"
[[step]]
id = "dot"
say = "End it."
end_of_data = true
reply = "250"
ref = "smtp 4.1.1.4"
"""
OPENING = "S: 220\nC: EHLO c.example\nS: 250-\nS: ...\n"
TO_354 = """C: MAIL FROM:<casey@lab.example>
S: 250
C: RCPT TO:<robin@lab.example>
S: 250
C: DATA
S: 354
"""


def lab_of(*tables):
    table = Table(tomllib.loads(FRAME + "".join(tables)), "x.toml", [])
    lab = read_lab(table, "x")
    assert {problem.message for problem in table.problems} == {"failing is missing"} | {
        "has 0 failing sessions; 3 is the least"
    }
    return lab


def graded(lab, text):
    rehearsal = rehearse(lab, text)
    assert rehearsal.difference == ""
    return grade(rehearsal.recording, lab)


def done(result):
    return [step.step.id for step in result.steps if step.heard]


def step(**keys):
    lines = [f"{key} = {value!r}".replace("True", "true") for key, value in keys.items()]
    return "\n".join(["[[step]]", "id = 'it'", "say = 'It.'", "ref = 'smtp 3.3'", *lines, ""])


def test_steps_are_found_in_order_and_the_first_missed_is_named():
    lab = lab_of(EHLO, SEND)

    result = graded(lab, f"{OPENING}{TO_354}C: From: casey\nC:\nC: .\nS: 250")

    assert done(result) == ["ehlo", "mail", "data", "from"]
    assert result.because == "date"
    assert [ref.short for ref in result.missed.step.refs] == ["RFC 5322 §3.6.1"]


def test_neighbours_of_one_group_may_swap_places():
    lab = lab_of(EHLO, SEND)

    result = graded(lab, f"{OPENING}{TO_354}C: Date: today\nC: From: casey\nC:\nC: .\nS: 250")

    assert result.passed


def test_two_half_messages_do_not_make_a_whole_one():
    lab = lab_of(EHLO, SEND)
    first = f"{TO_354}C: From: casey\nC:\nC: .\nS: 250\n"
    second = f"{TO_354}C: Date: today\nC:\nC: .\nS: 250"

    result = graded(lab, OPENING + first + second)

    assert not result.passed
    assert len(done(result)) == 4


def test_transaction_given_up_counts_for_nothing_once_another_gets_as_far():
    lab = lab_of(EHLO, SEND)
    whole = "C: From: casey\nC: Date: today\nC:\nC: .\nS: 250"

    result = graded(
        lab, f"{OPENING}C: MAIL FROM:<sam@lab.example>\nS: 250\nC: RSET\nS: 250\n{TO_354}{whole}"
    )

    assert result.passed
    assert result.steps[1].heard.text == "MAIL FROM:<casey@lab.example>"


def test_what_was_reached_stays_ticked_while_the_next_try_is_behind():
    lab = lab_of(EHLO, SEND)

    result = graded(lab, f"{OPENING}{TO_354}C: From: casey\nC:\nC: .\nS: 250\nC: RSET\nS: 250")

    assert done(result) == ["ehlo", "mail", "data", "from"]


def test_field_of_the_text_is_no_field_of_the_header():
    lab = lab_of(EHLO, SEND)

    result = graded(lab, f"{OPENING}{TO_354}C: From: casey\nC:\nC: Date: today\nC: .\nS: 250")

    assert result.because == "date"


def test_folded_field_is_read_as_one():
    lab = lab_of(step(header="Content-Type", value="boundary=x"))

    result = graded(
        lab, f"{OPENING}{TO_354}C: Content-Type: multipart/mixed;\nC:  boundary=x\nC:\nC: .\nS: 250"
    )

    assert result.passed


def test_message_that_never_ended_counts_as_far_as_it_came():
    lab = lab_of(EHLO, SEND)

    result = graded(lab, f"{OPENING}{TO_354}C: From: casey\nC: Date: today\nC:")

    assert result.because == "dot"


@pytest.mark.parametrize(
    ("keys", "line", "matches"),
    [
        ({"verb": "MAIL", "path": "casey@lab.example"}, "mail from:<casey@LAB.example>", True),
        ({"verb": "MAIL", "path": "casey@lab.example"}, "MAIL FROM:<Casey@lab.example>", False),
        ({"verb": "MAIL", "path": ""}, "MAIL FROM:<>", True),
        ({"verb": "MAIL", "path": ""}, "MAIL FROM:<casey@lab.example>", False),
        ({"verb": "MAIL", "path": "*"}, "MAIL FROM:<>", False),
        ({"verb": "MAIL", "path": "*@lab.example"}, "MAIL FROM:<sam@lab.example>", True),
        ({"verb": "MAIL", "path": "*@lab.example"}, "MAIL FROM:<sam@notlab.example>", False),
        ({"verb": "MAIL", "bare": True}, "MAIL FROM:<casey@lab.example> SIZE=5", False),
        ({"verb": "MAIL", "bare": True}, "MAIL FROM:<casey@lab.example>", True),
        ({"verb": "QUIT"}, "quit", True),
        ({"verb": "NOOP", "argument": "*"}, "NOOP", False),
        ({"verb": "NOOP", "argument": "*"}, "NOOP a b", False),
        ({"verb": "NOOP", "argument": ["*", "* last"]}, "NOOP 5 LAST", True),
        ({"verb": "VRFY", "reply": "250"}, "VRFY robin", False),
        ({"verb": "VRFY", "reply": "252", "enhanced": "2.5.0"}, "VRFY robin", True),
        ({"verb": "VRFY", "reply": "252", "enhanced": "2.0.0"}, "VRFY robin", False),
        ({"reply": "500"}, "VERIFY robin", True),
    ],
)
def test_command_is_compared_by_its_parts(keys, line, matches):
    result = graded(lab_of(step(**keys)), f"{OPENING}C: {line}\nS: ...")

    assert result.passed is matches


@pytest.mark.parametrize(
    ("wanted", "given", "matches"),
    [
        ('SIZE = "20480"', "SIZE=20480", True),
        ('SIZE = "20480"', "SIZE=2048", False),
        ('SIZE = "<100"', "SIZE=99", True),
        ('SIZE = "<100"', "SIZE=100", False),
        ('SIZE = "*", BODY = "8BITMIME"', "body=8bitmime size=1", True),
        ('SIZE = "*", BODY = "8BITMIME"', "BODY=8BITMIME", False),
        ('BODY = ["7BIT", "8BITMIME"]', "BODY=7BIT", True),
    ],
)
def test_parameters_are_compared_by_keyword(wanted, given, matches):
    lab = lab_of(step(verb="MAIL"), f"parameters = {{ {wanted} }}\n")

    result = graded(lab, f"{OPENING}C: MAIL FROM:<casey@lab.example> {given}\nS: ...")

    assert result.passed is matches


def test_last_try_at_a_missed_step_is_kept_for_the_reason():
    lab = lab_of(step(verb="MAIL", reply="250"))

    result = graded(lab, f"{OPENING}C: MAIL FROM: <casey@lab.example>\nS: 501")

    tried = result.missed.tried
    assert (tried.text, tried.answer.code) == ("MAIL FROM: <casey@lab.example>", "501")
    assert (tried.answer.rule, tried.answer.case) == ("mail.syntax", "space")


def test_errors_are_counted_and_cost_nothing():
    lab = lab_of(EHLO)

    result = graded(
        lab,
        "S: 220\nC: NOSUCH\nS: 500\nC: RCPT TO:<robin@lab.example>\nS: 503\n"
        "C: EHLO c.example\nS: 250-\nS: ...",
    )

    assert result.passed
    assert [error.text for error in result.errors] == ["NOSUCH", "RCPT TO:<robin@lab.example>"]


def test_error_that_a_step_asks_for_is_none():
    lab = lab_of(step(verb="RCPT", reply="503"))

    result = graded(lab, f"{OPENING}C: RCPT TO:<robin@lab.example>\nS: 503")

    assert (result.passed, result.errors) == (True, ())


BAN = """
[[forbid]]
id = "no-vrfy"
say = "Not here."
verb = "VRFY"
ref = "smtp 7.3"
"""


def test_ban_that_is_broken_keeps_a_lab_from_passing():
    result = graded(lab_of(EHLO, BAN), f"{OPENING}C: VRFY robin\nS: 252")

    assert (result.because, done(result)) == ("no-vrfy", ["ehlo"])
    assert result.breaches[0].heard.text == "VRFY robin"


def test_ban_before_tls_does_not_hold_behind_it():
    lab = lab_of("[server]\noffer = ['STARTTLS']\n", EHLO, BAN, "before_tls = true\n")
    secured = f"{OPENING}C: STARTTLS\nS: 220\nE: tls-ok\nC: EHLO c.example\nS: 250\n"

    assert graded(lab, f"{secured}C: VRFY robin\nS: 252").passed
    assert not graded(lab, f"{OPENING}C: VRFY robin\nS: 252").passed


def test_early_is_only_what_came_before_the_reply_in_front_had_left():
    lab = lab_of(step(verb="RCPT", early=True))
    mail, rcpt = "C: MAIL FROM:<casey@lab.example>\n", "C: RCPT TO:<robin@lab.example>\n"

    assert graded(lab, f"{OPENING}{mail}{rcpt}S: 250\nS: 250").passed
    assert not graded(lab, f"{OPENING}{mail}S: 250\n{rcpt}S: 250").passed


WAIT = EHLO + step(event="wait", seconds=300) + step(verb="QUIT").replace("'it'", "'quit'")


@pytest.mark.parametrize(("seconds", "missed"), [(299, "it"), (300, ""), (3000, "")])
def test_wait_counts_from_the_step_before(seconds, missed):
    text = f"{OPENING}C: QUIT\nS: 221\nE: wait={seconds}\nE: connect\n{OPENING}C: QUIT\nS: 221"

    assert graded(lab_of(WAIT), text).because == missed


def test_wait_may_be_made_of_several():
    text = f"{OPENING}E: wait=200\nC: NOOP\nS: 250\nE: wait=100\nC: QUIT\nS: 221"

    assert graded(lab_of(WAIT), text).passed


def check(body):
    return f"[[check]]\nsay = 'Holds.'\nref = 'smtp 3.3'\n{body}\n"


@pytest.mark.parametrize(("n_sessions", "passes"), [(1, True), (2, False)])
def test_sessions_are_counted(n_sessions, passes):
    text = "\nE: connect\n".join([f"{OPENING}C: QUIT\nS: 221"] * n_sessions)

    result = graded(lab_of(EHLO, check("sessions = 1")), text)

    assert (result.passed, result.because) == (passes, "" if passes else "sessions")


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ("C: ..one\nC: two", True),
        ("C: Subject: x\nC:\nC: ..one\nC: two", True),
        ("C: .one\nC: two", False),
        ("C: ..one\nC: two\nC:", False),
    ],
)
def test_delivered_text_is_compared_line_by_line(sent, arrives):
    lab = lab_of(EHLO, check('body = [".one", "two"]'))

    assert graded(lab, f"{OPENING}{TO_354}{sent}\nC: .\nS: 250").passed is arrives


def test_message_that_was_refused_delivers_nothing():
    lab = lab_of("[server]\nstrict_content = true\n", EHLO, check('body = ["\\u00e5"]'))

    assert not graded(lab, f"{OPENING}{TO_354}C: \\xc3\\xa5\nC: .\nS: 554").passed


def test_text_in_chunks_is_delivered_as_it_stands():
    lab = lab_of("[server]\noffer = ['CHUNKING']\n", EHLO, check('body = ["..one"]'))
    opened = f"{OPENING}C: MAIL FROM:<casey@lab.example>\nS: 250\nC: RCPT TO:<robin@lab.example>\n"

    assert graded(lab, f"{opened}S: 250\nC: BDAT 7 LAST\nC: ..one\nS: 250").passed


def test_reply_check_finds_a_code_anywhere():
    lab = lab_of(EHLO, check('reply = "252"'))

    assert graded(lab, f"{OPENING}C: VRFY robin\nS: 252").passed
    assert graded(lab, OPENING).because == "reply"


def test_wrong_turn_is_recognised_where_it_was_taken():
    result = graded(lab_of(EHLO), "S: 220\nC: HELO c.example\nS: 250")

    assert [taken.turn.say for taken in result.turns] == ["That is the old way."]


def test_answer_in_a_login_is_compared_decoded():
    lab = lab_of(
        "[server]\noffer = ['AUTH']\nport = 465\n",
        step(response="casey@lab.example", reply="334"),
    )
    begun = f"E: tls-ok\n{OPENING}C: AUTH LOGIN\nS: 334\n"

    assert graded(lab, f"{begun}C: Y2FzZXlAbGFiLmV4YW1wbGU=\nS: 334").passed
    assert not graded(lab, f"{begun}C: c2Ft\nS: 334").passed


def test_command_word_inside_a_login_is_no_command():
    lab = lab_of("[server]\noffer = ['AUTH']\nport = 465\n", step(verb="QUIT"))

    assert not graded(lab, f"E: tls-ok\n{OPENING}C: AUTH LOGIN\nS: 334\nC: QUIT\nS: ...").passed


@pytest.mark.parametrize(
    ("keys", "line", "tried"),
    [
        ({"verb": "VRFY", "reply": "250"}, "VRFY robin", "252"),
        ({"verb": "VRFY", "reply": "252", "enhanced": "2.0.0"}, "VRFY robin", "252"),
        ({"verb": "EXPN", "reply": "250"}, "VRFY robin", None),
        ({"event": "tls"}, "VRFY robin", None),
    ],
)
def test_try_is_the_same_command(keys, line, tried):
    result = graded(lab_of(step(**keys)), f"{OPENING}C: {line}\nS: ...")

    found = result.missed.tried
    assert (found and found.answer.code) == tried


def test_what_fulfilled_one_step_is_no_failed_try_at_the_next():
    first = step(verb="RCPT", reply="503")
    second = step(verb="RCPT", reply="250").replace("'it'", "'then'")

    result = graded(lab_of(first, second), f"{OPENING}C: RCPT TO:<robin@lab.example>\nS: 503")

    assert (result.because, result.missed.tried) == ("then", None)


def test_broken_answer_in_a_login_counts_as_a_try():
    lab = lab_of(
        "[server]\noffer = ['AUTH']\nport = 465\n",
        step(response="casey@lab.example", reply="334"),
    )

    result = graded(lab, f"E: tls-ok\n{OPENING}C: AUTH LOGIN\nS: 334\nC: casey@lab\nS: 501")

    assert result.missed.tried.answer.code == "501"


def test_right_answer_to_the_wrong_words_is_a_failed_try():
    lab = lab_of(EHLO, step(verb="MAIL", path="casey@lab.example", reply="250"))

    result = graded(lab, f"{OPENING}C: MAIL FROM:<sam@lab.example>\nS: 250")

    assert result.missed.tried.text == "MAIL FROM:<sam@lab.example>"
    assert result.missed.says_something_else


def test_right_answer_from_before_the_last_step_is_no_failed_try():
    lab = lab_of(step(verb="VRFY"), step(verb="MAIL", reply="250").replace("'it'", "'then'"))
    text = f"{OPENING}C: MAIL FROM:<sam@lab.example>\nS: 250\nC: VRFY robin\nS: 252"

    assert graded(lab, text).missed.tried is None
