from fractions import Fraction
from itertools import permutations

import pytest

from questions.kinds import KINDS, Lack, Malformed, credit
from questions.kinds.ordering import JudgedStep

QUESTION = """
slug = "ordering"
kind = "ordering"
steps = [
  { id = "ann", text = "RCPT for ann", group = 2, why = "Any order among recipients." },
  { id = "data", text = "DATA", group = 3, why = "Needs a recipient." },
  { id = "mail", text = "MAIL", group = 1, why = "Opens the transaction." },
  { id = "bob", text = "RCPT for bob", group = 2, why = "May be first as well." },
]
"""
RESPONSE = {"mail": 1, "bob": 3}
ORDER = ["bob", "data", "ann", "mail"]
KIND = KINDS["ordering"]


def places(*idents):
    return {ident: place for place, ident in enumerate(idents, 1)}


@pytest.mark.parametrize(
    ("response", "exact", "pairwise"),
    [
        (places("mail", "ann", "bob", "data"), 1, 1),
        (places("mail", "bob", "ann", "data"), 1, 1),
        # five pairs count: mail before three others, two recipients before data
        (places("ann", "mail", "bob", "data"), 0, Fraction(3, 5)),
        (places("mail", "ann", "data", "bob"), 0, Fraction(3, 5)),
        (places("data", "ann", "bob", "mail"), 0, 0),
        (places("ann", "data", "mail", "bob"), 0, 0),
        (places("ann", "mail", "data", "bob"), 0, Fraction(1, 5)),
        ({"mail": 1, "ann": 2, "bob": 3}, 0, 0),
        ({"mail": 1, "ann": 2, "bob": 2, "data": 4}, 0, 0),
        ({"mail": 1, "ann": 1, "bob": 2, "data": 3}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_credit_by_policy(read, response, exact, pairwise):
    item = read(QUESTION)

    assert credit(item, response, "exact") == exact
    assert credit(item, response, "pairwise") == pairwise


def test_a_row_names_its_place(read):
    fields = {"place-0": ["3"], "place-1": [""], "place-3": ["1"]}

    assert KIND.hear(read(QUESTION), ORDER, fields) == {"bob": 3, "mail": 1}
    assert KIND.say(read(QUESTION), ORDER, RESPONSE) == [("place-0", "3"), ("place-3", "1")]


@pytest.mark.parametrize(
    "fields",
    [
        {"place-0": ["0"]},
        {"place-0": ["5"]},
        {"place-0": ["01"]},
        {"place-0": ["mail"]},
        {"place-0": ["1", "2"]},
        {"place-4": ["1"]},
        {"place--1": ["1"]},
    ],
)
def test_other_rows_and_places_are_malformed(read, fields):
    with pytest.raises(Malformed):
        KIND.hear(read(QUESTION), ORDER, fields)


def test_lack_names_a_place_given_twice_and_what_is_open(read):
    item = read(QUESTION)

    assert KIND.lack(item, {"mail": 2, "bob": 2}) == Lack(
        "Two steps have place %(place)d.", {"place": 2}
    )
    assert KIND.lack(item, {"mail": 1, "bob": 2}).values == {"n": 2}
    assert KIND.lack(item, None).values == {"n": 4}
    assert KIND.lack(item, places(*ORDER)) is None


def test_no_shuffle_is_the_answer(read):
    item = read(QUESTION)

    for wanted in permutations(["ann", "data", "mail", "bob"]):
        order = KIND.arrange(item, lambda ident, wanted=wanted: str(wanted.index(ident)))

        assert sorted(order) == ["ann", "bob", "data", "mail"]
        assert credit(item, places(*order), "exact") == 0


def test_a_shuffle_that_is_no_answer_stands(read):
    order = KIND.arrange(read(QUESTION), lambda ident: str(ORDER.index(ident)))

    assert order == ORDER


def test_judged_steps_stand_in_the_right_order_with_the_places_they_may_have(read):
    rows = KIND.judge(read(QUESTION), ORDER, {"mail": 1, "ann": 3, "bob": 4, "data": 2})

    assert rows == [
        JudgedStep("MAIL", 1, 1, 1, True, "Opens the transaction."),
        JudgedStep("RCPT for ann", 2, 3, 3, True, "Any order among recipients."),
        JudgedStep("RCPT for bob", 2, 3, 4, False, "May be first as well."),
        JudgedStep("DATA", 4, 4, 2, False, "Needs a recipient."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("group = 3", "group = 4", "steps groups are [1, 2, 4]; they count from 1 without a gap"),
        ("group = 1", "group = 0", "steps groups are [0, 2, 3]; they count from 1 without a gap"),
        ("group = 3, ", "", "group is missing"),
        ('"DATA"', '"mail"', "step 2 has the same text as another: mail"),
        ("steps = [", 'policy = "per_pair"\nsteps = [', "policy is 'per_pair'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_one_group_asks_nothing(wrong):
    said = wrong(
        QUESTION, ("group = 2", "group = 1"), ("group = 3", "group = 1"), ("group = 2", "group = 1")
    )

    assert said == ["steps all stand in one group, so every order is right"]


def test_two_steps_are_not_enough(wrong):
    start, end = QUESTION.index('  { id = "mail"'), QUESTION.index("]\n", 60)
    said = wrong(
        QUESTION[:start] + QUESTION[end:], ("group = 2", "group = 1"), ("group = 3", "group = 2")
    )

    assert said == ["steps there must be 3 to 8, not 2"]


def test_a_right_question_has_nothing_wrong(wrong):
    assert wrong(QUESTION) == []
