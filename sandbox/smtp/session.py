"""The SMTP session: octets in, events out, no socket and no clock."""

from .commands import EFFECTS, Standing
from .content import ContentReader
from .events import Close, Event, Fact, LineIn, MessageAccepted
from .facts import Facts
from .framing import LineBuffer
from .parsing import Refused
from .profiles import Profile
from .rules import RULES
from .screening import Line, screen, unknown_case
from .speaking import Speaker
from .states import EXTENSION_VERBS, TABLE, VERBS, State
from .tracing import queue_id, received_field
from .verbs import SUGGESTIONS, Suggestion

_SECOND = 1_000_000
# Cheap to answer and good for nothing in numbers: past a limit each counts as an error.
_IDLE_VERBS = frozenset({"NOOP", "RSET", "VRFY", "HELP"})


class Session:
    """One SMTP connection. Every `at` is in microseconds since the session began."""

    __slots__ = (
        "_before_greeting",
        "_content",
        "_early",
        "_line_limits",
        "_lines",
        "_n_idle",
        "_n_lines",
        "_n_mails",
        "_n_messages",
        "_opened_at",
        "_received",
        "_speaker",
        "_standing",
        "facts",
        "profile",
    )

    def __init__(self, profile: Profile, facts: Facts) -> None:
        self.profile = profile
        self.facts = facts
        self._standing = Standing(profile, facts)
        self._speaker = Speaker(profile, self._standing)
        self._line_limits = profile.line_limits()
        longest = max(profile.limits.command_line, *self._line_limits.values())
        self._lines = LineBuffer(profile.newline, profile.limits, keep=longest)
        self._content: ContentReader | None = None
        self._before_greeting = bytearray()
        self._opened_at = 0
        self._received = 0  # octets of all earlier reads
        self._early = False  # the line at hand began before the last reply had left
        self._n_lines = self._n_idle = self._n_mails = self._n_messages = 0

    @property
    def state(self) -> State:
        return self._speaker.state

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
        unknown = self.profile.unknown
        return tuple(
            suggestion
            for suggestion in SUGGESTIONS.get(self.state, ())
            if suggestion.line.partition(" ")[0] not in unknown
        )

    def open(self, *, at: int) -> list[Event]:
        """The connection stands: say the greeting, once."""
        if self.state is not State.NEW:
            raise ValueError("the session is open already")
        speaker = self._speaker
        events = speaker.begin(at)
        self._opened_at = at
        waiting = bytes(self._before_greeting)
        if waiting and self.profile.sync == "close":
            events.append(LineIn(waiting[: self.profile.limits.command_line], "", True, 0))
            speaker.violate("sync.breach", "greeting", waiting)
            return events
        protocol = "SMTP" if "EHLO" in self.profile.unknown else "ESMTP"
        fill = {"host": self.facts.directory.host, "protocol": protocol}
        speaker.say("greeting.ok", after=State.GREETED, fill=fill)
        speaker.enter(State.GREETED)
        return events + self.receive(waiting, at=at)

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        """Octets from the client, cut anywhere. Never raises; after the end they are dropped."""
        speaker = self._speaker
        events = speaker.begin(at)
        if speaker.state is State.NEW:
            room = self.profile.limits.line_endless - len(self._before_greeting)
            self._before_greeting += octets[:room]
            return events
        position, end = 0, len(octets)
        while position < end and speaker.state is not State.CLOSED:
            if speaker.state is State.CONTENT and not self._is_line_before_354():
                position = self._take_content(octets, position)
            else:
                position = self._take_line(octets, position)
        self._received += end
        return events

    def sent(self, *, at: int) -> None:
        """All replies have left and nothing waits to be read: what comes now is not early."""
        self._speaker.unsent = False

    def answer(self, fact: Fact, *, at: int) -> list[Event]:
        """A fact from a log row: the same as calling the method of its name."""
        match fact:
            case Fact.TICK:
                return self.tick(at=at)
            case Fact.EOF:
                return self.eof(at=at)
            case Fact.SHUTDOWN:
                return self.shutdown(at=at)
            case Fact.FAILED:
                return self.fail(at=at)

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
        self._speaker.enter(State.CLOSED)
        events.append(Close("session.vanished", graceful=False))
        return events

    def _stop(self, rule: str, at: int) -> list[Event]:
        if self.state is State.CLOSED:
            return []
        events = self._speaker.begin(at)
        self._speaker.verb = ""
        self._speaker.end(rule)
        return events

    def _is_line_before_354(self) -> bool:
        """Input behind DATA that did not wait for 354 is read as a line, to show and refuse it."""
        return self._content is None and (
            self._lines.length > 0 or (self._speaker.unsent and self.profile.sync == "close")
        )

    def _take_line(self, data: bytes, start: int) -> int:
        lines, speaker = self._lines, self._speaker
        if not lines.length:
            self._early = speaker.unsent
            speaker.offset = self._received + start
        framed = lines.take(data, start)
        if framed is None:
            return len(data)
        end, octets, ending = framed
        text = octets[: -1 if ending == "lf" else -2].rstrip(b" \t")
        word, _, argument = text.partition(b" ")
        verb = VERBS.get(word) or VERBS.get(word.upper(), "")
        speaker.verb = verb
        speaker.events.append(LineIn(octets, verb, self._early, speaker.offset))
        findings = screen(
            Line(octets, ending, text, word, verb, self._early, speaker.front, not self._n_lines),
            speaker.state,
            self.profile,
            limit=self._line_limits.get(verb, self.profile.limits.command_line),
            pipelining=self._standing.esmtp and self.profile.offers("PIPELINING"),
        )
        for rule in findings.notices:
            speaker.note(rule, octets)
        if findings.fault:
            speaker.violate(*findings.fault, octets)
        else:
            self._run(verb, word, argument.lstrip(b" ").decode("ascii"))
        speaker.front = verb or "an unknown command"
        self._n_lines += 1
        return end

    def _run(self, verb: str, word: bytes, argument: str) -> None:
        speaker, standing = self._speaker, self._standing
        if verb == "MAIL":
            self._n_mails += 1
            if self._n_mails > self.profile.limits.mails:
                speaker.end("session.mails")
                return
        had_transaction = standing.transaction is not None
        try:
            self._check_offered(verb, word)
            cell = TABLE[verb][speaker.state]
            if cell.effect is None:
                raise Refused(cell.rule)
            outcome = EFFECTS[cell.effect](standing, verb, argument)
        except Refused as refusal:
            speaker.refuse(refusal)
            return
        is_error = verb in _IDLE_VERBS and self._is_one_too_many()
        if is_error and not speaker.count_error():
            return
        if outcome.notice:
            speaker.note(outcome.notice)
        after = cell.after or speaker.state
        speaker.say(
            cell.rule,
            outcome.case,
            after=after,
            lines=outcome.lines,
            fill=outcome.fill,
            is_error=is_error,
        )
        speaker.enter(after, dropped=had_transaction and standing.transaction is None)
        if RULES[cell.rule].closes:
            speaker.events.append(Close(cell.rule, graceful=True))

    def _check_offered(self, verb: str, word: bytes) -> None:
        if not verb:
            raise Refused("verb.unknown", unknown_case(word))
        if verb in self.profile.unknown:
            raise Refused("verb.unknown", verb)
        if verb in EXTENSION_VERBS and verb not in TABLE:
            raise Refused("verb.not-offered", verb, verb=verb)

    def _is_one_too_many(self) -> bool:
        self._n_idle += 1
        return self._n_idle > self.profile.limits.idle_commands

    def _take_content(self, data: bytes, start: int) -> int:
        speaker = self._speaker
        reader = self._content
        if reader is None:
            reader = self._content = self._start_content(self._received + start)
        n_lines = reader.n_lines
        end = reader.take(data, start, speaker.events)
        if reader.n_lines != n_lines:
            speaker.last_at = speaker.at
        if end is None:
            return len(data)
        self._content = None
        self._finish_content(reader)
        return end

    def _start_content(self, offset: int) -> ContentReader:
        speaker = self._speaker
        transaction = self._standing.transaction
        assert transaction is not None  # the table lets DATA in only behind RCPT
        speaker.offset = offset
        if speaker.unsent:
            speaker.note("sync.early")
        return ContentReader(
            self.profile,
            offset,
            declared_8bit=transaction.declared_8bit,
            early=speaker.unsent,
        )

    def _finish_content(self, reader: ContentReader) -> None:
        speaker = self._speaker
        speaker.verb = "."
        if reader.fault:
            rule, case = reader.fault
            limit = str(self.profile.limits.size)
            speaker.refuse(Refused(rule, case, limit=limit), after=State.READY)
        else:
            message = self._accept(bytes(reader.content))
            speaker.events.append(message)
            fill = {"queue_id": message.queue_id}
            speaker.say("data.accepted", after=State.READY, fill=fill)
        speaker.front = "."
        if speaker.state is not State.CLOSED:
            self._standing.forget_transaction()
            speaker.enter(State.READY, dropped=True)

    def _accept(self, content: bytes) -> MessageAccepted:
        standing = self._standing
        transaction = standing.transaction
        assert transaction is not None
        self._n_messages += 1
        message_id = queue_id(self.facts.seed, self._n_messages)
        trace = received_field(
            transaction.envelope,
            self.facts,
            helo=standing.helo,
            protocol="ESMTP" if standing.esmtp else "SMTP",
            message_id=message_id,
            at=self._speaker.at,
        )
        return MessageAccepted(transaction.envelope, content, message_id, trace)
