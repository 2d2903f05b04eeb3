"""The content of a message: gathered block by block, looked over, judged at its legal end."""

import re

from .events import Event, Notice, Violation
from .mime import TooMuch, scan
from .profiles import Profile
from .states import State

_FIELD = re.compile(rb"[!-9;-~]++[ \t]*+:")
_COMPOSITE = re.compile(rb"(?i)(?:multipart|message)/")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE_CR = re.compile(rb"\r(?!\n|\Z)")  # one at the very end may still get its LF
_8BIT = re.compile(rb"[\x80-\xff]")

# What is wrong with a message is told at its legal end; of several faults the first in this order.
_REFUSALS = (
    "data.bare-newline",
    "data.line-too-long",
    "data.8bit",
    "data.mime",
    "data.utf8",
    "data.loop",
    "size.actual",
)


class Content:
    """One message being collected, stuffed dots already gone.

    `octets` is what it says so far, empty once it is sure to be refused; the size goes on being
    counted. Work is a few passes of C code over each block, whatever stands in it; where nothing
    is wrong they are those that CPython has fast code for.
    """

    __slots__ = (
        "_before",
        "_binary",
        "_declared_8bit",
        "_found",
        "_has_bare_lf",
        "_limits",
        "_line_offset",
        "_newline",
        "_offset",
        "_profile",
        "_starts_with_dot",
        "_unfinished",
        "octets",
        "size",
    )

    def __init__(
        self,
        profile: Profile,
        offset: int,
        *,
        declared_8bit: bool,
        binary: bool = False,
    ) -> None:
        self._profile = profile
        self._newline = profile.newline
        self._limits = profile.limits
        self._declared_8bit = declared_8bit or binary
        self._binary = binary
        self._before = b"\r\n"  # the two octets in front of the next block
        self._offset = offset
        self._has_bare_lf = False
        self._line_offset = offset  # where the line at hand began
        self._unfinished = 0  # octets of it so far
        self._starts_with_dot = False  # it does
        self._found: dict[str, Violation | Notice] = {}
        self.octets = bytearray()
        self.size = 0

    @property
    def before(self) -> bytes:
        return self._before

    def add(self, block: bytes, *, stuffed: bool) -> None:
        """`stuffed`: a dot at the beginning of a line is one too many (RFC 5321 section 4.5.2)."""
        if not block:
            return
        text = self._before + block
        if not self._binary:
            self._look_at(block, text)
        self._before = text[-2:]
        self._offset += len(block)
        behind_dots = block.rfind(b".") + 1
        if stuffed and behind_dots:
            dotted = text[: behind_dots + 2].replace(b"\r\n.", b"\r\n")[2:]
            block = dotted + block[behind_dots:]
        self.size += len(block)
        if self._limits.size and self.size > self._limits.size:
            self._refuse("size.actual", 0)
        if self.is_refused:
            self.octets.clear()
        else:
            self.octets += block

    @property
    def is_refused(self) -> bool:
        return any(isinstance(found, Violation) for found in self._found.values())

    def end(self, events: list[Event], *, ascii_only: bool = False) -> tuple[str, str] | None:
        """Reports what was found. Rule and case of the refusal that the message earns, or None.

        `ascii_only`: one of the recipients cannot take UTF-8 in header fields.
        """
        if self._before.endswith(b"\r") and not self._binary:
            self._see_bare_newline("cr", self._offset)
        if self._newline == "normalize" and self._has_bare_lf:
            self.octets = bytearray(re.sub(rb"(?<!\r)\n\.?", b"\r\n", self.octets))
        if not self.is_refused:
            self._judge_header(ascii_only)
        found = list(self._found.values())
        found.sort(key=lambda one: (one.offset, one.rule))
        events += found
        for rule in _REFUSALS:
            refusal = self._found.get(rule)
            if isinstance(refusal, Violation):
                return rule, refusal.case
        return None

    # What is found must not depend on how the input was cut: the first place counts.

    def _look_at(self, block: bytes, text: bytes) -> None:
        bare_cr = _BARE_CR.search(text, 1)
        if bare_cr:
            self._see_bare_newline("cr", self._offset + bare_cr.start() - 2)
        # If every CR is followed by LF, there are as many of both unless a LF is bare.
        if bare_cr or _count(block, b"\n") != _count(text[1:-1], b"\r"):
            bare_lf = _BARE_LF.search(text, 2)
            if bare_lf:
                self._has_bare_lf = True
                self._see_bare_newline("lf", self._offset + bare_lf.start() - 2)
        if not block.isascii() and (found := _8BIT.search(block)):
            self._see_8bit(self._offset + found.start())
        if b"\0" in block:
            self._note("data.nul", self._offset + block.index(0))
        self._measure_lines(block)

    def _see_bare_newline(self, case: str, offset: int) -> None:
        normalizes = self._newline == "normalize"
        rule = "data.normalized" if normalizes else "data.bare-newline"
        if rule in self._found and self._found[rule].offset > offset:
            del self._found[rule]
        if normalizes:
            self._note(rule, offset, case)
        else:
            self._refuse(rule, offset, case)

    def _see_8bit(self, offset: int) -> None:
        if not self._profile.offers("8BITMIME"):
            self._refuse("data.8bit", offset)
        elif not self._declared_8bit:
            if self._profile.strict_content:
                self._refuse("data.8bit", offset, "undeclared")
            else:
                self._note("data.undeclared-8bit", offset)

    def _measure_lines(self, block: bytes) -> None:
        """Looks only as often as lines may be long, not once for each line."""
        limit = self._limits.text_line
        begin = 0
        if self._unfinished:
            begin = block.find(b"\n") + 1
            self._unfinished += begin or len(block)
            self._see_line(self._unfinished)
            if not begin:
                return
        while len(block) - begin > limit:
            feed = block.rfind(b"\n", begin, begin + limit)
            if feed < 0:
                feed = block.find(b"\n", begin)
                if feed < 0:
                    break
                self._begin_line(block, begin)
                self._see_line(feed + 1 - begin)
            begin = feed + 1
        begin = max(begin, block.rfind(b"\n", begin) + 1)
        self._begin_line(block, begin)
        self._unfinished = len(block) - begin
        self._see_line(self._unfinished)

    def _begin_line(self, block: bytes, begin: int) -> None:
        self._line_offset = self._offset + begin
        self._starts_with_dot = block[begin : begin + 1] == b"."

    def _see_line(self, length: int) -> None:
        if length - self._starts_with_dot > self._limits.text_line:
            if self._profile.strict_content:
                self._refuse("data.line-too-long", self._line_offset, "strict")
            else:
                self._note("data.long-line", self._line_offset)
        if length > self._limits.line_endless:
            self._refuse("data.line-too-long", self._line_offset)

    def _judge_header(self, ascii_only: bool) -> None:
        header_end = self.octets.find(b"\r\n\r\n", 0, self._limits.header_section + 4)
        header = bytes(self.octets[: header_end + 2 if header_end >= 0 else None])
        n_received = size = 0
        for line in header.split(b"\r\n"):
            if line[:1] not in (b" ", b"\t") and not _FIELD.match(line):
                break
            size += len(line) + 2
            if size > self._limits.header_section:
                self._refuse("data.mime", self._offset, "header")
                return
            n_received += line[:9].lower() == b"received:"
        if n_received >= self._limits.received_fields:
            self._refuse("data.loop", self._offset)
        if ascii_only and not header[:size].isascii():
            self._refuse("data.utf8", self._offset)
        if _COMPOSITE.search(header, 0, size):
            try:
                scan(bytes(self.octets))
            except TooMuch as much:
                self._refuse("data.mime", self._offset, much.case)

    def _refuse(self, rule: str, offset: int, case: str = "") -> None:
        self._found.setdefault(rule, Violation(rule, State.CONTENT, offset, b"", case))

    def _note(self, rule: str, offset: int, case: str = "") -> None:
        self._found.setdefault(rule, Notice(rule, State.CONTENT, offset, b"", case))


def _count(octets: bytes, octet: bytes) -> int:
    """Of few among many; `bytes.count` takes twice as long."""
    return len(octets) - len(octets.replace(octet, b""))
