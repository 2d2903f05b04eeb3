"""Which rule a given reply comes from, and whether ours asks for another one."""

import re
from dataclasses import dataclass

from ..smtp import RULES, Reply, Rule, State
from .pairing import Answered

# Where a code says that the client was wrong, not that the server does not want to.
BLAMES_CLIENT = frozenset({500, 501, 502, 503, 504, 555})
_ACCEPTING = {
    "": "greeting.ok",
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
    "": ("fault.connect",),
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
# Codes that servers give for many reasons: these are named only where the text does.
_SAYS = {
    rule: re.compile(words, re.IGNORECASE)
    for rule, words in (
        ("rcpt.relay", r"relay"),
        ("rcpt.greylisted", r"gr[ea]y"),
        ("mail.not-owner", r"\bown"),
        ("demand.tls", r"tls|encrypt"),
        ("demand.login", r"auth|log ?in"),
    )
}


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
    if predicted and predicted.code == code:
        return Reason(predicted.rule, predicted.case, state, _odd_class(given))
    differs = _difference(given, predicted)
    if code < 400:
        return Reason(_accepting(given), "", state, differs)
    same_cause = predicted and predicted.enhanced == given.line.enhanced is not None
    if predicted and same_cause:
        return Reason(predicted.rule, predicted.case, state, differs)
    text = given.octets.decode("utf-8", "replace")
    rule, case = find_rule(given.verb, code, given.line.enhanced, text)
    return Reason(rule, case, state, differs)


def _accepting(given: Answered) -> str:
    """The rule of a success, if it gives this code."""
    if given.verb in ("AUTH", "response"):
        return _LOGIN.get(given.line.code, "")
    if given.to is None and given.before.state is not State.NEW:
        return ""
    rule = _ACCEPTING.get(given.verb, "")
    return rule if rule and RULES[rule].code == given.line.code else ""


def find_rule(verb: str, code: int, enhanced: str | None, text: str) -> tuple[str, str]:
    """Rule and case, where code, enhanced code and text leave exactly one; else "", ""."""
    if verb == "EHLO" and code in (500, 502):
        return "verb.unknown", "EHLO"
    named = (verb.lower(), *_FAMILIES.get(verb, ())) if verb else _FAMILIES[""]
    for families in (named, _ANYWHERE):
        told = [rule for rule in RULES.values() if _is_of(rule, families) and _is_said(rule, text)]
        same_code = [rule for rule in told if rule.code == code]
        exact = [rule for rule in same_code if enhanced and rule.enhanced == enhanced]
        by_words = [rule for rule in told if rule.id in _SAYS and rule.enhanced == enhanced]
        bare = [rule for rule in same_code if not (enhanced and rule.enhanced)]
        for found in (exact, by_words, bare):
            if len(found) == 1:
                return found[0].id, _case(found[0], verb)
    return "", ""


def _is_said(rule: Rule, text: str) -> bool:
    words = _SAYS.get(rule.id)
    return words is None or words.search(text[:1000]) is not None


def _is_of(rule: Rule, families: tuple[str, ...]) -> bool:
    return rule.id.startswith(tuple(f"{each}." for each in families if "." not in each)) or (
        rule.id.startswith(tuple(each for each in families if "." in each))
    )


def _case(rule: Rule, verb: str) -> str:
    return verb if verb in rule.whys and rule.id.startswith(("verb.", "args.")) else ""


def _difference(given: Answered, predicted: Reply | None) -> str:
    """Empty where the other server only decided what is its own to decide."""
    if predicted is None:
        return ""
    code = given.line.code
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


def _odd_class(given: Answered) -> str:
    enhanced = given.line.enhanced
    if enhanced and int(enhanced[0]) != given.line.code // 100:
        return (
            f"The class of {enhanced} does not fit {given.line.code}: its first digit has to be "
            "the same (RFC 2034 §4)."
        )
    return ""
