import re

import pytest

from tests.attempts.results.test_exam_result import exam, place, topic_question
from tests.factories import ExamAttemptFactory, PublishedFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(guest):
    """1 right, 2 wrong and flagged, 3 partly and unsure, 4 not answered, 5 right and unsure."""
    attempt = exam(guest)
    place(attempt, 1, 1000, revision=topic_question("smtp", 1))
    place(attempt, 2, 0, is_flagged=True, revision=topic_question("smtp", 1))
    place(attempt, 3, 500, certainty="unsure", revision=topic_question("pop3", 2))
    place(attempt, 4, None, revision=topic_question("pop3", 2))
    place(attempt, 5, 1000, certainty="unsure", revision=topic_question("pop3", 2))
    return attempt


def listed(client, attempt, query=""):
    page = client.get(f"/attempts/{attempt.uuid}/questions/{query}").content.decode()
    places = re.findall(r'class="listed-number">(\d+)<', page)
    states = re.findall(r'<span class="state"[^>]*>([^<]+)<', page)
    return [int(place) for place in places], states


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("?show=all&topic=", [1, 2, 3, 4, 5]),
        ("?show=missed", [2, 3, 4]),
        ("?show=wrong", [2, 3]),
        ("?show=unanswered", [4]),
        ("?show=flagged", [2]),
        ("?show=unsure", [3, 5]),
        ("?topic=pop3", [3, 4, 5]),
        ("?show=wrong&topic=pop3", [3]),
        ("?show=flagged&topic=pop3", []),
    ],
)
def test_filters(client, attempt, query, positions):
    assert listed(client, attempt, query)[0] == positions


def test_every_state_is_said_in_words(client, attempt):
    assert listed(client, attempt)[1] == [
        "right",
        "wrong, flagged",
        "partly right, unsure",
        "not answered",
        "right, unsure",
    ]


@pytest.mark.parametrize("query", ["?show=nonsense", "?topic=imap", "?topic=%00"])
def test_an_unknown_filter_lists_nothing_and_says_so(client, attempt, query):
    response = client.get(f"/attempts/{attempt.uuid}/questions/{query}")

    assert response.status_code == 422
    assert 'class="listed-number"' not in response.content.decode()
    assert "That does not work yet" in response.content.decode()


def test_an_empty_list_says_so(client, attempt):
    page = client.get(f"/attempts/{attempt.uuid}/questions/?show=flagged&topic=pop3")

    assert "No question of this attempt is like that." in page.content.decode()


def links(client, attempt, position, query):
    page = client.get(f"/attempts/{attempt.uuid}/{position}/{query}").content.decode()
    found = re.findall(r'<a (?:rel="(prev|next)" )?href="/attempts/[^/]+/([^"]*)"', page)
    return [(rel, href) for rel, href in found if "report" not in href]


def test_a_question_opened_from_a_list_leads_along_that_list(client, attempt):
    page = client.get(f"/attempts/{attempt.uuid}/questions/?show=missed&topic=").content.decode()
    assert f'href="/attempts/{attempt.uuid}/3/?show=missed"' in page

    assert links(client, attempt, 3, "?show=missed") == [
        ("prev", "2/?show=missed"),
        ("next", "4/?show=missed"),
        ("", "questions/?show=missed"),
        ("", "result/"),
    ]
    assert links(client, attempt, 4, "?show=missed&topic=pop3") == [
        ("prev", "3/?show=missed&amp;topic=pop3"),
        ("", "questions/?show=missed&amp;topic=pop3"),
        ("", "result/"),
    ]


@pytest.mark.parametrize("query", ["", "?show=nonsense", "?topic=imap", "?next=//evil.example"])
def test_without_a_list_every_question_follows(client, attempt, query):
    assert links(client, attempt, 3, query) == [("prev", "2/"), ("next", "4/"), ("", "result/")]


def test_an_open_exam_has_no_lists(client, guest):
    running = ExamAttemptFactory(learner=guest)
    for position in (1, 2):
        SlotFactory(attempt=running, position=position)

    page = client.get(f"/attempts/{running.uuid}/1/?show=wrong").content.decode()

    assert "show=wrong" not in page


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow(client, guest, n, django_assert_num_queries):
    attempt = exam(guest)
    for position in range(1, n + 1):
        place(attempt, position, 0, revision=PublishedFactory())
    client.get(f"/attempts/{attempt.uuid}/questions/")

    with django_assert_num_queries(3):  # learner, attempt, slots
        client.get(f"/attempts/{attempt.uuid}/questions/")
