"""What the log tells of an event: direction, octets and data of its row. Pure.

Keys of a row's `data`; those that would be empty are left out, but for "accepted" and "close":
  in    event "line" (verb, early), "content" (early, end) or "chunk" (early, end, declared);
        of a line that may hold a password the octets are masked, and masked says how it went
        ("continue", "need" or the id of a rule), with mechanism and, of a token, user
  out   event "reply": rule, code, enhanced, case, states [before, after], cut (octets sent),
        delay (µs for which it is held back)
  fact  event: the name of a Fact; "tls": version and cipher, or failure (TlsResult);
        "credential": verdict; "token": known; "clock": seconds it was moved on by; "claimed": by
  note  event "violation" or "notice": rule, case, states; "accepted": sender, parameters,
        recipients, queue_id, size (octets), trace; "auth": mechanism, verdict ("ok" or a rule), and
        user if it is "ok"; "fault": plan, rule; "close": rule, case, graceful
"""

import json
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from ..smtp import (
    AuthStep,
    ChunkIn,
    Close,
    ContentIn,
    FaultApplied,
    LineIn,
    MessageAccepted,
    Notice,
    Reply,
    State,
    Violation,
)


class Told(dict[str, Any]):
    """The `data` of a row. Many rows share one, so it is never changed and encoded once."""

    @cached_property
    def encoded(self) -> str:
        return json.dumps(self)


Telling = tuple[str, bytes, Told]


@lru_cache(maxsize=2048)
def told(*, states: tuple[State, State] | None = None, **data: Any) -> Told:
    """Of what is told again and again: the same keys and values are the same object. What is
    empty is left out."""
    if states:
        data["states"] = [str(state) for state in states]
    return Told({key: value for key, value in data.items() if value})


def _tell_line(event: LineIn) -> Telling:
    return "in", event.octets, _line(event.verb, event.early)


def _tell_content(event: ContentIn) -> Telling:
    return "in", event.octets, _content(event.early, event.end)


def _tell_chunk(event: ChunkIn) -> Telling:
    data = told(event="chunk", early=event.early, end=event.end, declared=event.declared)
    return "in", event.octets, data


def _tell_reply(event: Reply) -> Telling:
    data = _reply(
        event.rule,
        event.code,
        event.state,
        event.after,
        event.enhanced,
        event.case,
        event.cut_after,
        event.delay_us,
    )
    return "out", event.octets, data


# Of what nearly every session has: a call by position is found again faster than one by name.


@lru_cache(maxsize=256)
def _line(verb: str, early: bool) -> Told:
    return told(event="line", verb=verb, early=early)


@lru_cache(maxsize=4)
def _content(early: bool, end: bool) -> Told:
    return told(event="content", early=early, end=end)


@lru_cache(maxsize=2048)
def _reply(
    rule: str,
    code: int,
    state: State,
    after: State,
    enhanced: str | None,
    case: str,
    cut: int | None,
    delay: int,
) -> Told:
    return told(
        event="reply",
        rule=rule,
        code=code,
        states=(state, after),
        enhanced=enhanced,
        case=case,
        cut=cut,
        delay=delay,
    )


def _tell_violation(event: Violation) -> Telling:
    return "note", event.octets, _remark("violation", event)


def _tell_notice(event: Notice) -> Telling:
    return "note", event.octets, _remark("notice", event)


def _remark(name: str, event: Violation | Notice) -> Told:
    return told(event=name, rule=event.rule, states=(event.state, event.state), case=event.case)


def _tell_accepted(event: MessageAccepted) -> Telling:
    envelope = event.envelope
    data = Told(
        event="accepted",
        sender=envelope.sender,
        recipients=[recipient.address for recipient in envelope.recipients],
        queue_id=event.queue_id,
        size=len(event.content),
        trace=event.trace.decode(),
    )
    parameters = [
        list(words)
        for words in (envelope.parameters, *(each.parameters for each in envelope.recipients))
    ]
    if any(parameters):
        data["parameters"] = parameters
    return "note", b"", data


def _tell_login(event: AuthStep) -> Telling | None:
    if event.verdict in ("continue", "need"):
        return None
    data = told(
        event="auth",
        mechanism=event.mechanism,
        verdict=event.verdict,
        user=event.user if event.verdict == "ok" else "",
    )
    return "note", b"", data


def _tell_fault(event: FaultApplied) -> Telling:
    return "note", b"", told(event="fault", plan=event.plan, rule=event.rule)


@lru_cache(maxsize=256)
def _tell_close(event: Close) -> Telling:
    data = Told(event="close", rule=event.rule, graceful=event.graceful)
    if event.case:
        data["case"] = event.case
    return "note", b"", data


# What is missing here is told by other rows already.
TELLERS: Mapping[type, Callable[[Any], Telling | None]] = MappingProxyType(
    {
        LineIn: _tell_line,
        ContentIn: _tell_content,
        ChunkIn: _tell_chunk,
        Reply: _tell_reply,
        Violation: _tell_violation,
        Notice: _tell_notice,
        MessageAccepted: _tell_accepted,
        AuthStep: _tell_login,
        FaultApplied: _tell_fault,
        Close: _tell_close,
    }
)
