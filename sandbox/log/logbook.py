"""The log of a session: the engine's events become rows, and rows become a session again. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..smtp import (
    Answer,
    AuthStep,
    CredentialResult,
    Event,
    Fact,
    LineIn,
    Reply,
    Row,
    Session,
    State,
    TlsResult,
    TokenResult,
    Violation,
)
from ..smtp.secrecy import names_mechanism
from .telling import TELLERS, Told, told

CONTENT_ROW_OCTETS = 65_536
EVENTS_PER_SESSION = 10_000
MASK = b"********"
# Of other names nobody can say that they are names: people type passwords everywhere.
_TOKEN = re.compile(r"[a-z0-9]{16}")


class Entry(NamedTuple):
    """A row before it is stored: the columns of SandboxEvent."""

    seq: int
    direction: str
    at_us: int
    octets: bytes
    data: Told


class LogRow(Protocol):
    """A row as it is stored."""

    @property
    def direction(self) -> str: ...
    @property
    def at_us(self) -> int: ...
    @property
    def octets(self) -> bytes: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class Logbook:
    """A session and what has happened in it since the rows were last taken."""

    def __init__(self, engine: Session, *, last_seq: int = 0) -> None:
        self.engine = engine
        self.last_seq = last_seq
        self.unwritten: list[Entry] = []

    @property
    def ended(self) -> bool:
        return self.engine.state is State.CLOSED

    def open(self, at: int) -> list[Event]:
        return self._log(self.engine.open(at=at), at)

    def receive(self, octets: bytes, *, at: int) -> list[Event]:
        if self.last_seq >= EVENTS_PER_SESSION:
            return self.meet(Fact.LIMIT, at=at)
        return self._log(self.engine.receive(octets, at=at), at)

    def meet(self, fact: Answer, *, at: int) -> list[Event]:
        """What befell the session, or what the host was asked for. A tick that changes nothing
        leaves no row."""
        events = self.engine.answer(fact, at=at)
        if events or fact is not Fact.TICK:
            self.note_fact(at, **_fact_of(fact, events))
        return self._log(events, at)

    def note_fact(self, at: int, **data: Any) -> None:
        """A fact that the engine need not know: the clock was moved, somebody claimed it."""
        self._add("fact", at, told(**data))

    def take_entries(self) -> list[Entry]:
        entries, self.unwritten = self.unwritten, []
        return entries

    def _log(self, events: list[Event], at: int) -> list[Event]:
        for number, event in enumerate(events):
            if type(event) is LineIn and event.secret:
                self._add("in", at, *_mask(event, events[number + 1 :]))
            elif (tell := TELLERS.get(type(event))) and (telling := tell(event)):
                direction, octets, data = telling
                if len(octets) > CONTENT_ROW_OCTETS:
                    self._add_runs(direction, at, octets, data)
                else:
                    self._add(direction, at, data, octets)
        return events

    def _add_runs(self, direction: str, at: int, octets: bytes, data: Told) -> None:
        for start in range(0, len(octets), CONTENT_ROW_OCTETS):
            run = octets[start : start + CONTENT_ROW_OCTETS]
            last = start + len(run) == len(octets)
            more = {"early": data.get("early", False) and not start}
            more["end"] = data.get("end", False) and last
            self._add(direction, at, told(**{**data, **more}), run)

    def _add(self, direction: str, at: int, data: Told, octets: bytes = b"") -> None:
        self.last_seq += 1
        self.unwritten.append(Entry(self.last_seq, direction, at, octets, data))


def _mask(line: LineIn, behind: Sequence[Event]) -> tuple[Told, bytes]:
    """`behind` is what the line has led to."""
    mechanism = ""
    octets = MASK + b"\r\n"
    if line.verb == "AUTH":
        words = line.octets.split(None, 2)
        named = words[1].decode("ascii", "replace")
        if names_mechanism(named):
            octets = b"%s %s %s\r\n" % (words[0], words[1], MASK)
            mechanism = named.upper()
        else:
            octets = b"%s %s\r\n" % (words[0], MASK)
            mechanism = "UNKNOWN"
    verdict = user = ""
    for event in behind:
        match event:
            case AuthStep():
                verdict = event.verdict
                user = event.user if _TOKEN.fullmatch(event.user) else ""
            case Violation() | Reply():
                verdict = event.rule
        if verdict:
            break
    data = told(
        event="line",
        verb=line.verb,
        early=line.early,
        masked=verdict,
        mechanism=mechanism,
        user=user,
    )
    return data, octets


def _fact_of(fact: Answer, events: Sequence[Event]) -> dict[str, Any]:
    match fact:
        case TlsResult():
            # Half a line of plain text came before the handshake, so it does not count.
            injected = any(isinstance(event, Violation) for event in events)
            return {
                "event": "tls",
                "version": "" if injected else fact.version,
                "cipher": "" if injected else fact.cipher,
                "failure": "injection" if injected else fact.failure,
            }
        case CredentialResult():
            steps = [event.verdict for event in events if isinstance(event, AuthStep)]
            return {"event": "credential", "verdict": steps[0] if steps else ""}
        case TokenResult():
            return {"event": "token", "known": fact.known}
    return {"event": str(fact)}


def replay_row(row: LogRow) -> Row:
    data = row.data
    return Row(
        direction=row.direction,  # type: ignore[arg-type]  # a constraint of the database
        at_us=row.at_us,
        octets=bytes(row.octets),
        early=data.get("early", False) or data["event"] == "chunk",
        answer=_answer_of(data) if row.direction == "fact" else None,
        verdict=data.get("masked", ""),
        mechanism=data.get("mechanism", ""),
        user=data.get("user", ""),
        closes=data["rule"] if data["event"] == "close" else "",
    )


def _answer_of(data: Mapping[str, Any]) -> Answer | None:
    match data["event"]:
        case "tls":
            return TlsResult(
                data.get("version", ""), data.get("cipher", ""), data.get("failure", "")
            )
        case "credential":
            return CredentialResult(verdict=data.get("verdict", ""))
        case "token":
            return TokenResult(known=data.get("known", False))
        case "clock" | "claimed":
            return None
        case name:
            return Fact(name)
