"""What the words of rows owe, whatever the kind: to be there and to differ. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

from .kind import Finding

ABOUT_OPTIONS = re.compile(
    r"\b(?:all|none|both|neither|any)\b[^.]*\b(?:above|below|of these|A and B)\b", re.IGNORECASE
)


def lint_texts(row: str, texts: Sequence[str]) -> list[Finding]:
    """`row` is what a file calls them: option, step, pair."""
    findings = []
    counts = Counter(map(folded, texts))
    for number, text in enumerate(texts, start=1):
        place = f"{row} {number}"
        if not text.strip():
            findings.append(Finding("K2", place, "has no text"))
        elif counts[folded(text)] > 1:
            findings.append(Finding("K2", place, f"has the same text as another: {text}"))
        if ABOUT_OPTIONS.search(text):
            findings.append(Finding("A1", place, "speaks about the other options"))
    return findings


def folded(text: str) -> str:
    return " ".join(text.replace("`", "").casefold().split())
