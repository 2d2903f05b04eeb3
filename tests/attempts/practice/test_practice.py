import pytest
from django.test import Client

from attempts.models import Attempt
from attempts.practice import views
from questions.models import Objective
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    ExamFactory,
    FamilyFactory,
    LearnerFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def publish_questions(n, **fields):
    return [PublishedFactory(question=QuestionFactory(**fields)) for _ in range(n)]


def start(client, **data):
    return client.post("/practice/", {"number": "2", "only": "any", **data})


def test_starting_draws_a_set_and_leads_to_its_first_question(client):
    publish_questions(3)

    response = client.post("/practice/", {"number": "2", "only": "any"}, follow=True)

    attempt = Attempt.objects.get()
    assert response.redirect_chain == [
        (f"/attempts/{attempt.uuid}/", 303),
        (f"/attempts/{attempt.uuid}/1/", 302),
    ]
    assert attempt.mode == "practice"
    assert [slot.position for slot in attempt.slots.all()] == [1, 2]
    assert all(
        sorted(slot.option_order) == ["fine", "order", "syntax"] for slot in attempt.slots.all()
    )
    assert attempt.learner.is_guest


def test_topics_limit_the_draw(client):
    publish_questions(2)
    pop3 = TopicFactory(slug="pop3", title="POP3", position=2)
    wanted = publish_questions(2, topic=pop3)

    start(client, topics=["pop3"])

    drawn = {slot.revision_id for slot in Attempt.objects.get().slots.all()}
    assert drawn == {revision.pk for revision in wanted}


def test_fewer_questions_than_asked_for_make_a_smaller_set(client):
    publish_questions(1)

    response = client.post("/practice/", {"number": "5", "only": "any"}, follow=True)

    assert Attempt.objects.get().slots.count() == 1
    assert "this set has 1" in response.content.decode()


def test_an_empty_choice_is_explained_and_starts_nothing(client):
    publish_questions(1)

    response = start(client, only="bookmarked")

    assert response.status_code == 422
    page = response.content.decode()
    assert page.count("You have not bookmarked a question yet.") == 1
    assert "<title>Error: Practise" in page
    assert Attempt.objects.count() == 0


def test_missed_means_the_latest_answer_was_not_right(client, guest):
    right, wrong, mended = publish_questions(3)
    for revision, marks in ((right, [1000]), (wrong, [1000, 0]), (mended, [0, 1000])):
        for n, mark in enumerate(marks):
            SlotFactory(
                attempt__learner=guest,
                revision=revision,
                mark=mark,
                response=["x"],
                checked_at=f"2026-11-2{n}T10:00:00Z",
            )

    start(client, only="missed", number="5")

    drawn = [slot.revision for slot in Attempt.objects.order_by("pk").last().slots.all()]
    assert drawn == [wrong]


def test_unseen_leaves_out_families_that_were_met(client, guest):
    family = FamilyFactory(slug="shared")
    met, sibling = publish_questions(2, family=family)
    (fresh,) = publish_questions(1)
    guest.exposures.create(family=family, first_at="2026-11-20T10:00Z", last_at="2026-11-20T10:00Z")

    start(client, only="unseen", number="5")

    assert [slot.revision for slot in Attempt.objects.get().slots.all()] == [fresh]


@pytest.mark.parametrize(
    "data",
    [
        {"number": "0"},
        {"number": "91"},
        {"number": "many"},
        {"topics": ["no-such"]},
        {"only": "x"},
        {"objectives": ["999"]},
        {"objectives": ["x"]},
        {"kinds": ["essay"]},
        {"minutes": "0"},
        {"minutes": "301"},
        {"attempt": "no-uuid"},
        {"attempt": "8a1d2f6e-1111-4222-8333-444455556666"},
    ],
)
def test_bad_input_starts_nothing(client, data):
    publish_questions(3)

    assert start(client, **data).status_code == 422
    assert Attempt.objects.count() == 0


def test_probes_retired_and_suspended_questions_are_not_drawn(client):
    publish_questions(1, pool="probe")
    publish_questions(1, retired_at="2026-11-20T10:00Z")
    publish_questions(1, suspended_at="2026-11-20T10:00Z")
    (live,) = publish_questions(1)

    start(client, number="10")

    assert [slot.revision for slot in Attempt.objects.get().slots.all()] == [live]


@pytest.mark.parametrize("n", [1, 3])
def test_the_start_page_takes_the_same_queries_for_any_number(
    client, guest, n, django_assert_num_queries
):
    for number in range(n):
        topic = TopicFactory(slug=f"topic-{number}", position=number)
        publish_questions(2, topic=topic)
        SlotFactory(attempt__learner=guest)
    client.get("/practice/")

    with django_assert_num_queries(7):  # learner, cells, count, topics, met, objectives, open sets
        response = client.get("/practice/")

    assert "None chosen means all of them." in response.content.decode()


def test_looking_at_the_start_page_writes_nothing(client):
    publish_questions(1)

    response = client.get("/practice/?topics=smtp-transaction")

    assert Attempt.objects.count() == 0
    assert 'value="smtp-transaction" checked' in response.content.decode()
    assert "sessionid" not in response.cookies


@pytest.mark.parametrize("wanted", [1, 3])
def test_starting_takes_the_same_queries_for_any_number(
    client, guest, wanted, django_assert_num_queries
):
    publish_questions(4)
    start(client, number="4")

    with django_assert_num_queries(13):  # three of them extend the session
        start(client, number=str(wanted))


def drawn(attempt):
    return {slot.revision for slot in attempt.slots.select_related("revision")}


def test_what_was_missed_in_one_attempt_and_nothing_else(client, guest):
    right, wrong, left_out, elsewhere = publish_questions(4)
    (probe,) = publish_questions(1, pool="probe")
    exam = ExamAttemptFactory(
        learner=guest, started_at="2026-11-24T09:00Z", finished_at="2026-11-24T10:00Z"
    )
    for position, (revision, mark) in enumerate(
        [(right, 1000), (wrong, 500), (left_out, 0), (probe, 0)], start=1
    ):
        SlotFactory(attempt=exam, position=position, revision=revision, mark=mark)
    SlotFactory(attempt__learner=guest, revision=elsewhere, mark=0, checked_at="2026-11-24T10:00Z")

    response = client.post(
        "/practice/", {"attempt": exam.uuid, "number": "4", "only": "any"}, follow=True
    )

    assert drawn(Attempt.objects.filter(mode="practice").order_by("pk").last()) == {wrong, left_out}
    assert "1 is kept for exams and stays out of practice" in response.content.decode()


@pytest.mark.parametrize("whose", ["other", "own but open"])
def test_misses_of_others_and_of_an_open_exam_stay_hidden(client, guest, whose):
    publish_questions(1)
    exam = (
        ExamAttemptFactory(
            learner=LearnerFactory(),
            started_at="2026-11-24T09:00Z",
            finished_at="2026-11-24T10:00Z",
        )
        if whose == "other"
        else ExamAttemptFactory(learner=guest)
    )
    SlotFactory(attempt=exam, revision=PublishedFactory(stem="Secret?"), mark=None)

    response = client.post("/practice/", {"attempt": exam.uuid, "number": "1"})

    assert response.status_code == 422
    assert "There is no finished set of yours with this address." in response.content.decode()
    assert not Attempt.objects.filter(mode="practice").exists()


@pytest.mark.parametrize(
    ("time_percent", "deadline_after"), [(100, 20 * 60), (150, 30 * 60), (0, None)]
)
def test_a_clock_is_set_with_the_learners_own_time(client, guest, time_percent, deadline_after):
    publish_questions(1)
    guest.time_percent = time_percent
    guest.save()

    start(client, number="1", minutes="20")

    attempt = Attempt.objects.get()
    assert (attempt.minutes, attempt.time_percent) == (20, time_percent)
    ends = attempt.deadline_at and (attempt.deadline_at - attempt.started_at).total_seconds()
    assert ends == deadline_after


def test_without_minutes_there_is_no_clock(client, guest):
    publish_questions(1)

    start(client, number="1", minutes="")

    attempt = Attempt.objects.get()
    assert (attempt.minutes, attempt.deadline_at, attempt.time_percent) == (None, None, 100)


def test_objectives_and_kinds_limit_the_draw(client):
    tagged, untagged = publish_questions(2)
    objective = Objective.objects.create(exam=ExamFactory(), code="1.4", text="Ports")
    tagged.objectives.add(objective)

    start(client, number="5", objectives=[objective.pk], kinds=["single"])

    assert drawn(Attempt.objects.get()) == {tagged}
    assert start(client, objectives=[objective.pk], kinds=["lab"]).status_code == 422


def test_the_count_comes_as_a_fragment_and_starts_nothing(client, guest):
    publish_questions(3)

    response = client.get("/practice/", {"only": "any"}, headers={"HX-Request": "true"})

    assert response.content.decode().strip() == "3 questions fit this choice."
    assert "HX-Request" in response.headers["Vary"]
    assert Attempt.objects.count() == 0


def test_a_fragment_of_a_choice_that_cannot_be_read_says_so(client):
    response = client.get("/practice/", {"number": "many"}, headers={"HX-Request": "true"})

    assert response.status_code == 422
    assert response.content.decode().strip() == "This choice cannot be read."


def test_an_address_with_a_choice_of_nothing_is_no_error(client):
    response = client.get("/practice/?only=bookmarked")

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("You have not bookmarked a question yet.") == 1
    assert "Error:" not in page


def test_without_javascript_a_button_counts_and_keeps_the_choice(client):
    publish_questions(2)
    pop3 = TopicFactory(slug="pop3", title="POP3", position=2)
    publish_questions(1, topic=pop3)

    response = client.post(
        "/practice/",
        {"number": "7", "only": "any", "topics": ["pop3"], "step": "count", "x": "dropped"},
        follow=True,
    )

    assert response.redirect_chain == [
        ("/practice/?number=7&only=any&topics=pop3#matching", 303),
    ]
    page = response.content.decode()
    assert "1 question fits this choice." in page
    assert 'value="pop3" checked' in page
    assert 'value="7"' in page
    assert Attempt.objects.count() == 0


def test_siblings_count_once_also_over_two_topics(client):
    family = FamilyFactory(slug="shared")
    publish_questions(2, family=family)
    publish_questions(1, family=family, topic=TopicFactory(slug="pop3", position=2))

    page = client.get("/practice/").content.decode()

    assert "1 question fits this choice." in page


def test_open_sets_and_exams_are_listed(client, guest):
    publish_questions(1)
    SlotFactory(attempt=AttemptFactory(learner=guest))
    ExamAttemptFactory(learner=guest)
    SlotFactory(attempt=AttemptFactory(learner=LearnerFactory()))

    page = client.get("/practice/").content.decode()

    assert page.count("Resume") == 2
    assert "Resume: 0 of 1 answered" in page
    assert "Resume the exam: Network+ N10-009" in page


def test_after_many_starts_in_an_hour_the_site_waits(client, guest, monkeypatch):
    publish_questions(2)
    monkeypatch.setattr(views, "STARTS_AN_HOUR", 3)

    statuses = [start(client, number="1").status_code for _ in range(4)]

    assert statuses == [303, 303, 303, 429]


def test_strangers_of_one_address_are_counted_together(client, monkeypatch):
    publish_questions(2)
    monkeypatch.setattr(views, "STARTS_AN_HOUR", 2)

    statuses = [start(Client(), number="1").status_code for _ in range(3)]

    assert statuses == [303, 303, 429]
    assert start(Client(REMOTE_ADDR="192.0.2.7"), number="1").status_code == 303
