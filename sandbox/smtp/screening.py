"""What is wrong with a line before anyone asks what it says: length, octets, timing, protocol."""

import re
from typing import NamedTuple

from .framing import Ending
from .parsing import is_header_like
from .profiles import SASL_LINE, Profile
from .states import VERBS, State

# What others may follow without waiting (RFC 2920 section 3.1); "." is the end of content;
# and BDAT (RFC 3030 section 4.2); "AUTH PLAIN" is one with its initial response (RFC 4954 s4).
_GROUPED = frozenset({"MAIL", "RCPT", "RSET", "BDAT", "AUTH PLAIN", "."})
_PLAIN = re.compile(rb"[\t -~]*")
_HTTP = frozenset(b"GET POST PUT HEAD DELETE OPTIONS PATCH TRACE CONNECT PRI".split())


class Line(NamedTuple):
    """`text` is without line end and trailing white space, `word` its first word.

    `front` is the verb in front of it, `first` says that it is the first line of the session.
    """

    octets: bytes
    ending: Ending
    text: bytes
    word: bytes
    verb: str
    early: bool
    front: str
    first: bool


class Findings(NamedTuple):
    """Rule and case of the fault, if there is one; rules of notices."""

    fault: tuple[str, str] | None
    notices: tuple[str, ...] = ()


_FINE = Findings(None)


def is_plain(text: bytes, verb: str, *, early: bool, front: str, pipelining: bool) -> bool:
    """Nothing is wrong with a line of allowed length that ends in CR LF: so nearly all are."""
    return (
        verb != ""
        and (not early or (pipelining and front in _GROUPED))
        and _PLAIN.fullmatch(text) is not None
    )


def screen(line: Line, state: State, profile: Profile, *, limit: int, pipelining: bool) -> Findings:
    """`limit` is the longest this verb may be; `pipelining`: the extension is in force."""
    if state is State.CONTENT:
        return Findings(("sync.breach", "DATA"))
    fault, notices = _screen_end(line, profile)
    if fault:
        return Findings(fault)
    if len(line.octets) > limit:
        rule = "auth.too-long" if line.verb == "AUTH" else "line.too-long"
        return Findings((rule, ""), notices)
    text = line.text
    if b"\r" in text or b"\n" in text:
        return Findings(("line.stray-newline", ""), notices)
    if b"\0" in text:
        return Findings(("line.nul", ""), notices)
    if not text.isascii() and (case := _octets_case(text, profile)) is not None:
        return Findings(("line.not-ascii", case), notices)
    # Whether a browser was too early hangs on the network; that it is one does not.
    if line.word.upper() in _HTTP:
        return Findings(("line.foreign", ""), notices)
    if line.early and not (pipelining and line.front in _GROUPED):
        if profile.sync == "close":
            return Findings(("sync.breach", _sync_case(line.front, pipelining)), notices)
        notices += ("sync.early",)
    if not line.verb and _is_stray_field(line):
        return Findings(("line.foreign", ""), notices)
    return Findings(None, notices) if notices else _FINE


def _screen_end(line: Line, profile: Profile) -> Findings:
    if line.ending == "endless":
        return Findings(("line.endless", ""))
    if line.ending == "crlf":
        return _FINE
    if profile.newline == "reject":
        return Findings(("line.bare-newline", line.ending))
    return Findings(None, ("line.normalized",))


def screen_response(line: Line, profile: Profile) -> Findings:
    """Of a line that answers 334: what it holds is for the mechanism to judge."""
    fault, notices = _screen_end(line, profile)
    if fault:
        return Findings(fault)
    if len(line.octets) > SASL_LINE:
        return Findings(("auth.too-long", ""), notices)
    if line.early:
        if profile.sync == "close":
            return Findings(("sync.breach", "AUTH"), notices)
        notices += ("sync.early",)
    return Findings(None, notices)


def _octets_case(text: bytes, profile: Profile) -> str | None:
    """None: UTF-8, and the server takes it (RFC 6531 section 3.2)."""
    if not profile.offers("SMTPUTF8"):
        return ""
    try:
        text.decode()
    except UnicodeDecodeError:
        return "utf8"
    return None


def unknown_case(word: bytes) -> str:
    """What the first word may have been meant as, if it is no verb."""
    if not word:
        return "empty"
    if not is_header_like(word):
        return ""
    return "header" if _is_field_name(word) else "colon"


def _sync_case(front: str, pipelining: bool) -> str:
    if not front:
        return "greeting"
    return front if pipelining else "no-pipelining"


def _is_stray_field(line: Line) -> bool:
    """Typed calmly, it is a learner's slip; early or at the start no person sent it."""
    return (line.early or line.first) and is_header_like(line.word) and _is_field_name(line.word)


def _is_field_name(word: bytes) -> bool:
    return word.partition(b":")[0].upper() not in VERBS
