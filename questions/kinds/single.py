"""Single choice: one option, one key."""

from fractions import Fraction

from questions.items import Item


def credit(item: Item, chosen: frozenset[str]) -> Fraction:
    return Fraction(len(chosen) == 1 and chosen <= item.keys)
