"""Pasted transcripts explained: a text in, its lines with their reasons out. Nothing is kept."""

from .annotation import AnnotatedLine, Annotation, Unreadable, Verdict
from .explaining import MOST_LINES, MOST_OCTETS, annotate
from .formats import FORMATS

__all__ = [
    "FORMATS",
    "MOST_LINES",
    "MOST_OCTETS",
    "AnnotatedLine",
    "Annotation",
    "Unreadable",
    "Verdict",
    "annotate",
]
