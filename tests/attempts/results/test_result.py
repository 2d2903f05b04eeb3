import pytest

from tests.factories import (
    AttemptFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(client, guest):
    """Three questions: SMTP right and wrong, POP3 not answered."""
    attempt = AttemptFactory(learner=guest)
    smtp = TopicFactory(slug="smtp", title="SMTP itself", position=1)
    pop3 = TopicFactory(slug="pop3", title="POP3 itself", position=2)
    for position, (topic, mark) in enumerate([(smtp, 1000), (smtp, 0), (pop3, None)], start=1):
        SlotFactory(
            attempt=attempt,
            position=position,
            revision=PublishedFactory(
                question=QuestionFactory(topic=topic), stem=f"Question number {position}?"
            ),
            mark=mark,
            response=None if mark is None else ["order"],
            checked_at=None if mark is None else "2026-11-23T10:00Z",
        )
    return attempt


def test_ending_early_counts_what_was_answered(client, attempt):
    page = client.post(attempt.get_result_url(), follow=True).content.decode()

    attempt.refresh_from_db()
    assert attempt.is_finished
    assert "of 3 right, 33 % of marks" in page
    assert "1 not answered" in page
    assert "Look again at “POP3 itself”" in page
    assert "Question number 1?" not in page
    assert "Question number 2?" in page
    assert "Question number 3?" in page


def test_ending_twice_keeps_the_first_time(client, attempt):
    client.post(attempt.get_result_url())
    attempt.refresh_from_db()
    first = attempt.finished_at

    client.post(attempt.get_result_url())

    attempt.refresh_from_db()
    assert attempt.finished_at == first


def test_an_open_set_shows_no_missed_questions(client, attempt):
    page = client.get(attempt.get_result_url()).content.decode()

    assert "This set is still open" in page
    assert "To look at again" not in page


def test_looking_ends_nothing(client, attempt):
    client.get(attempt.get_result_url())

    attempt.refresh_from_db()
    assert not attempt.is_finished


def test_a_question_left_out_is_shown_as_not_answered_afterwards(client, attempt):
    client.post(attempt.get_result_url())

    page = client.get(f"/attempts/{attempt.uuid}/3/").content.decode()

    assert "Not answered" in page
    assert "Only MAIL opens a transaction." in page


def test_queries_do_not_grow_with_the_set(client, guest, django_assert_num_queries):
    for n in (1, 3):
        attempt = AttemptFactory(
            learner=guest, started_at="2026-11-24T09:00Z", finished_at="2026-11-24T10:00Z"
        )
        for position in range(1, n + 1):
            SlotFactory(attempt=attempt, position=position)
        client.get(attempt.get_result_url())

        with django_assert_num_queries(6):  # learner, attempt, slots, practisable, drill, labs
            client.get(attempt.get_result_url())
