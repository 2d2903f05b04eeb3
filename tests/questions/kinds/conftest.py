import tomllib

import pytest

from questions.linting import lint
from questions.reading import read_item
from sandbox.tables import Table

COMMON = """
topic = "smtp"
level = "apply"
exams = []
stem = "Which?"
explanation = "Because."
sources = [ { rfc = 5321, section = "3.3" } ]
note = "smtp"
origin = "own work"
"""


@pytest.fixture
def read():
    """A question from its own keys; what is wrong in the file is an error of the test."""

    def read(text, *changes):
        item, problems = take(text, *changes)
        assert problems == []
        return item

    return read


@pytest.fixture
def wrong():
    """What reading and linting say about a question after changes (old, new)."""

    def wrong(text, *changes):
        item, problems = take(text, *changes)
        return problems + [f"{finding.field} {finding.message}" for finding in lint(item)]

    return wrong


def take(text, *changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    problems = []
    item = read_item(Table(tomllib.loads(COMMON + text), "smtp.toml", problems))
    return item, [problem.message for problem in problems]
