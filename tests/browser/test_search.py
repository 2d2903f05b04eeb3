import pytest

from notes.searching import index_note
from tests.browser.test_exam import cookie_of
from tests.factories import (
    ExamAttemptFactory,
    LearnerFactory,
    NoteFactory,
    PublishedFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def active(page):
    return page.evaluate("document.activeElement.id")


def test_a_slash_leads_to_the_search_and_enter_to_what_is_found(visit):
    PublishedFactory()
    index_note(NoteFactory(slug="smtp", html='<h2 id="n-late">Late</h2><p>greylisting</p>'))
    page = visit().page
    page.goto("/")

    page.keyboard.press("/")
    page.wait_for_url("**/search/#id_q")
    assert active(page) == "id_q"
    page.keyboard.type("greylisted")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=greylisted")

    assert page.locator("main li a").get_attribute("href") == "/notes/smtp/#n-late"
    page.keyboard.press("/")
    assert active(page) == "id_q"


def test_in_an_exam_a_slash_leads_nowhere(visit, site):
    candidate = LearnerFactory()
    attempt = ExamAttemptFactory(learner=candidate)
    SlotFactory(attempt=attempt)
    visitor = visit()
    visitor.context.add_cookies([cookie_of(candidate, site)])
    page = visitor.page
    page.goto(f"/attempts/{attempt.uuid}/1/")

    page.keyboard.press("/")
    page.keyboard.press("?")

    page.locator("dialog[open]").wait_for()
    assert page.url.endswith(f"/attempts/{attempt.uuid}/1/")
