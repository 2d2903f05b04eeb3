"""The parts of a stored message, written in one line for a lab to compare. Pure.

The engine has refused what is nested too deep or has too many parts before this looks at it.
"""

from email.message import Message
from email.parser import BytesParser
from email.policy import compat32


def describe_tree(content: bytes) -> str:
    """`multipart/mixed[text/plain, text/plain;name=note.txt]`; what is broken has a `!` behind."""
    return _describe(BytesParser(policy=compat32).parsebytes(content))


def _describe(part: Message) -> str:
    name = part.get_filename()
    text = part.get_content_type() + (f";name={name}" if name else "")
    if part.is_multipart():
        inner = [child for child in part.get_payload() if isinstance(child, Message)]
        text += f"[{', '.join(map(_describe, inner))}]"
    return text + ("!" if part.defects else "")
