"""What the client sends, taken apart: command lines, responses of a login, content, chunks."""

from .collecting import ChunkReader, DataReader
from .events import LineIn
from .executing import Executor
from .facts import Facts, TlsResult
from .framing import Framed, LineBuffer
from .profiles import Profile
from .screening import Line, is_plain, screen, screen_response
from .secrecy import is_secret_command, is_secret_response, looks_like_login, looks_like_response
from .states import VERBS, State

_TLS_RECORD = b"\x16\x03"  # how a TLS handshake begins (RFC 8446 section 5.1)
_SCREENING = ("line.", "sync.", "auth.too-long")


class Intake:
    """`waiting` holds what came before the greeting, or while the host is being asked."""

    __slots__ = (
        "_awaits_response",
        "_early",
        "_executor",
        "_facts",
        "_line_limits",
        "_lines",
        "_n_lines",
        "_profile",
        "_received",
        "_speaker",
        "_standing",
        "waiting",
    )

    def __init__(self, profile: Profile, facts: Facts, executor: Executor) -> None:
        self._profile = profile
        self._facts = facts
        self._executor = executor
        self._standing = executor.standing
        self._speaker = executor.speaker
        self._line_limits = profile.line_limits()
        longest = max(profile.limits.command_line, *self._line_limits.values())
        self._lines = LineBuffer(profile.newline, profile.limits, keep=longest + 2)
        self._received = 0  # octets of all earlier reads that have been looked at
        self._early = False  # the line at hand began before the last reply had left
        self._n_lines = 0
        self._awaits_response = False  # a login is not done: its next line may come all the same
        self.waiting = bytearray()

    def wait(self, octets: bytes) -> None:
        """Keeps what comes too early to be looked at, within bounds."""
        speaker = self._speaker
        room = self._profile.limits.line_endless - len(self.waiting)
        self.waiting += octets[:room]
        if room < len(octets) and speaker.state is not State.NEW:
            self._speaker.need = None
            speaker.violate("line.endless", "", b"")

    def go_through(self, octets: bytes) -> None:
        speaker, executor = self._speaker, self._executor
        position, end = 0, len(octets)
        while position < end and speaker.state is not State.CLOSED and not speaker.is_mute:
            reader = executor.messages.reader
            if speaker.state is State.TLS:
                position = self._see_injection(octets, position)
            elif speaker.need:
                self.wait(octets[position:])
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
        speaker.need = None
        self.refuse(line, "tls.injection", offset=speaker.offset)

    def refuse(self, line: bytes, rule: str, case: str = "", *, offset: int) -> None:
        """A line that came too early to be looked at."""
        secret = looks_like_login(line)
        self._speaker.events.append(LineIn(line, "", True, offset, secret))
        self._speaker.violate(rule, case, b"" if secret else line)

    def finish_handshake(self, result: TlsResult) -> None:
        """Half a line of plain text that came before it is an injection all the same."""
        if self._lines.length:
            self._refuse_injection(self._lines.give_up())
        else:
            self._executor.finish_handshake(result)

    def take_waiting(self) -> bytes:
        octets = bytes(self.waiting)
        self.waiting.clear()
        return octets

    def _is_line_before_354(self) -> bool:
        """Input behind DATA that did not wait for 354 is read as a line, to show and refuse it."""
        return self._lines.length > 0 or (self._speaker.unsent and self._profile.sync == "close")

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
        limit = self._line_limits.get(verb, self._profile.limits.command_line)
        pipelining = self._standing.esmtp and self._profile.offers("PIPELINING")
        front = speaker.front
        plain = (
            ending == "crlf"
            and len(octets) <= limit
            and speaker.state is not State.CONTENT
            and is_plain(text, verb, early=early, front=front, pipelining=pipelining)
        )
        if verb == "AUTH":
            secret = is_secret_command(argument, self._facts.directory)
        else:
            secret = not plain and (
                looks_like_login(octets) or (self._expects(verb) and looks_like_response(octets))
            )
        self._awaits_response = verb == "AUTH" or secret
        speaker.events.append(LineIn(octets, verb, early, speaker.offset, secret))
        if plain:
            self._executor.run(verb, word, argument.lstrip(b" ").decode("ascii"))
        else:
            line = Line(octets, ending, text, word, verb, early, front, not self._n_lines)
            self._run_screened(line, argument, limit=limit, pipelining=pipelining, secret=secret)
        if verb == "AUTH" and argument.upper().startswith(b"PLAIN "):
            verb = "AUTH PLAIN"
        speaker.front = verb or "an unknown command"

    def _expects(self, verb: str) -> bool:
        return verb == "" and self._awaits_response and not self._standing.user

    def _run_screened(
        self, line: Line, argument: bytes, *, limit: int, pipelining: bool, secret: bool
    ) -> None:
        speaker = self._speaker
        shown = b"" if secret else line.octets
        findings = screen(line, speaker.state, self._profile, limit=limit, pipelining=pipelining)
        for rule in findings.notices:
            speaker.note(rule, shown)
        if findings.fault:
            speaker.violate(*findings.fault, shown)
        else:
            self._executor.run(line.verb, line.word, argument.lstrip(b" ").decode())

    def _take_response(self, framed: Framed) -> None:
        _, octets, ending = framed
        speaker, exchange = self._speaker, self._executor.logins.exchange
        assert exchange is not None  # the state says so
        line = octets[: -1 if ending == "lf" else -2].decode("latin-1")
        speaker.verb = ""
        secret = is_secret_response(line, exchange, self._facts.directory)
        speaker.events.append(LineIn(octets, "", self._early, speaker.offset, secret))
        parts = Line(octets, ending, b"", b"", "", self._early, speaker.front, first=False)
        findings = screen_response(parts, self._profile)
        for rule in findings.notices:
            speaker.note(rule)
        if findings.fault:
            self._executor.logins.exchange = None
            speaker.violate(*findings.fault, b"", after=State.READY)
        else:
            self._executor.logins.respond(exchange, line)
        speaker.front = "AUTH"
        self._awaits_response = True

    def recall(
        self, octets: bytes, *, mechanism: str, verdict: str, user: str, early: bool
    ) -> None:
        """As Session.recall."""
        speaker, executor = self._speaker, self._executor
        speaker.verb = "AUTH" if mechanism else ""
        self._awaits_response = True
        speaker.events.append(LineIn(octets, speaker.verb, early, self._received, secret=True))
        if verdict.startswith(_SCREENING):
            executor.logins.exchange = None
            after = State.READY if speaker.state is State.AUTHING else None
            speaker.violate(verdict, "", b"", after=after)
        else:
            executor.recall(mechanism, verdict, user)
        speaker.front = "AUTH PLAIN" if mechanism == "PLAIN" else "AUTH"
        self._n_lines += 1
