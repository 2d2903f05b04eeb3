"""Where a session stands, going by nothing but the replies of its own server."""

from dataclasses import dataclass, replace

from ..smtp import State
from .pieces import Piece

_MOST_KEYWORDS = 64  # more than any server offers
_BEFORE_MAIL = (State.NEW, State.GREETED, State.REFUSED)
_MECHANISMS = ("PLAIN", "LOGIN", "NTLM", "GSSAPI", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands by its server's own replies. `offer` is the answer to EHLO without
    its first line, None where no EHLO was seen."""

    state: State = State.NEW
    secured: bool = False
    user: bool = False
    esmtp: bool = True
    offer: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A client's line. `verb` as for `describe`; `octets` masked where `secret`."""

    piece: Piece
    verb: str
    octets: bytes
    early: bool = False
    secret: bool = False

    @property
    def is_content(self) -> bool:
        return self.verb in ("content", "chunk")


def settle(standing: Standing, to: Said | None, code: int, pieces: tuple[Piece, ...]) -> Standing:
    state = standing.state
    if code == 421:
        return replace(standing, state=State.CLOSED)
    if to is None:
        if code == 334:
            return replace(standing, state=State.AUTHING)
        if state is not State.NEW:
            return standing
        greeted = {220: State.GREETED, 554: State.REFUSED, 521: State.REFUSED}
        return replace(standing, state=greeted.get(code, state))
    match to.verb:
        case "EHLO" if code == 250:
            offer = _offer(pieces)
            return replace(standing, state=State.READY, esmtp=True, offer=offer)
        case "HELO" if code == 250:
            return replace(standing, state=State.READY, esmtp=False, offer=())
        case "AUTH" | "response":
            if code in (334, 235):
                after = State.AUTHING if code == 334 else State.READY
                return replace(standing, state=after, user=standing.user or code == 235)
            return replace(standing, state=State.READY) if state is State.AUTHING else standing
    return replace(standing, state=_state_after(to, state, code) or state)


def _state_after(to: Said, state: State, code: int) -> State | None:
    good = code < 300
    match to.verb:
        case "MAIL" if good:
            return State.SENDER
        case "RCPT" if good:
            return State.RCPTS
        case "DATA" if code == 354:
            return State.CONTENT
        case ".":
            return State.READY
        case "BDAT":
            last = to.octets.upper().rstrip().endswith(b" LAST")
            if good:
                return State.READY if last else State.CHUNKS
            return State.FAILED if state in (State.RCPTS, State.CHUNKS) else None
        case "RSET" if good and state not in _BEFORE_MAIL:
            return State.READY
        case "STARTTLS" if code == 220:
            return State.TLS
        case "QUIT" if good:
            return State.CLOSED
    return None


def _offer(pieces: tuple[Piece, ...]) -> tuple[str, ...]:
    texts = [each.octets[4:].decode("utf-8", "replace").strip() for each in pieces]
    if len(texts) > 1:
        return tuple(text for text in texts[1:] if text)[:_MOST_KEYWORDS]
    # Exchange logs the whole list on one line behind "Hello [address]".
    _, hello, rest = texts[0].partition("Hello ")
    words = rest.split()[1:] if hello else []
    offer: list[str] = []
    for word in words:
        if offer and (word.isdigit() or _is_mechanism(word, offer[-1])):
            offer[-1] += f" {word}"
        else:
            offer.append(word)
    return tuple(offer[:_MOST_KEYWORDS])


def _is_mechanism(word: str, keyword: str) -> bool:
    return keyword.startswith(("AUTH", "X-EXPS")) and word in _MECHANISMS
