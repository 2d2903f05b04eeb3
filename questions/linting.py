"""The publish gate: what blocks a question, whoever wrote it. Pure.

Rule ids are those of the house rules for items: K keys, A options about options,
E explanations and sources, T placement.
"""

import re
from collections import Counter

from .items import Item, ItemSource
from .kinds import Finding

ABOUT_OPTIONS = re.compile(
    r"\b(?:all|none|both|neither|any)\b[^.]*\b(?:above|below|of these|A and B)\b", re.IGNORECASE
)
OPTIONS_AT_MOST = 8


def lint(item: Item) -> list[Finding]:
    """Everything that keeps the item from being published, in the order of its fields."""
    return [
        *_lint_texts(item),
        *_lint_key(item),
        *_lint_options(item),
        *_lint_sources(item),
    ]


def _lint_texts(item: Item) -> list[Finding]:
    findings = []
    for name in ("stem", "explanation", "origin"):
        if not getattr(item, name).strip():
            findings.append(Finding("E1", name, "is missing"))
    if bool(item.artefact) != bool(item.artefact_kind):
        findings.append(
            Finding("T1", "artefact", "needs artefact_kind, and artefact_kind an artefact")
        )
    if item.explanation.strip() and any(
        item.explanation.strip() == option.text.strip() for option in item.options
    ):
        findings.append(Finding("E1", "explanation", "only repeats an option"))
    return findings


def _lint_key(item: Item) -> list[Finding]:
    n_keys = len(item.keys)
    if n_keys == 0:
        return [Finding("K1", "options", "no option is marked as key")]
    if item.kind == "single" and n_keys != 1:
        return [
            Finding(
                "K1",
                "options",
                f"a single choice has one key, here are {n_keys}; use kind multiple with choose",
            )
        ]
    if n_keys != item.choose:
        return [
            Finding("K1", "choose", f"says “choose {item.choose}”, but {n_keys} options are keys")
        ]
    if item.kind == "multiple" and n_keys < 2:
        return [Finding("K1", "choose", "a multiple response asks for two or more")]
    return []


def _lint_options(item: Item) -> list[Finding]:
    findings = []
    if not 2 <= len(item.options) <= OPTIONS_AT_MOST:
        findings.append(
            Finding(
                "K1", "options", f"there must be 2 to {OPTIONS_AT_MOST}, not {len(item.options)}"
            )
        )
    if item.options and len(item.keys) == len(item.options):
        findings.append(Finding("K1", "options", "every option is a key, so nothing is asked"))
    texts = Counter(_folded(option.text) for option in item.options)
    idents = Counter(option.ident for option in item.options)
    for number, option in enumerate(item.options, start=1):
        place = f"option {number}"
        if not option.text.strip():
            findings.append(Finding("K2", place, "has no text"))
        elif texts[_folded(option.text)] > 1:
            findings.append(Finding("K2", place, f"has the same text as another: {option.text}"))
        if idents[option.ident] > 1:
            findings.append(Finding("K2", place, f"has the same id as another: {option.ident}"))
        if not option.rationale.strip():
            findings.append(Finding("E1", place, "has no rationale (why)"))
        if ABOUT_OPTIONS.search(option.text):
            findings.append(Finding("A1", place, "speaks about the other options"))
    return findings


def _folded(text: str) -> str:
    return " ".join(text.replace("`", "").casefold().split())


def _lint_sources(item: Item) -> list[Finding]:
    findings = [
        Finding("E2", f"source {number}", problem)
        for number, source in enumerate(item.sources, start=1)
        if (problem := problem_of(source))
    ]
    if not any(source.rfc for source in item.sources):
        findings.append(Finding("E2", "sources", "there is no RFC with its section"))
    return findings


def problem_of(source: ItemSource) -> str:
    """What a source lacks; empty if it names its section or its day."""
    if source.rfc is not None:
        return "" if source.section else f"RFC {source.rfc} has no section"
    if not source.url:
        return "names neither an RFC nor a page"
    return "" if source.read_on else f"{source.url} has no date of reading (read_on)"
