"""Multiple response: choose N; all of the keys and nothing else earn the mark."""

from fractions import Fraction

from questions.items import Item


def credit(item: Item, chosen: frozenset[str]) -> Fraction:
    return Fraction(chosen == item.keys)
