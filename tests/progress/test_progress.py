import pytest

from accounts.learners import SESSION_KEY
from progress.standing import last_exams, next_unmet, standings, weakest
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    ExamFactory,
    LearnerFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(client):
    learner = LearnerFactory()
    session = client.session
    session[SESSION_KEY] = learner.pk
    session.save()
    return learner


def topic(slug, position, n_questions=1):
    row = TopicFactory(slug=slug, title=slug.upper(), position=position)
    return [PublishedFactory(question=QuestionFactory(topic=row)) for _ in range(n_questions)]


def answer(learner, revision, mark, position=1):
    return SlotFactory(
        attempt=AttemptFactory(learner=learner),
        revision=revision,
        mark=mark,
        response=["order"],
        checked_at="2026-11-23T10:00Z",
    )


def test_standing_counts_right_and_answered_per_topic(guest):
    (smtp,) = topic("smtp", 1)
    (pop3,) = topic("pop3", 2)
    for mark in (1000, 0, 1000):
        answer(guest, smtp, mark)
    answer(LearnerFactory(), pop3, 1000)
    SlotFactory(attempt=AttemptFactory(learner=guest), revision=pop3)

    result = standings(guest)

    assert [(s.topic.slug, s.n_right, s.n_answered) for s in result] == [
        ("smtp", 2, 3),
        ("pop3", 0, 0),
    ]
    assert (result[0].percent, result[0].says_something) == (66, True)
    assert result[1].says_something is False


def test_met_counts_questions_whose_family_was_met(guest):
    first, _second = topic("smtp", 1, n_questions=2)
    guest.exposures.create(
        family=first.question.family, first_at="2026-11-20T10:00Z", last_at="2026-11-20T10:00Z"
    )

    (standing,) = standings(guest)

    assert (standing.n_met, standing.n_questions) == (1, 2)
    assert next_unmet([standing]) == standing


def test_answers_to_retired_questions_stay_counted(client, guest):
    (smtp,) = topic("smtp", 1)
    answer(guest, smtp, 1000)
    smtp.question.retired_at = "2026-11-23T10:00Z"
    smtp.question.save(update_fields=["retired_at"])

    assert "1 of 1 answers right" in client.get("/progress/").content.decode()


def test_weakest_needs_three_answers(guest):
    (smtp,) = topic("smtp", 1)
    (pop3,) = topic("pop3", 2)
    for mark in (1000, 1000, 0):
        answer(guest, smtp, mark)
    for _ in range(2):
        answer(guest, pop3, 0)

    assert weakest(standings(guest)).topic.slug == "smtp"
    answer(guest, pop3, 0)
    assert weakest(standings(guest)).topic.slug == "pop3"


def test_weakest_goes_by_share_and_not_by_number(guest):
    (smtp,) = topic("smtp", 1)
    (pop3,) = topic("pop3", 2)
    for mark in (0, 0, 1000, 1000, 1000, 1000, 1000, 1000):
        answer(guest, smtp, mark)
    for mark in (0, 0, 1000):
        answer(guest, pop3, mark)

    assert weakest(standings(guest)).topic.slug == "pop3"


def test_nothing_is_weak_where_all_is_right(guest):
    (smtp,) = topic("smtp", 1)
    for _ in range(4):
        answer(guest, smtp, 1000)

    assert weakest(standings(guest)) is None


def finished_exam(learner, marks, **fields):
    exam = ExamAttemptFactory(
        learner=learner,
        **{"started_at": "2026-11-24T09:00Z", "finished_at": "2026-11-24T09:30Z", **fields},
    )
    for position, mark in enumerate(marks, start=1):
        SlotFactory(
            attempt=exam,
            position=position,
            revision=PublishedFactory(),
            mark=mark,
            response=["order"] if mark else None,
            checked_at="2026-11-24T09:30Z" if mark else None,
        )
    return exam


def test_last_exams_come_with_marks_and_the_line_they_had(guest):
    older = finished_exam(guest, [1000, 1000, 999, 1000])
    newer = finished_exam(
        guest, [1000, 500, 0], finished_at="2026-11-24T10:00Z", rules={"pass_percent": 50}
    )
    below = finished_exam(
        guest, [1000, 1000, 249, 0], finished_at="2026-11-23T10:00Z", started_at="2026-11-23T09:00Z"
    )
    finished_exam(LearnerFactory(), [1000])
    ExamAttemptFactory(learner=guest, exam=ExamFactory(code="SY0-701"))

    assert [(e.attempt, e.percent, e.line, e.is_passed) for e in last_exams(guest, 5)] == [
        (newer, 50, 50, True),
        (older, 99, 75, True),
        (below, 56, 75, False),
    ]
    assert [e.attempt for e in last_exams(guest, 1)] == [newer]


def test_the_page_names_exams_and_tells_nothing_of_an_open_one(client, guest):
    finished_exam(guest, [1000, 0])
    running = ExamAttemptFactory(learner=guest, exam=ExamFactory(code="SY0-701"))
    SlotFactory(attempt=running, response=["order"])

    page = client.get("/progress/").content.decode()

    assert "75 %, not reached" in page
    assert "Network+ N10-009: 1 of 2 right" in page
    assert "Network+ N10-009: open" in page
    assert "Go on with your exam" in page
    assert "1 of 1 answers right" in page


def test_a_stranger_sees_how_to_begin_and_no_row_is_made(client):
    topic("smtp", 1)

    page = client.get("/progress/").content.decode()

    assert "Nothing answered yet" in page
    assert "Answer five questions" in page
    assert "sessionid" not in client.cookies


def test_the_page_shows_only_ones_own_answers(client, guest):
    (smtp,) = topic("smtp", 1)
    answer(guest, smtp, 1000)
    answer(LearnerFactory(), smtp, 0)

    page = client.get("/progress/").content.decode()

    assert "1 of 1 answers right" in page
    assert "<svg" not in page


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow(client, guest, n, django_assert_num_queries):
    for number in range(n):
        (revision,) = topic(f"topic-{number}", number)
        for _ in range(n):
            answer(guest, revision, 0)
        finished_exam(guest, [1000, 0])
    client.get("/progress/")

    # learner, totals, topics, met, all, exams, count, sets, open set
    with django_assert_num_queries(9):
        client.get("/progress/")


def test_older_sets_stand_on_the_next_page(client, guest):
    (smtp,) = topic("smtp", 1)
    for _ in range(21):
        answer(guest, smtp, 0)

    first = client.get("/progress/").content.decode()
    second = client.get("/progress/?page=2").content.decode()

    assert first.count("open, 1 of 1 answered") == 20
    assert second.count("open, 1 of 1 answered") == 1
    assert client.get("/progress/?page=nonsense").status_code == 200
