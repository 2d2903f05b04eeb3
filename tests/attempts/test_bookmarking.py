import re

import pytest

from attempts.models import Bookmark
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot(guest):
    return SlotFactory(attempt=AttemptFactory(learner=guest))


def url(slot):
    return f"/attempts/{slot.attempt.uuid}/{slot.position}/bookmark/"


def test_a_bookmark_is_set_once_and_removed(client, guest, slot):
    for _ in range(2):
        response = client.post(url(slot), {"on": "1", "next": slot.get_absolute_url()})
    assert (response.status_code, response.url) == (303, slot.get_absolute_url())
    assert [b.question for b in guest.bookmarks.all()] == [slot.revision.question]

    for _ in range(2):
        client.post(url(slot), {"on": "0"})
    assert guest.bookmarks.count() == 0


def test_as_a_fragment_the_button_says_its_new_state(client, slot):
    response = client.post(
        url(slot), {"on": "1", "next": "/practice/"}, headers={"HX-Request": "true"}
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert 'aria-pressed="true">Bookmarked</button>' in page
    assert 'name="on" value="0"' in page
    assert "<html" not in page


@pytest.mark.parametrize(
    "next_",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "x", ""],
)
def test_the_way_back_stays_on_this_site(client, slot, next_):
    response = client.post(url(slot), {"on": "1", "next": next_})

    assert response.url == "/bookmarks/"


@pytest.mark.parametrize("on", ["2", "", "yes"])
def test_a_form_that_says_neither_changes_nothing(client, slot, on):
    assert client.post(url(slot), {"on": on}).status_code == 400
    assert Bookmark.objects.count() == 0


def test_only_by_post(client, slot):
    assert client.get(url(slot)).status_code == 405


def test_strangers_and_other_learners_get_404(client, guest):
    other = SlotFactory(attempt=AttemptFactory(learner=LearnerFactory()))

    assert client.post(url(other), {"on": "1"}).status_code == 404
    client.cookies.clear()
    assert client.post(url(other), {"on": "1"}).status_code == 404
    assert Bookmark.objects.count() == 0


@pytest.mark.parametrize("position", [2, 99_999_999])
def test_no_such_question(client, slot, position):
    path = f"/attempts/{slot.attempt.uuid}/{position}/bookmark/"

    assert client.post(path, {"on": "1"}).status_code == 404


def test_a_question_not_opened_yet_in_an_exam_cannot_be_kept(client, guest):
    exam = ExamAttemptFactory(learner=guest)
    closed = SlotFactory(attempt=exam)
    opened = SlotFactory(attempt=exam, position=2, opened_at="2026-11-24T10:00Z")

    assert client.post(url(closed), {"on": "1"}).status_code == 404
    assert client.post(url(opened), {"on": "1"}).status_code == 303
    assert [b.question for b in guest.bookmarks.all()] == [opened.revision.question]


def test_every_question_page_carries_the_toggle(client, guest, slot):
    page = client.get(slot.get_absolute_url()).content.decode()
    assert 'aria-pressed="false">Bookmark</button>' in page
    assert f'action="{url(slot)}"' in page
    assert slot.revision.question.slug not in page  # it may hint at the key

    guest.bookmarks.create(question=slot.revision.question)
    page = client.get(slot.get_absolute_url()).content.decode()
    assert 'aria-pressed="true">Bookmarked</button>' in page


def keep(learner, stem="Which?", topic="smtp", position=1, **fields):
    topic = TopicFactory(slug=topic, title=topic.upper(), position=position)
    revision = PublishedFactory(question=QuestionFactory(topic=topic, **fields), stem=stem)
    slot = SlotFactory(attempt=AttemptFactory(learner=learner), revision=revision)
    learner.bookmarks.create(question=revision.question)
    return slot


def test_the_list_goes_by_topic_and_leads_to_the_latest_meeting(client, guest):
    keep(guest, "Pop one?", "pop3", 2)
    first = keep(guest, "Smtp one?", "smtp", 1)
    again = SlotFactory(attempt=AttemptFactory(learner=guest), revision=first.revision)
    keep(LearnerFactory(), "Not mine?")

    page = client.get("/bookmarks/").content.decode()

    assert re.findall(r"<h2>([^<]+)</h2>", page)[:2] == ["SMTP", "POP3"]
    assert again.get_absolute_url() in page
    assert first.get_absolute_url() not in page
    assert "Not mine?" not in page
    assert 'name="number" value="2"' in page


def test_what_practice_may_not_ask_is_counted(client, guest):
    keep(guest, pool="probe")
    keep(guest)

    page = client.get("/bookmarks/").content.decode()

    assert "1 is kept for exams or not in use any more" in page
    assert 'name="number" value="1"' in page


def test_an_empty_list_says_how_to_begin(client):
    page = client.get("/bookmarks/").content.decode()

    assert "Nothing is bookmarked yet." in page
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow(client, guest, n, django_assert_num_queries):
    for number in range(n):
        keep(guest, topic=f"topic-{number}", position=number)
    client.get("/bookmarks/")

    # learner, bookmarks, slots, families and questions that practice may ask
    with django_assert_num_queries(5):
        client.get("/bookmarks/")
