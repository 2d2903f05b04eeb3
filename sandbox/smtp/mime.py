"""The MIME tree of a message, found in one pass over its octets and within fixed bounds.

No message is parsed further before it has passed this scan. Line ends are CR LF and, because
readers of mail take them too, a bare CR or LF.
"""

import binascii
import re
from dataclasses import dataclass

from .fields import (
    Parameters,
    decode_base64,
    parameter,
    parse_content_type,
    parse_disposition,
    parse_encoding,
    safe_filename,
)


@dataclass(frozen=True, slots=True)
class Caps:
    """`header`: octets of one header section; `boundary`: RFC 2046 section 5.1.1 has 70."""

    nesting: int = 50
    parts: int = 500
    fields: int = 1000
    header: int = 102_400
    boundary: int = 70


CAPS = Caps()


class TooMuch(Exception):
    """`case` is the cap that was passed: nesting, parts, fields, header or boundary."""

    def __init__(self, case: str) -> None:
        super().__init__(case)
        self.case = case


@dataclass(frozen=True, slots=True)
class Part:
    """A message, or a part of one. `start` and `end` bound its body in the octets scanned.

    `content_type`, `disposition` and `encoding` are in lower case. `filename` is safe to use as a
    name, "" if there is none. `fields` are as written, but unfolded. `faults`, of them:
    no-empty-line, bad-content-type, no-mime-version, no-boundary, no-parts, no-closing-delimiter,
    encoding-on-multipart, encoding-on-message.
    """

    content_type: str
    parameters: Parameters
    disposition: str
    filename: str
    encoding: str
    fields: tuple[tuple[str, bytes], ...]
    start: int
    end: int
    parts: tuple["Part", ...] = ()
    faults: tuple[str, ...] = ()


_LINE = re.compile(rb"([^\r\n]*+)(?:\r\n|[\r\n]|\Z)")
_DASHED = re.compile(rb"(?<![^\r\n])--[^\r\n]*+")
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:(.*)", re.DOTALL)
# RFC 2045 section 6.4: nothing else is allowed on a multipart or a message.
_IDENTITY = ("7bit", "8bit", "binary")
_MESSAGES = ("message/rfc822", "message/global")


def scan(message: bytes, caps: Caps = CAPS) -> Part:
    """Raises TooMuch where a cap is passed, and nothing else. A delimiter is a whole line."""
    return _Scan(message, caps).run()


def decode(part: Part, message: bytes, limit: int) -> bytes:
    """The body without its transfer encoding, as far as it makes sense; `limit` octets at most."""
    body = message[part.start : part.end]
    if part.encoding == "base64":
        return decode_base64(body, limit)
    if part.encoding == "quoted-printable":
        return binascii.a2b_qp(body)[:limit]
    return body[:limit]


def describe_tree(part: Part) -> str:
    """`multipart/mixed[text/plain, text/plain;name=note.txt]`"""
    pieces: list[str] = []
    waiting: list[Part | str] = [part]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        pieces.append(item.content_type)
        if item.filename:
            pieces.append(f";name={item.filename}")
        if item.parts:
            pieces.append("[")
            waiting.append("]")
            for place, inner in enumerate(reversed(item.parts), 1):
                waiting.append(inner)
                if place < len(item.parts):
                    waiting.append(", ")
    return "".join(pieces)


class _Open:
    """A part whose end has not been met."""

    __slots__ = ("content_type", "delimiters", "faults", "fields", "parts", "start", "values")

    def __init__(self, fields: list[tuple[str, bytes]], start: int, default: str) -> None:
        self.fields = fields
        self.start = start
        self.faults: list[str] = []
        self.parts: list[Part] = []
        self.delimiters: tuple[bytes, ...] = ()
        self.values: dict[str, bytes] = {}
        for name, value in fields:
            self.values.setdefault(name.lower(), value)
        self.content_type: tuple[str, Parameters] = (default, ())
        written = self.values.get("content-type")
        if written is not None:
            parsed = parse_content_type(written)
            # RFC 2045 section 5.2
            self.content_type = parsed or ("text/plain", ())
            if parsed is None:
                self.faults.append("bad-content-type")

    @property
    def encoding(self) -> str:
        return parse_encoding(self.values.get("content-transfer-encoding", b"7bit"))

    def end(self, end: int) -> Part:
        content_type, parameters = self.content_type
        disposition, more = parse_disposition(self.values.get("content-disposition", b""))
        filename = parameter(more, "filename") or parameter(parameters, "name")
        return Part(
            content_type,
            parameters,
            disposition,
            safe_filename(filename),
            self.encoding,
            tuple(self.fields),
            self.start,
            max(self.start, end),
            tuple(self.parts),
            tuple(self.faults),
        )


class _Scan:
    """`_open` holds the parts around the current place, the message first."""

    def __init__(self, message: bytes, caps: Caps) -> None:
        self._message = message
        self._caps = caps
        self._place = 0
        self._n_parts = 0
        self._open: list[_Open] = []
        # Delimiter line: where its multipart stands in `_open`, innermost last.
        self._delimiters: dict[bytes, list[int]] = {}

    def run(self) -> Part:
        self._begin("text/plain")
        message = self._open[0]
        if "content-type" in message.values and "mime-version" not in message.values:
            message.faults.append("no-mime-version")
        while self._delimiters:
            found = _DASHED.search(self._message, self._place)
            if found is None:
                break
            if not self._delimit(found[0].rstrip(b" \t"), found.start()):
                self._place = found.end()
        self._end_above(0, len(self._message))
        self._forget_delimiters(message)
        return message.end(len(self._message))

    def _delimit(self, line: bytes, start: int) -> bool:
        depths = self._delimiters.get(line)
        if depths is None:
            return False
        depth = depths[-1]
        # The line end in front belongs to the delimiter (RFC 2046 section 5.1.1).
        self._end_above(depth, self._before_line_end(start))
        outer = self._open[depth]
        self._place = self._line(start)[1]
        if line == outer.delimiters[0]:
            is_digest = outer.content_type[0] == "multipart/digest"
            self._begin("message/rfc822" if is_digest else "text/plain")
        else:
            self._forget_delimiters(outer, closed=True)
        return True

    def _begin(self, default: str) -> None:
        """Reads the header section here, and those of messages within."""
        while True:
            if len(self._open) > self._caps.nesting:
                raise TooMuch("nesting")
            self._n_parts += 1
            if self._n_parts > self._caps.parts:
                raise TooMuch("parts")
            fields, has_gap = self._read_header()
            part = _Open(fields, self._place, default)
            if not has_gap:
                part.faults.append("no-empty-line")
            self._open.append(part)
            content_type = part.content_type[0]
            if content_type.startswith("multipart/"):
                self._watch_for_delimiters(part)
            if content_type not in _MESSAGES:
                return
            if part.encoding not in _IDENTITY:
                part.faults.append("encoding-on-message")
                return
            default = "text/plain"

    def _watch_for_delimiters(self, part: _Open) -> None:
        if part.encoding not in _IDENTITY:
            part.faults.append("encoding-on-multipart")
        boundary = parameter(part.content_type[1], "boundary").rstrip().encode("utf-8", "replace")
        if len(boundary) > self._caps.boundary:
            raise TooMuch("boundary")
        if not boundary:
            part.faults.append("no-boundary")
            return
        part.delimiters = (b"--" + boundary, b"--" + boundary + b"--")
        for line in part.delimiters:
            self._delimiters.setdefault(line, []).append(len(self._open) - 1)

    def _read_header(self) -> tuple[list[tuple[str, bytes]], bool]:
        """Fields, and False if the section ends in front of a line that is none of them."""
        fields: list[tuple[str, list[bytes]]] = []
        start = place = self._place
        is_whole = True
        while place < len(self._message):
            line, behind = self._line(place)
            if line[:2] == b"--" and line.rstrip(b" \t") in self._delimiters:
                break
            if not line:
                place = behind
                break
            if line[:1] in (b" ", b"\t") and fields:
                fields[-1][1].append(line)
            elif found := _FIELD.match(line):
                fields.append((found[1].decode("ascii"), [found[2]]))
                if len(fields) > self._caps.fields:
                    raise TooMuch("fields")
            else:
                is_whole = False
                break
            place = behind
            if place - start > self._caps.header:
                raise TooMuch("header")
        self._place = place
        return [(name, b"".join(lines).strip(b" \t")) for name, lines in fields], is_whole

    def _line(self, place: int) -> tuple[bytes, int]:
        """The line at this place without its end, and the place behind its end."""
        found = _LINE.match(self._message, place)
        assert found is not None  # it matches the empty line too
        return found[1], found.end()

    def _before_line_end(self, place: int) -> int:
        if self._message[max(0, place - 2) : place] == b"\r\n":
            return place - 2
        return max(0, place - 1)

    def _end_above(self, depth: int, end: int) -> None:
        while len(self._open) > depth + 1:
            part = self._open.pop()
            self._forget_delimiters(part)
            self._open[-1].parts.append(part.end(end))

    def _forget_delimiters(self, part: _Open, *, closed: bool = False) -> None:
        """What stands behind a closing delimiter is an epilogue, whatever it looks like."""
        if not part.delimiters:
            return
        for line in part.delimiters:
            self._delimiters[line].pop()
            if not self._delimiters[line]:
                del self._delimiters[line]
        part.delimiters = ()
        if not closed:
            part.faults.append("no-closing-delimiter")
        if not part.parts:
            part.faults.append("no-parts")
