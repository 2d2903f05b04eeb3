"""One question as plain data: what files, forms, marking and drawing hand to each other."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sandbox.smtp.references import rfc_label, rfc_url


@dataclass(frozen=True, slots=True)
class ItemOption:
    """`ident` is the file's id, kept over revisions; it never reaches a page."""

    ident: str
    text: str
    rationale: str
    is_key: bool = False
    is_fixed: bool = False


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

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(option.ident for option in self.options if option.is_key)

    @property
    def content_hash(self) -> str:
        return _digest(asdict(self))

    @property
    def scoring_hash(self) -> str:
        """Equal hashes mark every response alike: kind, option ids, key, policy, fixed places."""
        return _digest(
            {
                "kind": self.kind,
                "policy": self.policy,
                "choose": self.choose,
                "options": [(o.ident, o.is_key, o.is_fixed) for o in self.options],
            }
        )


def _digest(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
