"""Multiple response: choose N; all of the keys and nothing else earn the mark."""

from dataclasses import replace

from questions.items import Item
from sandbox.tables import Table

from .choosing import Choosing
from .kind import Finding, Taken, gettext_noop


class Multiple(Choosing):
    name = "multiple"
    label = gettext_noop("multiple response")
    position = 2
    policies = ("exact", "balanced", "per_key")

    def take(self, table: Table) -> Taken:
        return replace(super().take(table), choose=table.number("choose"))

    def lint_key(self, item: Item) -> list[Finding]:
        findings = super().lint_key(item)
        if not findings and item.choose < 2:
            return [Finding("K1", "choose", "a multiple response asks for two or more")]
        return findings


KIND = Multiple()
