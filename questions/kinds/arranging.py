"""The order in which options are shown: shuffled; ascending where all are numbers. Pure."""

import re
from collections.abc import Callable, Iterable

NUMBER = re.compile(r"^`?(\d+(?:\.\d+)*)\b")


def arranged(texts: Iterable[tuple[str, str]], rank: Callable[[str], str]) -> list[str]:
    """Ids of (id, text): numbers, ports, versions and codes ascend, anything else is shuffled."""
    pairs = list(texts)
    numbers = {ident: match[1] for ident, text in pairs if (match := NUMBER.match(text))}
    if len(numbers) == len(pairs):
        return sorted(numbers, key=lambda ident: [int(part) for part in numbers[ident].split(".")])
    return sorted((ident for ident, _ in pairs), key=rank)
