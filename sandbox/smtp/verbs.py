"""What each command does, for the client's side of a transcript, and what to type next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`line` without its CRLF, ready to be sent; `why` one sentence."""

    line: str
    why: str
