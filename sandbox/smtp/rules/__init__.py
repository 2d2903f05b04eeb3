"""Every reason a session can give, by id."""

from .rule import Explanation, Rule

RULES: dict[str, Rule] = {}


def explain(rule: str, state: str = "", case: str = "") -> Explanation:
    """The reason of a stored line: its rule id, the state it met and the case, as its row has them."""
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


__all__ = ["RULES", "Explanation", "Rule", "explain"]
