"""Regular expressions that authors may use: a part of the language that cannot run for ever. Pure.

A text is refused if it has too many ways through the expression. Where nothing that varies is
repeated, the ways are the product of what each quantifier and each choice allow, and the
matcher tries each at most once.
"""

import re
from collections.abc import Iterator

CHARACTERS_AT_MOST = 200
WAYS_AT_MOST = 70_000
ANSWER_CHARACTERS = 256
TOKEN = re.compile(
    r"""(?P<open>\((?:\?:)?(?!\?))|(?P<close>\))|(?P<or>\|)
      | (?P<many>[*+]|\{(?P<low>\d{0,3})(?P<comma>,?)(?P<high>\d{0,3})\})|(?P<maybe>\?)
      | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<one>\\[dDwWsSbB]|\\[^A-Za-z0-9]|[^\\()|*+?{}\[\]])
    """,
    re.VERBOSE,
)


class Refused(ValueError):
    """Says what the expression may not have."""


def problem_of(expression: str) -> str:
    """Why it is refused; empty if it may be used."""
    if len(expression) > CHARACTERS_AT_MOST:
        return f"has {len(expression)} characters; {CHARACTERS_AT_MOST} is the most"
    try:
        re.compile(expression)
        ways, rest = _choice(_tokens(expression))
    except Refused as refused:
        return str(refused)
    except (re.error, OverflowError) as error:
        return f"is no regular expression: {error}"
    if rest:
        return "closes a group that it has not opened"
    if ways > WAYS_AT_MOST:
        return "can be matched in too many ways; use fewer * and +"
    return ""


def _tokens(expression: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(expression):
        token = TOKEN.match(expression, place)
        if token is None:
            raise Refused(
                f"has {expression[place : place + 4]!r}; groups, sets, | and * + ? {{m,n}} are "
                "all there may be, with no reference back and no looking around"
            )
        place = token.end()
        yield token


def _choice(tokens: Iterator[re.Match[str]]) -> tuple[int, bool]:
    """Ways through the branches up to the end or a `)`, and whether it was a `)`."""
    total, ways, last = 0, 1, None
    for token in tokens:
        if token["one"] or token["set"]:
            ways, last = ways * (last or 1), 1
        elif token["open"]:
            inner, _closed = _choice(tokens)
            ways, last = ways * (last or 1), inner
        elif token["close"]:
            return total + ways * (last or 1), True
        elif token["or"]:
            total, ways, last = total + ways * (last or 1), 1, None
        elif last is None:
            raise Refused("repeats what is repeated already, lazily or possessively")
        else:
            ways, last = ways * _repeated(token, last), None
    return total + ways * (last or 1), False


def _repeated(token: re.Match[str], inner: int) -> int:
    if token["maybe"]:
        return 1 + inner
    if inner > 1:
        raise Refused("repeats a group in which something varies or is repeated")
    if token["low"] is None:
        return ANSWER_CHARACTERS + 1
    low = int(token["low"] or 0)
    if not token["comma"]:
        return 1
    high = int(token["high"]) if token["high"] else ANSWER_CHARACTERS
    return max(1, min(high, ANSWER_CHARACTERS) - low + 1)
