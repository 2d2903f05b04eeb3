"""The authors' pages for the bank. Files are the truth of topics, exams, labs and standards."""

from . import bank, revisions, rows

__all__ = ["bank", "revisions", "rows"]
