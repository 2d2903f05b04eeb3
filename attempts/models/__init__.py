"""Sittings and what stays of them: attempts, slots, exposures, bookmarks, reports."""

from .exposures import Exposure
from .keeping import Bookmark, Report
from .sittings import FULL_MARK, Attempt, Slot

__all__ = ["FULL_MARK", "Attempt", "Bookmark", "Exposure", "Report", "Slot"]
