from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attempts.drawing.choosing import (
    Candidate,
    NotEnoughQuestions,
    Part,
    draw,
    draw_form,
    order_options,
    sampled_numbers,
    sections_of,
    share_out,
)
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


# forms by blueprint


@pytest.mark.parametrize(
    ("weights", "capacities", "n", "expected"),
    [
        ([23, 19, 24], [50, 50, 50], 20, [7, 6, 7]),  # 6.97, 5.76, 7.27
        ([23, 19, 24], [50, 3, 50], 20, [8, 3, 9]),  # 3 of 5.76; 17 as 8.32 and 8.68
        ([1, 1, 1], [9, 9, 9], 4, [2, 1, 1]),  # a tie goes to the earlier one
        ([1, 1], [1, 1], 9, [1, 1]),
        ([1, 0, 1], [9, 9, 9], 4, [2, 0, 2]),
        ([1, 1], [0, 5], 4, [0, 4]),
        ([1], [5], 0, [0]),
        ([], [], 5, []),
    ],
)
def test_items_are_shared_out_by_weight(weights, capacities, n, expected):
    assert share_out([Fraction(weight) for weight in weights], capacities, n) == expected


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), min_size=1, max_size=6),
    st.integers(0, 90),
)
def test_no_cell_gets_more_than_it_holds_and_all_together_what_is_wanted(cells, n):
    weights = [Fraction(weight) for weight, _ in cells]
    capacities = [capacity for _, capacity in cells]

    quotas = share_out(weights, capacities, n)

    assert all(quota <= capacity for quota, capacity in zip(quotas, capacities, strict=True))
    assert sum(quotas) == min(n, sum(capacities))


def part(domain, wanted, *candidates):
    return Part(domain, wanted, candidates)


def form_of(*parts, seed="seed", percent=0, first=False):
    return draw_form(list(parts), seed, performance_percent=percent, performance_first=first)


def test_a_form_takes_what_each_domain_wants():
    first = [candidate(f"a{n}") for n in range(9)]
    second = [candidate(f"b{n}") for n in range(9)]

    form = form_of(part("A", 3, *first), part("B", 2, *second))

    assert Counter(c.slug[0] for c in form) == {"a": 3, "b": 2}


def test_a_form_is_the_same_whatever_the_order_of_rows():
    candidates = [candidate(slug) for slug in "abcde"]

    forms = {
        tuple(c.slug for c in form_of(part("A", 3, *order))) for order in permutations(candidates)
    }

    assert len(forms) == 1


def test_a_family_comes_once_in_a_form_even_from_two_domains():
    sibling = candidate("a1", "a")
    form = form_of(part("A", 1, sibling), part("B", 1, candidate("a2", "a"), candidate("b")))

    assert sorted(c.family for c in form) == ["a", "b"]


def test_of_siblings_the_one_asked_less_often_comes():
    asked = replace(candidate("a1", "a", 3, MONDAY), n_asked=2, level="recall")
    less = replace(candidate("a2", "a", 3, MONDAY), n_asked=1, level="analyse")

    for seed in "abcdef":
        assert [c.slug for c in form_of(part("A", 1, asked, less), seed=seed)] == ["a2"]


def test_unmet_before_met_and_probes_before_others():
    met_probe = replace(candidate("met probe", n_met=1, last_at=SUNDAY), is_probe=True)
    probe = replace(candidate("probe"), is_probe=True)
    candidates = [met_probe, candidate("new"), probe, candidate("met", n_met=1, last_at=SUNDAY)]

    def drawn(n):
        return {c.slug for c in form_of(part("A", n, *candidates))}

    assert drawn(1) == {"probe"}
    assert drawn(2) == {"probe", "new"}


def test_a_probe_that_was_met_is_spent():
    probe = replace(candidate("probe", n_met=1, last_at=MONDAY), is_probe=True)
    other = candidate("other", n_met=1, last_at=SUNDAY)

    assert [c.slug for c in form_of(part("A", 1, probe, other))] == ["other"]  # longer ago


def test_a_domain_that_holds_too_few_is_named_not_filled_from_another():
    with pytest.raises(NotEnoughQuestions, match="2 questions of 3 Operations") as shortage:
        form_of(
            part("1 Concepts", 1, *map(candidate, "abc")), part("3 Operations", 2, candidate("d"))
        )

    assert (shortage.value.wanted, shortage.value.have) == (2, 1)


def test_levels_and_kinds_come_near_to_their_shares():
    candidates = [
        replace(candidate(f"{level}{n}"), level=level, is_performance=n % 3 == 0)
        for level in ("recall", "apply", "analyse")
        for n in range(30)
    ]

    form = form_of(part("A", 20, *candidates), percent=15)

    assert Counter(c.level for c in form) == {
        "recall": 6,
        "apply": 8,
        "analyse": 6,
    }  # of 6.6, 7.8, 5.6
    assert sum(c.is_performance for c in form) == 3


def test_performance_kinds_come_first_where_the_room_says_so():
    candidates = [replace(candidate(f"{n}"), is_performance=n in (3, 7)) for n in range(9)]

    form = form_of(part("A", 9, *candidates), percent=20, first=True)
    mixed = form_of(part("A", 9, *candidates), percent=20)

    assert [c.is_performance for c in form] == [True, True] + [False] * 7
    assert [c.is_performance for c in mixed] != [c.is_performance for c in form]


def test_a_small_cell_shows_every_number_and_a_large_one_a_few():
    assert sampled_numbers("7", 300, 10, "seed") == list(range(300))

    large = sampled_numbers("7", 300_000, 10, "seed")
    assert 70 <= len(large) <= 80
    assert all(0 <= number < 300_000 for number in large)
    assert large == sampled_numbers("7", 300_000, 10, "seed")
    assert large != sampled_numbers("7", 300_000, 10, "other seed")


@pytest.mark.parametrize("n_families", [40, 400])
def test_first_draws_of_a_thousand_learners_are_even(n_families):
    """Chi-square with 39 or 399 degrees of freedom; .001 is exceeded at 72.1 and 491."""
    drawn = Counter()
    for learner in range(1000):
        seed = f"learner {learner}"
        numbers = sampled_numbers("7", n_families, 10, seed)
        candidates = [candidate(f"q{number}") for number in numbers]
        drawn.update(c.slug for c in form_of(part("A", 10, *candidates), seed=seed))

    expected = 10_000 / n_families
    seen = [drawn[f"q{number}"] for number in range(n_families)]
    chi_square = sum((n - expected) ** 2 / expected for n in seen)
    assert chi_square < {40: 72.1, 400: 491}[n_families]


@pytest.mark.parametrize(
    ("n", "sections", "expected"),
    [(6, 2, [1, 1, 1, 2, 2, 2]), (5, 2, [1, 1, 1, 2, 2]), (3, 1, [1, 1, 1]), (1, 2, [1])],
)
def test_sections_are_as_equal_as_can_be(n, sections, expected):
    assert sections_of(n, sections) == expected
