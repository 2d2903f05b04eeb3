"""One question as plain data: what files, forms, marking and drawing hand to each other."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sandbox.smtp.references import rfc_label, rfc_url


@dataclass(frozen=True, slots=True)
class ItemPattern:
    """How a typed answer is compared; `weight` in thousandths of the mark. The option's text is
    the pattern. Each of `matches` must be taken by it, none of `misses`."""

    kind: str
    weight: int = 1000
    exact_case: bool = False
    exact_space: bool = False
    matches: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemOption:
    """A row of any kind of question. `ident` is the file's id, kept over revisions; it never
    reaches a page. `text` is an option, a left side, a step, a pattern or a line;
    `counterpart` the right side of a pair, or of none if `text` is empty; `group` the place
    of a step from 1, equal where the order is free."""

    ident: str
    text: str
    rationale: str
    is_key: bool = False
    is_fixed: bool = False
    counterpart: str = ""
    group: int = 0
    pattern: ItemPattern | None = None


@dataclass(frozen=True, slots=True)
class ItemSource:
    """An RFC with its section, or a page with the day it was read."""

    rfc: int | None = None
    section: str = ""
    url: str = ""
    title: str = ""
    read_on: date | None = None

    @property
    def label(self) -> str:
        return rfc_label(self.rfc, self.section) if self.rfc else self.title or self.url

    @property
    def href(self) -> str:
        return rfc_url(self.rfc, self.section) if self.rfc else self.url


@dataclass(frozen=True, slots=True)
class ItemProof:
    dialogue: str
    profile: str = "modern"
    port: int = 25
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    slug: str
    kind: str
    topic: str
    level: str
    stem: str
    options: tuple[ItemOption, ...]
    explanation: str
    sources: tuple[ItemSource, ...]
    exams: tuple[str, ...] = ()
    view: str = "rfc"
    choose: int = 1
    policy: str = "exact"
    family: str = ""
    pool: str = "practice"
    note: str = ""
    seconds: int = 60
    origin: str = ""
    historical: bool = False
    scenario: bool = False
    artefact: str = ""
    artefact_kind: str = ""
    proof: ItemProof | None = None
    expects: str = ""
    lab: str = ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(option.ident for option in self.options if option.is_key)

    @property
    def content_hash(self) -> str:
        """Fields of later versions count only where they say something, so that hashes of
        earlier revisions stand."""
        document = _without(asdict(self), ("expects", "lab"))
        document["options"] = [
            _without(option, ("counterpart", "group", "pattern")) for option in document["options"]
        ]
        return _digest(document)

    @property
    def scoring_hash(self) -> str:
        """Equal hashes mark every response alike: kind, option ids, key, policy, fixed places."""
        scored = {
            "kind": self.kind,
            "policy": self.policy,
            "choose": self.choose,
            "options": [(o.ident, o.is_key, o.is_fixed, *_scored(o)) for o in self.options],
        }
        return _digest({**scored, "lab": self.lab} if self.lab else scored)


def _scored(option: ItemOption) -> tuple[Any, ...]:
    if option.pattern:
        return (option.text, asdict(option.pattern))
    if option.counterpart:
        return ("pair" if option.text else "spare",)
    return (option.group,) if option.group else ()


def _without(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value or name not in names}


def _digest(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
