"""What a session says, and what follows from saying it: next state, error budget, the end."""

from collections.abc import Mapping
from functools import lru_cache

from .commands import Standing
from .composing import compose
from .events import Close, Event, Notice, StateChange, Violation
from .parsing import Refused
from .profiles import Profile
from .rules import RULES
from .states import State

_SHOWN = 64  # octets of an offending line that a violation or notice carries
_GREETING_VERBS = frozenset({"EHLO", "HELO"})

# The same change is the same value, so it is made once.
_state_change = lru_cache(maxsize=256)(StateChange)


class Speaker:
    """The events of the call at hand, and the state they lead to.

    `verb` is the command being answered, `front` the one answered before it ("" is the greeting,
    "." the end of content), `last_at` the time of the last reply, `unsent` says that it has not
    left yet.
    """

    __slots__ = (
        "_limits",
        "_n_errors",
        "_writes_enhanced",
        "at",
        "events",
        "front",
        "last_at",
        "offset",
        "standing",
        "state",
        "unsent",
        "verb",
    )

    def __init__(self, profile: Profile, standing: Standing) -> None:
        self._limits = profile.limits
        self._writes_enhanced = profile.offers("ENHANCEDSTATUSCODES")
        self._n_errors = 0
        self.standing = standing
        self.state = State.NEW
        self.events: list[Event] = []
        self.verb = self.front = ""
        self.at = self.last_at = 0
        self.offset = 0  # of the line at hand in the client's stream
        self.unsent = False

    def begin(self, at: int) -> list[Event]:
        self.at = at
        self.events = []
        return self.events

    def say(
        self,
        rule: str,
        case: str = "",
        *,
        after: State,
        lines: tuple[str, ...] = (),
        fill: Mapping[str, str] | None = None,
        is_error: bool = False,
    ) -> None:
        """`lines` replaces the text of the rule, `fill` fills its gaps."""
        if fill:
            lines = (RULES[rule].text_for(case).format_map(fill),)
        late = is_error and self._n_errors > self._limits.errors_soft
        self.events.append(
            compose(
                rule,
                case,
                self.state,
                after,
                lines,
                writes_enhanced=self._writes_enhanced,
                to_greeting=self.verb in _GREETING_VERBS or self.state is State.NEW,
                delay_us=self._limits.error_delay_us if late else 0,
            )
        )
        self.unsent = True
        self.last_at = self.at

    def enter(self, after: State, *, dropped: bool = False) -> None:
        """`dropped`: the transaction ended on the way."""
        if after is State.CLOSED and self.standing.transaction is not None:
            dropped = True
        if after is not self.state or dropped:
            cleared = ("transaction",) if dropped else ()
            self.events.append(_state_change(self.state, after, cleared))
            self.state = after

    def count_error(self) -> bool:
        """False once the budget is spent; the session is over then."""
        self._n_errors += 1
        if self._n_errors < self._limits.errors_hard:
            return True
        self.end("session.errors")
        return False

    def refuse(self, refusal: Refused, *, after: State | None = None) -> None:
        rule, case = refusal.rule, refusal.case
        # A 4yz is no mistake of the client, so it does not count.
        is_error = (RULES[rule].code or 0) >= 500
        if is_error and self._n_errors + 1 >= self._limits.errors_hard:
            self.note(rule, case=case)  # the 421 that takes its place does not name it
        if is_error and not self.count_error():
            return
        after = after or self.state
        self.say(rule, case, after=after, fill=refusal.fill, is_error=is_error)

    def violate(self, rule: str, case: str, octets: bytes) -> None:
        self.events.append(Violation(rule, self.state, self.offset, octets[:_SHOWN], case))
        if RULES[rule].closes:
            self.end(rule, case)
        else:
            self.refuse(Refused(rule, case))

    def note(self, rule: str, octets: bytes = b"", case: str = "") -> None:
        self.events.append(Notice(rule, self.state, self.offset, octets[:_SHOWN], case))

    def end(self, rule: str, case: str = "") -> None:
        fill = {"host": self.standing.facts.directory.host, "front": self.front}
        self.say(rule, case, after=State.CLOSED, fill=fill)
        self.enter(State.CLOSED)
        self.events.append(Close(rule, graceful=False))
