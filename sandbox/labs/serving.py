"""The server of a lab as the engine is told of it: its users, and what it remembers of the run's
earlier sessions. Pure."""

from dataclasses import replace

from ..smtp import Facts, Greylisted
from .hearing import Recording
from .lab import LabServer


def facts_for(server: LabServer, facts: Facts, earlier: Recording, *, began_us: int) -> Facts:
    """`facts` as for any session; `began_us` is when it began, by the clock of the run."""
    directory = facts.directory
    users = directory.users | frozenset(server.users)
    return replace(
        facts,
        directory=replace(directory, users=users),
        greylist=_greylist(earlier, began_us),
    )


def _greylist(earlier: Recording, began_us: int) -> tuple[Greylisted, ...]:
    """Each triple with the time at which it was first put off."""
    seen: dict[tuple[str, str], int] = {}
    senders: dict[int, str] = {}
    for item in earlier.heard:
        path = item.path_and_parameters[0] if item.path_and_parameters else ""
        if item.verb == "MAIL":
            senders[item.transaction] = path
        elif item.answer and item.answer.rule == "rcpt.greylisted":
            triple = (senders.get(item.transaction, "").lower(), path.lower())
            seen.setdefault(triple, item.at_us - began_us)
    return tuple(Greylisted(*triple, at) for triple, at in seen.items())
