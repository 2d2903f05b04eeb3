"""A scenario played against anything that answers, and what was answered."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from .reading import Handshake, Scenario, Write

_FIRST = re.compile(rb"(\d{3})[ -]?([245]\.\d{1,3}\.\d{1,3}(?= |$))?")


class Peer(Protocol):
    """Both `open` and `write` give the whole replies that came back."""

    closed: bool

    def open(self) -> list[bytes]: ...
    def write(self, octets: bytes) -> list[bytes]: ...
    def handshake(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Played:
    """`steps` holds (notation, replies in short) as far as the server listened."""

    steps: tuple[tuple[str, str], ...]
    closed: bool


class OpeningError(AssertionError):
    """The server did not go along with what stands in front of a scenario."""


def play(scenario: Scenario, peer: Peer) -> Played:
    greeting = peer.open()
    steps = []
    if not scenario.steps:
        steps.append(("", shorten(greeting)))
    for step in scenario.opening:
        heard = _take(step, peer)
        if peer.closed or heard[:1] not in ("2", "3", "T"):
            raise OpeningError(f"{scenario.slug}: {step.notation} {heard}")
    for step in scenario.steps:
        if peer.closed:
            break
        steps.append((step.notation, _take(step, peer)))
    return Played(tuple(steps), peer.closed)


def _take(step: Write | Handshake, peer: Peer) -> str:
    if isinstance(step, Handshake):
        return "TLS" if peer.handshake() else "no TLS"
    replies = []
    for _ in range(step.times):
        if not peer.closed:
            replies += peer.write(step.octets)
    return shorten(replies)


def list_offer(peer: Peer, opening: Iterable[Write | Handshake]) -> tuple[str, ...]:
    """The keywords of the last of these replies, which answers EHLO."""
    (reply,) = peer.open()
    for step in opening:
        if isinstance(step, Handshake):
            peer.handshake()
        else:
            (reply,) = peer.write(step.octets)
    return tuple(line[4:].decode() for line in reply.split(b"\r\n")[1:])


def shorten(replies: Iterable[bytes]) -> str:
    """Equal ones in a row are written once, with their number."""
    runs = ((reply, len(list(run))) for reply, run in groupby(map(_describe, replies)))
    return ", ".join(f"{n} x {reply}" if n > 1 else reply for reply, n in runs)


def list_replies(short: str) -> list[str]:
    """The reverse of `shorten`, one for each reply, without the number of its lines."""
    replies = []
    for run in filter(None, short.split(", ")):
        n, _, reply = run.rpartition(" x ")
        replies += [reply.partition(" in ")[0]] * int(n or 1)
    return replies


def split_replies(octets: bytes) -> tuple[list[bytes], bytes]:
    """The whole replies among the octets, and what is left: an unfinished one."""
    replies = []
    taken = position = 0
    while (end := octets.find(b"\r\n", position)) >= 0:
        if octets[position + 3 : position + 4] != b"-":
            replies.append(octets[taken:end])
            taken = end + 2
        position = end + 2
    return replies, octets[taken:]


def _describe(reply: bytes) -> str:
    """Code and enhanced code, and the number of lines if there are several: "250 2.1.0"."""
    *others, last = reply.split(b"\r\n")
    found = _FIRST.match(last)
    if not found:
        return f"no reply: {last[:20]!r}"
    words = [part.decode() for part in found.groups() if part]
    if others:
        words.append(f"in {len(others) + 1} lines")
    return " ".join(words)
