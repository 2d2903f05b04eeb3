from fractions import Fraction

import pytest

from questions.items import Item, ItemOption
from questions.kinds import credit, mark


def item(kind, keys, texts="abcd"):
    options = tuple(ItemOption(text, text, "why", is_key=text in keys) for text in texts)
    return Item(
        "slug", kind, "topic", "recall", "stem", options, "because", (), choose=len(keys) or 1
    )


@pytest.mark.parametrize(
    ("response", "expected"),
    [(["b"], 1), (["a"], 0), ([], 0), (["a", "b"], 0), (["unknown"], 0)],
)
def test_single_gives_all_or_nothing(response, expected):
    assert credit(item("single", "b"), response, "exact") == Fraction(expected)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (["a", "c"], 1),
        (["c", "a"], 1),
        (["a"], 0),
        (["a", "b"], 0),
        (["a", "b", "c", "d"], 0),
        ([], 0),
    ],
)
def test_multiple_wants_exactly_the_keys(response, expected):
    assert credit(item("multiple", "ac"), response, "exact") == Fraction(expected)


def test_mark_is_in_thousandths_and_nothing_chosen_is_zero():
    question = item("single", "b")

    assert mark(question, ["b"], "exact", 1000) == 1000
    assert mark(question, ["a"], "exact", 1000) == 0
    assert mark(question, None, "exact", 1000) == 0
    assert mark(question, [], "exact", 1000) == 0
