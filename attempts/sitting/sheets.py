"""Reads the slots of an attempt as its navigator shows them: one query, no question text."""

from ..answering import Place
from ..models import Attempt
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


def is_ahead(place: Place) -> bool:
    """Whether an exam has not led to this question yet. Asks nothing where all are open."""
    if place.is_finished or place.is_left or place.room["navigation"] == Navigation.FREE:
        return False
    return not sheet_of(Attempt.objects.get(pk=place.attempt_id)).may_open(place.position)


def _state(response: object, opened_at: object) -> State:
    if response:
        return State.ANSWERED
    return State.NOT_ANSWERED if opened_at else State.NOT_SEEN
