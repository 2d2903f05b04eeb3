"""Reads the slots of an attempt as its navigator shows them: one query, no question text."""

from .models import Attempt
from .navigating import Navigation, Seen, Sheet, State


def sheet_of(attempt: Attempt) -> Sheet:
    rows = attempt.slots.order_by("position").values_list(
        "position", "response", "opened_at", "is_flagged", "section", "left_at"
    )
    return Sheet(
        navigation=Navigation(attempt.room["navigation"]),
        slots=[
            Seen(
                position=position,
                state=_state(response, opened_at),
                is_flagged=is_flagged,
                section=section,
                is_left=left_at is not None,
            )
            for position, response, opened_at, is_flagged, section, left_at in rows
        ],
    )


def _state(response: object, opened_at: object) -> State:
    if response:
        return State.ANSWERED
    return State.NOT_ANSWERED if opened_at else State.NOT_SEEN
