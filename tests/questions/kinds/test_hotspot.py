from fractions import Fraction

import pytest

from questions.kinds import KINDS, Lack, credit

QUESTION = """
slug = "hotspot"
kind = "hotspot"
artefact_kind = "transcript"
artefact = '''
S: 220 mx.lab.example ESMTP
C: EHLO client.example

C: RCPT TO:<robin@lab.example>
  folded
S: 503 5.5.1 Bad sequence
'''
lines = [
  { n = [1, 2], why = "The greeting is fine." },
  { n = 4, key = true, why = "A recipient without a sender." },
  { n = 6, why = "This is the refusal." },
  { n = 5, why = "Part of the line before." },
]
"""
RESPONSE = ["line-6"]
ORDER = ["line-1", "line-2", "line-4", "line-5", "line-6"]
KIND = KINDS["hotspot"]
TWO = (("lines = [", "choose = 2\nlines = ["), ("n = 6,", "n = 6, key = true,"))


def test_each_line_that_says_something_is_an_option(read):
    item = read(QUESTION)

    assert [(option.ident, option.text) for option in item.options] == [
        ("line-1", "S: 220 mx.lab.example ESMTP"),
        ("line-2", "C: EHLO client.example"),
        ("line-4", "C: RCPT TO:<robin@lab.example>"),
        ("line-5", "  folded"),
        ("line-6", "S: 503 5.5.1 Bad sequence"),
    ]
    assert item.choose == 1
    assert item.keys == {"line-4"}


def test_lines_are_never_shuffled_and_stored_by_their_number(read):
    item = read(QUESTION)

    assert KIND.arrange(item, lambda ident: ident[::-1]) == ORDER
    assert [KIND.position_of(option, 0) for option in item.options] == [1, 2, 4, 5, 6]


@pytest.mark.parametrize(
    ("response", "exact", "balanced", "per_key"),
    [
        (["line-4", "line-6"], 1, 1, 1),
        (["line-4"], 0, Fraction(1, 2), Fraction(1, 2)),
        (["line-4", "line-1"], 0, Fraction(1, 6), Fraction(1, 2)),
        (ORDER, 0, 0, 0),
        ([], 0, 0, 0),
    ],
)
def test_credit_by_policy(read, response, exact, balanced, per_key):
    item = read(QUESTION, *TWO)

    assert credit(item, response, "exact") == exact
    assert credit(item, response, "balanced") == balanced
    assert credit(item, response, "per_key") == per_key


def test_open_lines_say_who_speaks_and_where_blank_lines_were(read):
    rows = KIND.ask(read(QUESTION), ORDER, RESPONSE)

    assert [(row.number, row.who, row.side, row.follows_gap, row.is_chosen) for row in rows] == [
        (1, "S", "Server", False, False),
        (2, "C", "Client", False, False),
        (4, "C", "Client", True, False),
        (5, "", "", False, False),
        (6, "S", "Server", False, True),
    ]
    assert [row.text for row in rows][2:4] == ["RCPT TO:<robin@lab.example>", "  folded"]


def test_a_log_is_shown_as_it_is(read):
    rows = KIND.ask(read(QUESTION, ('"transcript"', '"log"')), ORDER, None)

    assert (rows[0].who, rows[0].text) == ("", "S: 220 mx.lab.example ESMTP")


def test_neighbours_with_one_reason_say_it_once(read):
    rows = KIND.judge(read(QUESTION), ORDER, RESPONSE)

    assert [row.rationale for row in rows] == [
        "",
        "The greeting is fine.",
        "A recipient without a sender.",
        "Part of the line before.",
        "This is the refusal.",
    ]
    assert [row.since for row in rows] == [1, 1, 4, 5, 6]
    assert [(row.is_chosen, row.is_key) for row in rows][2:] == [
        (False, True),
        (False, False),
        (True, False),
    ]


def test_lack_counts_lines(read):
    assert KIND.lack(read(QUESTION), []) == Lack("Choose one line.")
    assert KIND.lack(read(QUESTION, *TWO), ["line-4"]).values == {"wanted": 2, "chosen": 1}
    assert KIND.lack(read(QUESTION), ["line-1"]) is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("n = 6,", "n = 7,", "lines line 6 of the artefact is in none: S: 503 5.5.1 Bad sequence"),
        ("n = 6,", "n = 7,", "line 7 is not this line of the artefact"),
        ("n = 6,", "n = 3,", "line 3 is not this line of the artefact"),
        ("n = 6,", "n = [2, 6],", "option 3 has the same id as another: line-2"),
        ("n = 6,", "n = [],", "n names no line"),
        ("n = 6,", 'n = "6",', "n must be a whole number, not '6'"),
        ("n = 6, ", "", "n is missing"),
        ("n = 6,", "n = 0,", "line 0 is not this line of the artefact"),
        ("n = 6,", "n = -6,", "line 0 is not this line of the artefact"),
        ("key = true, ", "", "lines no line is marked as key"),
        ("lines = [", "choose = 2\nlines = [", "choose says “choose 2”, but 1 lines are keys"),
        ("lines = [", "options = []\nlines = [", "unknown key 'options'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_a_hotspot_without_artefact_says_so(wrong):
    start, end = QUESTION.index("artefact_kind"), QUESTION.index("lines = [")

    assert "artefact is missing" in wrong(QUESTION[:start] + QUESTION[end:])


def test_a_right_question_has_nothing_wrong(wrong):
    assert wrong(QUESTION) == []
