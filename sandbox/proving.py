"""Proofs: a written dialogue said to the engine, and the first line in which the two differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from .dialogues import (
    Dialogue,
    DialogueError,
    Encrypt,
    Expect,
    ExpectAny,
    ExpectClose,
    ExpectRest,
    Step,
    Wait,
    Write,
    parse_dialogue,
)
from .smtp import (
    PROFILES,
    Answer,
    Close,
    CredentialResult,
    Event,
    Need,
    Profile,
    Reply,
    Session,
    TlsResult,
    TokenResult,
    lab_facts,
)
from .transcribing import TranscriptLine, client_line, transcribe, visible

__all__ = [
    "Dialogue",
    "DialogueError",
    "Difference",
    "Verdict",
    "illustrate",
    "parse_dialogue",
    "prove",
    "say",
]

_SECOND = 1_000_000
_TLS = TlsResult("TLSv1.3", "TLS_AES_256_GCM_SHA384")  # what today's programs agree on


@dataclass(frozen=True, slots=True)
class Difference:
    """`line` counts from 1 in the dialogue as written."""

    line: int
    expected: str
    got: str

    def __str__(self) -> str:
        return f"line {self.line}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Verdict:
    """`waiting`: EHLO keywords that are needed and that the profile does not offer yet; the
    dialogue was not run then, and `ok` is False. `events` are all of the session."""

    dialogue: Dialogue
    profile: str
    ok: bool
    waiting: tuple[str, ...]
    difference: Difference | None
    events: tuple[Event, ...]

    @cached_property
    def lines(self) -> tuple[TranscriptLine, ...]:
        """What was really said, with the reasons; of a waiting proof, what is written."""
        return illustrate(self.dialogue) if self.waiting else transcribe(self.events)


def prove(
    dialogue: Dialogue, profile: str = "modern", port: int = 25, needs: Iterable[str] = ()
) -> Verdict:
    """Raises ValueError for a profile that does not exist."""
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}")
    played = PROFILES[profile]
    waiting = _find_missing(dialogue, played, needs)
    if waiting:
        return Verdict(dialogue, profile, False, waiting, None, ())
    difference, events = say(dialogue, Session(played, lab_facts(nominal_port=port)))
    return Verdict(dialogue, profile, difference is None, (), difference, events)


class Server(Protocol):
    """Whom a dialogue is said to: a Session, or one that is recorded on the way."""

    def open(self, *, at: int) -> list[Event]: ...
    def receive(self, octets: bytes, *, at: int) -> list[Event]: ...
    def sent(self, *, at: int) -> None: ...
    def answer(self, fact: Answer, *, at: int) -> list[Event]: ...
    def tick(self, *, at: int) -> list[Event]: ...


def say(dialogue: Dialogue, session: Server) -> tuple[Difference | None, tuple[Event, ...]]:
    """Says the whole dialogue to a session that is not open yet."""
    run = _Run(session)
    steps = dialogue.steps
    encrypted = isinstance(steps[0], Encrypt)
    run.begin(encrypted=encrypted)
    for step in steps[1:] if encrypted else steps:
        run.take(step)
    run.finish(dialogue.numbered[-1][0])
    return run.difference, tuple(run.events)


def _find_missing(dialogue: Dialogue, profile: Profile, needs: Iterable[str]) -> tuple[str, ...]:
    wanted = list(needs)
    if any(isinstance(step, Encrypt) for step in dialogue.steps):
        wanted.append("STARTTLS")
    return tuple(keyword for keyword in dict.fromkeys(wanted) if not profile.offers(keyword))


def illustrate(dialogue: Dialogue) -> tuple[TranscriptLine, ...]:
    """The dialogue as written. The client's commands are explained by their verbs."""
    lines = []
    for _, written in dialogue.numbered:
        mark, _, words = written.strip().partition(" ")
        if mark == "C:":
            lines.append(client_line(words.encode(), words.partition(" ")[0].upper()))
        elif mark == "S:":
            code = int(words[:3]) if words[:3].isdigit() else None
            lines.append(TranscriptLine("server", visible(words.encode()), code=code))
        else:
            lines.append(TranscriptLine("event", visible(written.strip().encode())))
    return tuple(lines)


class _Run:
    """A session that is read line by line. After the first difference nothing is compared, but the
    client goes on speaking, so that the transcript is whole."""

    def __init__(self, session: Server) -> None:
        self.events: list[Event] = []
        self.difference: Difference | None = None
        self._session = session
        self._at = 0
        self._heard: list[str] = []  # reply lines, in order
        self._read = 0  # how many of them a step has read
        self._skips = False  # "..." stands in front
        self._closed = False

    def begin(self, *, encrypted: bool) -> None:
        """`encrypted`: TLS comes before the greeting, as on port 465."""
        if encrypted:
            self._hear(self._session.answer(_TLS, at=0))
        self._hear(self._session.open(at=0))

    def take(self, step: Step) -> None:
        match step:
            case Write():
                self._expect_silence(step.number)
                if self._closed:
                    self._differ(step.number, "to go on", "nothing: the server had closed")
                self._session.sent(at=self._at)
                self._hear(self._session.receive(step.octets, at=self._at))
            case Encrypt():
                self._expect_silence(step.number)
                self._hear(self._session.answer(_TLS, at=self._at))
            case Wait():
                self._at += step.seconds * _SECOND
                self._hear(self._session.tick(at=self._at))
            case Expect():
                self._read_line(step)
            case ExpectRest():
                self._read_rest(step)
            case ExpectAny():
                self._skips = True
            case ExpectClose():
                self._expect_silence(step.number)
                if not self._closed:
                    self._differ(step.number, "the server to close", "an open connection")

    def finish(self, number: int) -> None:
        self._expect_silence(number)

    def _hear(self, events: list[Event]) -> None:
        self.events += events
        for event in events:
            if isinstance(event, Reply):
                self._heard += event.octets.decode().split("\r\n")[:-1]
            elif isinstance(event, Close):
                self._closed = True
            elif isinstance(event, Need) and event.kind != "tls":
                # Nobody is known here but the practice accounts.
                nobody = TokenResult(False) if event.kind == "token" else CredentialResult(None)
                self._hear(self._session.answer(nobody, at=self._at))

    def _read_line(self, step: Expect) -> None:
        if self._skips:
            self._skips = False
            while self._read < len(self._heard) and not step.matches(self._heard[self._read]):
                self._read += 1
        if self._read == len(self._heard):
            self._differ(step.number, str(step), self._nothing())
            return
        line = self._heard[self._read]
        self._read += 1
        if not step.matches(line):
            self._differ(step.number, str(step), f"“{line}”")

    def _read_rest(self, step: ExpectRest) -> None:
        self._skips = False
        if self._read == len(self._heard):
            self._differ(step.number, "the rest of a reply", self._nothing())
        while self._read < len(self._heard):
            line = self._heard[self._read]
            self._read += 1
            if line[3:4] != "-":
                break

    def _expect_silence(self, number: int) -> None:
        """Nothing the server said may have been passed over, unless `...` allows it."""
        if not self._skips and self._read < len(self._heard):
            self._differ(number, "no further reply line", f"“{self._heard[self._read]}”")
        self._skips = False
        self._read = len(self._heard)

    def _nothing(self) -> str:
        return "nothing: the server had closed" if self._closed else "nothing"

    def _differ(self, number: int, expected: str, got: str) -> None:
        if self.difference is None:
            self.difference = Difference(number, expected, got)
