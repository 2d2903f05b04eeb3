"""What was heard in a run, held against the steps of its lab. Pure.

Steps are looked for in order; those between an accepted MAIL and the end of its message must
belong to one transaction, so that two half messages never make a whole one. What is shown is the
furthest that was reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from ..transcribing import visible
from .checking import CheckGrade, judge
from .hearing import Heard, Recording
from .lab import (
    CommandPattern,
    EndPattern,
    EventPattern,
    LabBan,
    LabCheck,
    LabFile,
    LabStep,
    WrongTurn,
)
from .matching import matches

_TRANSACTION_VERBS = frozenset({"RCPT", "DATA", "BDAT"})


@dataclass(frozen=True, slots=True)
class StepGrade:
    """`heard`: what fulfilled the step. `tried`: the last try at a missed step, with the reply
    that says why it failed."""

    step: LabStep
    heard: Heard | None
    tried: Heard | None = None

    @property
    def says_something_else(self) -> bool:
        """The try was answered as the step wants it."""
        answer = self.tried.answer if self.tried else None
        pattern = self.step.pattern
        if answer is None or not isinstance(pattern, CommandPattern | EndPattern):
            return False
        return answer.code in pattern.replies

    @property
    def shown(self) -> str:
        return visible(self.tried.text.encode(errors="surrogateescape")) if self.tried else ""


@dataclass(frozen=True, slots=True)
class Breach:
    ban: LabBan
    heard: Heard

    @property
    def shown(self) -> str:
        return visible(self.heard.text.encode(errors="surrogateescape"))


@dataclass(frozen=True, slots=True)
class TurnTaken:
    turn: WrongTurn
    heard: Heard


@dataclass(frozen=True, slots=True)
class Grade:
    """`errors` are refused lines that no step asked for; they cost nothing."""

    steps: tuple[StepGrade, ...]
    checks: tuple[CheckGrade, ...]
    breaches: tuple[Breach, ...]
    turns: tuple[TurnTaken, ...]
    errors: tuple[Heard, ...]

    @property
    def n_done(self) -> int:
        return sum(step.heard is not None for step in self.steps)

    @property
    def missed(self) -> StepGrade | None:
        return next((step for step in self.steps if step.heard is None), None)

    @property
    def unmet(self) -> LabCheck | None:
        return next((check.check for check in self.checks if not check.is_met), None)

    @property
    def passed(self) -> bool:
        return not self.because

    @property
    def because(self) -> str:
        """Id of what stands between the learner and a pass: a broken ban, else the first step
        missed, else the first check not met; "" if nothing does."""
        if self.breaches:
            return self.breaches[0].ban.id
        if self.missed:
            return self.missed.step.id
        return self.unmet.id if self.unmet else ""


def grade(recording: Recording, lab: LabFile) -> Grade:
    found = _follow(recording.heard, lab.steps)
    wanted = {id(heard) for heard in found.values()}
    others = [heard for heard in recording.heard if id(heard) not in wanted]
    newest = list(takewhile(lambda heard: id(heard) not in wanted, reversed(recording.heard)))
    return Grade(
        steps=tuple(
            StepGrade(step, found.get(index), tried=_last_try(step, others, newest))
            if index not in found
            else StepGrade(step, found[index])
            for index, step in enumerate(lab.steps)
        ),
        checks=tuple(judge(check, recording) for check in lab.checks),
        breaches=tuple(_breaches(recording, lab.bans)),
        turns=tuple(_turns(others, lab.turns)),
        errors=tuple(heard for heard in others if heard.answer and heard.answer.code[0] in "45"),
    )


def _follow(heard: Sequence[Heard], steps: Sequence[LabStep]) -> dict[int, Heard]:
    """Index of step → what fulfilled it, where most of them were."""
    first_of_transaction = _blocks(steps)
    found: dict[int, Heard] = {}
    best: dict[int, Heard] = {}
    for item in heard:
        if len(found) == len(steps):
            break
        _give_up_lost_transaction(found, first_of_transaction, item, steps)
        while (index := _next_match(steps, found, item)) is not None:
            found[index] = item
            waited = isinstance(steps[index].pattern, EventPattern) and item.kind != "event"
            if not waited:
                break
        if len(found) >= len(best):
            best = dict(found)
    return best


def _blocks(steps: Sequence[LabStep]) -> list[int | None]:
    """For each step the step that opened its transaction; None outside of any, and for the
    opener itself."""
    blocks: list[int | None] = []
    opener: int | None = None
    for index, step in enumerate(steps):
        pattern = step.pattern
        if isinstance(pattern, CommandPattern) and pattern.verbs:
            if pattern.verbs == ("MAIL",):
                opener = index if pattern.replies in ((), ("250",)) else opener
            elif not set(pattern.verbs) <= _TRANSACTION_VERBS:
                opener = None
            elif pattern.verbs == ("DATA",) and opener is None and "354" in pattern.replies:
                opener = index
        elif isinstance(pattern, EventPattern):
            opener = None
        blocks.append(opener if opener != index else None)
        if isinstance(pattern, EndPattern):
            opener = None
    return blocks


def _give_up_lost_transaction(
    found: dict[int, Heard], blocks: list[int | None], item: Heard, steps: Sequence[LabStep]
) -> None:
    """A transaction that ended before its steps were complete counts for nothing."""
    following = next((index for index in range(len(steps)) if index not in found), None)
    opener = blocks[following] if following is not None else None
    if opener is None or opener not in found:
        return
    is_in_it = item.transaction == found[opener].transaction
    if not is_in_it or item.kind == "event":
        for index in range(opener, len(steps)):
            found.pop(index, None)


def _next_match(steps: Sequence[LabStep], found: dict[int, Heard], item: Heard) -> int | None:
    """The step that this item fulfils: the first open one, or one that may swap with it."""
    opened = [index for index in range(len(steps)) if index not in found]
    if not opened:
        return None
    group = steps[opened[0]].any_order
    last_at = max((heard.at_us for heard in found.values()), default=0)
    for index in opened:
        if index != opened[0] and not (group and steps[index].any_order == group):
            break
        if matches(steps[index].pattern, item, since_us=last_at):
            return index
    return None


def _last_try(step: LabStep, others: Sequence[Heard], newest: Sequence[Heard]) -> Heard | None:
    """The newest line that looks like a try at this step and got another answer than wanted.

    Of the `newest`, said since the last step that was done, the answer may even be the right one:
    then the line says something else than the step.
    """
    pattern = step.pattern
    for item in reversed(others):
        if item.answer is None:
            continue
        if isinstance(pattern, CommandPattern):
            is_response = pattern.response is not None and item.is_response
            is_try = item.verb in pattern.verbs or is_response
        elif isinstance(pattern, EndPattern):
            is_try = item.kind == "end"
        else:
            return None
        if is_try and (item.answer.code not in pattern.replies or item in newest):
            return item
    return None


def _breaches(recording: Recording, bans: Sequence[LabBan]) -> list[Breach]:
    found = []
    for ban in bans:
        for item in recording.heard:
            if matches(ban.pattern, item) and not (
                ban.before_tls and _is_under_tls(recording, item)
            ):
                found.append(Breach(ban, item))
                break
    return found


def _is_under_tls(recording: Recording, item: Heard) -> bool:
    return any(
        other.verb == "tls" and other.kind == "event" and other.seq < item.seq
        for other in recording.in_session(item.session)
    )


def _turns(others: Sequence[Heard], turns: Sequence[WrongTurn]) -> list[TurnTaken]:
    """`others`: what a step asked for is no wrong turn."""
    taken = []
    for turn in turns:
        pattern = turn.pattern
        item = pattern and next((i for i in others if matches(pattern, i)), None)
        if item:
            taken.append(TurnTaken(turn, item))
    return taken
