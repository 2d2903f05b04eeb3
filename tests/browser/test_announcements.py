"""What live regions say, word for word; the spoken clock, saving and checks, each told once."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from attempts.models import Slot
from tests.browser import test_exam, test_kinds
from tests.factories import TWO_KEYS, PublishedFactory

pytestmark = pytest.mark.django_db(transaction=True)
attempt, practise = test_kinds.attempt, test_kinds.sit
candidate, sit = test_exam.candidate, test_exam.sit

# A region that appears together with its words is not spoken, so its own appearance counts for
# nothing; words that are said again count again.
LISTEN = """() => {
    const live = "[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])";
    const place = ({type, target}) =>
        (type !== "attributes" && target.closest ? target : target.parentElement)?.closest(live);
    window.spoken = [];
    new MutationObserver((records) => {
        for (const region of new Set(records.map(place))) {
            const words = region?.innerText.replace(/\\s+/g, " ").trim();
            if (words) spoken.push(words);
        }
    }).observe(document.body, {
        subtree: true, childList: true, characterData: true,
        attributes: true, attributeFilter: ["hidden"],
    });
}"""
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling"


def spoken(page):
    """What was said since the last time this was asked."""
    expect(page.locator(UNSETTLED)).to_have_count(0)
    return page.evaluate("spoken.splice(0)")


def test_each_check_is_told_once_and_in_words(attempt, practise):
    visitor = practise()
    page = visitor.page

    def open_question(kind):
        test_kinds.open_question(page, attempt, kind)
        page.evaluate(LISTEN)

    def check(kind):
        with page.expect_response(lambda reply: reply.request.method == "POST"):
            page.get_by_role("button", name="Check").press("Enter")
        return spoken(page)

    open_question("single")
    page.keyboard.press("2")
    assert check("single") == ["Correct."]

    open_question("multiple")
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert check("multiple") == ["Not quite. The explanation follows the options."]

    open_question("matching")
    for row in (1, 2, 3):
        page.locator(f"#option-{row}").select_option(label="Go on")
    assert check("matching") == ["Not saved yet."]
    visitor.forgive("422")
    page.locator("#option-1").select_option(label="It was done")
    page.locator("#option-3").select_option(label="Good-bye")
    assert check("matching") == ["Partly right, 66 %. The explanation follows the options."]

    open_question("ordering")
    up = page.get_by_role("button", name="Up: MAIL")
    up.press("Enter")
    up.press("Enter")
    assert spoken(page) == ["2: MAIL", "1: MAIL"]
    assert check("ordering") == ["Not quite. The explanation follows the options."]


def test_an_exam_tells_of_flags_time_trouble_and_recovery_only(sit):
    _attempt, visitor = sit(n=3, **test_exam.timed(20, timedelta(minutes=2)))
    visitor.stop_clock()
    page = visitor.page
    page.reload()
    test_exam.wait_sheet(page)
    page.evaluate(LISTEN)

    page.keyboard.press("1")
    test_exam.wait_saved(page)
    page.keyboard.press("j")
    page.keyboard.press("2")
    test_exam.wait_saved(page)
    assert spoken(page) == []

    page.keyboard.press("f")
    page.keyboard.press("f")
    page.keyboard.press("t")
    assert spoken(page) == ["Flagged", "Not flagged", "18 minutes left"]

    page.route("**/answer/", lambda route: route.fulfill(status=503))
    for key in "123":
        with page.expect_response("**/answer/"):
            page.keyboard.press(key)
        page.locator("#save-state", has_text=test_exam.OFFLINE).wait_for()
    assert spoken(page) == [test_exam.OFFLINE]
    page.unroute("**/answer/")
    page.clock.run_for(10_000)
    test_exam.wait_saved(page)
    saved = page.locator("#save-state").inner_text()
    assert re.fullmatch(r"Saved \d\d:\d\d", saved)
    assert spoken(page) == [saved]
    visitor.forgive("503")

    page.clock.run_for(13 * 60_000)
    page.keyboard.press("t")
    minutes, seconds = page.locator("#time-left").inner_text().split(":")
    assert spoken(page) == [
        "10 minutes left",
        "5 minutes left",
        f"{minutes} minutes {int(seconds)} seconds left",
    ]


def test_an_answer_from_elsewhere_and_a_second_tab_are_told(sit):
    attempt, visitor = sit(n=1)
    page = visitor.page
    page.evaluate(LISTEN)

    Slot.objects.filter(attempt=attempt).update(response=["fine"], seq=1)
    page.keyboard.press("1")
    page.locator("#save-state", has_text="A newer answer").wait_for()
    assert spoken(page) == [page.locator("#save-state").inner_text()]
    visitor.forgive("409")

    second = visitor.context.new_page()
    second.goto(page.url)
    second.get_by_role("button", name="Use this tab instead").press("Enter")
    page.get_by_text("This exam is open in another tab or window.").wait_for()
    assert spoken(page) == [
        "This exam is open in another tab or window. Here it can only be read. Use this tab instead"
    ]


def test_the_count_of_what_fits_is_told_once_for_each_choice(visit):
    PublishedFactory()
    PublishedFactory(kind="multiple", choose=2, parts=TWO_KEYS)
    visitor = visit()
    page = visitor.page
    page.goto("/practice/")
    page.evaluate(LISTEN)
    box = page.get_by_label("single choice")

    with page.expect_response("**/practice/?*"):
        box.press("Space")
    assert spoken(page) == ["1 question fits this choice."]
    with page.expect_response("**/practice/?*"):
        box.press("Space")
    assert spoken(page) == ["2 questions fit this choice."]
    visitor.context.set_offline(True)
    box.press("Space")
    page.locator("#trouble:not(:empty)").wait_for()

    assert spoken(page) == [
        "The server cannot be reached. Your choice is still here; try it again."
    ]
    visitor.forgive("ERR_INTERNET_DISCONNECTED")
    visitor.forgive("htmx:")
