"""The bank: what can be asked, in which wording, with which key, proof and source."""

from .bank import ContentLoad, Family, Question, Topic
from .exams import Domain, Exam, Fact, Objective
from .revisions import Option, Proof, PublishedRevisionIsFixed, Revision, Source
from .standards import Standard

__all__ = [
    "ContentLoad",
    "Domain",
    "Exam",
    "Fact",
    "Family",
    "Objective",
    "Option",
    "Proof",
    "PublishedRevisionIsFixed",
    "Question",
    "Revision",
    "Source",
    "Standard",
    "Topic",
]
