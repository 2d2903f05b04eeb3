"""Hashes of the bank: what was stored by an earlier version stays what it was."""

from dataclasses import replace

import pytest

from questions.items import Item, ItemOption, ItemPattern, ItemProof, ItemSource

ITEM = Item(
    slug="rcpt-first",
    kind="multiple",
    topic="smtp",
    level="apply",
    stem="Which two?",
    options=(
        ItemOption("a", "One", "Right.", is_key=True),
        ItemOption("b", "Two", "Wrong.", is_fixed=True),
        ItemOption("c", "Three", "Right, too.", is_key=True),
    ),
    explanation="Because.",
    sources=(ItemSource(5321, "3.3"),),
    exams=("SY0-701:4.5",),
    choose=2,
    family="rcpt-first",
    note="smtp#order",
    origin="own work",
    proof=ItemProof("S: 220\nC: QUIT\nS: 221"),
)


def test_hashes_of_questions_without_the_newer_fields_stand():
    """Literals from the version before them: a loaded bank is taken for unchanged."""
    assert ITEM.content_hash == "8b3ab080cb8d98e818477775f7b8801344d352869487aa8116493f60755357c3"
    assert ITEM.scoring_hash == "c891763bf39a0da9a1d5f4e022568424f049bc6b085632335e1e2ff67e9fa547"


@pytest.mark.parametrize(
    "change",
    [
        {"expects": "one code"},
        {"lab": "first-message"},
        {"options": (replace(ITEM.options[0], counterpart="Side"), *ITEM.options[1:])},
        {"options": (replace(ITEM.options[0], group=1), *ITEM.options[1:])},
        {"options": (replace(ITEM.options[0], pattern=ItemPattern("text")), *ITEM.options[1:])},
    ],
)
def test_each_newer_field_counts_where_it_says_something(change):
    assert replace(ITEM, **change).content_hash != ITEM.content_hash


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ({"counterpart": "Side"}, {"counterpart": "Another side"}, True),
        ({"counterpart": "Side"}, {"counterpart": "Side", "text": ""}, False),
        ({"group": 1}, {"group": 2}, False),
        ({"pattern": ItemPattern("text")}, {"pattern": ItemPattern("glob")}, False),
        ({"pattern": ItemPattern("text")}, {"pattern": ItemPattern("text", weight=500)}, False),
        ({"pattern": ItemPattern("text")}, {"pattern": ItemPattern("text"), "text": "x"}, False),
        ({"rationale": "So."}, {"rationale": "Other words."}, True),
    ],
)
def test_revisions_that_mark_alike_have_one_scoring_hash(one, other, is_alike):
    first, *rest = ITEM.options
    hashes = {
        replace(ITEM, options=(replace(first, **fields), *rest)).scoring_hash
        for fields in (one, other)
    }

    assert (len(hashes) == 1) is is_alike
