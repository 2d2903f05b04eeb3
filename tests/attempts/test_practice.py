import pytest

from attempts.models import Attempt
from tests.factories import (
    FamilyFactory,
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

    response = start(client, only="missed")

    assert response.status_code == 422
    assert "No question fits this choice" in response.content.decode()
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
    [{"number": "0"}, {"number": "91"}, {"number": "many"}, {"topics": ["no-such"]}, {"only": "x"}],
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

    with django_assert_num_queries(3):  # learner, topics, open sets
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

    with django_assert_num_queries(11):  # three of them extend the session
        start(client, number=str(wanted))
