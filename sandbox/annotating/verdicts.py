"""What a dialogue comes to: what happened, the likely cause, the next step."""

from collections.abc import Sequence

from ..transcribing import visible
from .annotation import AnnotatedLine, Verdict
from .causes import cause_of_no_reply
from .pairing import Answered, Aside, Item
from .pieces import Happening
from .standing import Said

# Asking them costs nothing, so a refusal of theirs is no failure of the session.
_PROBES = ("VRFY", "EXPN", "HELP", "NOOP", "RSET", "QUIT", "")
_SAME_DEED = {"response": "AUTH", "BDAT": ".", "HELO": "EHLO"}


def verdict_of(items: Sequence[Item], lines: Sequence[AnnotatedLine]) -> Verdict:
    """`lines` are those of the items, with their causes."""
    answers = [item for item in items if isinstance(item, Answered)]
    if not answers:
        return _no_dialogue(items)
    n_messages = sum(map(_is_accepted_message, answers))
    failure = _decisive(answers)
    if failure is None:
        return _without_failure(items, answers, n_messages)
    reply = failure.line
    number = failure.pieces[0].number
    line = next(each for each in lines if each.number == number and each.cause)
    said = _said(failure)
    code = f"{reply.code} {reply.enhanced or ''}".rstrip()
    put_off = "put off" if reply.code < 500 else "refused"
    headline = f"{said} was {put_off} with {code}"
    if n_messages:
        headline = f"{_messages(n_messages)} accepted, but {_inside_a_sentence(headline)}"
    return Verdict(headline, line.cause, line.step, number, is_bad=True)


def _is_accepted_message(given: Answered) -> bool:
    ends = given.verb == "." or (
        given.to is not None
        and given.verb == "BDAT"
        and given.to.octets.upper().rstrip().endswith(b" LAST")
    )
    return ends and given.line.code < 300


def _decisive(answers: Sequence[Answered]) -> Answered | None:
    """The first refusal that was not made good later by the same deed."""
    failures: list[Answered] = []
    done: set[object] = set()
    first = None
    for given in reversed(answers):
        if given.line.code < 400:
            done.add(_deed(given))
        elif given.to is None or given.verb not in _PROBES:
            first = given
            if _deed(given) not in done:
                failures.append(given)
    if failures:
        return failures[-1]
    return None if any(map(_is_accepted_message, answers)) else first


def _deed(given: Answered) -> object:
    """Equal for two tries of the same; each recipient is one of its own."""
    verb = _SAME_DEED.get(given.verb, given.verb)
    return (verb, given.to.octets.lower()) if given.to and verb == "RCPT" else verb


def _said(given: Answered) -> str:
    if given.to is None:
        return "The connection"
    match given.verb:
        case ".":
            return "The message"
        case "response" | "AUTH":
            return "The login"
        case "BDAT" | "DATA" | "STARTTLS":
            return given.verb
    text = visible(given.to.octets.strip())
    return text if len(text) <= 80 else f"{text[:80]}…"


def _inside_a_sentence(text: str) -> str:
    return f"the {text.removeprefix('The ')}" if text.startswith("The ") else text


def _messages(number: int) -> str:
    return "One message was" if number == 1 else f"{number} messages were"


def _without_failure(
    items: Sequence[Item], answers: Sequence[Answered], n_messages: int
) -> Verdict:
    swallowed = _happened(items, "swallowed")
    if swallowed and not n_messages:
        text = visible(swallowed.piece.octets)[:80]
        return Verdict(f"{text} never reached the server", swallowed.piece.why,
                       "Start the program again with -quiet, or type the verb in lower case.",
                       swallowed.piece.number, is_bad=True)  # fmt: skip
    lost = _happened(items, "lost")
    if lost and not n_messages:
        cause = cause_of_no_reply(lost.piece.octets.decode("utf-8", "replace"))
        return Verdict("The connection broke before a message was sent", cause.why, cause.step,
                       lost.piece.number, is_bad=True)  # fmt: skip
    if n_messages:
        return Verdict(
            f"{_messages(n_messages)} accepted, and nothing was refused",
            "A 250 behind the dot means that the server has taken over responsibility; whether the "
            "mail reaches a mailbox is told by its log, or by a bounce.",
        )
    unanswered = _unanswered(items, answers)
    if unanswered:
        return Verdict(
            f"The last line, {visible(unanswered.octets)[:80]}, got no answer",
            "The transcript ends here, or the connection broke.",
            "If it recurs, look at the server's log at that time.",
            unanswered.piece.number,
            is_bad=True,
        )
    return Verdict(
        "Nothing was refused, and no message was sent",
        "Every command that came was answered as it should be.",
    )


def _unanswered(items: Sequence[Item], answers: Sequence[Answered]) -> Said | None:
    answered = {id(each.to) for each in answers}
    said = [each for each in items if isinstance(each, Said) and not each.is_content]
    if said and id(said[-1]) not in answered and said[-1].verb != "QUIT":
        return said[-1]
    return None


def _happened(items: Sequence[Item], happening: Happening) -> Aside | None:
    for item in items:
        if isinstance(item, Aside) and item.piece.happening == happening:
            return item
    return None


def _no_dialogue(items: Sequence[Item]) -> Verdict:
    lost = _happened(items, "lost")
    if lost:
        cause = cause_of_no_reply(lost.piece.octets.decode("utf-8", "replace"))
        return Verdict("No connection came about", cause.why, cause.step, lost.piece.number,
                       is_bad=True)  # fmt: skip
    if any(isinstance(item, Said) for item in items):
        return Verdict(
            "The server says nothing in this text",
            "There are lines of a client, but not one reply to explain.",
            "Paste the server's lines too.",
        )
    return Verdict(
        "No line of this was recognised",
        "Nothing here looks like the format that was chosen.",
        "Let the page find out the format by itself, or choose another one.",
    )
