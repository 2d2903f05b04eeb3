"""The SMTP session: octets in, events out, no socket and no clock."""

from .events import Event, Fact
from .facts import Facts
from .profiles import Profile
from .states import State
from .verbs import Suggestion


class Session:
    """One SMTP connection. Every `at` is in microseconds since the session began."""

    state: State

    def __init__(self, profile: Profile, facts: Facts) -> None:
        raise NotImplementedError

    def open(self, *, at: int) -> list[Event]:
        """The connection stands: say the greeting."""
        raise NotImplementedError

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        raise NotImplementedError

    def sent(self, *, at: int) -> None:
        """All replies have left and nothing waits to be read: what comes now is not early."""
        raise NotImplementedError

    def answer(self, fact: Fact, *, at: int) -> list[Event]:
        """A fact from a log row, or what the host found out: the same as the method of its name."""
        raise NotImplementedError

    def tick(self, *, at: int) -> list[Event]:
        raise NotImplementedError

    @property
    def deadline(self) -> int | None:
        """When `tick` will act; None if never."""
        raise NotImplementedError

    def eof(self, *, at: int) -> list[Event]:
        """The client vanished: drop the open transaction, keep finished ones."""
        raise NotImplementedError

    def shutdown(self, *, at: int) -> list[Event]:
        raise NotImplementedError

    def fail(self, *, at: int) -> list[Event]:
        """The host met a bug of its own and cannot go on."""
        raise NotImplementedError

    def next_commands(self) -> tuple[Suggestion, ...]:
        """What would make sense now, most useful first; none after the end."""
        raise NotImplementedError
