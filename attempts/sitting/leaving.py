"""Leaves a question or a section for good, in rooms that know no way back."""

from datetime import datetime

from ..models import Attempt, Slot


def leave_slot(slot: Slot, *, now: datetime) -> None:
    Slot.objects.filter(pk=slot.pk, left_at=None).update(left_at=now)


def leave_section(attempt: Attempt, section: int, *, now: datetime) -> None:
    """Saying it twice leaves one section, not two: the section is named."""
    attempt.slots.filter(section=section, left_at=None).update(left_at=now)
