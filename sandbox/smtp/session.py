"""The SMTP session: octets in, events out, no socket and no clock."""

from collections.abc import Callable

from .collecting import ChunkReader, DataReader
from .events import Event, Fact, FaultApplied, LineIn
from .executing import Executor
from .facts import CredentialResult, Facts, Greylisted, TlsResult, TokenResult
from .faults import NO_FAULTS, FaultPlan
from .framing import Framed, LineBuffer
from .profiles import Profile
from .rules import RULES
from .sasl import peek_user
from .screening import Line, screen, screen_response
from .states import VERBS, State
from .verbs import Suggestion, suggest

_SECOND = 1_000_000
_TLS_RECORD = b"\x16\x03"  # how a TLS handshake begins (RFC 8446 section 5.1)
_SCREENING = ("line.", "sync.", "auth.too-long")

Answer = Fact | TlsResult | CredentialResult | TokenResult


class Session:
    """One SMTP connection. Every `at` is in microseconds since the session began."""

    __slots__ = (
        "_early",
        "_executor",
        "_line_limits",
        "_lines",
        "_n_lines",
        "_opened_at",
        "_received",
        "_speaker",
        "_standing",
        "_waiting",
        "facts",
        "profile",
    )

    def __init__(self, profile: Profile, facts: Facts, plan: FaultPlan = NO_FAULTS) -> None:
        self.profile = profile
        self.facts = facts
        self._executor = Executor(profile, facts, plan)
        self._standing = self._executor.standing
        self._speaker = self._executor.speaker
        self._line_limits = profile.line_limits()
        longest = max(profile.limits.command_line, *self._line_limits.values())
        self._lines = LineBuffer(profile.newline, profile.limits, keep=longest + 2)
        self._waiting = bytearray()  # before the greeting, or while the host is asked
        self._opened_at = 0
        self._received = 0  # octets of all earlier reads that have been looked at
        self._early = False  # the line at hand began before the last reply had left
        self._n_lines = 0

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
        waiting = bytes(self._waiting)
        self._waiting.clear()
        if waiting and self.profile.sync == "close":
            events.append(LineIn(waiting[: self.profile.limits.command_line], "", True, 0))
            speaker.violate("sync.breach", "greeting", waiting)
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
            self._wait(octets)
        else:
            self._go_through(octets)
        return events

    def _wait(self, octets: bytes) -> None:
        """Keeps what comes too early to be looked at, within bounds."""
        speaker = self._speaker
        room = self.profile.limits.line_endless - len(self._waiting)
        self._waiting += octets[:room]
        if room < len(octets) and speaker.state is not State.NEW:
            self._speaker.need = None
            speaker.violate("line.endless", "", b"")

    def _go_through(self, octets: bytes) -> None:
        speaker, executor = self._speaker, self._executor
        position, end = 0, len(octets)
        while position < end and speaker.state is not State.CLOSED and not speaker.is_mute:
            reader = executor.messages.reader
            if speaker.state is State.TLS:
                position = self._see_injection(octets, position)
            elif speaker.need:
                self._wait(octets[position:])
                break
            elif reader is not None:
                position = self._read(reader, octets, position)
            elif speaker.state is State.CONTENT and not self._is_line_before_354():
                position = self._read(
                    executor.messages.begin_content(self._received + position), octets, position
                )
            else:
                position = self._take_line(octets, position)
        self._received += position

    def _see_injection(self, data: bytes, start: int) -> int:
        """Octets behind STARTTLS are never carried out (RFC 3207 section 4; RFC 5321 s7.8)."""
        if not self._lines.length:
            self._speaker.offset = self._received + start
        framed = self._lines.take(data, start)
        if framed is None:
            return len(data)
        self._refuse_injection(framed[1])
        return framed[0]

    def _refuse_injection(self, line: bytes) -> None:
        speaker = self._speaker
        speaker.front = "STARTTLS"
        speaker.events.append(LineIn(line, "", True, speaker.offset))
        self._speaker.need = None
        speaker.violate("tls.injection", "", line)

    def _finish_handshake(self, result: TlsResult) -> None:
        """Half a line of plain text that came before it is an injection all the same."""
        if self._lines.length:
            self._refuse_injection(self._lines.give_up())
        else:
            self._executor.finish_handshake(result)

    def sent(self, *, at: int) -> None:
        """All replies have left and nothing waits to be read: what comes now is not early."""
        if not self._speaker.need:
            self._speaker.unsent = False

    def answer(self, fact: Answer, *, at: int) -> list[Event]:
        """What the host was asked for with a Need, or a fact from a log row."""
        match fact:
            case TlsResult():
                return self._resume(lambda: self._finish_handshake(fact), at)
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
            waiting = bytes(self._waiting)
            self._waiting.clear()
            self._go_through(waiting)
        return events

    def recall(
        self, octets: bytes, *, mechanism: str, verdict: str, user: str, early: bool, at: int
    ) -> list[Event]:
        """A secret line as the log has it: masked, with how it went (AuthStep.verdict, or the id
        of another rule that answered). `mechanism` is "" for a line that answers 334."""
        speaker, executor = self._speaker, self._executor
        events = speaker.begin(at)
        speaker.verb = "AUTH" if mechanism else ""
        events.append(LineIn(octets, speaker.verb, early, self._received, secret=True))
        if verdict.startswith(_SCREENING):
            executor.logins.exchange = None
            after = State.READY if speaker.state is State.AUTHING else None
            speaker.violate(verdict, "", b"", after=after)
        else:
            executor.logins.recall(mechanism, verdict, user)
        speaker.front = "AUTH"
        self._n_lines += 1
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
        if self.state is State.CLOSED:
            return []
        events = self._speaker.begin(at)
        self._speaker.hang_up("session.vanished")
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

    def _is_line_before_354(self) -> bool:
        """Input behind DATA that did not wait for 354 is read as a line, to show and refuse it."""
        return self._lines.length > 0 or (self._speaker.unsent and self.profile.sync == "close")

    def _read(self, reader: DataReader | ChunkReader, data: bytes, start: int) -> int:
        speaker, messages = self._speaker, self._executor.messages
        if isinstance(reader, ChunkReader):
            end = reader.take(data, start, speaker.events)
            if reader.is_done:
                messages.finish_chunk()
            return end
        behind = reader.take(data, start, speaker.events)
        if data.find(b"\n", start, behind) >= 0:
            speaker.last_at = speaker.at
        if behind is None:
            return len(data)
        messages.finish_content(reader.content)
        return behind

    def _take_line(self, data: bytes, start: int) -> int:
        lines, speaker = self._lines, self._speaker
        if not lines.length:
            self._early = speaker.unsent
            speaker.offset = self._received + start
        framed = lines.take(data, start)
        if not self._n_lines and lines.begins_with(_TLS_RECORD, framed):
            self._see_tls_record()
            return len(data)
        if framed is None:
            return len(data)
        speaker.is_early = self._early
        speaker.next_offset = self._received + framed[0]
        if speaker.state is State.AUTHING:
            self._take_response(framed)
        else:
            self._take_command(framed)
        self._n_lines += 1
        return framed[0]

    def _see_tls_record(self) -> None:
        speaker = self._speaker
        speaker.events.append(LineIn(_TLS_RECORD, "", self._early, speaker.offset))
        speaker.violate("tls.record", "", _TLS_RECORD)

    def _take_command(self, framed: Framed) -> None:
        _, octets, ending = framed
        speaker = self._speaker
        text = octets[: -1 if ending == "lf" else -2].rstrip(b" \t")
        word, _, argument = text.partition(b" ")
        verb = VERBS.get(word) or VERBS.get(word.upper(), "")
        speaker.verb = verb
        early = self._early
        secret = verb == "AUTH" and self._is_secret(argument)
        shown = b"" if secret else octets
        speaker.events.append(LineIn(octets, verb, early, speaker.offset, secret))
        findings = screen(
            Line(octets, ending, text, word, verb, early, speaker.front, not self._n_lines),
            speaker.state,
            self.profile,
            limit=self._line_limits.get(verb, self.profile.limits.command_line),
            pipelining=self._standing.esmtp and self.profile.offers("PIPELINING"),
        )
        for rule in findings.notices:
            speaker.note(rule, shown)
        if findings.fault:
            speaker.violate(*findings.fault, shown)
        else:
            self._executor.run(verb, word, argument.lstrip(b" ").decode())
        if verb == "AUTH" and argument.upper().startswith(b"PLAIN "):
            verb = "AUTH PLAIN"
        speaker.front = verb or "an unknown command"

    def _take_response(self, framed: Framed) -> None:
        _, octets, ending = framed
        speaker, exchange = self._speaker, self._executor.logins.exchange
        assert exchange is not None  # the state says so
        line = octets[: -1 if ending == "lf" else -2].decode("latin-1")
        speaker.verb = ""
        user = exchange.peek_user(line) or exchange.user
        secret = line not in ("", "*") and not self.facts.directory.is_practice(user)
        speaker.events.append(LineIn(octets, "", self._early, speaker.offset, secret))
        parts = Line(octets, ending, b"", b"", "", self._early, speaker.front, first=False)
        findings = screen_response(parts, self.profile)
        for rule in findings.notices:
            speaker.note(rule)
        if findings.fault:
            self._executor.logins.exchange = None
            speaker.violate(*findings.fault, b"", after=State.READY)
        else:
            self._executor.logins.respond(exchange, line)
        speaker.front = "AUTH"

    def _is_secret(self, argument: bytes) -> bool:
        """Whether the initial response may hold somebody's password (RFC 4954 section 4)."""
        mechanism, _, initial = argument.strip().decode("latin-1").partition(" ")
        initial = initial.strip()
        if initial in ("", "="):
            return False
        return not self.facts.directory.is_practice(peek_user(mechanism, initial))
