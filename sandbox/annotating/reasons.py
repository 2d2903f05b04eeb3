"""Which rule a given reply comes from, and whether ours asks for another one."""

import re
from dataclasses import dataclass

from ..smtp import RULES, Reply, Rule, State
from .pairing import Answered

# Where a code says that the client was wrong, not that the server does not want to.
BLAMES_CLIENT = frozenset({500, 501, 502, 503, 504, 555})
_ACCEPTING = {
    "EHLO": "ehlo.ok",
    "HELO": "helo.ok",
    "MAIL": "mail.ok",
    "RCPT": "rcpt.ok",
    "DATA": "data.ok",
    ".": "data.accepted",
    "BDAT": "bdat.ok",
    "RSET": "rset.ok",
    "NOOP": "noop.ok",
    "QUIT": "quit.ok",
    "VRFY": "vrfy.ok",
    "EXPN": "expn.ok",
    "HELP": "help.ok",
    "STARTTLS": "starttls.ok",
}
_LOGIN = {235: "auth.ok", 334: "auth.continue"}
# Families of rules that may refuse a command, beside those named after it. A fault of a plan is
# what a real server does without one.
_FAMILIES = {
    "connect": ("fault.connect",),
    "EHLO": ("fault.ehlo",),
    "MAIL": ("param", "size", "fault.mail"),
    "RCPT": ("param",),
    "DATA": ("fault.data",),
    ".": ("data", "size", "fault.end"),
    "BDAT": ("data", "size", "fault.end"),
    "STARTTLS": ("tls", "starttls"),
    "AUTH": ("auth",),
    "response": ("auth",),
}
# Not those of the line itself and its timing: our engine sees the same line and would say so.
_ANYWHERE = ("verb", "args", "demand", "session")
_OWN_COMMANDS = ("verb.unknown", "verb.not-offered")
# RFC 5321 section 4.3.2 allows these too.
_ALSO_RIGHT = {
    "RCPT": {251},
    "VRFY": {250, 251},
    "EXPN": {250, 252, 500, 502, 504, 550},
    "HELP": {211, 502, 504},
    "EHLO": {502, 504, 550},
}


@dataclass(frozen=True, slots=True)
class Words:
    """A reason that several codes are given for; the text tells."""

    rule: str
    codes: frozenset[int]
    verbs: frozenset[str]
    text: re.Pattern[str]


_WORDS = tuple(
    Words(rule, frozenset(codes), frozenset(verbs.split()), re.compile(text, re.IGNORECASE))
    for rule, codes, verbs, text in (
        ("rcpt.relay", (550, 551, 553, 554), "RCPT", r"\brelay"),
        ("rcpt.greylisted", (421, 450, 451), "MAIL RCPT DATA .", r"gr[ea]y-?list"),
        ("rcpt.full", (452, 550, 552), "RCPT .", r"quota|mailbox (?:is )?full"),
        ("mail.not-owner", (550, 553), "MAIL RCPT", r"not owned"),
        ("demand.tls", (530,), "", r"tls|encrypt"),
        ("demand.login", (530,), "", r"auth|log ?in"),
    )
)
# Their codes are given for so many reasons that only words can tell.
_ONLY_BY_WORDS = {words.rule for words in _WORDS} - {"rcpt.full"}


@dataclass(frozen=True, slots=True)
class Reason:
    """`rule` is "" where only the code itself can be explained. `differs`: one sentence."""

    rule: str = ""
    case: str = ""
    state: str = ""
    differs: str = ""


def reason_of(given: Answered, predicted: Reply | None) -> Reason:
    code = given.line.code
    state = str(predicted.state if predicted else given.before.state)
    if predicted and predicted.rule in _OWN_COMMANDS and code < 400:
        predicted = None  # a command that only the other server has, such as XCLIENT
    if predicted and predicted.code == code:
        return Reason(predicted.rule, predicted.case, state, _remark(given))
    differs = _difference(given, predicted)
    if code < 400:
        return Reason(_accepting(given), "", state, differs)
    same_cause = predicted and predicted.enhanced == given.line.enhanced is not None
    if predicted and same_cause:
        return Reason(predicted.rule, predicted.case, state, differs)
    text = given.octets.decode("utf-8", "replace")
    verb = given.verb if given.to else "connect" * (given.before.state is State.NEW)
    rule, case = find_rule(verb, code, given.line.enhanced, text)
    return Reason(rule, case, state, differs)


def _accepting(given: Answered) -> str:
    """The rule of a success, if it gives this code."""
    if given.verb in ("AUTH", "response"):
        return _LOGIN.get(given.line.code, "")
    if given.to is None:
        is_greeting = given.before.state is State.NEW and given.line.code == 220
        return "greeting.ok" if is_greeting else ""
    rule = _ACCEPTING.get(given.verb, "")
    return rule if rule and RULES[rule].code == given.line.code else ""


def find_rule(verb: str, code: int, enhanced: str | None, text: str) -> tuple[str, str]:
    """Rule and case, where code, enhanced code and text leave exactly one; else "", "".

    `verb` is "connect" for a greeting.
    """
    if verb == "EHLO" and code in (500, 502):
        return "verb.unknown", "EHLO"
    for words in _WORDS:
        fits = code in words.codes and (not words.verbs or verb in words.verbs)
        if fits and words.text.search(text[:1000]):
            return words.rule, ""
    named = (verb.lower(), *_FAMILIES.get(verb, ()))
    for families in (named, _ANYWHERE):
        same_code = [rule for rule in RULES.values() if _is_of(rule, families, code)]
        exact = [rule for rule in same_code if enhanced and rule.enhanced == enhanced]
        is_loose = code in BLAMES_CLIENT  # there the enhanced code adds nothing
        bare = [rule for rule in same_code if is_loose or not (enhanced and rule.enhanced)]
        for found in (exact, bare):
            if len(found) == 1:
                return found[0].id, _case(found[0], verb)
    return "", ""


def _is_of(rule: Rule, families: tuple[str, ...], code: int) -> bool:
    if rule.code != code or rule.id in _ONLY_BY_WORDS:
        return False
    prefixes = tuple(each for each in families if "." in each)
    return rule.id.partition(".")[0] in families or rule.id.startswith(prefixes)


def _case(rule: Rule, verb: str) -> str:
    return verb if verb in rule.whys and rule.id.startswith(("verb.", "args.")) else ""


def _difference(given: Answered, predicted: Reply | None) -> str:
    """Empty where the other server only decided what is its own to decide."""
    if predicted is None:
        return ""
    code = given.line.code
    if code in _ALSO_RIGHT.get(given.verb, ()):
        return ""
    if given.verb == "DATA" and {code, predicted.code} == {503, 554}:
        return ""  # section 3.3 leaves the choice
    both_refuse = code >= 400 and predicted.code >= 400
    if code >= 400 and not both_refuse and code not in BLAMES_CLIENT:
        return ""
    if code == 421 or predicted.rule in ("auth.bad", "auth.ok", "auth.continue"):
        return ""
    rule = RULES[predicted.rule]
    other = f"The other server answers {code} here"
    if rule.origin != "rfc":
        return f"{other}; the sandbox answers {predicted.code}, which no RFC lays down."
    places = [ref.short for ref in rule.refs]
    asks = "asks" if len(places) == 1 else "ask"
    if code < 400 <= predicted.code:
        return (
            f"{other} and lets it pass; by the letter of {_listed(places)} it would be "
            f"{predicted.code}: {rule.title[0].lower()}{rule.title[1:]}."
        )
    return f"{other}; {_listed(places)} {asks} for {predicted.code}."


def _listed(places: list[str]) -> str:
    """RFC 5321 §3.5.3 and §7.3: a document is named once in a row."""
    parts: list[str] = []
    last = ""
    for place in places:
        document, _, section = place.rpartition(" ")
        parts.append(section if document == last else place)
        last = document
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _remark(given: Answered) -> str:
    """What is odd about a reply although its code is the right one."""
    enhanced, code = given.line.enhanced, given.line.code
    if enhanced and int(enhanced[0]) != code // 100:
        return (
            f"The class of {enhanced} does not fit {code}: its first digit has to be the same "
            "(RFC 2034 §4)."
        )
    if given.verb in ("AUTH", "response") and code == 235 and _is_in_clear(given):
        return "This login was not encrypted, so anybody on the way could read it (RFC 4954 §9)."
    return ""


def _is_in_clear(given: Answered) -> bool:
    """Known for certain only where STARTTLS is still on offer."""
    return not given.before.secured and "STARTTLS" in (given.before.offer or ())
