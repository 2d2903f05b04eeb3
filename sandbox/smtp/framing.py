"""Where a command line ends: the first thing decided about input, before anything looks at it."""

from typing import Literal

from .profiles import Limits, Newline

Ending = Literal["crlf", "lf", "cr", "endless"]
Framed = tuple[int, bytes, Ending]

_CR, _LF = 13, 10


class LineBuffer:
    """One command line being collected. Never holds more than `keep` octets of it.

    `length` counts the octets of the unfinished line; what goes beyond `keep` is only counted.
    """

    __slots__ = ("_endless", "_ends_in_cr", "_keep", "_kept", "_newline", "length")

    def __init__(self, newline: Newline, limits: Limits, keep: int) -> None:
        self._newline = newline
        self._endless = limits.line_endless
        self._keep = keep
        self._kept = bytearray()
        self._ends_in_cr = False
        self.length = 0

    def take(self, data: bytes, start: int) -> Framed | None:
        """Position behind the line, its octets with the line end, and what ended it.

        None: all of `data` belongs to a line without end so far. A bare CR is known by the octet
        behind it, which is part of the line then. Of an overlong line come `keep` octets and its
        end.
        """
        if not self.length:
            feed = data.find(b"\n", start)
            if (
                feed > start
                and data[feed - 1] == _CR
                and feed - start < self._keep
                and data.find(b"\r", start, feed - 1) < 0
            ):
                return feed + 1, data[start : feed + 1], "crlf"
        end, ending = self._find_end(data, start)
        if ending is None:
            self._ends_in_cr = data[-1] == _CR
            self._add(data[start:])
            if self.length <= self._endless:
                return None
            end, ending = len(data), "endless"
        else:
            self._add(data[start:end])
            if self.length > self._endless:
                ending = "endless"
        octets = bytes(self._kept)
        if ending != "endless" and self.length > self._keep:
            line_end = b"\n" if ending == "lf" else b"\r" + data[end - 1 : end]
            octets = octets[: self.length - len(line_end)] + line_end
        self._kept.clear()
        self._ends_in_cr = False
        self.length = 0
        return end, octets, ending

    def give_up(self) -> bytes:
        """What is kept of the unfinished line, which will never be one."""
        octets = bytes(self._kept)
        self._kept.clear()
        self._ends_in_cr = False
        self.length = 0
        return octets

    def begins_with(self, octets: bytes, framed: Framed | None) -> bool:
        """Of the line that `take` has just ended, or of the unfinished one."""
        return (framed[1] if framed else self._kept).startswith(octets)

    def _add(self, octets: bytes) -> None:
        self.length += len(octets)
        room = self._keep - len(self._kept)
        if room > 0:
            self._kept += octets[:room]

    def _find_end(self, data: bytes, start: int) -> tuple[int, Ending | None]:
        if self._ends_in_cr and data[start] == _LF:
            return start + 1, "crlf"
        if self._newline == "wait":
            end = data.find(b"\r\n", start)
            return end + 2, None if end < 0 else "crlf"
        feed = data.find(b"\n", start)
        if self._newline == "normalize":
            if feed < 0:
                return -1, None
            return feed + 1, "crlf" if feed > start and data[feed - 1] == _CR else "lf"
        if self._ends_in_cr:
            return start + 1, "cr"
        turn = data.find(b"\r", start) if feed < 0 else data.find(b"\r", start, feed)
        if turn < 0:
            return feed + 1, None if feed < 0 else "lf"
        if turn + 1 == len(data):
            return -1, None
        return turn + 2, "crlf" if data[turn + 1] == _LF else "cr"
