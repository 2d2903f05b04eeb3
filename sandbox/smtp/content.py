"""The content of a message, from the 354 to the one sequence that ends it: CR LF . CR LF."""

import re

from .events import ContentIn, Event, Notice, Violation
from .profiles import Profile
from .states import State

_CR, _LF = 13, 10
_SHOWN = 64  # octets of an offending line that a violation or notice carries
_FIELD = re.compile(rb"[!-9;-~]++[ \t]*+:")

# What is wrong with a message is told at its legal end; of several faults the first in this order.
_REFUSALS = (
    "data.bare-newline",
    "data.line-too-long",
    "data.8bit",
    "data.mime",
    "data.loop",
    "size.actual",
)


class Runs:
    """Cuts content octets into events at places that do not depend on how they arrived."""

    __slots__ = ("_early", "_octets", "_offset", "n_events")

    LENGTH = 4096
    LINES = 200

    def __init__(self, offset: int, *, early: bool) -> None:
        self._offset = offset
        self._early = early
        self._octets = bytearray()
        self.n_events = 0

    def add(self, octets: bytes | bytearray, events: list[Event], *, line_ends: bool) -> None:
        waiting = self._octets
        waiting += octets
        while len(waiting) >= self.LENGTH:
            self._cut(self.LENGTH, events)
        if line_ends and waiting and self.n_events < self.LINES:
            self._cut(len(waiting), events)

    def end(self, octets: bytes, events: list[Event]) -> None:
        if self._octets:
            self._cut(len(self._octets), events)
        events.append(ContentIn(octets, self._offset, self._early, end=True))

    def _cut(self, length: int, events: list[Event]) -> None:
        events.append(ContentIn(bytes(self._octets[:length]), self._offset, self._early))
        del self._octets[:length]
        self._offset += length
        self._early = False
        self.n_events += 1


class ContentReader:
    """One message being collected; `content` is what it says once stuffed dots are gone.

    Beside the content it holds one line of at most `Limits.line_endless` octets and one run; of a
    message that grows too big it holds no content and only goes on counting.
    """

    __slots__ = (
        "_declared_8bit",
        "_faults",
        "_in_header",
        "_limits",
        "_n_received",
        "_newline",
        "_noted",
        "_offset",
        "_overlong",
        "_profile",
        "_runs",
        "_tail",
        "content",
        "n_lines",
        "size",
    )

    def __init__(self, profile: Profile, offset: int, *, declared_8bit: bool, early: bool) -> None:
        self._profile = profile
        self._limits = profile.limits
        self._newline = profile.newline
        self._declared_8bit = declared_8bit
        self._runs = Runs(offset, early=early)
        self._offset = offset  # of the line that comes next
        self._tail = bytearray()  # what has arrived of it
        self._overlong = 0  # octets of it that were let go because it is too long
        self._faults: dict[str, str] = {}  # rule: case
        self._noted: set[str] = set()
        self._in_header = True
        self._n_received = 0
        self.content = bytearray()
        self.size = 0
        self.n_lines = 0

    @property
    def fault(self) -> tuple[str, str] | None:
        """Rule and case of the refusal that the end of data earns; None if all is well."""
        for rule in _REFUSALS:
            if rule in self._faults:
                return rule, self._faults[rule]
        return None

    def take(self, data: bytes, start: int, events: list[Event]) -> int | None:
        """Position behind the legal end; None if all of `data` is content."""
        tail = self._tail
        while start < len(data):
            if tail and tail[-1] == _CR and data[start] == _LF:
                end = start + 1
            else:
                end = data.find(b"\r\n", start) + 2
                if end < 2:
                    self._hold(data[start:], events)
                    return None
            if tail:
                tail += data[start:end]
                line = bytes(tail)
                tail.clear()
            else:
                line = data[start:end]
            start = end
            if self._overlong or len(line) > self._limits.line_endless:
                self._drop_line(line, events)
            elif line == b".\r\n":
                self._runs.end(line, events)
                return end
            else:
                self._take_line(line, events)
        return None

    def _hold(self, octets: bytes, events: list[Event]) -> None:
        self._tail += octets
        if self._overlong or len(self._tail) > self._limits.line_endless:
            # Keep a CR: its LF may come next.
            known = len(self._tail) - (self._tail[-1] == _CR)
            self._runs.add(self._tail[:known], events, line_ends=False)
            self._overlong += known
            del self._tail[:known]

    def _drop_line(self, line: bytes, events: list[Event]) -> None:
        self._runs.add(line, events, line_ends=True)
        length = self._overlong + len(line)
        self._overlong = 0
        self._violate("data.line-too-long", "", b"", events)
        self._count(length)
        self._pass(length)

    def _take_line(self, line: bytes, events: list[Event]) -> None:
        self._runs.add(line, events, line_ends=True)
        text = line[:-2]
        if b"\n" in text or b"\r" in text:
            self._take_bare_newline(text, events)
        if not text.isascii():
            self._take_8bit(text, events)
        if b"\0" in text:
            self._note("data.nul", text, events)
        stuffed = text[:1] == b"."
        if len(line) - stuffed > self._limits.text_line:
            self._note("data.long-line", text, events)
        if self._newline == "normalize" and b"\n" in text:
            for part in text.split(b"\n"):
                self._store(part[1:] if part[:1] == b"." else part, events)
        else:
            # The client doubled a dot at the beginning of a line (RFC 5321 section 4.5.2).
            self._store(text[1:] if stuffed else text, events)
        self._pass(len(line))

    def _take_bare_newline(self, text: bytes, events: list[Event]) -> None:
        case = "lf" if b"\n" in text else "cr"
        if self._newline == "normalize":
            self._note("data.normalized", text, events, case)
        else:
            self._violate("data.bare-newline", case, text, events)

    def _take_8bit(self, text: bytes, events: list[Event]) -> None:
        if not self._profile.offers("8BITMIME"):
            self._violate("data.8bit", "", text, events)
        elif not self._declared_8bit:
            self._note("data.undeclared-8bit", text, events)

    def _store(self, text: bytes, events: list[Event]) -> None:
        if self._in_header:
            self._scan_header(text, events)
        self._count(len(text) + 2)
        if "size.actual" not in self._faults:
            self.content += text
            self.content += b"\r\n"

    def _scan_header(self, text: bytes, events: list[Event]) -> None:
        if text[:1] not in (b" ", b"\t") and not _FIELD.match(text):
            self._in_header = False
        elif text[:9].lower() == b"received:":
            self._n_received += 1
            if self._n_received == self._limits.received_fields:
                self._violate("data.loop", "", text, events)
        if self._in_header and self.size + len(text) + 2 > self._limits.header_section:
            self._violate("data.mime", "header", text, events)

    def _count(self, octets: int) -> None:
        self.size += octets
        if self.size > self._limits.size:
            self._faults.setdefault("size.actual", "")
            self.content.clear()

    def _pass(self, length: int) -> None:
        self._offset += length
        self.n_lines += 1

    def _violate(self, rule: str, case: str, text: bytes, events: list[Event]) -> None:
        if rule not in self._faults:
            self._faults[rule] = case
            events.append(Violation(rule, State.CONTENT, self._offset, text[:_SHOWN], case))

    def _note(self, rule: str, text: bytes, events: list[Event], case: str = "") -> None:
        if rule not in self._noted:
            self._noted.add(rule)
            events.append(Notice(rule, State.CONTENT, self._offset, text[:_SHOWN], case))
