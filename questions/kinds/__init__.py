"""The kinds of question, one module each, found by their `KIND`. Pure.

A new kind is a module here, a template of its name in templates/questions/kinds/ and a test.
"""

from fractions import Fraction
from importlib import import_module
from pkgutil import iter_modules

from questions.items import Item

from .kind import Fields, Finding, Kind, Lack, Malformed, Response

__all__ = ["KINDS", "Fields", "Finding", "Kind", "Lack", "Malformed", "Response", "credit", "mark"]


def _found() -> list[Kind]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    kinds = [module.KIND for module in modules if hasattr(module, "KIND")]
    return sorted(kinds, key=lambda kind: kind.position)


KINDS: dict[str, Kind] = {kind.name: kind for kind in _found()}


def credit(item: Item, response: Response, policy: str) -> Fraction:
    """Exact credit 0..1; no response is 0."""
    return KINDS[item.kind].credit(item, response, policy) if response else Fraction(0)


def mark(item: Item, response: Response, policy: str, max_mark: int) -> int:
    """Integer thousandths, rounded half up once."""
    return int(credit(item, response, policy) * max_mark + Fraction(1, 2))
