"""What every kind of question answers to: read its file rows, arrange, hear, mark, show. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from questions.items import Item, ItemOption
from sandbox.tables import Table

Response = Any
"""As stored with a slot, JSON; None or empty is none. Option ids are those of the item.

single, multiple, hotspot: the list of chosen ids, in the order shown.
matching: {left id: right id}, a row left open is not in it.
ordering: {step id: place from 1}, a step without a place is not in it; in an exam two steps may
wait at one place, which is no order yet.
short: the text, trimmed.
lab: {"run": uuid} once it was begun; when it is marked also "steps", "done", "broken", "passed",
"missed", "met" (ids of steps done). The server alone fills it in.
"""

Fields = Mapping[str, Sequence[str]]
"""A sent form: each name with its values. An option goes by its place in the slot's order."""

OPTIONS_AT_MOST = 8


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogue; who shows it translates it."""
    return message


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What a kind reads from the keys of its own in a file's question."""

    options: tuple[ItemOption, ...] = ()
    choose: int = 1
    expects: str = ""
    lab: str = ""


class Kind(ABC):
    """`position` orders lists of kinds. A performance kind stands for the vendors'
    performance-based questions. The first of `policies` is a file's default."""

    name: str
    label: str
    position: int
    is_performance = False
    policies: tuple[str, ...] = ("exact",)
    exam_policy = "exact"
    counts_choices = False  # the legend says how many options to choose
    is_served = False  # the server fills the response in; a form carries none of it
    rows_hold_artefact = False  # so it is not shown once more above them
    columns: tuple[str, ...] = ("text",)  # of a stored row, beside id, position and reason
    rows_at_least = 2
    rows_at_most = OPTIONS_AT_MOST

    @property
    def template(self) -> str:
        """Three parts of one question: its instruction, its open rows, its judged rows."""
        return f"questions/kinds/{self.name}.html"

    @abstractmethod
    def take(self, table: Table) -> Taken:
        """The rows of a file's question, read from its own keys."""

    def position_of(self, option: ItemOption, number: int) -> int:
        """The place at which the option is stored, as its `number` in the item or otherwise."""
        return number

    def row_at(self, artefact: str, position: int) -> tuple[str, str] | None:
        """Id and text of the row at a position, where they follow from the artefact."""
        return None

    @abstractmethod
    def lint(self, item: Item) -> list[Finding]:
        """What is wrong with rows and key, beside what is asked of every kind."""

    @abstractmethod
    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        """Option ids in the order shown, stored with the slot; `rank` makes a fair shuffle."""

    @abstractmethod
    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        """The response in a sent form, as far as it is filled in; raises Malformed."""

    @abstractmethod
    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        """The fields of a form that holds the response: `hear` backwards."""

    @abstractmethod
    def lack(self, item: Item, response: Response) -> Lack | None:
        """None if the response can be checked as it is."""

    @abstractmethod
    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        """Exact credit 0..1 of a response that is not empty."""

    @abstractmethod
    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        """Rows of the open question for its template: nothing in them hints at the key."""

    @abstractmethod
    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        """Rows of the judged question for its template, with key and reasons."""


def place_in(value: str, count: int) -> int:
    """The place from 0 that a field names; raises Malformed for any that was not offered."""
    places = {str(place): place for place in range(count)}
    if value not in places:
        raise Malformed(f"{value[:20]} is not one of the options.")
    return places[value]


def rows_in(fields: Fields, prefix: str, count: int) -> list[str]:
    """The values of the fields `<prefix>0`, `<prefix>1` ..., each once, "" for none."""
    names = [f"{prefix}{row}" for row in range(count)]
    for name, values in fields.items():
        if name.startswith(prefix) and (name not in names or len(values) > 1):
            raise Malformed(f"{name[:20]} is not one of the rows, or was sent twice.")
    return [next(iter(fields.get(name, ())), "") for name in names]
