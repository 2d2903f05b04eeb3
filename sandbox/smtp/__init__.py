"""SMTP without a network: octets in, events out, each reply with the rule behind it."""

from .events import (
    Close,
    ContentIn,
    Envelope,
    Event,
    Fact,
    LineIn,
    MessageAccepted,
    Notice,
    Recipient,
    Reply,
    StateChange,
    Violation,
)
from .facts import LAB_DIRECTORY, Directory, Facts, lab_facts
from .profiles import PROFILES, Limits, Profile
from .references import Ref
from .replaying import Row, replay
from .rules import RULES, Explanation, Rule, explain
from .session import Session
from .states import State
from .verbs import VERB_NOTES, Suggestion, describe

ENGINE_VERSION = "1"

__all__ = [
    "ENGINE_VERSION",
    "LAB_DIRECTORY",
    "PROFILES",
    "RULES",
    "VERB_NOTES",
    "Close",
    "ContentIn",
    "Directory",
    "Envelope",
    "Event",
    "Explanation",
    "Fact",
    "Facts",
    "Limits",
    "LineIn",
    "MessageAccepted",
    "Notice",
    "Profile",
    "Recipient",
    "Ref",
    "Reply",
    "Row",
    "Rule",
    "Session",
    "State",
    "StateChange",
    "Suggestion",
    "Violation",
    "describe",
    "explain",
    "lab_facts",
    "replay",
]
