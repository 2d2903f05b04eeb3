"""More journeys by keys alone: past the menu, from a refusal on, taking back, without shortcuts,
looking back from a result. Answering each kind and removing bookmarks: test_by_keyboard.py."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from attempts.models import Bookmark, Report
from tests.browser import test_kinds
from tests.browser.test_by_keyboard import tab_to
from tests.browser.test_exam import cookie_of
from tests.factories import ExamAttemptFactory, LearnerFactory, PublishedFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)
attempt, practise = test_kinds.attempt, test_kinds.sit


def press(page, *keys):
    """After each key something has the focus."""
    for key in keys:
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_count(1)


def follow(page, words, address):
    """To the link or button of that name, and through it to another page."""
    tab_to(page, words)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def test_from_the_first_tab_over_a_refusal_to_an_answer(visit):
    PublishedFactory()
    visitor = visit()
    page = visitor.page
    page.goto("/")

    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("main")).to_be_focused()
    press(page, "Tab")
    expect(page.locator("main #option-1")).to_be_focused()

    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    expect(page).to_have_title(
        "Error: Learn e-mail protocols by proof – ExamPrep: e-mail protocols"
    )
    visitor.forgive("422")
    press(page, "Tab", "Enter")
    expect(page.locator("#option-1")).to_be_focused()
    press(page, "Space")
    page.keyboard.press("Enter")

    page.wait_for_url("**/attempts/*/1/")


def test_a_refused_check_is_mended_and_a_bookmark_is_taken_back(attempt, practise):
    visitor = practise()
    page = visitor.page
    test_kinds.open_question(page, attempt, "single")
    title = page.title()

    tab_to(page, "Check")
    press(page, "Enter")
    expect(page.locator("#errors")).to_be_focused()
    expect(page).to_have_title(f"Error: {title}")
    visitor.forgive("422")
    press(page, "Tab", "Enter")
    expect(page.locator("#option-1")).to_be_focused()
    press(page, "2", "Enter")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    expect(page).to_have_title(title)

    tab_to(page, "Bookmark")
    press(page, "Enter")
    expect(page.locator("#bookmark:focus")).to_have_text("Bookmarked")
    assert Bookmark.objects.count() == 1
    press(page, "Enter")
    expect(page.locator("#bookmark:focus")).to_have_text("Bookmark")
    assert Bookmark.objects.count() == 0


def test_shortcuts_are_switched_off_and_the_question_is_answered_without(attempt, practise):
    page = practise().page
    test_kinds.open_question(page, attempt, "single")
    question = page.url

    follow(page, "Settings", "**/settings/")
    tab_to(page, "As this device is set")
    press(page, "ArrowDown", "ArrowDown")
    tab_to(page, "Single-key shortcuts")
    press(page, "Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    page.get_by_text("Settings saved.").wait_for()
    follow(page, "Practise", "**/practice/")
    follow(page, "Resume: 0 of 7 answered", question)

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    for key in "2?":
        page.keyboard.press(key)
    assert page.locator("input:checked, dialog[open]").count() == 0
    tab_to(page, "One")
    press(page, "ArrowDown")
    tab_to(page, "Check")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/2/")

    assert test_kinds.response_of(attempt, "single") == ["b"]


def test_from_a_result_to_a_report_and_back_through_a_filtered_list(visit, site):
    now, learner = timezone.now(), LearnerFactory()
    exam = ExamAttemptFactory(learner=learner, started_at=now, finished_at=now)
    for position in range(1, 5):
        SlotFactory(attempt=exam, position=position, mark=0, is_flagged=position in (2, 4))
    visitor = visit()
    visitor.context.add_cookies([cookie_of(learner, site)])
    page = visitor.page
    page.goto(f"/attempts/{exam.uuid}/result/")

    tab_to(page, "2. A client sends")
    press(page, "Enter")
    follow(page, "Report a fault", "**/2/report/")
    tab_to(page, "Send the report")
    press(page, "Enter")  # refused by the browser: no reason is chosen
    expect(page.get_by_label("The answer marked right is not right")).to_be_focused()
    press(page, "ArrowDown")
    follow(page, "Send the report", "**/2/")
    assert Report.objects.get().reason == "unclear"

    follow(page, "Result", "**/result/")
    follow(page, "Look at all 4 questions", "**/questions/")
    tab_to(page, "Show")
    press(page, *["ArrowDown"] * 4)
    follow(page, "Show", "**/questions/?show=flagged*")
    follow(page, "4 A client sends", "**/4/?show=flagged")
    page.keyboard.press("k")
    page.wait_for_url("**/2/?show=flagged")
    page.keyboard.press("j")
    page.wait_for_url("**/4/?show=flagged")
    follow(page, "Back to the list", "**/questions/?show=flagged")

    assert page.locator(".listed-number").all_inner_texts() == ["2", "4"]
    assert page.locator("#id_show").input_value() == "flagged"
