"""What a session says, and what follows from saying it: next state, error budget, the end."""

from collections.abc import Mapping
from functools import lru_cache

from .composing import compose
from .events import Close, Event, Need, Notice, StateChange, Violation
from .parsing import Refused
from .profiles import Profile
from .rules import RULES
from .standing import Standing
from .states import State

_SHOWN = 64  # octets of an offending line that a violation or notice carries
# What a planned refusal fills in.
_EXAMPLES = {"address": "casey@new.example", "limit": "1000", "seconds": "300"}
_SYNTAX_RULES = frozenset({"mail.syntax", "rcpt.syntax", "args.unexpected", "ehlo.bad-name"})
_GREETING_VERBS = frozenset({"EHLO", "HELO"})

# The same change is the same value, so it is made once.
_state_change = lru_cache(maxsize=256)(StateChange)


class Speaker:
    """The events of the call at hand, and the state they lead to.

    `verb` is the command being answered, `front` the one answered before it ("" is the greeting,
    "." the end of content), `last_at` the time of the last reply, `unsent` says that it has not
    left yet. `offset` and `next_offset` are where the line at hand begins and ends in the
    client's stream, `is_early` says that it did not wait. `need` is what the host has to answer
    before anything goes on. `delay_us`, `cut_after` and `is_mute`
    are how a planned fault disturbs what is said.
    """

    __slots__ = (
        "_limits",
        "_n_errors",
        "_n_syntax",
        "_n_unknown",
        "_profile",
        "_writes_enhanced",
        "at",
        "cut_after",
        "delay_us",
        "events",
        "front",
        "is_early",
        "is_mute",
        "last_at",
        "need",
        "next_offset",
        "offset",
        "standing",
        "state",
        "unsent",
        "verb",
    )

    def __init__(self, profile: Profile, standing: Standing) -> None:
        self._profile = profile
        self._limits = profile.limits
        self._writes_enhanced = profile.offers("ENHANCEDSTATUSCODES")
        self._n_errors = self._n_unknown = self._n_syntax = 0
        self.standing = standing
        self.state = State.NEW
        self.events: list[Event] = []
        self.verb = self.front = ""
        self.at = self.last_at = 0
        self.offset = self.next_offset = 0
        self.unsent = self.is_early = self.is_mute = False
        self.need: Need | None = None
        self.delay_us = 0
        self.cut_after: int | None = None

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
        reply = compose(
            rule,
            case,
            self.state,
            after,
            lines,
            self._writes_enhanced,
            self.verb in _GREETING_VERBS or self.state is State.NEW,
            self._limits.error_delay_us if late else self.delay_us,
            self.cut_after,
            self._override(rule, case) if self._profile.replies else None,
        )
        self.events.append(reply)
        self.unsent = True
        self.last_at = self.at

    def _override(self, rule: str, case: str) -> tuple[int, str | None] | None:
        replies = self._profile.replies
        keys = (f"{rule}/{case}", f"{rule}/{self.state}", rule)
        return next((replies[key] for key in keys if key in replies), None)

    def code_of(self, rule: str, case: str = "") -> int:
        override = self._override(rule, case)
        return override[0] if override else RULES[rule].code or 0

    def enter(self, after: State, *, dropped: bool = False, client: bool = False) -> None:
        """`dropped`: the transaction ended on the way; `client`: and the client is forgotten."""
        if after is State.CLOSED and self.standing.transaction is not None:
            dropped = True
        if after is not self.state or dropped:
            cleared: tuple[str, ...] = ("transaction",) if dropped else ()
            if client:
                cleared = ("helo", "user", "transaction")
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
        is_error = self.code_of(rule, case) >= 500
        if is_error and self._is_last_straw(rule):
            self.note(rule, case=case)  # the 421 that takes its place does not name it
            self.end("session.errors")
            return
        if RULES[rule].closes:
            self.end(rule, case, fill=refusal.fill)
            return
        after = after or refusal.after or self.state
        self.say(rule, case, after=after, fill=refusal.fill, is_error=is_error)
        self.enter(after)

    def _is_last_straw(self, rule: str) -> bool:
        self._n_errors += 1
        self._n_unknown += rule == "verb.unknown"
        self._n_syntax += rule in _SYNTAX_RULES
        limits = self._limits
        return (
            self._n_errors >= limits.errors_hard
            or (limits.unknown_verbs is not None and self._n_unknown > limits.unknown_verbs)
            or (limits.syntax_errors is not None and self._n_syntax > limits.syntax_errors)
        )

    def violate(self, rule: str, case: str, octets: bytes, *, after: State | None = None) -> None:
        self.events.append(Violation(rule, self.state, self.offset, octets[:_SHOWN], case))
        if RULES[rule].closes:
            self.end(rule, case)
        else:
            self.refuse(Refused(rule, case), after=after)

    def ask(self, need: Need) -> None:
        self.need = need
        self.events.append(need)
        self.unsent = True  # what comes now comes before the reply

    def pretend(self, rule: str, after: State | None = None) -> None:
        """A planned refusal, which is no error of the client."""
        if RULES[rule].closes:
            self.end(rule)
            return
        after = after or self.state
        self.say(rule, after=after, fill=_EXAMPLES)
        self.enter(after)

    def finish_cut(self) -> None:
        """Behind a reply that was cut the connection is gone."""
        self.cut_after = None
        if self.state is not State.CLOSED:
            self.hang_up("fault.drop")

    def hang_up(self, rule: str, case: str = "") -> None:
        """Closes without a word."""
        self.enter(State.CLOSED)
        self.events.append(Close(rule, graceful=False, case=case))

    def note(self, rule: str, octets: bytes = b"", case: str = "") -> None:
        self.events.append(Notice(rule, self.state, self.offset, octets[:_SHOWN], case))

    def end(self, rule: str, case: str = "", *, fill: Mapping[str, str] | None = None) -> None:
        told = {"host": self.standing.facts.directory.host, "front": self.front, **(fill or {})}
        self.say(rule, case, after=State.CLOSED, fill=told)
        self.enter(State.CLOSED)
        self.events.append(Close(rule, graceful=False))
