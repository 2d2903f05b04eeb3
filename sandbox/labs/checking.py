"""What has to hold in a lab beside its steps: codes, connections, messages that arrived. Pure."""

import re
from dataclasses import dataclass

from ..smtp.mime import Part, describe_tree, scan
from ..transcribing import visible
from .hearing import Message, Recording
from .lab import LabCheck

SHOWN_LINES = 40


@dataclass(frozen=True, slots=True)
class CheckGrade:
    """`arrived`: of a stored message what the check looks at, "" where there is none."""

    check: LabCheck
    is_met: bool
    arrived: str = ""

    @property
    def shown(self) -> str:
        octets = self.arrived.encode(errors="surrogateescape")
        return "\n".join(visible(line) for line in octets.split(b"\n"))


def judge(check: LabCheck, recording: Recording) -> CheckGrade:
    match check.id:
        case "reply":
            said = {item.answer.code for item in recording.heard if item.answer}
            return CheckGrade(check, check.reply in said)
        case "sessions":
            return CheckGrade(check, recording.n_sessions <= check.sessions)
        case "body":
            bodies = [body_lines(message) for message in recording.messages]
            is_met = check.body in bodies
            shown = check.body if is_met else bodies[-1][:SHOWN_LINES] if bodies else ()
            return CheckGrade(check, is_met, "\n".join(shown))
        case "tree":
            trees = [_tree_of(message) for message in recording.messages]
            is_met = check.tree in trees
            return CheckGrade(check, is_met, check.tree if is_met else trees[-1] if trees else "")


def _tree_of(message: Message) -> str:
    """With its faults, if any. The engine has refused what is too much to scan."""
    found = scan(message.content)
    return " – ".join([describe_tree(found), *_faults(found)])


def _faults(part: Part) -> list[str]:
    inner = [fault for each in part.parts for fault in _faults(each)]
    return [fault.replace("-", " ") for fault in part.faults] + inner


def body_lines(message: Message) -> tuple[str, ...]:
    """Lines behind the header; all of them where there is none."""
    text = message.content.decode("utf-8", "surrogateescape").removesuffix("\r\n")
    header, found, body = text.partition("\r\n\r\n")
    has_header = found and all(
        re.match(r"[!-9;-~]+[ \t]*:|[ \t]", line) for line in header.split("\r\n")
    )
    return tuple((body if has_header else text).split("\r\n"))
