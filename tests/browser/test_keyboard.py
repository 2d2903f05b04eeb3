"""Whole journeys by keyboard alone; after every step the focus is somewhere, never on nothing."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from attempts.models import Attempt, Bookmark, Report
from questions.kinds import KINDS
from tests.browser import test_kinds
from tests.browser.test_exam import cookie_of
from tests.factories import (
    AttemptFactory,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
attempt, practise = test_kinds.attempt, test_kinds.sit
MOST_TABS = 60


def name_of_focus(page):
    return page.evaluate(
        """() => {
            const it = document.activeElement;
            if (it === document.body) return "";
            const label = it.labels?.[0]?.innerText;
            return (it.getAttribute("aria-label") || label || it.innerText || it.tagName)
                .replace(/\\s+/g, " ").trim();
        }"""
    )


def tab_to(page, words):
    """Presses Tab until something of that name has the focus."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        passed.append(name_of_focus(page))
        if words in passed[-1]:
            return
    pytest.fail(f"no Tab leads to {words!r}, only to {passed}")


def assert_focus_is_somewhere(page):
    page.wait_for_function("document.activeElement !== document.body")  # once it has settled


def answer(page, kind):
    """Something, by the keys that the kind is made for; Enter checks it."""
    match kind:
        case "single" | "hotspot":
            page.keyboard.press("2")
        case "multiple":
            page.keyboard.press("1")
            page.keyboard.press("2")
        case "matching":
            labels = page.locator("select").evaluate_all(
                "all => all.map(s => s.labels[0].innerText)"
            )
            for row, label in enumerate(labels, 1):
                tab_to(page, " ".join(label.split()))
                for _ in range(row):
                    page.keyboard.press("ArrowDown")
        case "ordering":
            tab_to(page, "Down: ")
            page.keyboard.press("Enter")
            assert_focus_is_somewhere(page)
        case "short":
            tab_to(page, "Your answer")
            page.keyboard.type("250")
    if kind in ("matching", "ordering"):
        tab_to(page, "Check")
    page.keyboard.press("Enter")


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


def test_a_question_of_every_kind_from_the_answer_to_the_next(attempt, practise):
    page = practise().page
    kinds = [kind for kind in KINDS if kind != "lab"]  # journeys through labs: test_labs.py
    for kind in kinds:
        test_kinds.open_question(page, attempt, kind)
        answer(page, kind)

        page.locator("#explanation").wait_for()
        assert_focus_is_somewhere(page)
        page.keyboard.press("e")
        assert page.evaluate("document.activeElement.id") == "explanation"
        assert test_kinds.response_of(attempt, kind) is not None

        tab_to(page, "Continue")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, here=page.url: url != here)


def test_bookmark_report_and_settings(attempt, practise):
    page = practise().page
    test_kinds.open_question(page, attempt, "single")

    tab_to(page, "Bookmark")
    page.keyboard.press("Enter")
    expect(page.locator("#bookmark")).to_be_focused()
    expect(page.locator("#bookmark")).to_have_text("Bookmarked")
    tab_to(page, "Report a fault")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/")
    tab_to(page, "The answer marked right is not right")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Send the report")
    page.keyboard.press("Enter")
    page.wait_for_url("**/1/")

    assert (Bookmark.objects.count(), Report.objects.get().reason) == (1, "outdated")
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    tab_to(page, "Settings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/")
    tab_to(page, "As this device is set")
    page.keyboard.press("ArrowUp")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_removing_bookmarks_leads_on_to_the_next_one(visit, site):
    learner = LearnerFactory()
    for position in (1, 2):
        slot = SlotFactory(
            attempt=AttemptFactory(learner=learner), position=position, revision=PublishedFactory()
        )
        Bookmark.objects.create(learner=learner, question=slot.revision.question)
    visitor = visit()
    visitor.context.add_cookies([cookie_of(learner, site)])
    page = visitor.page
    page.goto("/bookmarks/")
    links = page.locator("main li a")
    second = links.nth(1).get_attribute("id")

    tab_to(page, "Remove")
    page.keyboard.press("Enter")
    expect(links).to_have_count(1)
    expect(page.locator(f"#{second}")).to_be_focused()
    tab_to(page, "Remove")
    page.keyboard.press("Enter")

    expect(links).to_have_count(0)
    expect(page.locator("h1")).to_be_focused()
    assert Attempt.objects.count() == 2


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
