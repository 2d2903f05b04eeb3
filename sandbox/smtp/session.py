"""The SMTP session: octets in, events out, no socket and no clock."""

from collections.abc import Callable
from dataclasses import replace

from .events import Event, Fact, FaultApplied
from .executing import Executor
from .facts import CredentialResult, Facts, Greylisted, TlsResult, TokenResult
from .faults import NO_FAULTS, FaultPlan
from .intake import Intake
from .profiles import Profile
from .rules import RULES
from .states import State
from .verbs import Suggestion, suggest

_SECOND = 1_000_000

Answer = Fact | TlsResult | CredentialResult | TokenResult


class Session:
    """One SMTP connection. Every `at` is in microseconds since the session began."""

    __slots__ = (
        "_executor",
        "_intake",
        "_opened_at",
        "_speaker",
        "_standing",
        "facts",
        "profile",
    )

    def __init__(self, profile: Profile, facts: Facts, plan: FaultPlan = NO_FAULTS) -> None:
        if plan.effect == "lf-ends-data":
            profile = replace(profile, newline="normalize", sync="note")
        self.profile = profile
        self.facts = facts
        self._executor = Executor(profile, facts, plan)
        self._standing = self._executor.standing
        self._speaker = self._executor.speaker
        self._intake = Intake(profile, facts, self._executor)
        self._opened_at = 0

    @property
    def state(self) -> State:
        return self._speaker.state

    @property
    def secured(self) -> TlsResult | None:
        """Version and cipher under TLS."""
        return self._standing.secured

    @property
    def user(self) -> str:
        """Who is logged in, "" for nobody."""
        return self._standing.user

    @property
    def plan(self) -> FaultPlan:
        return self._standing.plan

    @property
    def greylist(self) -> tuple[Greylisted, ...]:
        """What later sessions of this client have to be told."""
        return self._standing.remembered()

    @property
    def deadline(self) -> int | None:
        """When `tick` will act; None if never."""
        if self.state in (State.NEW, State.CLOSED):
            return None
        limits = self.profile.limits
        return min(
            self._speaker.last_at + limits.idle_seconds * _SECOND,
            self._opened_at + limits.session_seconds * _SECOND,
        )

    def next_commands(self) -> tuple[Suggestion, ...]:
        """What would make sense now, most useful first; none after the end."""
        exchange = self._executor.logins.exchange
        return suggest(self.state, self._standing, exchange.mechanism if exchange else "")

    def open(self, *, at: int) -> list[Event]:
        """The connection stands: say the greeting, once."""
        if self.state is not State.NEW:
            raise ValueError("the session is open already")
        speaker, plan = self._speaker, self.plan
        events = speaker.begin(at)
        self._opened_at = at
        waiting = self._intake.take_waiting()
        if waiting and self.profile.sync == "close":
            line = waiting[: self.profile.limits.command_line]
            self._intake.refuse(line, "sync.breach", "greeting", offset=0)
            return events
        speaker.delay_us = self.profile.greeting_delay_us
        if plan.step == "connect" and self._refuse_or_delay(plan):
            return events
        protocol = "SMTP" if "EHLO" in self.profile.unknown else "ESMTP"
        fill = {"host": self.facts.directory.host, "protocol": protocol}
        speaker.say("greeting.ok", after=State.GREETED, fill=fill)
        speaker.delay_us = 0
        speaker.enter(State.GREETED)
        return events + self.receive(waiting, at=at)

    def _refuse_or_delay(self, plan: FaultPlan) -> bool:
        speaker = self._speaker
        speaker.events.append(FaultApplied(plan.name, "connect", plan.rule))
        if plan.effect == "slow":
            speaker.delay_us = plan.delay_us
            return False
        if RULES[plan.rule].closes:
            speaker.end(plan.rule)
        else:
            fill = {"host": self.facts.directory.host}
            speaker.say(plan.rule, after=State.REFUSED, fill=fill)
            speaker.enter(State.REFUSED)
        return True

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        """Octets from the client, cut anywhere. Never raises; after the end they are dropped."""
        events = self._speaker.begin(at)
        self._standing.at = at
        need = self._speaker.need
        if self._speaker.state is State.NEW or (need and need.kind != "tls"):
            self._intake.wait(octets)
        else:
            self._intake.go_through(octets)
        return events

    def sent(self, *, at: int) -> None:
        """All replies have left and nothing waits to be read: what comes now is not early."""
        if not self._speaker.need:
            self._speaker.unsent = False

    def recall(
        self, octets: bytes, *, mechanism: str, verdict: str, user: str, early: bool, at: int
    ) -> list[Event]:
        """A secret line as the log has it: masked, with how it went (AuthStep.verdict, or the id
        of another rule that answered). `mechanism` is "" for a line that answers 334."""
        events = self._speaker.begin(at)
        self._intake.recall(octets, mechanism=mechanism, verdict=verdict, user=user, early=early)
        return events

    def answer(self, fact: Answer, *, at: int) -> list[Event]:
        """What the host was asked for with a Need, or a fact from a log row."""
        match fact:
            case TlsResult():
                return self._resume(lambda: self._intake.finish_handshake(fact), at)
            case CredentialResult():
                return self._resume(lambda: self._executor.logins.resolve(fact), at)
            case TokenResult():
                return self._resume(lambda: self._executor.resolve_token(known=fact.known), at)
            case Fact.TICK:
                return self.tick(at=at)
            case Fact.EOF:
                return self.eof(at=at)
            case Fact.SHUTDOWN:
                return self.shutdown(at=at)
            case Fact.LIMIT:
                return self._stop("session.limit", at)
            case Fact.FAILED:
                return self.fail(at=at)

    def _resume(self, step: Callable[[], None], at: int) -> list[Event]:
        """Carries the step out and goes through what has waited for it."""
        if self.state is State.CLOSED:
            return []
        events = self._speaker.begin(at)
        self._standing.at = at
        step()
        if self.state is not State.NEW:
            self._intake.go_through(self._intake.take_waiting())
        return events

    def tick(self, *, at: int) -> list[Event]:
        """Time has passed: acts once `deadline` is reached."""
        deadline = self.deadline
        if deadline is None or at < deadline:
            return []
        limits = self.profile.limits
        expired = deadline == self._opened_at + limits.session_seconds * _SECOND
        return self._stop("session.expired" if expired else "session.timeout", at)

    def shutdown(self, *, at: int) -> list[Event]:
        return self._stop("session.shutdown", at)

    def fail(self, *, at: int) -> list[Event]:
        """The host met a bug of its own and cannot go on."""
        return self._stop("session.failed", at)

    def eof(self, *, at: int) -> list[Event]:
        """The client vanished: drop the open transaction, keep finished ones."""
        return self.hang_up("session.vanished", at=at)

    def hang_up(self, rule: str, *, at: int) -> list[Event]:
        """The connection ends for this reason without another word."""
        if self.state is State.CLOSED:
            return []
        events = self._speaker.begin(at)
        self._speaker.hang_up(rule)
        return events

    def _stop(self, rule: str, at: int) -> list[Event]:
        if self.state is State.CLOSED:
            return []
        events = self._speaker.begin(at)
        self._speaker.verb = ""
        self._speaker.need = None
        if self._speaker.is_mute:
            self._speaker.hang_up(rule)
        else:
            self._speaker.end(rule)
        return events
