"""Whether something heard in a session is what a pattern of a lab asks for. Pure."""

import re
from fnmatch import fnmatchcase

from .hearing import Heard
from .lab import CommandPattern, ContentPattern, EndPattern, EventPattern, Pattern

_SECOND = 1_000_000


def matches(pattern: Pattern, item: Heard, *, since_us: int = 0) -> bool:
    """`since_us`: when the step before was fulfilled, for a wait."""
    match pattern:
        case CommandPattern():
            return _matches_command(pattern, item)
        case ContentPattern():
            return item.kind == "content" and _matches_content(pattern, item)
        case EndPattern():
            return item.kind == "end" and _is_answered(pattern.replies, item)
        case EventPattern(name="wait"):
            return item.at_us - since_us >= pattern.seconds * _SECOND
        case EventPattern():
            is_it = item.kind == "event" and item.verb == pattern.name
            return is_it and pattern.port in (0, item.value)


def _is_answered(replies: tuple[str, ...], item: Heard) -> bool:
    return not replies or (item.answer is not None and item.answer.code in replies)


def _matches_command(pattern: CommandPattern, item: Heard) -> bool:
    if item.kind != "command" or not _is_answered(pattern.replies, item):
        return False
    answer = item.answer
    if pattern.verbs and (item.verb not in pattern.verbs or item.is_response):
        return False
    if pattern.response is not None and item.response != pattern.response:
        return False
    if pattern.enhanced and (answer is None or answer.enhanced != pattern.enhanced):
        return False
    if pattern.says and (answer is None or answer.text != pattern.says):
        return False
    if pattern.arguments and not any(_fits(item.argument, wanted) for wanted in pattern.arguments):
        return False
    return (item.early or not pattern.early) and _matches_path(pattern, item)


def _fits(argument: str, wanted: str) -> bool:
    words, wanted_words = argument.upper().split(), wanted.upper().split()
    return len(words) == len(wanted_words) and all(map(fnmatchcase, words, wanted_words))


def _matches_path(pattern: CommandPattern, item: Heard) -> bool:
    if pattern.path is None and not pattern.parameters and not pattern.bare:
        return True
    read = item.path_and_parameters
    if read is None:
        return False
    if pattern.path is not None and not _is_path(read[0], pattern.path):
        return False
    if pattern.bare and item.parameters:
        return False
    return all(
        keyword in item.parameters
        and any(_is_value(item.parameters[keyword], wanted) for wanted in allowed)
        for keyword, allowed in pattern.parameters.items()
    )


def _is_path(path: str, wanted: str) -> bool:
    """Local-parts letter by letter, domains without regard to case (RFC 5321 section 2.4)."""
    local_part, _, domain = path.rpartition("@")
    wanted_local, at, wanted_domain = wanted.rpartition("@")
    if not at:
        return fnmatchcase(path.lower(), wanted.lower()) and bool(path) is bool(wanted)
    return fnmatchcase(local_part, wanted_local) and fnmatchcase(
        domain.lower(), wanted_domain.lower()
    )


def _is_value(value: str, wanted: str) -> bool:
    if wanted.startswith("<"):
        return value.isdecimal() and int(value) < int(wanted[1:])
    return fnmatchcase(value.upper(), wanted.upper())


def _matches_content(pattern: ContentPattern, item: Heard) -> bool:
    if not pattern.header:
        return re.search(pattern.line, item.text) is not None
    name, _, body = item.text.partition(":")
    is_field = item.in_header and name.rstrip().lower() == pattern.header.lower()
    return is_field and bool(body.strip()) and re.search(pattern.value, body.strip()) is not None
