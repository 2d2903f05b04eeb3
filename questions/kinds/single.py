"""Single choice: one option, one key."""

from .choosing import Choosing


class Single(Choosing):
    name = "single"
    label = "single choice"
    position = 1


KIND = Single()
