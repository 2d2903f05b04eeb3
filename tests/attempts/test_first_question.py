import re
import time
from uuid import uuid4

import pytest
from django.core import signing

from attempts.models import Attempt, Slot
from attempts.starting import DRAW_SALT, FIRST_QUESTION
from tests.factories import TWO_KEYS, PublishedFactory, QuestionFactory, RevisionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def headline():
    question = QuestionFactory(slug=FIRST_QUESTION)
    return PublishedFactory(question=question, kind="multiple", choose=2, parts=TWO_KEYS)


def form_of(html: str) -> dict[str, str]:
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)[1]
        for name in ("draw", "step", "save_id", "opened")
    }


def places_of(html: str) -> dict[str, str]:
    rows = re.findall(r'value="(\d)"[^>]*>.*?<span>(.*?)</span></label>', html)
    return {text: place for place, text in rows}


def test_the_page_asks_and_writes_nothing(client, headline, django_assert_num_queries):
    client.get("/")

    with django_assert_num_queries(1):
        response = client.get("/")

    html = response.content.decode()
    assert response.status_code == 200
    assert "Choose 2." in html
    assert set(places_of(html)) == {"SMTP", "ESMTP", "POP3", "IMAP"}
    assert response.cookies.keys() <= {"csrftoken"}
    assert Attempt.objects.count() == 0
    assert "no-store" in response["Cache-Control"]


def test_two_actions_lead_to_the_verdict(client, headline):
    html = client.get("/").content.decode()
    places = places_of(html)

    response = client.post(
        "/", {**form_of(html), "choice": [places["SMTP"], places["ESMTP"]]}, follow=True
    )

    slot = Slot.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(f"/attempts/{slot.attempt.uuid}/1/", 303)]
    assert sorted(slot.response) == ["esmtp", "smtp"]
    assert (slot.mark, slot.seq) == (1000, 1)
    assert slot.opened_at is not None
    assert slot.attempt.is_finished
    assert slot.attempt.learner.exposures.get().n_met == 1
    assert "Correct" in page
    for _, _, _, rationale in TWO_KEYS:
        assert rationale in page


def test_a_wrong_answer_counts_and_is_kept(client, headline):
    html = client.get("/").content.decode()
    places = places_of(html)

    page = client.post(
        "/", {**form_of(html), "choice": [places["SMTP"], places["IMAP"]]}, follow=True
    ).content.decode()

    assert Slot.objects.get().mark == 0
    assert "Not quite" in page


def test_the_form_sent_twice_is_one_attempt(client, headline):
    html = client.get("/").content.decode()
    data = {**form_of(html), "choice": ["0", "1"]}

    first = client.post("/", data)
    again = client.post("/", {**data, "choice": ["2", "3"]})

    slot = Slot.objects.get()
    assert first.url == again.url
    assert slot.response == slot.option_order[:2]
    assert slot.seq == 1


def test_somebody_elses_draw_is_not_taken_over(client, headline, django_user_model):
    html = client.get("/").content.decode()
    data = {**form_of(html), "choice": ["0", "1"]}
    client.post("/", data)
    stranger = type(client)()

    response = stranger.post("/", data)

    assert response.url == "/"
    assert Attempt.objects.count() == 1


def test_too_few_choices_are_refused_with_nothing_saved(client, headline):
    html = client.get("/").content.decode()
    data = form_of(html)

    response = client.post("/", {**data, "choice": ["3"]})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Choose 2 options; you chose 1. Nothing was saved yet." in page
    assert f'value="{data["draw"]}"' in page
    assert re.search(r'value="3" checked', page)
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize(
    "draw",
    ["", "forged", signing.dumps({"r": 1}, salt="other")],
    ids=["none", "forged", "signed for something else"],
)
def test_a_forged_draw_is_answered_with_a_new_question(client, headline, draw):
    response = client.post("/", {"draw": draw, "step": "check", "choice": ["0", "1"]})

    assert (response.status_code, response.url) == (303, "/")
    assert Attempt.objects.count() == 0


def test_a_draw_of_last_month_has_expired(client, headline, monkeypatch):
    fields = form_of(client.get("/").content.decode())
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 31 * 24 * 3600)

    assert client.post("/", {**fields, "choice": ["0", "1"]}).url == "/"
    assert Attempt.objects.count() == 0


def test_a_draw_of_a_draft_is_not_taken(client, headline):
    draft = RevisionFactory()
    draw = signing.dumps({"a": uuid4().hex, "r": draft.pk, "o": [0, 1, 2]}, salt=DRAW_SALT)

    assert client.post("/", {"draw": draw, "step": "check", "choice": ["0"]}).url == "/"
    assert Attempt.objects.count() == 0


def test_a_place_outside_the_order_is_no_answer(client, headline):
    html = client.get("/").content.decode()

    response = client.post("/", {**form_of(html), "choice": ["0", "9"]})

    assert response.status_code == 422
    assert Attempt.objects.count() == 0


def test_neither_page_nor_draw_tells_the_key(client, headline):
    """Over many draws the signed places say nothing that differs between key and distractor."""
    by_place = {"smtp": set(), "pop3": set(), "esmtp": set(), "imap": set()}
    for _ in range(40):
        html = client.get("/").content.decode()
        for ident, _text, _key, rationale in TWO_KEYS:
            assert rationale not in html
            assert f'"{ident}"' not in html
        drawn = signing.loads(form_of(html)["draw"], salt=DRAW_SALT)
        assert set(drawn) == {"a", "r", "o"}
        shown = [text.lower() for text in places_of(html)]
        for ident, place in zip(sorted(by_place), range(4), strict=True):
            by_place[ident].add(drawn["o"].index(place))
            assert shown[drawn["o"].index(place)] == ident

    assert all(len(places) == 4 for places in by_place.values())


def test_an_empty_bank_says_so(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "The bank is empty" in response.content.decode()
