"""The engine as a peer to play scenarios against."""

from sandbox.smtp import (
    PROFILES,
    Close,
    CredentialResult,
    Event,
    Need,
    Reply,
    Session,
    State,
    TlsResult,
    TokenResult,
    lab_facts,
)

from .playing import split_replies

_ANSWERS = {"credential": CredentialResult(None), "token": TokenResult(known=False)}


class Engine:
    """A session of one profile. Nobody but the practice account can log in.

    `overridden` gathers which entries of `Profile.replies` have been said.
    """

    def __init__(self, profile: str) -> None:
        self.closed = False
        self.overridden: set[str] = set()
        self._session = Session(PROFILES[profile], lab_facts())

    def open(self) -> list[bytes]:
        return self._hear(self._session.open(at=0))

    def write(self, octets: bytes) -> list[bytes]:
        session = self._session
        if session.state is State.TLS:  # the TLS layer gets it, and it is no handshake
            return self._hear(session.answer(TlsResult(failure="plain"), at=0))
        session.sent(at=0)
        return self._hear(session.receive(octets, at=0))

    def handshake(self) -> bool:
        if self._session.state is not State.TLS:
            return False
        self._hear(self._session.answer(TlsResult("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"), at=0))
        return not self.closed

    def _hear(self, events: list[Event]) -> list[bytes]:
        said = b""
        waiting = list(events)
        while waiting:
            event = waiting.pop(0)
            if isinstance(event, Reply):
                said += event.octets
                self._note_override(event)
            elif isinstance(event, Close):
                self.closed = True
            elif isinstance(event, Need) and event.kind in _ANSWERS:
                waiting += self._session.answer(_ANSWERS[event.kind], at=0)
        return split_replies(said)[0]

    def _note_override(self, reply: Reply) -> None:
        replies = self._session.profile.replies
        for key in (f"{reply.rule}/{reply.case}", f"{reply.rule}/{reply.state}", reply.rule):
            if key in replies:
                self.overridden.add(key)
                return
