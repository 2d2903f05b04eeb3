"""The bank: what can be asked, in which wording, with which key, proof and source."""

from .bank import ContentLoad, Family, Question, Topic
from .cells import Cell, Seat
from .exams import Domain, Exam, Fact, Objective, Room
from .revisions import Option, Proof, PublishedRevisionIsFixed, Revision, Source
from .standards import Standard

__all__ = [
    "Cell",
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
    "Room",
    "Seat",
    "Source",
    "Standard",
    "Topic",
]
