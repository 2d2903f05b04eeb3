"""The player of a conversation hides what is to come, and works by keyboard as by button."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/sandbox/watch/first-message/"


def shown(page):
    return page.locator(".scene:visible").count()


def test_player_starts_paused_at_the_first_step(visit):
    page = visit().page
    page.goto(PAGE)

    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert shown(page) == 1
    assert page.get_by_text("Step 1 of 9").is_visible()
    assert page.get_by_role("button", name="Back").is_disabled()
    assert page.locator("#announce").inner_text() == ""


def test_steps_are_taken_by_button_and_by_arrow(visit):
    visitor = visit()
    page = visitor.page
    page.goto(PAGE)

    page.get_by_role("button", name="Next").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")

    assert shown(page) == 3
    assert page.url.endswith("#step-3")
    assert page.locator(".scene[aria-current=step]").get_attribute("id") == "step-3"
    assert page.locator(".rail .here").inner_text() == "transaction"
    assert re.match(r"Step 3 of 9\. MAIL opens", page.locator("#announce").inner_text())
    assert page.evaluate("document.activeElement.id") == "next"
    assert visitor.axe() == []


def test_address_leads_to_its_step(visit):
    page = visit().page
    page.goto(f"{PAGE}#step-5")

    assert shown(page) == 5

    page.goto(f"{PAGE}#step-77")
    page.reload()

    assert shown(page) == 9
    assert page.get_by_role("button", name="Again").is_visible()


def test_player_plays_on_and_pauses(visit):
    visitor = visit()
    visitor.stop_clock()
    page = visitor.page
    page.goto(PAGE)

    page.get_by_role("button", name="Play").click()
    assert shown(page) == 2
    page.clock.run_for(60_000)
    assert shown(page) > 4
    page.get_by_role("button", name="Pause").click()
    there = shown(page)
    page.clock.run_for(60_000)

    assert shown(page) == there


def test_player_stops_at_the_last_step(visit):
    visitor = visit()
    visitor.stop_clock()
    page = visitor.page
    page.goto(f"{PAGE}#step-8")

    page.get_by_role("button", name="Play").click()
    page.clock.run_for(60_000)

    assert shown(page) == 9
    page.get_by_role("button", name="Again").click()
    assert shown(page) == 1


def test_opening_a_reason_pauses(visit):
    visitor = visit()
    visitor.stop_clock()
    page = visitor.page
    page.goto(PAGE)
    page.get_by_role("button", name="Play").click()

    page.get_by_text("Why the server says so").first.click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.clock.run_for(60_000)

    assert shown(page) == 2


def test_all_steps_are_shown_on_request_and_in_print(visit):
    page = visit().page
    page.goto(PAGE)

    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert shown(page) == 9
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown(page) == 1

    page.get_by_role("button", name="Show all steps").click()
    assert shown(page) == 9
    assert page.evaluate("document.activeElement.id") == "next"


def test_keys_can_be_switched_off(visit):
    page = visit().page
    page.goto(PAGE)
    page.evaluate("document.documentElement.dataset.keys = 'off'")

    page.keyboard.press("ArrowRight")

    assert shown(page) == 1


def test_nothing_moves_for_those_who_want_it_calm(visit):
    page = visit(reduced_motion="reduce").page
    page.goto(PAGE)

    page.get_by_role("button", name="Next").click()

    assert page.evaluate("document.getAnimations().length") == 0


def test_without_a_script_all_steps_are_there(visit):
    page = visit(java_script_enabled=False).page
    page.goto(PAGE)

    assert shown(page) == 9
    assert not page.get_by_role("button", name="Play").is_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_pages_are_accessible_and_fit(visit, width, look):
    visitor = visit(color_scheme=look, viewport={"width": width, "height": 900})
    page = visitor.page
    for path in ("/sandbox/watch/", PAGE, "/sandbox/watch/smuggling-attempt/#step-3"):
        page.goto(path)

        assert visitor.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
