import pytest
from django.utils import timezone

from notes.searching import Section, index, index_note
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    NoteFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db

HTML = '<p>First.</p><h2 id="n-order">The order</h2><p>MAIL before zebracode.</p>'
CHECKED = {"checked_at": timezone.now(), "mark": 0, "response": ["fine"]}


def revision(explanation="Because of zebracode.", **question):
    return PublishedFactory(question=QuestionFactory(**question), explanation=explanation)


def answered(learner, revision, **attempt):
    return SlotFactory(
        attempt=AttemptFactory(learner=learner, **attempt), revision=revision, **CHECKED
    )


def page(client, query="zebracode"):
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    return response.context, response.content.decode()


def urls(hits):
    return [hit.url for hit in hits]


def test_a_note_is_found_at_its_heading(client):
    index_note(NoteFactory(slug="smtp", title="SMTP", html=HTML))

    context, html = page(client)

    assert urls(context["notes"]) == ["/notes/smtp/#n-order"]
    assert '<a href="/notes/smtp/#n-order">The order</a> <span class="hint">SMTP</span>' in html
    assert "MAIL before <mark>zebracode</mark>." in html


def test_a_retired_note_is_not_found(client):
    note = NoteFactory(html=HTML, retired_at=timezone.now())
    index_note(note)

    assert page(client)[0]["notes"] == []


def test_what_is_found_is_escaped(client):
    index("note", NoteFactory(slug="x").slug, [Section("<b>", "zebracode <script>alert(1)")])

    html = page(client)[1]

    assert "&lt;script&gt;alert(1)" in html
    assert "&lt;b&gt;</a>" in html


def test_an_answered_question_is_found_where_it_was_met_last(client, guest):
    found = revision()
    answered(guest, found)
    last = answered(guest, found)

    assert urls(page(client)[0]["questions"]) == [last.get_absolute_url()]


def test_nothing_is_found_that_would_give_a_key_away(client, guest):
    answered(LearnerFactory(), revision())
    SlotFactory(attempt=AttemptFactory(learner=guest), revision=revision())
    SlotFactory(attempt=ExamAttemptFactory(learner=guest), revision=revision(), response=["fine"])
    answered(guest, revision(pool="probe"))
    revision()

    context, html = page(client)

    assert context["questions"] == []
    assert "<mark>" not in html


def test_an_older_wording_is_found_by_who_answered_it(client, guest):
    question = QuestionFactory()
    old = PublishedFactory(question=question, explanation="Because of zebracode.")
    PublishedFactory(question=question, number=2, explanation="Because of something newer.")
    slot = answered(guest, old)

    assert urls(page(client)[0]["questions"]) == [slot.get_absolute_url()]
    assert page(client, "newer")[0]["questions"] == []


def test_all_words_have_to_be_there(client):
    index_note(NoteFactory(html=HTML))

    assert page(client, "mail zebracode")[0]["notes"]
    context, html = page(client, "mail zebracode zoo")
    assert context["notes"] == []
    assert "Nothing holds all the words of “mail zebracode zoo”" in html


@pytest.mark.parametrize("query", ["", "   ", "-", "x" * 201])
def test_an_empty_search_offers_examples(client, query):
    context, html = page(client, query)

    assert context["terms"] == []
    assert '<a href="?q=RCPT%20TO">' in html


def test_what_was_typed_stays_in_the_field(client):
    assert 'value="&lt;b&gt; 5.1.1"' in page(client, "<b> 5.1.1")[1]


def test_searching_asks_a_fixed_number_of_queries(client, guest, django_assert_num_queries):
    index_note(NoteFactory(html=HTML))
    for _ in range(3):
        answered(guest, revision())
    client.get("/search/")

    with django_assert_num_queries(7):
        client.get("/search/", {"q": "zebracode"})
