from fractions import Fraction

import pytest

from questions.kinds import KINDS, Lack, Malformed, credit
from questions.kinds.matching import JudgedPair

QUESTION = """
slug = "matching"
kind = "matching"
pairs = [
  { id = "yes", left = "`250`", right = "It was done", why = "The plain yes." },
  { id = "go", left = "`354`", right = "Go on", why = "Text may come." },
  { id = "no", left = "`550`", right = "It will not be done", why = "The plain no." },
]
spare = [ { id = "bye", right = "Good-bye", why = "That is 221." } ]
"""
RESPONSE = {"yes": "yes", "no": "bye"}
ORDER = ["no", "bye", "yes", "go"]
KIND = KINDS["matching"]


@pytest.mark.parametrize(
    ("response", "share"),
    [
        ({"yes": "yes", "go": "go", "no": "no"}, 1),
        ({"yes": "yes", "go": "go", "no": "bye"}, Fraction(2, 3)),
        ({"yes": "go", "go": "yes", "no": "no"}, Fraction(1, 3)),
        ({"yes": "yes"}, Fraction(1, 3)),
        ({"yes": "yes", "go": "yes", "no": "no"}, Fraction(1, 3)),
        ({"yes": "yes", "go": "yes", "no": "yes"}, 0),
        ({"bye": "bye"}, 0),
        ({}, 0),
    ],
)
def test_each_right_pair_earns_its_share(read, response, share):
    item = read(QUESTION)

    assert credit(item, response, "per_pair") == share
    assert credit(item, response, "exact") == (share == 1)


def test_pairs_are_marked_one_by_one_unless_the_file_says_otherwise(read):
    assert read(QUESTION).policy == "per_pair"
    assert read(QUESTION, ('"matching"\npairs', '"matching"\npolicy = "exact"\npairs')).policy == (
        "exact"
    )
    assert KIND.exam_policy == "per_pair"


def test_a_row_names_the_place_of_its_right_side(read):
    fields = {"right-0": ["2"], "right-1": [""], "right-2": ["1"], "csrf": ["x"]}

    assert KIND.hear(read(QUESTION), ORDER, fields) == {"yes": "yes", "no": "bye"}
    assert KIND.say(read(QUESTION), ORDER, RESPONSE) == [("right-0", "2"), ("right-2", "1")]


@pytest.mark.parametrize(
    "fields",
    [
        {"right-0": ["4"]},
        {"right-0": ["-1"]},
        {"right-0": ["yes"]},
        {"right-0": ["0", "1"]},
        {"right-3": ["0"]},
        {"right-": ["0"]},
        {"right-00": ["0"]},
    ],
)
def test_other_rows_and_places_are_malformed(read, fields):
    with pytest.raises(Malformed):
        KIND.hear(read(QUESTION), ORDER, fields)


def test_lack_names_what_is_chosen_twice_and_what_is_open(read):
    item = read(QUESTION)

    assert KIND.lack(item, {"yes": "go", "go": "go", "no": "no"}) == Lack(
        "“%(text)s” is chosen twice.", {"text": "Go on"}
    )
    assert KIND.lack(item, {"yes": "yes"}).values == {"n": 2}
    assert KIND.lack(item, None).values == {"n": 3}
    assert KIND.lack(item, {"yes": "go", "go": "yes", "no": "bye"}) is None


def test_right_sides_are_shuffled_with_the_spare_or_ascend(read):
    ports = read(
        QUESTION,
        ('"It was done"', '"587"'),
        ('"Go on"', '"`25`"'),
        ('"It will not be done"', '"465"'),
        ('"Good-bye"', '"110"'),
    )

    assert KIND.arrange(read(QUESTION), lambda ident: ident) == ["bye", "go", "no", "yes"]
    assert KIND.arrange(ports, lambda ident: ident) == ["go", "bye", "no", "yes"]


def test_judged_rows_tell_the_right_side_the_chosen_one_and_the_spare(read):
    rows = KIND.judge(read(QUESTION), ORDER, RESPONSE)

    assert rows == [
        JudgedPair("`250`", "It was done", "It was done", True, "The plain yes."),
        JudgedPair("`354`", "", "Go on", False, "Text may come."),
        JudgedPair("`550`", "Good-bye", "It will not be done", False, "The plain no."),
        JudgedPair("", "", "Good-bye", False, "That is 221."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('spare = [ { id = "bye", right = "Good-bye", why = "That is 221." } ]', "", "spare is"),
        ('"Good-bye"', '"go on"', "right side 2 has the same text as another: Go on"),
        ('"`354`"', '"250"', "left side 1 has the same text as another: `250`"),
        ("pairs = [", "pears = [", "pairs is missing"),
        ('right = "Go on"', 'rigth = "Go on"', "unknown key 'rigth'"),
        ('"bye", right', '"bye", left = "x", right', "unknown key 'left'"),
        (', why = "Text may come."', "", "why is missing"),
        ("pairs = [", "choose = 1\npairs = [", "unknown key 'choose'"),
        ("pairs = [", "options = []\npairs = [", "unknown key 'options'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_a_right_question_has_nothing_wrong(wrong):
    assert wrong(QUESTION) == []


def test_one_pair_is_not_enough(wrong):
    go, no = QUESTION.index('  { id = "go"'), QUESTION.index("]\nspare")

    assert wrong(QUESTION[:go] + QUESTION[no:]) == ["pairs there must be 2 to 8, not 1"]
