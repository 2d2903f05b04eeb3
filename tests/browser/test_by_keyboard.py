"""Whole journeys by keyboard alone; after every step the focus is somewhere, never on nothing."""

import pytest
from playwright.sync_api import expect

from attempts.models import Attempt, Bookmark, Report
from questions.kinds import KINDS
from tests.browser import test_kinds
from tests.browser.test_exam import cookie_of
from tests.factories import AttemptFactory, LearnerFactory, PublishedFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)
attempt, sit = test_kinds.attempt, test_kinds.sit
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


def test_a_question_of_every_kind_from_the_answer_to_the_next(attempt, sit):
    page = sit().page
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


def test_bookmark_report_and_settings(attempt, sit):
    page = sit().page
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
