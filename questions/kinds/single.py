"""Single choice: one option, one key."""

from questions.items import Item

from .choosing import Choosing
from .kind import Finding, gettext_noop


class Single(Choosing):
    name = "single"
    label = gettext_noop("single choice")
    position = 1

    def lint_key(self, item: Item) -> list[Finding]:
        n_keys = len(item.keys)
        if n_keys > 1:
            message = (
                f"a single choice has one key, here are {n_keys}; use kind multiple with choose"
            )
            return [Finding("K1", "options", message)]
        return super().lint_key(item)


KIND = Single()
