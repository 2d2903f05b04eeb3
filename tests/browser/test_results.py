"""Choosing what to practise, keeping questions, looking back: in a real browser."""

import pytest
from django.utils import timezone

from attempts.drawing.choosing import order_options
from attempts.models import Attempt, Bookmark, Report
from questions.models import Question
from questions.published import item_of
from tests.factories import ExamAttemptFactory, ExamFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["single", "multiple", "matching", "ordering", "short", "hotspot"]


def begin(page, **choice):
    page.goto("/practice/")
    page.get_by_label("Questions", exact=True).fill("1")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")


def sit_exam(page):
    """A finished exam of the page's guest: two questions of each kind, all missed."""
    begin(page)
    now = timezone.now()
    exam = ExamAttemptFactory(
        learner=Attempt.objects.get().learner,
        exam=ExamFactory(),
        started_at=now - timezone.timedelta(minutes=9),
        finished_at=now,
        ended_by="learner",
    )
    revisions = [
        question.current_revision
        for kind in KINDS
        for question in Question.objects.live().filter(current_revision__kind=kind)[:2]
    ]
    for position, revision in enumerate(revisions, start=1):
        SlotFactory(
            attempt=exam,
            position=position,
            revision=revision,
            option_order=order_options(item_of(revision), "seed"),
            mark=0,
            spent_ms=position * 20_000,
            is_flagged=position == 1,
        )
    return exam


def test_the_count_follows_the_choice(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto("/practice/")
    fits = page.locator("#matching")
    n = Question.objects.practice().values("family").distinct().count()
    assert fits.inner_text().strip() == f"{n} questions fit this choice."

    page.locator("summary", has_text="SMTP").first.click()
    page.get_by_label("Reply codes", exact=False).first.check()
    page.wait_for_function(
        "n => !document.querySelector('#matching').innerText.startsWith(n)", arg=f"{n} "
    )
    codes = Question.objects.practice().filter(topic__slug="smtp-reply-codes")
    n = codes.values("family").distinct().count()
    assert fits.inner_text().strip() == f"{n} questions fit this choice."
    page.get_by_label("Which ones").select_option("bookmarked")
    page.get_by_text("You have not bookmarked a question yet.").wait_for()
    assert visitor.axe() == []
    assert page.url.endswith("/practice/")


def test_a_bookmark_keeps_the_focus_and_is_found_again(bank, visit):
    visitor = visit()
    page = visitor.page
    begin(page)

    page.get_by_role("button", name="Bookmark").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bookmarked").wait_for()

    assert page.evaluate("document.activeElement.id") == "bookmark"
    assert page.locator("#bookmark").get_attribute("aria-pressed") == "true"
    assert Bookmark.objects.count() == 1
    assert visitor.axe() == []
    page.goto("/bookmarks/")
    assert visitor.axe() == []
    page.get_by_role("button", name="Practise these").click()
    page.wait_for_url("**/1/")
    assert page.get_by_role("button", name="Bookmarked").is_visible()


def test_without_javascript_bookmark_and_report_are_plain_forms(bank, visit):
    page = visit(java_script_enabled=False).page
    begin(page)
    question = page.url

    page.get_by_role("button", name="Bookmark").click()
    assert page.url == question
    page.get_by_role("link", name="Report a fault").click()
    page.get_by_label("It is out of date").check()
    page.get_by_role("button", name="Send the report").click()

    assert page.url == question
    assert page.get_by_text("Thank you. An author will look at it.").is_visible()
    assert (Bookmark.objects.count(), Report.objects.get().reason) == (1, "outdated")


@pytest.mark.parametrize(
    ("width", "look"), [(320, {"forced_colors": "active"}), (1280, {"color_scheme": "dark"})]
)
def test_pages_of_a_finished_exam_are_accessible_and_fit(bank, visit, look, width):
    visitor = visit(**look, viewport={"width": width, "height": 900})
    page = visitor.page
    exam = sit_exam(page)
    for path in ("result/", "questions/", "1/report/"):
        page.goto(f"/attempts/{exam.uuid}/{path}")
        for _state in ("closed", "open"):
            assert (path, visitor.axe()) == (path, [])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        assert page.locator("h1").count() == 1


def test_from_the_result_exactly_the_misses_are_practised(bank, visit):
    page = visit().page
    exam = sit_exam(page)
    page.goto(exam.get_result_url())
    assert page.get_by_role("heading", name="12 questions to look at again").is_visible()

    page.get_by_role("button", name="you missed").click()
    page.wait_for_url("**/1/")

    again = Attempt.objects.exclude(pk=exam.pk).order_by("pk").last()
    missed = set(
        exam.slots.filter(revision__question__pool="practice").values_list("revision", flat=True)
    )
    assert set(again.slots.values_list("revision", flat=True)) == missed


def test_printing_opens_every_miss(bank, visit):
    page = visit().page
    page.goto(sit_exam(page).get_result_url())
    page.emulate_media(media="print")

    assert page.locator(".miss .why").first.is_visible()
    assert not page.locator("nav.top").is_visible()
    assert not page.locator(".result > .aside").is_visible()
