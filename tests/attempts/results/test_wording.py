import pytest

from attempts.results.wording import response_in_words, time_in_words
from questions.items import Item, ItemOption


def item(kind, *options):
    return Item(
        slug="x",
        kind=kind,
        topic="t",
        level="recall",
        stem="Which?",
        options=options,
        explanation="Because.",
        sources=(),
    )


CHOICES = (ItemOption("a", "RSET", "why"), ItemOption("b", "NOOP", "why"))
PAIRS = (
    ItemOption("imap", "IMAP", "why", counterpart="143"),
    ItemOption("pop", "POP3", "why", counterpart="110"),
)


@pytest.mark.parametrize(
    ("kind", "options", "response", "words"),
    [
        ("single", CHOICES, ["b"], "NOOP"),
        ("multiple", CHOICES, ["a", "b"], "RSET; NOOP"),
        ("ordering", CHOICES, {"a": 2, "b": 1}, "NOOP → RSET"),
        ("matching", PAIRS, {"imap": "pop", "pop": "imap"}, "IMAP → 110; POP3 → 143"),
        ("short", (), "250", "250"),
        ("lab", (), {"run": "u", "steps": 5, "done": 3}, "3/5"),
        ("single", CHOICES, ["gone"], ""),
        ("single", CHOICES, None, ""),
        ("matching", PAIRS, {}, ""),
    ],
)
def test_responses_are_said_in_the_words_of_the_question(kind, options, response, words):
    assert response_in_words(item(kind, *options), response) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (190, "3 min 10 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_in_words(seconds, words):
    assert time_in_words(seconds) == words
