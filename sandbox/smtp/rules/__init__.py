"""Every reason a session can give, by id."""

from .content import CONTENT_RULES
from .endings import ENDING_RULES
from .extensions import EXTENSION_RULES
from .faults import FAULT_RULES
from .lines import LINE_RULES
from .logins import LOGIN_RULES
from .parameters import PARAMETER_RULES
from .rule import Explanation, Origin, Rule
from .session import SESSION_RULES
from .transaction import TRANSACTION_RULES

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        *SESSION_RULES,
        *ENDING_RULES,
        *TRANSACTION_RULES,
        *PARAMETER_RULES,
        *CONTENT_RULES,
        *EXTENSION_RULES,
        *LOGIN_RULES,
        *LINE_RULES,
        *FAULT_RULES,
    )
}


def explain(rule: str, state: str = "", case: str = "") -> Explanation:
    """The reason of a stored line: rule id, state it met and case as its row has them."""
    found = RULES[rule]
    return Explanation(
        rule=found.id,
        title=found.title,
        why=found.why_for(state, case),
        refs=found.refs,
        note=found.note,
        origin=found.origin,
        misreadings=found.misreadings,
    )


__all__ = ["RULES", "Explanation", "Origin", "Rule", "explain"]
