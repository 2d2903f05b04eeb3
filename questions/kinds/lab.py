"""A lab in the sandbox: marked by what the server heard, never by what a form says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from questions.items import Item
from sandbox.tables import Table

from .kind import Fields, Finding, Kind, Lack, Response, Taken, gettext_noop


@dataclass(frozen=True, slots=True)
class Score:
    done: int
    steps: int
    is_broken: bool


class Lab(Kind):
    """Its page shows what the caller knows of the lab; the score is all there is in its rows."""

    name = "lab"
    label = gettext_noop("lab")
    position = 7
    is_performance = True
    policies = ("per_step", "exact")
    exam_policy = "per_step"
    is_served = True
    columns = ()
    rows_at_least = rows_at_most = 0

    def take(self, table: Table) -> Taken:
        return Taken(lab=table.slug("lab"))

    def lint(self, item: Item) -> list[Finding]:
        findings = []
        if not item.lab:
            findings.append(Finding("K1", "lab", "is missing"))
        if item.options:
            findings.append(Finding("K1", "options", "belong to other kinds; a lab has steps"))
        return findings

    def arrange(self, item: Item, rank: Callable[[str], str]) -> list[str]:
        return []

    def hear(self, item: Item, order: Sequence[str], fields: Fields) -> Response:
        return None

    def say(self, item: Item, order: Sequence[str], response: Response) -> list[tuple[str, str]]:
        return []

    def lack(self, item: Item, response: Response) -> Lack | None:
        return None if response else Lack(gettext_noop("Begin the lab first."))

    def credit(self, item: Item, response: Response, policy: str) -> Fraction:
        """At most a half where something forbidden was said. A run that nobody measured is 0."""
        passed = bool(response.get("passed"))
        if policy == "exact" or not response.get("steps"):
            return Fraction(passed)
        share = Fraction(response["done"], response["steps"])
        return min(share, Fraction(1, 2)) if response["broken"] else share

    def ask(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        return []

    def judge(self, item: Item, order: Sequence[str], response: Response) -> Sequence[Any]:
        if not (response and response.get("steps")):
            return []
        return [Score(response["done"], response["steps"], response["broken"])]


KIND = Lab()
