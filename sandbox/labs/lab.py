"""Labs as their authors wrote them: what is to be done, what must not be, and how it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..smtp import Profile, Ref

AnyOf = tuple[str, ...]
Occurrence = Literal["connect", "tls", "wait", "close", "vanish"]


@dataclass(frozen=True, slots=True)
class CommandPattern:
    """A command with its first final reply. What is None or empty is not compared.

    `verbs` in upper case; `arguments` are words without regard to case, `*` for any one word.
    `path` is compared as local-part (exactly) and domain (without regard to case), `*` standing
    for any text; "" is the null path. Values of `parameters` may hold `*`, or be `<n` for a number
    below n. `response` is what the learner's line in an AUTH exchange means, decoded; `*` there
    is the line that cancels.
    """

    verbs: AnyOf = ()
    arguments: AnyOf = ()
    path: str | None = None
    parameters: Mapping[str, AnyOf] = field(default_factory=dict)
    bare: bool = False  # no parameters at all
    response: str | None = None
    early: bool = False
    replies: AnyOf = ()
    enhanced: str = ""
    says: str = ""  # the text behind the code


@dataclass(frozen=True, slots=True)
class ContentPattern:
    """A line of the content as it came, dots still stuffed, or a field of its header."""

    line: str = ""  # regular expression, searched for
    header: str = ""  # name of the field, without regard to case
    value: str = ""  # regular expression, searched for in the field's body


@dataclass(frozen=True, slots=True)
class EndPattern:
    """The line that ends the content, with its reply."""

    replies: AnyOf = ()


@dataclass(frozen=True, slots=True)
class EventPattern:
    """`wait`: so much time has passed since the step before, whatever passed it."""

    name: Occurrence
    port: int = 0
    seconds: int = 0


Pattern = CommandPattern | ContentPattern | EndPattern | EventPattern


@dataclass(frozen=True, slots=True)
class LabStep:
    """`say` is one sentence for the checklist; neighbours of one `any_order` may swap places."""

    id: str
    say: str
    pattern: Pattern
    refs: tuple[Ref, ...]
    any_order: str = ""


@dataclass(frozen=True, slots=True)
class LabBan:
    """What must not be said at all or, with `before_tls`, not in clear text."""

    id: str
    say: str
    pattern: Pattern
    refs: tuple[Ref, ...]
    before_tls: bool = False


@dataclass(frozen=True, slots=True)
class LabCheck:
    """What has to hold at the end, beside the steps.

    `reply`: this code was said. `sessions`: at most so many connections. `body`: a stored message
    has exactly these lines. `tree`: a stored message is built of these parts.
    """

    id: Literal["reply", "sessions", "body", "tree"]
    say: str
    refs: tuple[Ref, ...]
    reply: str = ""
    sessions: int = 0
    body: tuple[str, ...] = ()
    tree: str = ""


@dataclass(frozen=True, slots=True)
class WrongTurn:
    """A way that many take, and the sentence for those who took it. Without a pattern nobody can
    be caught at it."""

    turn: str
    say: str
    pattern: Pattern | None


@dataclass(frozen=True, slots=True)
class FailingSession:
    """`because` is the id of the ban that was broken or of the first step or check missed."""

    because: str
    dialogue: str


@dataclass(frozen=True, slots=True)
class LabServer:
    """`say` tells what differs from the server of every day, one sentence each. `users` join the
    four who always have a mailbox. `programs`: what listens for mail programs answers near enough
    like it, so that the lab can be done with one."""

    profile: Profile
    port: int
    say: tuple[str, ...]
    users: AnyOf = ()
    fault: str = ""
    programs: bool = False


@dataclass(frozen=True, slots=True)
class LabFile:
    """`passing` and `failing` are dialogues; `E: connect` in them begins another session.
    `definition` is all of it as it stands in the file."""

    slug: str
    title: str
    level: str
    position: int
    goal: str
    topics: tuple[str, ...]
    server: LabServer
    steps: tuple[LabStep, ...]
    bans: tuple[LabBan, ...]
    checks: tuple[LabCheck, ...]
    turns: tuple[WrongTurn, ...]
    nudge: str
    commands: str
    question: str
    answer: str
    passing: str
    failing: tuple[FailingSession, ...]
    definition: Mapping[str, Any] = field(repr=False, compare=False)
