"""What every kind of question answers to: read its file rows, arrange, hear, mark, show. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

Response = Any
"""As stored with a slot, JSON: a list of option ids, a map of them, a text. None or empty: none."""

Fields = Mapping[str, Sequence[str]]
"""A sent form: each name with its values. An option goes by its place in the slot's order."""


class Malformed(ValueError):
    """A response that no form of this site sends. Nothing may be saved of it."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What a response still lacks to be checked; `message` is formatted with `values` once it
    is translated."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What keeps an item from being published. `field` names the place as a file or form names
    it: `option 3`, `sources`, `choose`."""

    rule: str
    field: str
    message: str


class Kind:
    """`position` orders lists of kinds. A performance kind stands for the vendors'
    performance-based questions. The first of `policies` is a file's default."""

    name: str
    label: str
    position: int
    is_performance = False
    counts_choices = False
    policies: tuple[str, ...] = ("exact",)
    exam_policy = "exact"

    @property
    def template(self) -> str:
        return f"questions/kinds/{self.name}.html"

    def take(self, table: Table) -> tuple[ItemOption, ...]:
        """The rows of a file's question, read from its own keys."""
        raise NotImplementedError

    def lint(self, item: Item) -> list[Finding]:
        """What is wrong with rows and key, beside what is asked of every kind."""
        raise NotImplementedError

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """Option ids in the order shown, stored with the slot; `rank` makes a fair shuffle."""
        raise NotImplementedError

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        """The response in a sent form; raises Malformed."""
        raise NotImplementedError

    def lack(self, item: Item, response: Response) -> Lack | None:
        """None if the response can be checked as it is."""
        raise NotImplementedError

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        """Exact credit 0..1 of a response that is not empty."""
        raise NotImplementedError

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        """Rows of the open question for its template: nothing in them hints at the key."""
        raise NotImplementedError

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        """Rows of the judged question for its template, with key and reasons."""
        raise NotImplementedError
