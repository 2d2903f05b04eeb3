"""Room for fingers, focus that is seen, text that may grow, stillness for who asks for it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.browser.test_every_page import world as _world
from tests.browser.test_exam import cookie_of, timed
from tests.factories import ExamAttemptFactory, LearnerFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)
world = _world

PAGES = ["exam", "slot", "attempt_overview", "attempt_submission", "result", "practice", "settings"]

SMALL_TARGETS = """() => {
    const small = [];
    for (const one of document.querySelectorAll("main :is(a, button, input, select, summary)")) {
        const inSentence = one.matches("a, button.link") &&
            [...one.parentElement.childNodes].some(
                (node) => node.nodeType === 3 && node.textContent.trim());
        const box = (one.closest("label") ?? one).getBoundingClientRect();
        const folded = !one.matches("summary") && one.closest("details:not([open])");
        if (one.type === "hidden" || !box.width || inSentence || folded) continue;
        if (box.width < 24 || box.height < 24) small.push(one.outerHTML.slice(0, 90));
    }
    for (const row of document.querySelectorAll("label.option")) {
        const height = row.getBoundingClientRect().height;
        if (height < 44) small.push(`option row of ${height} px`);
    }
    return small;
}"""
CUT_OFF = """() => [...document.querySelectorAll("main *, nav *")].filter((one) => {
    const style = getComputedStyle(one);
    if (!one.innerText?.trim()) return false;
    if (one.closest(".visually-hidden, .scroll, .box, pre, select")) return false;
    return style.overflow !== "visible" && style.overflow !== "auto" &&
        (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
}).map((one) => one.outerHTML.slice(0, 90))"""
SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important } p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""
COVERED = """() => {
    const bar = document.querySelector(".bar-top").getBoundingClientRect();
    const box = document.activeElement.getBoundingClientRect();
    const inBar = document.activeElement.closest(".bar-top, .top, .skip");
    if (document.activeElement === document.body) return false;
    return !inBar && box.height > 0 && box.top < bar.bottom - 1 && box.bottom > bar.top + 1;
}"""


def open_pages(world, visit, site, **options):
    """Each page of the list in one browser."""
    visitor = visit(**options)
    visitor.context.add_cookies([cookie_of(world.learner, site)])
    for name in PAGES:
        for arguments in world.arguments.get(name, [[]])[:7]:
            visitor.page.goto(reverse(name, args=arguments))
            yield name, visitor.page


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_enough(world, visit, site, width):
    found = [
        (page.url, small)
        for _name, page in open_pages(world, visit, site, viewport={"width": width, "height": 800})
        for small in page.evaluate(SMALL_TARGETS)
    ]

    assert found == []


def test_looser_text_and_twice_the_size_lose_nothing(world, visit, site):
    found = []
    for _name, page in open_pages(world, visit, site, viewport={"width": 640, "height": 800}):
        page.evaluate(SPACED)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += [(page.url, cut) for cut in page.evaluate(CUT_OFF)]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append((page.url, "is wider than the screen"))

    assert found == []


def test_nothing_moves_for_who_wants_stillness(world, visit, site):
    for _name, page in open_pages(world, visit, site, reduced_motion="reduce"):
        assert page.evaluate("document.getAnimations().length") == 0


def test_what_has_the_focus_is_seen_and_not_under_the_clock(visit, site, transactional_db):
    learner = LearnerFactory()
    attempt = ExamAttemptFactory(learner=learner, **timed(20, timedelta(minutes=2)))
    for position in range(1, 21):
        SlotFactory(attempt=attempt, position=position)
    visitor = visit(viewport={"width": 360, "height": 640})
    visitor.context.add_cookies([cookie_of(learner, site)])
    page = visitor.page

    for name in ("1/", "overview/"):
        page.goto(f"/attempts/{attempt.uuid}/{name}")
        for key in ["Tab"] * 45 + ["Shift+Tab"] * 45:
            page.keyboard.press(key)
            assert page.evaluate(COVERED) is False, page.evaluate(
                "document.activeElement.outerHTML.slice(0, 90)"
            )
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            inside = page.evaluate("document.activeElement !== document.body")
            assert not inside or outline != "none"
