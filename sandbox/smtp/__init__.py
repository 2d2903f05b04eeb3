"""SMTP without a network: octets in, events out, each reply with the rule behind it.

The way of a line: `session` takes octets, `intake` finds the line, `screening` looks at its form,
`executing` asks the table in `states`, an effect in `commands` or `addressing` changes what is in
`standing`, and `speaking` says what `rules` has for it.
"""

from .events import (
    AuthStep,
    ChunkIn,
    Close,
    ContentIn,
    Envelope,
    Event,
    Fact,
    FaultApplied,
    LineIn,
    MessageAccepted,
    Need,
    Notice,
    Recipient,
    Reply,
    StateChange,
    Violation,
)
from .facts import (
    LAB_DIRECTORY,
    TOKEN_DOMAIN,
    CredentialResult,
    Directory,
    Facts,
    Greylisted,
    Mailbox,
    TlsResult,
    TokenResult,
    lab_facts,
)
from .faults import FAULTS, NO_FAULTS, FaultPlan
from .profiles import PROFILES, Limits, Profile
from .references import Ref
from .replaying import Row, replay
from .rules import RULES, Explanation, Rule, explain
from .session import Answer, Session
from .states import State
from .verbs import VERB_NOTES, Suggestion, describe

ENGINE_VERSION = "2"

__all__ = [
    "ENGINE_VERSION",
    "FAULTS",
    "LAB_DIRECTORY",
    "NO_FAULTS",
    "PROFILES",
    "RULES",
    "TOKEN_DOMAIN",
    "VERB_NOTES",
    "Answer",
    "AuthStep",
    "ChunkIn",
    "Close",
    "ContentIn",
    "CredentialResult",
    "Directory",
    "Envelope",
    "Event",
    "Explanation",
    "Fact",
    "Facts",
    "FaultApplied",
    "FaultPlan",
    "Greylisted",
    "Limits",
    "LineIn",
    "Mailbox",
    "MessageAccepted",
    "Need",
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
    "TlsResult",
    "TokenResult",
    "Violation",
    "describe",
    "explain",
    "lab_facts",
    "replay",
]
