"""Multiple response: choose N; all of the keys and nothing else earn the mark."""

from .choosing import Choosing


class Multiple(Choosing):
    name = "multiple"
    label = "multiple response"
    position = 2
    policies = ("exact", "balanced", "per_key")


KIND = Multiple()
