from fractions import Fraction

import pytest

from questions.kinds import KINDS, Lack, credit

QUESTION = """
slug = "multiple"
kind = "multiple"
choose = 2
options = [
  { id = "a", text = "SMTP", key = true, why = "It sends." },
  { id = "b", text = "POP3", why = "It fetches." },
  { id = "c", text = "ESMTP", key = true, why = "It sends with extensions." },
  { id = "d", text = "IMAP", why = "It reads." },
  { id = "e", text = "DNS", why = "It finds names." },
]
"""
RESPONSE = ["a", "b"]
KIND = KINDS["multiple"]


@pytest.mark.parametrize(
    ("response", "exact", "balanced", "per_key"),
    [
        (["a", "c"], 1, 1, 1),
        (["c", "a"], 1, 1, 1),
        (["a"], 0, Fraction(1, 2), Fraction(1, 2)),
        (["a", "b"], 0, Fraction(1, 6), Fraction(1, 2)),
        (["b", "d"], 0, 0, 0),
        (["a", "b", "c"], 0, Fraction(2, 3), 0),
        (["a", "b", "c", "d", "e"], 0, 0, 0),
        ([], 0, 0, 0),
    ],
)
def test_credit_by_policy(read, response, exact, balanced, per_key):
    item = read(QUESTION)

    assert credit(item, response, "exact") == exact
    assert credit(item, response, "balanced") == balanced
    assert credit(item, response, "per_key") == per_key


def test_choosing_everything_never_pays(read):
    item = read(QUESTION)
    everything = ["a", "b", "c", "d", "e"]

    assert [credit(item, everything, policy) for policy in KIND.policies] == [0, 0, 0]


def test_the_count_is_asked_for(read):
    assert KIND.lack(read(QUESTION), ["a", "b", "c"]) == Lack(
        "Choose %(wanted)d options; you chose %(chosen)d.",
        {"wanted": 2, "chosen": 3},
    )
    assert KIND.lack(read(QUESTION), ["b", "d"]) is None


def test_a_place_chosen_twice_is_chosen_once(read):
    heard = KIND.hear(read(QUESTION), ["e", "d", "c", "b", "a"], {"choice": ["4", "2", "4"]})

    assert heard == ["c", "a"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("choose = 2\n", "", "choose is missing"),
        ("choose = 2", "choose = 3", "choose says “choose 3”, but 2 options are keys"),
        (
            '"It reads."',
            '"It reads.", key = true',
            "choose says “choose 2”, but 3 options are keys",
        ),
        ("choose = 2", 'choose = 2\npolicy = "per_pair"', "policy is 'per_pair'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_one_key_makes_no_multiple_response(wrong):
    one = wrong(QUESTION, ("choose = 2", "choose = 1"), ('"SMTP", key = true', '"SMTP"'))

    assert one == ["choose a multiple response asks for two or more"]
