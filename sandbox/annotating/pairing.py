"""Which reply answers which line: a dialogue followed by what its server said, not by rules."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..smtp import State
from ..smtp.states import VERBS
from .masking import Secrets
from .pieces import Piece, ReplyLine, read_reply_line
from .standing import Said, Standing, settle

_LMTP = {b"LHLO": "EHLO"}  # RFC 2033 section 4.1
_BEGINS = {
    "EHLO": State.GREETED,
    "HELO": State.GREETED,
    "RCPT": State.SENDER,
    "DATA": State.RCPTS,
    "BDAT": State.RCPTS,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole reply. `to` is None for a greeting and for what nobody asked for; `content` is the
    message that it answers, where that is shown. `after`: the state the reply leads to."""

    pieces: tuple[Piece, ...]
    line: ReplyLine
    to: Said | None
    before: Standing
    after: State
    content: tuple[bytes, ...] = ()

    @property
    def octets(self) -> bytes:
        return b"\r\n".join(each.octets for each in self.pieces)

    @property
    def verb(self) -> str:
        return self.to.verb if self.to else ""


@dataclass(frozen=True, slots=True)
class Aside:
    """`secret`: it may hold the answer to a 334."""

    piece: Piece
    secret: bool = False


Item = Said | Answered | Aside


def pair(pieces: Iterable[Piece]) -> list[Item]:
    pairing = _Pairing()
    for each in pieces:
        pairing.take(each)
    pairing.finish()
    return pairing.items


@dataclass(slots=True)
class _Pairing:
    items: list[Item] = field(default_factory=list)
    _standing: Standing = field(default_factory=Standing)
    _pending: deque[Said] = field(default_factory=deque)
    _reply: list[Piece] = field(default_factory=list)
    _held: list[Item] = field(default_factory=list)
    _content: list[bytes] = field(default_factory=list)
    _chunk_left: int = 0
    _in_content: bool = False
    _secrets: Secrets = field(default_factory=Secrets)
    _asked: bool = False  # the line in front holds a 334

    def take(self, each: Piece) -> None:
        if each.kind == "server":
            line = read_reply_line(each.octets)
            if line is None:
                self._put(Aside(replace(each, kind="unknown")))
                return
            self._reply.append(each)
            if not line.more:
                self._answer(line)
        elif each.kind == "client":
            self.finish()
            self._hear(each)
        else:
            is_secret = each.kind == "unknown" and self._asked
            self._put(Aside(each, is_secret))
            self._happen(each)
        self._asked = b"334 " in each.octets

    def finish(self) -> None:
        """A reply that ends in the middle is taken for what there is of it."""
        if self._reply:
            line = read_reply_line(self._reply[-1].octets)
            assert line is not None
            self._answer(line)

    def _put(self, item: Item) -> None:
        (self._held if self._reply else self.items).append(item)

    def _happen(self, each: Piece) -> None:
        if each.happening == "connected" and self._standing.state is not State.NEW:
            self._standing = Standing()
            self._pending.clear()
        elif each.happening == "tls":
            state = State.GREETED if self._standing.state is State.TLS else self._standing.state
            self._standing = replace(self._standing, state=state, secured=True, user=False)

    def _hear(self, each: Piece) -> None:
        said = self._read(each)
        self.items.append(said)
        if said.verb not in ("content", "chunk"):
            self._pending.append(said)

    def _read(self, each: Piece) -> Said:
        octets = each.octets
        if self._chunk_left > 0 and not self._in_content:
            self._chunk_left -= len(octets) + 2
            return Said(each, "chunk", octets)
        if self._in_content or each.content:
            if octets == b".":
                self._in_content = False
                return Said(each, ".", octets)
            self._content.append(octets)
            return Said(each, "content", octets)
        if self._standing.state is State.AUTHING and not self._pending:
            shown = self._secrets.of_response(octets)
            return Said(each, "response", shown, secret=shown != octets)
        return self._command(each)

    def _command(self, each: Piece) -> Said:
        octets = each.octets
        word, _, argument = octets.strip().partition(b" ")
        verb = _LMTP.get(word.upper()) or VERBS.get(word.upper(), "")
        if not verb and self._pending and self._pending[-1].verb in ("AUTH", "response"):
            shown = self._secrets.of_response(octets)  # it did not wait, or the 334 is left out
            return Said(each, "response", shown, early=True, secret=shown != octets)
        self._begin(verb)
        if verb == "BDAT":
            number = argument.split(b" ")[0]
            self._chunk_left = int(number) if number.isdigit() and len(number) < 11 else 0
        shown = self._secrets.of_command(octets) if verb == "AUTH" else octets
        return Said(each, verb, shown, early=bool(self._pending), secret=shown != octets)

    def _begin(self, verb: str) -> None:
        """A transcript may begin after the greeting; a handshake may go unmentioned."""
        state = self._standing.state
        if state is State.TLS and not self._pending:
            self._standing = replace(
                self._standing, state=State.GREETED, secured=True, user=False, offer=None
            )
        elif state is State.NEW and not self._pending:
            self._standing = replace(self._standing, state=_BEGINS.get(verb, State.READY))

    def _answer(self, line: ReplyLine) -> None:
        pieces = tuple(self._reply)
        self._reply.clear()
        enhanced = next((e for p in pieces if (e := _enhanced(p))), None)
        before = self._standing
        to = self._pending.popleft() if self._pending else None
        if to is None and before.state is State.CONTENT:
            to = Said(pieces[0], ".", b".")  # this format does not show the content
        if to is None and before.state is State.AUTHING:
            to = Said(pieces[0], "response", b"", secret=True)  # left out, as Exchange does
        if to is None and before.state is State.CLOSED:
            before = Standing()
        self._standing = settle(before, to, line.code, pieces)
        content = tuple(self._content) if to and to.verb == "." else ()
        if to and to.verb == ".":
            self._content.clear()
        self._in_content = self._standing.state is State.CONTENT
        self._chunk_left = 0
        reply = ReplyLine(line.code, line.more, enhanced)
        after = self._standing.state
        self.items.append(Answered(pieces, reply, to, before, after, content))
        self.items += self._held
        self._held.clear()


def _enhanced(each: Piece) -> str | None:
    line = read_reply_line(each.octets)
    return line.enhanced if line else None
