from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attempts.drawing import Candidate, NotEnoughQuestions, draw, order_options
from questions.items import Item, ItemOption

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)


def candidate(slug, family=None, n_met=0, last_at=None):
    return Candidate(hash(slug) % 1000, slug, family or slug, n_met, last_at)


def item(*texts, fixed=()):
    options = tuple(ItemOption(text, text, "why", is_fixed=text in fixed) for text in texts)
    return Item("s", "single", "t", "recall", "stem", options, "because", ())


def test_draw_is_the_same_whatever_the_order_of_rows():
    candidates = [candidate(slug) for slug in "abcd"]

    forms = {tuple(c.slug for c in draw(order, 3, "seed")) for order in permutations(candidates)}

    assert len(forms) == 1


def test_draw_depends_on_the_seed():
    candidates = [candidate(slug) for slug in "abcdefghij"]

    forms = {tuple(c.slug for c in draw(candidates, 5, f"seed {n}")) for n in range(20)}

    assert len(forms) > 15


def test_draw_takes_unmet_families_first_then_the_longest_ago():
    candidates = [
        candidate("met twice", n_met=2, last_at=SUNDAY),
        candidate("met on monday", n_met=1, last_at=MONDAY),
        candidate("met on sunday", n_met=1, last_at=SUNDAY),
        candidate("new"),
    ]

    assert [c.slug for c in draw(candidates, 1, "x")] == ["new"]
    assert {c.slug for c in draw(candidates, 2, "x")} == {"new", "met on sunday"}
    assert {c.slug for c in draw(candidates, 3, "x")} == {"new", "met on sunday", "met on monday"}


def test_draw_never_takes_two_of_a_family():
    candidates = [candidate("a1", "a"), candidate("a2", "a"), candidate("b", "b")]

    assert sorted(c.family for c in draw(candidates, 2, "x")) == ["a", "b"]
    with pytest.raises(NotEnoughQuestions, match="3 questions were asked for, 2 are there"):
        draw(candidates, 3, "x")


@given(st.integers(0, 200), st.integers(1, 30))
def test_draw_gives_as_many_different_families_as_wanted(seed, wanted):
    candidates = [candidate(f"q{n}", f"f{n % 35}") for n in range(70)]

    form = draw(candidates, wanted, str(seed))

    assert len({c.family for c in form}) == wanted


def test_numbers_ascend_by_value_and_are_not_shuffled():
    shown = order_options(item("587", "25", "`110`, POP3", "465"), "any seed")

    assert shown == ["25", "`110`, POP3", "465", "587"]


def test_enhanced_codes_ascend_part_by_part():
    assert order_options(item("5.1.10", "5.1.2", "4.7.1"), "x") == ["4.7.1", "5.1.2", "5.1.10"]


def test_fixed_options_keep_their_place_while_others_move():
    shown = {
        tuple(order_options(item("a", "b", "c", "last", fixed=["last"]), str(seed)))
        for seed in range(60)
    }

    assert all(order[3] == "last" for order in shown)
    assert len(shown) == 6


def test_each_option_comes_first_about_equally_often():
    first = [order_options(item("a", "b", "c", "d"), str(seed))[0] for seed in range(400)]

    assert all(60 < first.count(text) < 140 for text in "abcd")
