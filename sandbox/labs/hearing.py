"""Rows of session logs → what a lab is graded on: commands with their replies, lines of content,
things that happened, over all sessions of a run. Pure."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

from ..log.logbook import LogRow
from ..smtp.parsing import Refused, split_path

SECOND_US = 1_000_000
CONTENT_LINES = 2000  # of one message that are listened to; what is delivered is all of it
_FIELD = re.compile(r"[!-9;-~]+[ \t]*:")
_PATH_OF = {"MAIL": "FROM", "RCPT": "TO"}
# States in which no transaction is open.
_OUTSIDE = frozenset({"NEW", "GREETED", "READY", "TLS", "REFUSED", "CLOSED"})


class NumberedRow(LogRow, Protocol):
    @property
    def seq(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SessionLog:
    """`began_us` counts from the beginning of the run, on the run's own clock."""

    rows: Iterable[NumberedRow]
    port: int = 25
    began_us: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply. `text` is what stands behind the codes, lines joined by newlines."""

    code: str
    enhanced: str
    text: str
    rule: str
    case: str
    before: str
    after: str


@dataclass(frozen=True)
class Heard:
    """One thing that was said or happened; `text` is how it stands in the log.

    `session` and `transaction` count from 1 over the whole run; transaction 0 is outside of any.
    `kind` "content" is a line as it came, or a whole field of the header with its folds undone
    (`in_header`). `value` belongs to events: a port, seconds.
    """

    kind: Literal["command", "content", "end", "event"]
    session: int
    seq: int
    at_us: int
    text: str
    transaction: int = 0
    verb: str = ""
    early: bool = False
    in_header: bool = False
    value: int = 0
    answer: Answer | None = None

    @cached_property
    def argument(self) -> str:
        return self.text.partition(" ")[2].strip()

    @cached_property
    def path_and_parameters(self) -> tuple[str, str] | None:
        """What stands between the brackets and behind them; None if it cannot be read."""
        keyword = _PATH_OF.get(self.verb)
        if keyword is None:
            return None
        try:
            path, rest = split_path(self.argument, verb=self.verb.lower(), keyword=keyword)
        except Refused:
            return None
        return path, rest

    @cached_property
    def parameters(self) -> dict[str, str]:
        found = self.path_and_parameters
        pairs = (word.partition("=") for word in (found[1].split() if found else ()))
        return {keyword.upper(): value for keyword, _, value in pairs}

    @property
    def is_response(self) -> bool:
        return self.answer is not None and self.answer.before == "AUTHING"

    @cached_property
    def response(self) -> str | None:
        """A line in an AUTH exchange, decoded; None for any other line and for broken base64."""
        if not self.is_response:
            return None
        if self.text == "*":
            return "*"
        try:
            return base64.b64decode(self.text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None


@dataclass(slots=True)
class Message:
    """A message that was stored: what it says once stuffed dots are gone."""

    transaction: int
    content: bytes


@dataclass(slots=True)
class Recording:
    """All that was heard, in order, and the messages that were stored."""

    heard: list[Heard] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def n_sessions(self) -> int:
        """Those in which the client has said something."""
        return len({item.session for item in self.heard if item.kind == "command"})

    @property
    def moved_us(self) -> int:
        """By how much the learner has moved the clock."""
        return sum(item.value for item in self.heard if item.verb == "wait") * SECOND_US

    def in_session(self, number: int) -> Iterator[Heard]:
        return (item for item in self.heard if item.session == number)


def moved_clock_us(rows: Iterable[NumberedRow]) -> int:
    facts = (row.data for row in rows if row.direction == "fact")
    seconds: int = sum(data["seconds"] for data in facts if data["event"] == "clock")
    return seconds * SECOND_US


def rows_within(rows: Iterable[NumberedRow], elapsed_us: int) -> Iterator[NumberedRow]:
    """The rows of the first `elapsed_us` of a session, on a clock that the learner cannot move."""
    moved_us = 0
    for row in rows:
        moved_us += moved_clock_us([row])
        if row.at_us - moved_us > elapsed_us:
            return
        yield row


def listen(sessions: Iterable[SessionLog]) -> Recording:
    recording = Recording()
    listener = _Listener(recording)
    for number, session in enumerate(sessions, start=1):
        listener.begin(number, session)
        for row in session.rows:
            listener.take(row)
        listener.finish()
    return recording


class _Listener:
    """Reads row by row; a command waits until its reply comes."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._n_transactions = 0

    def begin(self, number: int, session: SessionLog) -> None:
        self._session = number
        self._began_us = session.began_us
        self._transaction = 0
        self._waiting: dict[str, Any] | None = None
        self._content = bytearray()
        self._chunks = bytearray()
        self._seq, self._at_us = 0, session.began_us
        self._happened("connect", 0, session.began_us, value=session.port)

    def take(self, row: NumberedRow) -> None:
        data, octets = row.data, bytes(row.octets)
        at_us = self._began_us + row.at_us
        self._seq, self._at_us = row.seq, at_us
        match row.direction, data["event"]:
            case "in", "line":
                self._add_waiting(None)
                self._waiting = self._said("command", row, octets, verb=data.get("verb", ""))
                self._waiting["early"] = data.get("early", False)
            case "in", "content" if data.get("end"):
                self._take_content(row.seq, at_us)
                self._waiting = self._said("end", row, octets)
            case "in", "content":
                self._content += octets
            case "in", "chunk":
                self._chunks += octets
            case "out", "reply":
                self._add_waiting(_answer(octets, data))
            case "fact", "tls" if data.get("version"):
                self._transaction = 0
                self._happened("tls", row.seq, at_us)
            case "fact", "clock":
                self._happened("wait", row.seq, at_us, value=data["seconds"])
            case "note", "close":
                self.finish()
                self._content.clear()
                self._happened("close" if data["graceful"] else "vanish", row.seq, at_us)

    def _said(self, kind: str, row: NumberedRow, octets: bytes, verb: str = "") -> dict[str, Any]:
        return {
            "kind": kind,
            "session": self._session,
            "seq": row.seq,
            "at_us": self._began_us + row.at_us,
            "text": _text(octets),
            "verb": verb,
        }

    def _add_waiting(self, answer: Answer | None) -> None:
        """The command at hand has its reply, or gets none: the session ended or the next came."""
        if self._waiting is None:
            return
        waiting, self._waiting = self._waiting, None
        accepted = answer is not None and answer.code == "250"
        if waiting["verb"] == "MAIL" and accepted:
            self._n_transactions += 1
            self._transaction = self._n_transactions
        heard = Heard(**waiting, answer=answer, transaction=self._transaction)
        self._recording.heard.append(heard)
        if accepted and (heard.kind == "end" or _is_last_chunk(heard)):
            content = _unstuff(self._content) if heard.kind == "end" else bytes(self._chunks)
            self._recording.messages.append(Message(self._transaction, content))
        if heard.kind == "end":
            self._content.clear()
        if answer is not None and answer.after in _OUTSIDE:
            self._transaction = 0
            self._chunks.clear()

    def _take_content(self, seq: int, at_us: int) -> None:
        text = _text(bytes(self._content))
        last_field: Heard | None = None
        in_header = True
        lines = text.split("\n", CONTENT_LINES)[:CONTENT_LINES] if self._content else []
        for line in lines:
            is_fold = last_field is not None and line[:1] in (" ", "\t")
            in_header = in_header and (is_fold or _FIELD.match(line) is not None)
            if in_header and is_fold and last_field:
                self._recording.heard.pop()
                line = last_field.text + line
            heard = Heard(
                "content",
                self._session,
                seq,
                at_us,
                line,
                transaction=self._transaction,
                in_header=in_header,
            )
            self._recording.heard.append(heard)
            last_field = heard if in_header else None

    def finish(self) -> None:
        """What was begun and never ended, as far as it came."""
        self._add_waiting(None)
        if self._content:
            self._take_content(self._seq, self._at_us)

    def _happened(self, name: str, seq: int, at_us: int, value: int = 0) -> None:
        self._add_waiting(None)
        self._recording.heard.append(
            Heard("event", self._session, seq, at_us, name, value=value, verb=name)
        )


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape").removesuffix("\r\n").replace("\r\n", "\n")


def _unstuff(content: bytes | bytearray) -> bytes:
    """A line that begins with a dot loses it (RFC 5321 section 4.5.2)."""
    return re.sub(rb"(\A|\r\n)\.", rb"\1", bytes(content))


def _is_last_chunk(heard: Heard) -> bool:
    return heard.verb == "BDAT" and heard.argument.upper().endswith("LAST")


def _answer(octets: bytes, data: Mapping[str, Any]) -> Answer:
    lines = _text(octets).split("\n")
    enhanced = data.get("enhanced") or ""
    texts = [line[4:].removeprefix(enhanced).lstrip() for line in lines]
    before, after = data["states"]
    return Answer(
        code=str(data["code"]),
        enhanced=enhanced,
        text="\n".join(texts),
        rule=data["rule"],
        case=data.get("case", ""),
        before=before,
        after=after,
    )
