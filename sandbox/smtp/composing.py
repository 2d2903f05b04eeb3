"""A reply from its rule: codes and text put together as they go over the wire."""

from functools import lru_cache

from .events import Reply
from .rules import RULES
from .states import State

_MAX_LINE = 512  # RFC 5321 section 4.5.3.1.5, with CRLF


# The same arguments give the same reply, so it is made once. Bounded, because names come into it.
# Arguments given by position are looked up faster.
@lru_cache(maxsize=4096)
def compose(
    rule_id: str,
    case: str,
    state: State,
    after: State,
    lines: tuple[str, ...],
    writes_enhanced: bool,
    to_greeting: bool,
    delay_us: int,
    cut_after: int | None = None,
    override: tuple[int, str | None] | None = None,
) -> Reply:
    """`lines` replaces the rule's own text. `writes_enhanced`: the profile sends such codes at all.

    `to_greeting`: this is the greeting or answers EHLO or HELO, where no enhanced code may stand
    (RFC 2034 section 4). `override`: code and enhanced code that stand for those of the rule.
    """
    rule = RULES[rule_id]
    code, given = override or (rule.code, rule.enhanced)
    if code is None:
        raise ValueError(f"rule {rule_id!r} has no reply")
    texts = lines or (rule.text_for(case),)
    enhanced = None if to_greeting else given
    prefix = f"{enhanced} " if enhanced and writes_enhanced else ""
    last = len(texts) - 1
    wire = [
        f"{code}{' ' if number == last else '-'}{prefix}{text}\r\n"
        for number, text in enumerate(texts)
    ]
    if any(len(line.encode()) > _MAX_LINE for line in wire):
        raise ValueError(f"rule {rule_id!r}: a reply line is too long")
    octets = "".join(wire).encode()  # beyond ASCII only where RFC 6531 section 3.7.4 allows it
    return Reply(octets, code, enhanced, texts, rule_id, state, after, case, delay_us, cut_after)
