"""What our own engine would have answered in the same place, led along by the given replies."""

import re
from collections.abc import Iterable
from dataclasses import replace

from ..smtp import (
    LAB_DIRECTORY,
    PROFILES,
    CredentialResult,
    Directory,
    Event,
    Limits,
    Need,
    Profile,
    Reply,
    Session,
    State,
    TlsResult,
    TokenResult,
    lab_facts,
)
from .pairing import Answered, Item
from .standing import Said, Standing

_PLENTY = 1_000_000
_MOST_CHUNK_OCTETS = 4 * 1024 * 1024  # of one transcript that are made up and judged
# Only the lines themselves are judged here, not how many there were.
_LIMITS = Limits(
    recipients=_PLENTY,
    errors_soft=_PLENTY,
    errors_hard=_PLENTY,
    login_failures=_PLENTY,
    idle_commands=_PLENTY,
    mails=_PLENTY,
)
_KNOWN = frozenset(keyword for profile in PROFILES.values() for keyword in profile.offer)
_TLS = TlsResult("TLSv1.3", "TLS_AES_256_GCM_SHA384")
_LOGIN = b"AUTH PLAIN AGNhc2V5AGxvZ2lu\r\n"
_TRANSACTION = (
    (State.SENDER, b"MAIL FROM:<casey@lab.example>\r\n"),
    (State.RCPTS, b"RCPT TO:<postmaster>\r\n"),
    (State.CONTENT, b"DATA\r\n"),
)
_UNKNOWN_USER = re.compile(r"unknown|no such|not found|not exist|unavailable|invalid|no mailbox")
_SOME_CONTENT = (b"Subject: Hello", b"", b"Hello")


class Follower:
    """Plays the server of one transcript. Where that server decided otherwise, a new session of
    ours is brought to the same place, so the work stays linear."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._directory = _directory_of([each for each in items if isinstance(each, Answered)])
        self._profile = PROFILES["modern"]
        self._session: Session | None = None
        self._standing = Standing()
        self._chunk_octets = 0

    def predict(self, given: Answered) -> Reply | None:
        """None where no rule of ours applies: an unknown state, an extension we do not have."""
        before = given.before
        if given.to is None:
            return self._greeting() if before.state is State.NEW else None
        if before.state in (State.NEW, State.CLOSED, State.TLS) or not given.to.octets:
            return None
        session = self._at(given)
        self._chunk_octets += _chunk_size(given)
        if session is None or self._chunk_octets > _MOST_CHUNK_OCTETS:
            return None
        events: list[Event] = []
        for octets in _wire(given):
            events += session.receive(octets, at=0)
            events += _answer_needs(session, events, given.line.code)
        session.sent(at=0)
        replies = [each for each in events if isinstance(each, Reply)]
        self._standing = replace(before, state=session.state)
        return replies[-1] if replies else None

    def _greeting(self) -> Reply | None:
        session = Session(self._profile, lab_facts(directory=self._directory))
        return next((e for e in session.open(at=0) if isinstance(e, Reply)), None)

    def _at(self, given: Answered) -> Session | None:
        """A session that stands where the given one stood."""
        standing = given.before
        profile = _profile_of(given)
        is_there = (
            self._session is not None
            and self._session.state is standing.state
            and self._standing == standing
            and self._profile == profile
        )
        if not is_there:
            self._profile = profile
            self._session = self._brought_to(standing, is_login=given.verb == "AUTH")
        return self._session

    def _brought_to(self, standing: Standing, *, is_login: bool) -> Session | None:
        session = Session(self._profile, lab_facts(directory=self._directory))
        if standing.secured or standing.user or is_login or standing.state is State.AUTHING:
            session.answer(_TLS, at=0)
        session.open(at=0)
        session.sent(at=0)
        if standing.state is State.GREETED:
            return session
        _say(session, b"EHLO laptop.example\r\n" if standing.esmtp else b"HELO laptop.example\r\n")
        if standing.user:
            _answer_needs(session, session.receive(_LOGIN, at=0), 235)
            session.sent(at=0)
        wanted = State.RCPTS if standing.state is State.CHUNKS else standing.state
        for state, line in _TRANSACTION:
            if session.state is wanted:
                break
            _say(session, line)
            if session.state is not state:
                return None
        if standing.state is State.CHUNKS:
            _say(session, b"BDAT 1\r\n ")
        return session if session.state is standing.state else None


def _say(session: Session, octets: bytes) -> None:
    session.receive(octets, at=0)
    session.sent(at=0)


def _wire(given: Answered) -> Iterable[bytes]:
    assert given.to is not None
    if given.verb == ".":
        content = given.content or _SOME_CONTENT
        return (b"".join(line + b"\r\n" for line in content) + b".\r\n",)
    octets = given.to.piece.octets + b"\r\n"
    n_octets = _chunk_size(given)
    return (octets, b"." * n_octets) if n_octets else (octets,)


def _chunk_size(given: Answered) -> int:
    """What BDAT announces; the octets themselves are seldom shown."""
    words = given.to.octets.split() if given.to and given.verb == "BDAT" else []
    is_size = len(words) > 1 and words[1].isdigit() and len(words[1]) < 11
    return int(words[1]) if is_size else 0


def _answer_needs(session: Session, events: Iterable[Event], code: int) -> list[Event]:
    """A credential is right if the other server took it."""
    for each in list(events):
        if isinstance(each, Need) and each.kind == "credential":
            verdict = "ok" if code == 235 else "auth.bad"
            return session.answer(CredentialResult(verdict=verdict), at=0)
        if isinstance(each, Need) and each.kind == "token":
            return session.answer(TokenResult(known=False), at=0)
    return []


def _profile_of(given: Answered) -> Profile:
    """Our rules with the offer of the other server, as far as we know its keywords."""
    offer = given.before.offer
    modern = replace(PROFILES["modern"], limits=_LIMITS, sync="note", newline="normalize")
    if given.verb == "EHLO" and given.line.code in (500, 502):
        return replace(modern, unknown=frozenset({"EHLO"}))
    if given.verb == "VRFY" and given.line.code in (250, 550):
        modern = replace(modern, tells_users=True)
    if offer is None:
        return modern
    words = [keyword.upper().replace("AUTH=", "AUTH ").split() for keyword in offer]
    keywords = tuple(each[0] for each in words if each and each[0] in _KNOWN)
    size = next((int(each[1]) for each in words if _is_size(each)), _LIMITS.size)
    if not given.before.esmtp:
        return modern
    return replace(modern, offer=keywords, limits=replace(_LIMITS, size=size or _LIMITS.size))


def _is_size(words: list[str]) -> bool:
    return len(words) > 1 and words[0] == "SIZE" and words[1].isdigit() and len(words[1]) < 20


def _directory_of(answers: list[Answered]) -> Directory:
    """Whom the other server knows, by how it answered RCPT."""
    domains, users = {"lab.example"}, {"postmaster", "casey"}
    for given in answers:
        if given.verb not in ("RCPT", "VRFY") or given.to is None:
            continue
        local_part, domain = _address(given.to)
        text = given.octets.decode("utf-8", "replace").lower()
        if "relay" in text:
            continue
        domains.add(domain)
        if given.line.code not in (550, 551) or not _is_unknown_user(given, text):
            users.add(local_part)
    return replace(LAB_DIRECTORY, domains=frozenset(domains), users=frozenset(users), accounts={})


def _is_unknown_user(given: Answered, text: str) -> bool:
    enhanced = given.line.enhanced
    return enhanced.endswith(".1.1") if enhanced else _UNKNOWN_USER.search(text[:500]) is not None


def _address(said: Said) -> tuple[str, str]:
    text = said.octets.decode("utf-8", "replace")
    start, end = text.find("<"), text.find(">")
    address = text[start + 1 : end] if 0 <= start < end else text.split(" ")[-1]
    local_part, _, domain = address.rpartition("@")
    return local_part.lower(), domain.lower()
