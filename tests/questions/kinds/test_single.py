from fractions import Fraction

import pytest

from questions.kinds import KINDS, Lack, Malformed, credit, mark

QUESTION = """
slug = "single"
kind = "single"
options = [
  { id = "a", text = "One", why = "Too few." },
  { id = "b", text = "Two", key = true, why = "Just right." },
  { id = "c", text = "Three", why = "Too many." },
  { id = "d", text = "None at all", fixed = true, why = "There is one at least." },
]
"""
RESPONSE = ["b"]
KIND = KINDS["single"]


@pytest.mark.parametrize(
    ("response", "expected"),
    [(["b"], 1), (["a"], 0), ([], 0), (None, 0), (["a", "b"], 0), (["unknown"], 0)],
)
def test_all_or_nothing(read, response, expected):
    assert credit(read(QUESTION), response, "exact") == Fraction(expected)


def test_mark_is_in_thousandths_and_nothing_chosen_is_zero(read):
    question = read(QUESTION)

    assert mark(question, ["b"], "exact", 1000) == 1000
    assert mark(question, ["a"], "exact", 1000) == 0
    assert mark(question, None, "exact", 1000) == 0
    assert mark(question, [], "exact", 1000) == 0


def test_a_place_on_the_wire_is_one_of_the_order(read):
    item, order = read(QUESTION), ["c", "a", "b", "d"]

    assert KIND.hear(item, order, {"choice": ["2"]}) == ["b"]
    assert KIND.hear(item, order, {"csrf": ["1"]}) == []
    assert KIND.say(item, order, ["b"]) == [("choice", "2")]


@pytest.mark.parametrize("value", ["4", "-1", "b", "", "02", "²", "٣", "1e0", "9" * 5000, "1\n"])
def test_any_other_place_is_malformed(read, value):
    with pytest.raises(Malformed):
        KIND.hear(read(QUESTION), ["a", "b", "c", "d"], {"choice": [value]})


def test_lack_of_a_choice_is_said(read):
    assert KIND.lack(read(QUESTION), []) == Lack("Choose one option.")
    assert KIND.lack(read(QUESTION), ["a"]) is None


def test_what_is_fixed_keeps_its_place_and_numbers_ascend(read):
    numbers = read(
        QUESTION,
        ('"One"', '"`25`"'),
        ('"Two"', '"587"'),
        ('"Three"', '"465"'),
        ('"None at all"', '"9"'),
    )

    assert KIND.arrange(read(QUESTION), lambda ident: {"a": "3", "b": "1", "c": "2"}[ident]) == [
        "b",
        "c",
        "a",
        "d",
    ]
    assert KIND.arrange(numbers, lambda ident: ident) == ["d", "a", "c", "b"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "single"', 'kind = "single"\nchoose = 1', "unknown key 'choose'"),
        ('kind = "single"', 'kind = "single"\nexpects = "x"', "unknown key 'expects'"),
        ('kind = "single"', 'kind = "single"\nlab = "x"', "unknown key 'lab'"),
        ('kind = "single"', 'kind = "single"\npolicy = "balanced"', "policy is 'balanced'"),
        (", key = true", "", "options no option is marked as key"),
        ('"Too few."', '"Too few.", key = true', "options a single choice has one key, here are 2"),
        ('"Three"', '"`two`"', "option 2 has the same text as another: Two"),
        ('"None at all"', '"None of the above"', "option 4 speaks about the other options"),
        ('"Three"', '" "', "option 3 has no text"),
        ('id = "c"', 'id = "a"', "option 3 has the same id as another: a"),
        ('"Too many."', '""', "option 3 has no rationale (why)"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_a_right_question_has_nothing_wrong(wrong):
    assert wrong(QUESTION) == []
