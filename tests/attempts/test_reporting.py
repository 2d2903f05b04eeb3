from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from attempts.models import Report
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot(guest):
    return SlotFactory(attempt=AttemptFactory(learner=guest))


def url(slot):
    return f"/attempts/{slot.attempt.uuid}/{slot.position}/report/"


def test_a_report_names_slot_and_revision(client, guest, slot):
    response = client.post(url(slot), {"reason": "key", "comment": " RFC 5321 says 503 "})

    report = Report.objects.get()
    assert (response.status_code, response.url) == (303, slot.get_absolute_url())
    assert (report.learner, report.revision, report.slot) == (guest, slot.revision, slot)
    assert (report.reason, report.comment, report.closed_at) == ("key", "RFC 5321 says 503", None)
    assert "Thank you." in client.get("/reports/").content.decode()


def test_the_form_shows_the_question_and_chooses_nothing(client, slot):
    page = client.get(url(slot)).content.decode()

    assert "before <code" in page
    assert page.count('type="radio"') == 5
    assert "checked" not in page
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "rude"}, "Select a valid choice."),
        ({"reason": "other", "comment": "  "}, "Please say in a few words what is wrong."),
        ({"reason": "key", "comment": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_bad_input_is_told_and_reports_nothing(client, slot, data, said):
    response = client.post(url(slot), data)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert Report.objects.count() == 0


def test_the_same_reason_twice_is_one_report(client, slot):
    for _ in range(2):
        client.post(url(slot), {"reason": "typo"})
    client.post(url(slot), {"reason": "unclear"})

    assert sorted(Report.objects.values_list("reason", flat=True)) == ["typo", "unclear"]
    assert "You had reported this before." in client.get("/reports/").content.decode()


def test_after_an_answer_the_same_reason_may_come_again(client, guest, slot):
    guest.reports.create(revision=slot.revision, reason="typo", closed_at=timezone.now())

    client.post(url(slot), {"reason": "typo"})

    assert guest.reports.open().count() == 1


def test_the_database_holds_one_open_report_of_a_reason(guest, slot):
    guest.reports.create(revision=slot.revision, reason="typo")

    with pytest.raises(IntegrityError, match="report|UNIQUE"), transaction.atomic():
        guest.reports.create(revision=slot.revision, reason="typo")


def test_twenty_a_day_are_enough(client, guest, slot):
    now = timezone.now()
    for n in range(20):
        guest.reports.create(
            revision=slot.revision,
            reason="typo",
            closed_at=now,
            created_at=now - timedelta(hours=n),
        )

    refused = client.post(url(slot), {"reason": "key", "comment": "kept"})

    assert refused.status_code == 429
    assert "You have reported 20 questions in the last 24 hours." in refused.content.decode()
    assert "kept" in refused.content.decode()
    assert guest.reports.count() == 20

    guest.reports.filter(created_at__lt=now - timedelta(hours=18)).update(
        created_at=now - timedelta(hours=25)
    )
    client.post(url(slot), {"reason": "key"})
    assert guest.reports.count() == 21


def test_in_an_exam_the_form_shows_nothing_of_the_key(client, guest):
    exam = ExamAttemptFactory(learner=guest)
    slot = SlotFactory(attempt=exam, opened_at="2026-11-24T10:00Z", response=["order"])

    pages = [client.get(url(slot)), client.post(url(slot), {"reason": "key"}, follow=True)]
    pages.append(client.get("/reports/"))

    for page in pages:
        body = page.content.decode()
        for secret in ("Only MAIL opens", "The syntax is right", "came out of turn", "order"):
            assert secret not in body
    assert "its clock" in pages[0].content.decode()
    assert Report.objects.count() == 1


def test_a_question_not_opened_yet_is_not_shown(client, guest):
    closed = SlotFactory(attempt=ExamAttemptFactory(learner=guest))

    assert client.get(url(closed)).status_code == 404
    assert client.post(url(closed), {"reason": "key"}).status_code == 404


def test_strangers_and_other_learners_get_404(client, guest):
    other = SlotFactory(attempt=AttemptFactory(learner=LearnerFactory()))

    assert client.get(url(other)).status_code == 404
    assert client.post(url(other), {"reason": "key"}).status_code == 404
    client.cookies.clear()
    assert client.get(url(other)).status_code == 404
    assert Report.objects.count() == 0


def test_the_reporter_reads_the_answer(client, guest, slot):
    guest.reports.create(
        revision=slot.revision,
        slot=slot,
        reason="key",
        comment="<b>see</b>",
        closed_at=timezone.now(),
        answer="Right: mended in revision 2.",
    )
    guest.reports.create(revision=slot.revision, reason="typo")
    LearnerFactory().reports.create(revision=slot.revision, reason="other", comment="secret words")

    page = client.get("/reports/").content.decode()

    assert "Right: mended in revision 2." in page
    assert "&lt;b&gt;see" in page
    assert page.count("waiting for an author") == 1
    assert "secret words" not in page


def test_a_stranger_sees_how_it_works(client):
    page = client.get("/reports/").content.decode()

    assert "You have reported nothing." in page
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow(client, guest, n, django_assert_num_queries):
    for _ in range(n):
        slot = SlotFactory(attempt=AttemptFactory(learner=guest), revision=PublishedFactory())
        guest.reports.create(revision=slot.revision, slot=slot, reason="key")
    client.get("/reports/")

    with django_assert_num_queries(2):  # learner, reports
        client.get("/reports/")
