"""One reason: the reply it gives, where it is written, and what a learner should know about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..references import Ref

Origin = Literal["rfc", "our-choice", "product"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is None for a reason that is not said on the wire (a notice, a lost connection).

    `why` is one sentence; `whys` holds a closer one by case or by name of the state, and `texts`
    the reply text by case. In a text, braces name what the engine fills in. `closes`: the server
    ends the connection behind it. `note` is the slug of the note that tells more.
    """

    id: str
    code: int | None
    enhanced: str | None
    title: str
    why: str
    refs: tuple[Ref, ...]
    note: str
    text: str = ""
    closes: bool = False
    origin: Origin = "rfc"
    whys: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    misreadings: tuple[str, ...] = ()

    def why_for(self, state: str, case: str = "") -> str:
        return self.whys.get(case) or self.whys.get(state) or self.why

    def text_for(self, case: str) -> str:
        return self.texts.get(case, self.text)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What stands beside a line: a title of a few words, one sentence, where it is written."""

    rule: str
    title: str
    why: str
    refs: tuple[Ref, ...]
    note: str
    origin: Origin = "rfc"
    misreadings: tuple[str, ...] = ()
