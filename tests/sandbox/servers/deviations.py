"""Where a profile is meant to differ from the server it is named after, and why."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .playing import Played, list_replies

FOLDER = Path(__file__).parent / "deviations"


@dataclass(frozen=True, slots=True)
class Deviations:
    """`ours` is what the engine says where it first differs, by scenario. `not_offered` and
    `only_ours` are EHLO keywords. `reasons` holds every sentence, in the order of the file."""

    ours: dict[str, str]
    not_offered: frozenset[str]
    only_ours: frozenset[str]
    reasons: tuple[str, ...]


def read_deviations(server: str) -> Deviations:
    """Raises ValueError for a scenario named twice."""
    ours: dict[str, str] = {}
    offer: dict[str, set[str]] = {"not_offered": set(), "only_ours": set()}
    reasons = []
    for row in tomllib.loads((FOLDER / f"{server}.toml").read_text())["deviation"]:
        reasons.append(row.pop("why"))
        for slug, said in row.pop("ours", {}).items():
            if slug in ours:
                raise ValueError(f"{server}: {slug} is there already")
            ours[slug] = said
        for key, keywords in row.items():
            offer[key] |= set(keywords)
    return Deviations(
        ours, frozenset(offer["not_offered"]), frozenset(offer["only_ours"]), tuple(reasons)
    )


def find_difference(golden: Played, played: Played) -> str:
    """What was said at the first step that went another way; "" if there is none. How many lines
    a reply has is not compared."""
    for (_, there), (_, here) in zip(golden.steps, played.steps, strict=False):
        if list_replies(there) != list_replies(here):
            return here or "nothing"
    if golden.closed != played.closed:
        return "closes" if played.closed else "stays open"
    if len(golden.steps) != len(played.steps):
        return "closes earlier" if len(played.steps) < len(golden.steps) else "closes later"
    return ""
