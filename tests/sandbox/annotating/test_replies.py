"""A reply by itself, wherever it was quoted."""

import pytest

from sandbox.annotating import Unreadable, annotate


@pytest.mark.parametrize(
    ("text", "headline", "cause"),
    [
        ("550 5.7.1 Unable to relay", "Refused with 550 5.7.1", "not responsible for this domain"),
        ("452 4.2.2 over quota", "Put off with 452 4.2.2", "The mailbox is full."),
        ("421", "Put off with 421", "The server cannot do it now"),
        ("5.7.26", "Refused with 5.7.26", "SPF, DKIM, DMARC"),
        ("Error code: 4.2.2.", "Put off with 4.2.2", "The mailbox is full."),
        (
            "It said '550 5.1.1 <pat@lab.example>: no such user' to our server",
            "Refused with 550 5.1.1",
            "no mailbox of that name",
        ),
        ("smtp; 550-5.7.25 one\n550 5.7.25 two", "Refused with 550 5.7.25", "PTR record"),
        ("Dear user,\n\n552 5.3.4 too big\n\nBye", "Refused with 552 5.3.4", "bigger"),
    ],
)
def test_a_reply_without_a_dialogue_is_explained(text, headline, cause):
    annotation = annotate(text)

    assert annotation.format == "replies"
    assert annotation.verdict.headline == headline
    assert cause in annotation.verdict.cause


@pytest.mark.parametrize(
    "text",
    [
        "It takes 450 days.",
        "Meet me in room 550, please",
        "version 14.5.7.1 of something",
        "call 0550 5",
        "3.7.11",
        "250ok",
    ],
)
def test_a_number_in_prose_is_no_reply(text):
    with pytest.raises(Unreadable):
        annotate(text)


def test_the_lines_of_one_reply_are_one_failure():
    annotation = annotate("550-5.7.1 a\n550-5.7.1 b\n550 5.7.1 c\n550 5.1.1 d")

    assert [each.number for each in annotation.lines if each.event == "failure"] == [1, 4]
    assert annotation.verdict.headline == "2 refused on arrival"


def test_a_good_reply_is_no_failure():
    annotation = annotate("250 2.1.5 Recipient ok")

    assert not annotation.verdict.is_bad
    assert [each.line.title for each in annotation.lines] == ["The reply"]


def test_a_dialogue_is_still_read_as_one():
    assert annotate("220 mx\nEHLO a\n250 ok\nMAIL FROM:<a@b>\n550 5.7.1 no").format == "typed"
