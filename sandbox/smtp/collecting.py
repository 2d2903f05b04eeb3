"""Where a message ends: DATA at the one sequence CR LF . CR LF, BDAT by count."""

from .content import Content
from .events import ChunkIn, ContentIn, Event

_END = b"\r\n.\r\n"
_LF_END = b"\n.\n"  # ends nothing but in the fault that is vulnerable on purpose


class DataReader:
    """Takes what follows 354. Holds at most the two octets of an undecided dot line."""

    __slots__ = ("_early", "_held", "_offset", "_takes_lf", "content")

    def __init__(self, content: Content, offset: int, *, early: bool, takes_lf: bool) -> None:
        self.content = content
        self._offset = offset
        self._early = early
        self._takes_lf = takes_lf
        self._held = b""

    def take(self, data: bytes, start: int, events: list[Event]) -> int | None:
        """Position behind the legal end; None if all of `data` is content."""
        waiting = self._held + data[start:] if self._held or start else data
        text = self.content.before + waiting
        # Where dots are rare, as in base64, little has to be searched.
        end, length = text.find(_END, 0, text.rfind(b".") + 3), 3
        if self._takes_lf:
            other = text.find(_LF_END, 1)
            if other >= 0 and (end < 0 or other < end):
                end, length = other - 1, 2
        if end < 0:
            self._held = self._undecided(text)
            self._add(waiting[: len(waiting) - len(self._held)], events)
            return None
        self._add(waiting[:end], events)
        dot_line = waiting[end : end + length]
        events.append(ContentIn(dot_line, self._offset, self._early, end=True))
        return start + end + length - len(self._held)

    def _undecided(self, text: bytes) -> bytes:
        if text.endswith((b"\r\n.\r", b"\n.\r") if self._takes_lf else b"\r\n.\r"):
            return b".\r"
        if text.endswith(b"\n." if self._takes_lf else b"\r\n."):
            return b"."
        return b""

    def _add(self, octets: bytes, events: list[Event]) -> None:
        if octets:
            events.append(ContentIn(octets, self._offset, self._early))
            self.content.add(octets, stuffed=True)
            self._offset += len(octets)
            self._early = False


class ChunkReader:
    """Takes the octets that BDAT declared. Without `content` they are read and dropped."""

    __slots__ = ("_declared", "_early", "_left", "_offset", "content")

    def __init__(self, content: Content | None, declared: int, offset: int, *, early: bool) -> None:
        self.content = content
        self._declared = self._left = declared
        self._offset = offset
        self._early = early

    @property
    def is_done(self) -> bool:
        return not self._left

    def take(self, data: bytes, start: int, events: list[Event]) -> int:
        """Position behind what belongs to the chunk."""
        octets = data[start : start + self._left]
        self._left -= len(octets)
        events.append(
            ChunkIn(octets, self._offset, self._declared, self._early, end=not self._left)
        )
        self._offset += len(octets)
        self._early = False
        if self.content is not None:
            self.content.add(octets, stuffed=False)
        return start + len(octets)
