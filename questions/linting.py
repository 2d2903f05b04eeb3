"""The publish gate: what blocks a question, whoever wrote it. Pure.

Rule ids are those of the house rules for items: K keys, A options about options,
E explanations and sources, T placement.
"""

from collections import Counter

from .items import Item, ItemSource
from .kinds import KINDS, Finding


def lint(item: Item) -> list[Finding]:
    """Everything that keeps the item from being published, in the order of its fields."""
    return [
        *_lint_texts(item),
        *_lint_rows(item),
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


def _lint_rows(item: Item) -> list[Finding]:
    """What every row owes; the rest is a matter of its kind."""
    findings = []
    if kind := KINDS.get(item.kind):
        findings += kind.lint(item)
        if item.policy not in kind.policies:
            known = ", ".join(kind.policies)
            findings.append(Finding("K1", "policy", f"is {item.policy}; this kind has {known}"))
    idents = Counter(option.ident for option in item.options)
    for number, option in enumerate(item.options, start=1):
        place = f"option {number}"
        if idents[option.ident] > 1:
            findings.append(Finding("K2", place, f"has the same id as another: {option.ident}"))
        if not option.rationale.strip():
            findings.append(Finding("E1", place, "has no rationale (why)"))
    return findings


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
