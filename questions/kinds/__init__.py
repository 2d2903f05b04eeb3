"""The kinds of question, one module each: how a response is read and marked. Pure."""

from collections.abc import Callable
from fractions import Fraction

from questions.items import Item

from . import multiple, single

KINDS: dict[str, Callable[[Item, frozenset[str]], Fraction]] = {
    "single": single.credit,
    "multiple": multiple.credit,
}


def credit(item: Item, response: list[str]) -> Fraction:
    """Exact credit 0..1 for a response given as option ids."""
    return KINDS[item.kind](item, frozenset(response))


def mark(item: Item, response: list[str] | None, max_mark: int) -> int:
    """Integer thousandths, rounded half up once; no response is 0."""
    if not response:
        return 0
    exact = credit(item, response) * max_mark
    return int(exact + Fraction(1, 2))
