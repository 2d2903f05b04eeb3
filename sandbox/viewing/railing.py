"""Where a session stands: the steps on its way, as far as it has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext_lazy

STEPS = {
    "connected": gettext_lazy("connected"),
    "greeted": gettext_lazy("greeted"),
    "tls": gettext_lazy("TLS"),
    "auth": gettext_lazy("logged in"),
    "transaction": gettext_lazy("transaction"),
    "content": gettext_lazy("content"),
    "accepted": gettext_lazy("accepted"),
    "closed": gettext_lazy("closed"),
}
FLAGS = {"tls", "auth"}  # stand beside the way: passing them by is no step left out
_STEP_OF_STATE = {
    "GREETED": "connected",
    "REFUSED": "connected",
    "READY": "greeted",
    "SENDER": "transaction",
    "RCPTS": "transaction",
    "CHUNKS": "transaction",
    "FAILED": "transaction",
    "CONTENT": "content",
    "CLOSED": "closed",
}


class Pace(NamedTuple):
    """What a row does to the way: `step` is where the session stands then, "" where it stands as
    before; `mark` is a flag that is reached, with its label."""

    step: str = ""
    mark: tuple[str, str] | None = None


class Stepping(Protocol):
    @property
    def step(self) -> str: ...

    @property
    def mark(self) -> tuple[str, str] | None: ...


@dataclass(frozen=True, slots=True)
class RailStep:
    """`place` is done, here, or "" for what has not come."""

    name: str
    label: str
    place: str

    @property
    def is_flag(self) -> bool:
        return self.name in FLAGS


def step_of(rule: str, before: str, after: str) -> str:
    """The step that a reply leads to, "" where the session stands as before."""
    if rule == "data.accepted":
        return "accepted"
    return "" if before == after else _STEP_OF_STATE.get(after, "")


def pace_of(data: Mapping[str, Any]) -> Pace:
    """Of a row by its `data`."""
    match data["event"]:
        case "reply":
            return Pace(step_of(data["rule"], *data["states"]))
        case "tls" if data.get("version"):
            return Pace("connected", ("tls", tls_label(data["version"])))
        case "auth" if data["verdict"] == "ok":
            return Pace("", ("auth", str(STEPS["auth"])))
        case "close":
            return Pace("closed")
    return Pace()


def tls_label(version: str) -> str:
    """The library's name of a version as people write it."""
    return version.replace("TLSv", "TLS ")


def rail_of(lines: Iterable[Stepping]) -> list[RailStep]:
    """The way of a session as far as it has come; it may go back, as RSET does."""
    order = list(STEPS)
    done: set[str] = set()
    marks: dict[str, str] = {}
    here = ""
    for line in lines:
        if line.mark:
            marks[line.mark[0]] = line.mark[1]
        if line.step == "closed":
            done.add(here)
        elif line.step:
            done = set(order[: order.index(line.step)]) - FLAGS
        here = line.step or here
    done |= marks.keys()
    return [
        RailStep(
            name,
            marks.get(name, str(label)),
            "here" if name == here else "done" if name in done else "",
        )
        for name, label in STEPS.items()
    ]
