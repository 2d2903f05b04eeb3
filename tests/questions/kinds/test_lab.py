from fractions import Fraction

import pytest

from questions.kinds import KINDS, Lack, credit
from questions.kinds.lab import Score

QUESTION = """
slug = "lab"
kind = "lab"
lab = "greet-and-leave"
"""
RESPONSE = None
KIND = KINDS["lab"]


def response(done, *, steps=4, broken=False, passed=False):
    return {"run": "x", "steps": steps, "done": done, "broken": broken, "passed": passed}


@pytest.mark.parametrize(
    ("given", "per_step", "exact"),
    [
        (response(4, passed=True), 1, 1),
        (response(3), Fraction(3, 4), 0),
        (response(0), 0, 0),
        (response(4, broken=True), Fraction(1, 2), 0),
        (response(1, broken=True), Fraction(1, 4), 0),
        ({"run": "x"}, 0, 0),
        (None, 0, 0),
    ],
)
def test_credit_by_policy(read, given, per_step, exact):
    item = read(QUESTION)

    assert item.policy == KIND.exam_policy == "per_step"
    assert credit(item, given, "per_step") == per_step
    assert credit(item, given, "exact") == exact


def test_a_form_says_nothing(read):
    fields = {"run": ["x"], "done": ["4"], "passed": ["true"]}

    assert KIND.hear(read(QUESTION), [], fields) is None
    assert KIND.is_served


def test_a_lab_has_to_be_begun(read):
    assert KIND.lack(read(QUESTION), None) == Lack("Begin the lab first.")
    assert KIND.lack(read(QUESTION), {"run": "x"}) is None


def test_the_score_is_there_once_it_was_measured(read):
    assert KIND.judge(read(QUESTION), [], response(3, broken=True)) == [Score(3, 4, True)]
    assert KIND.judge(read(QUESTION), [], {"run": "x"}) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('lab = "greet-and-leave"', "", "lab is missing"),
        ('lab = "greet', 'options = []\nlab = "greet', "unknown key 'options'"),
        ('lab = "greet', 'policy = "pairwise"\nlab = "greet', "policy is 'pairwise'"),
        ('"greet-and-leave"', '"Greet and leave"', "lab is 'Greet and leave'"),
    ],
)
def test_what_is_wrong_is_named(wrong, old, new, problem):
    assert any(said.startswith(problem) for said in wrong(QUESTION, (old, new)))


def test_a_right_question_has_nothing_wrong(wrong):
    assert wrong(QUESTION) == []
