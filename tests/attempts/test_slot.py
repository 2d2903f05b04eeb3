import re
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from attempts.answering import Answer, check_answer, find_place
from attempts.finishing import finish
from attempts.models import Attempt, Exposure
from tests.factories import AttemptFactory, PublishedFactory, SlotFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def slot(guest):
    return SlotFactory(attempt=AttemptFactory(learner=guest))


def send(client, slot, *places, step="check", **headers):
    return client.post(slot.get_absolute_url(), {"step": step, "choice": places}, headers=headers)


def test_the_question_tells_nothing_of_the_key(client, slot):
    response = client.get(slot.get_absolute_url())

    html = response.content.decode()
    everything = html + str(response.headers)
    assert "What does the server answer?" in html
    assert "Choose one." in html
    for option in slot.revision.options.all():
        assert option.text in html
        assert option.rationale not in everything
        assert not re.search(rf'["\'=]{option.ident}["\' >]', everything)
    assert slot.revision.explanation not in everything
    assert "no-store" in response["Cache-Control"]


def test_looking_writes_nothing(client, slot):
    client.get(slot.get_absolute_url())

    slot.refresh_from_db()
    assert (slot.opened_at, slot.seq, slot.response) == (None, 0, None)


def test_an_answer_is_saved_marked_and_shown(client, slot):
    response = send(client, slot, "1")

    slot.refresh_from_db()
    assert response.url == slot.get_absolute_url()
    assert slot.response == ["order"]
    assert (slot.mark, slot.seq) == (1000, 1)
    assert slot.answered_at == slot.checked_at is not None
    page = client.get(response.url).content.decode()
    assert "Correct" in page
    assert "Only MAIL opens a transaction." in page
    assert "The syntax is right." in page
    assert 'href="https://www.rfc-editor.org/rfc/rfc5321#section-3.3"' in page


def test_saving_an_answer_takes_six_queries(client, slot, django_assert_num_queries):
    client.get(slot.get_absolute_url())

    with django_assert_num_queries(6):  # learner, slot, begin, slot, exposure, commit
        send(client, slot, "1")


def test_the_fragment_carries_the_feedback_and_no_page(client, slot):
    response = send(client, slot, "0", **HTMX)

    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert "Not quite" in html
    assert 'id="announce"' in html
    assert 'id="go-label"' in html
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ([], "Choose one option. Nothing was saved yet."),
        (["0", "1"], "Choose one option. Nothing was saved yet."),
        (["7"], "7 is not one of the options. Nothing was saved."),
        (["-1"], "-1 is not one of the options. Nothing was saved."),
        (["order"], "order is not one of the options. Nothing was saved."),
    ],
)
def test_a_bad_choice_changes_nothing(client, slot, places, message):
    response = send(client, slot, *places)

    slot.refresh_from_db()
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert html.index("Error:") < html.index("</title>")
    assert (slot.response, slot.seq) == (None, 0)
    assert "Only MAIL opens a transaction." not in html


def test_the_first_answer_stands(client, slot):
    send(client, slot, "0")
    send(client, slot, "1")

    slot.refresh_from_db()
    assert slot.response == ["syntax"]
    assert (slot.mark, slot.seq) == (0, 1)
    assert Exposure.objects.get().n_met == 1


def test_meeting_the_family_again_adds_up(client, guest, slot):
    again = SlotFactory(attempt=AttemptFactory(learner=guest), revision=slot.revision)
    send(client, slot, "1")
    send(client, again, "1")

    exposure = Exposure.objects.get()
    assert exposure.n_met == 2
    assert exposure.last_at > exposure.first_at


def test_strangers_get_404_whatever_they_do(client, slot):
    stranger = type(client)()
    other_guest = type(client)()
    other_guest.post("/practice/", {"number": "1", "only": "any"})

    for visitor in (stranger, other_guest):
        for url in (
            slot.get_absolute_url(),
            slot.attempt.get_absolute_url(),
            slot.attempt.get_result_url(),
        ):
            assert visitor.get(url).status_code == 404
            assert visitor.post(url, {"step": "check", "choice": "1"}).status_code in (404, 405)
    slot.refresh_from_db()
    assert slot.seq == 0
    assert not Attempt.objects.get(pk=slot.attempt_id).is_finished


def test_continue_leads_on_and_at_the_end_to_the_result(client, slot):
    second = SlotFactory(attempt=slot.attempt, position=2, revision=PublishedFactory())
    send(client, slot, "1")

    assert send(client, slot, step="continue").url == second.get_absolute_url()
    send(client, second, "1")
    assert send(client, second, step="continue").url == slot.attempt.get_result_url()
    slot.attempt.refresh_from_db()
    assert slot.attempt.is_finished


def test_continue_goes_forward_before_it_comes_back(client, slot):
    second = SlotFactory(attempt=slot.attempt, position=2, revision=PublishedFactory())
    third = SlotFactory(attempt=slot.attempt, position=3, revision=PublishedFactory())
    send(client, second, "1")

    assert send(client, second, step="continue").url == third.get_absolute_url()


def test_continue_comes_back_to_what_was_left_out(client, slot):
    second = SlotFactory(attempt=slot.attempt, position=2, revision=PublishedFactory())
    send(client, second, "1")

    assert send(client, second, step="continue").url == slot.get_absolute_url()


def test_continue_by_fragment_redirects_the_browser(client, slot):
    send(client, slot, "1")

    response = send(client, slot, step="continue", **HTMX)

    assert response["HX-Redirect"] == slot.attempt.get_result_url()


def test_an_answer_to_a_finished_set_is_not_counted(client, slot):
    client.post(slot.attempt.get_result_url())

    response = send(client, slot, "1")

    slot.refresh_from_db()
    assert response.url == slot.attempt.get_result_url()
    assert slot.response is None


@pytest.mark.parametrize("position", [0, 9, 32_768, 99_999_999_999_999_999_999])
def test_unknown_position_is_404(client, slot, position):
    url = f"/attempts/{slot.attempt.uuid}/{position}/"

    assert client.get(url).status_code == 404
    assert client.post(url, {"step": "check", "choice": "1"}).status_code == 404


def test_a_place_found_before_the_end_saves_nothing_after_it(slot):
    place = find_place(slot.attempt.uuid, 1, slot.attempt.learner)
    finish(slot.attempt, now=timezone.now())

    assert check_answer(place, Answer(["order"], uuid.uuid4()), now=timezone.now()) is False

    slot.refresh_from_db()
    assert slot.response is None
    assert Exposure.objects.count() == 0


def test_answers_of_a_family_may_arrive_out_of_order(guest, slot):
    again = SlotFactory(attempt=AttemptFactory(learner=guest), revision=slot.revision)
    later, earlier = timezone.now(), timezone.now() - timedelta(seconds=1)
    for place_of, now in ((slot, later), (again, earlier)):
        place = find_place(place_of.attempt.uuid, 1, guest)
        assert check_answer(place, Answer(["order"], uuid.uuid4()), now=now)

    exposure = Exposure.objects.get()
    assert (exposure.n_met, exposure.last_at) == (2, later)


def test_a_long_look_counts_two_hours_and_a_clock_set_back_none(guest, slot):
    again = SlotFactory(attempt=slot.attempt, position=2, revision=slot.revision)
    now = timezone.now()
    for position, opened_at in ((1, now - timedelta(days=1)), (2, now + timedelta(minutes=5))):
        place = find_place(slot.attempt.uuid, position, guest)
        check_answer(place, Answer(["order"], uuid.uuid4(), opened_at), now=now)

    slot.refresh_from_db()
    again.refresh_from_db()
    assert (slot.spent_ms, again.spent_ms) == (7_200_000, 0)


def test_a_late_check_by_fragment_leads_to_the_result(client, slot):
    client.post(slot.attempt.get_result_url())

    response = send(client, slot, "1", **HTMX)

    assert response["HX-Redirect"] == slot.attempt.get_result_url()
    assert response.content == b""


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts():

    slot = SlotFactory()
    find_place(slot.attempt.uuid, 1, slot.attempt.learner)
    ready = threading.Barrier(2)
    outcomes = []

    def answer(response):
        ready.wait()
        place = find_place(slot.attempt.uuid, 1, slot.attempt.learner)
        outcomes.append(check_answer(place, Answer([response], uuid.uuid4()), now=timezone.now()))
        connection.close()

    threads = [threading.Thread(target=answer, args=[r]) for r in ("order", "fine")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    slot.refresh_from_db()
    assert sorted(outcomes) == [False, True]
    assert slot.seq == 1
    assert Exposure.objects.get().n_met == 1
