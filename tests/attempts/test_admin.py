"""The authors' queue of reports."""

import pytest

from attempts.models import Report
from questions.models import Seat
from questions.seating import seat
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    PublishedFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
REPORTS = "/admin/attempts/report/"


@pytest.fixture
def author(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def report():
    slot = SlotFactory(
        attempt=AttemptFactory(), response=["syntax"], mark=0, checked_at="2026-11-24T10:00Z"
    )
    return Report.objects.create(
        learner=slot.attempt.learner,
        revision=slot.revision,
        slot=slot,
        reason="key",
        comment="It is <i>wrong</i>.",
    )


def test_a_report_shows_what_was_asked_and_answered(client, author, report):
    page = client.get(f"{REPORTS}{report.pk}/change/").content.decode()

    assert "practice, question 1" in page
    assert "a syntax error (0 / 1000)" in page
    assert "It is &lt;i&gt;wrong&lt;/i&gt;." in page
    assert f"/questions/revisions/{report.revision_id}/" in page
    assert f"/admin/questions/revision/{report.revision_id}/change/" in page


def test_an_answer_closes_the_report(client, author, report):
    client.post(f"{REPORTS}{report.pk}/change/", {"answer": "Mended.", "close": "on"})

    report.refresh_from_db()
    assert (report.answer, report.closed_by) == ("Mended.", author)
    assert report.closed_at is not None


def test_an_answer_may_wait(client, author, report):
    client.post(f"{REPORTS}{report.pk}/change/", {"answer": "Looking into it."})

    report.refresh_from_db()
    assert (report.answer, report.closed_at) == ("Looking into it.", None)


def test_what_the_learner_wrote_stays(client, author, report):
    client.post(
        f"{REPORTS}{report.pk}/change/", {"answer": "x", "reason": "typo", "comment": "changed"}
    )

    report.refresh_from_db()
    assert (report.reason, report.comment) == ("key", "It is <i>wrong</i>.")


def test_one_click_suspends_the_question(client, author, report):
    other = PublishedFactory()
    seat([report.revision.question, other.question])

    response = client.post(f"{REPORTS}{report.pk}/suspension/", follow=True)

    report.revision.question.refresh_from_db()
    other.question.refresh_from_db()
    assert report.revision.question.suspended_at is not None
    assert other.question.suspended_at is None
    assert "Suspend the question" not in response.content.decode()
    assert [seat.question for seat in Seat.objects.all()] == [other.question]  # drawn no more


def test_looking_suspends_nothing(client, author, report):
    client.get(f"{REPORTS}{report.pk}/suspension/")

    report.revision.question.refresh_from_db()
    assert report.revision.question.suspended_at is None


@pytest.mark.parametrize("action", ["suspend_questions", "close_reports"])
def test_actions_on_the_list(client, author, report, action):
    client.post(REPORTS, {"action": action, "_selected_action": [report.pk]})

    report.refresh_from_db()
    report.revision.question.refresh_from_db()
    assert (report.closed_at is not None) is (action == "close_reports")
    assert (report.revision.question.suspended_at is not None) is (action == "suspend_questions")


def test_the_list_is_filtered_by_state_and_mode(client, author, report):
    slot = SlotFactory(attempt=ExamAttemptFactory(), revision=PublishedFactory(stem="Exam one?"))
    closed = Report.objects.create(
        learner=slot.attempt.learner,
        revision=slot.revision,
        slot=slot,
        reason="typo",
        closed_at="2026-11-24T10:00Z",
    )

    def shown(query):
        return [r.pk for r in client.get(f"{REPORTS}?{query}").context["cl"].result_list]

    assert shown("") == [report.pk, closed.pk]
    assert shown("state=open") == [report.pk]
    assert shown("state=closed") == [closed.pk]
    assert shown("slot__attempt__mode__exact=exam") == [closed.pk]
    assert shown("reason__exact=key") == [report.pk]


def test_only_staff_and_those_allowed_open_the_queue(client, report):
    assert client.get(REPORTS).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(REPORTS).status_code == 403
    client.post(f"{REPORTS}{report.pk}/suspension/")

    report.revision.question.refresh_from_db()
    assert report.revision.question.suspended_at is None


@pytest.mark.parametrize("n", [1, 3])
def test_queries_of_the_list_do_not_grow(client, author, n, django_assert_num_queries):
    for _ in range(n):
        slot = SlotFactory(attempt=AttemptFactory(), revision=PublishedFactory())
        Report.objects.create(
            learner=slot.attempt.learner, revision=slot.revision, slot=slot, reason="key"
        )
    client.get(REPORTS)

    with django_assert_num_queries(6):  # session, account, learner, counts, reports
        client.get(REPORTS)
