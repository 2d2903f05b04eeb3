"""Whose session is it? The first token that a program names says so: its login, a label of its
EHLO or HELO name, or the domain of a recipient."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection

from ..models import SandboxSession, SandboxToken
from ..smtp import Answer, CredentialResult, TokenResult

CANDIDATES = 8  # labels of one name that are looked up
_LABEL = re.compile(rb"(?<![a-z0-9-])[a-z0-9]{16}(?![a-z0-9-])")


@dataclass(frozen=True, slots=True)
class Owner:
    token: str
    learner_id: int


Found = Callable[[Owner | None], None]
Claim = Callable[[int, str], None]


class Introduction:
    """What one connection says about itself. `look_up` calls back later, in the event loop.

    A session is claimed once; after that the tokens of others are as good as none.
    """

    __slots__ = ("_claim", "_look_up", "_session", "_user")

    def __init__(
        self,
        session: SandboxSession,
        look_up: Callable[[Sequence[str], Found], None],
        claim: Claim,
    ) -> None:
        self._session = session
        self._look_up = look_up
        self._claim = claim
        self._user: Owner | None = None

    def hear_name(self, line: bytes) -> None:
        """A line with EHLO or HELO."""
        tokens = tokens_in(line) if self._session.learner_id is None else []
        if tokens:
            self._look_up(tokens, lambda owner: self._take(owner, "EHLO"))

    def hear_recipient(self, token: str, answer: Callable[[Answer], None]) -> None:
        def found(owner: Owner | None) -> None:
            answer(TokenResult(known=self._take(owner, "RCPT")))

        self._look_up([token], found)

    def hear_user(self, name: str, answer: Callable[[Answer], None], *, may_log_in: bool) -> None:
        """Somebody wants to log in; the token is the password too."""

        def found(owner: Owner | None) -> None:
            self._user = owner if owner and self._is_free_for(owner) else None
            answer(CredentialResult(self._user.token if self._user else None))

        if may_log_in:
            self._look_up([name], found)
        else:
            later = CredentialResult(verdict="auth.later")
            asyncio.get_running_loop().call_soon(answer, later)

    def trust(self, name: str) -> None:
        """The login of this user was right."""
        if self._user and self._user.token == name:
            self._take(self._user, "AUTH")

    def _take(self, owner: Owner | None, by: str) -> bool:
        if owner is None or not self._is_free_for(owner):
            return False
        if self._session.learner_id is None:
            self._claim(owner.learner_id, by)
        return True

    def _is_free_for(self, owner: Owner) -> bool:
        return self._session.learner_id in (None, owner.learner_id)


def tokens_in(line: bytes) -> list[str]:
    """What may be a token in a line with EHLO or HELO."""
    return [label.decode() for label in _LABEL.findall(line.lower())[:CANDIDATES]]


def find_owner(tokens: Sequence[str]) -> Owner | None:
    """For a worker thread; raises DatabaseError."""
    try:
        token = SandboxToken.objects.valid().filter(value__in=tokens).first()
        return Owner(token.value, token.learner_id) if token else None
    finally:
        connection.close()
