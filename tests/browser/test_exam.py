"""Sitting an exam in a real browser: saving, offline, two tabs, the clock, keys alone."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.cached_db import SessionStore
from django.utils import timezone

from accounts.learners import SESSION_KEY
from attempts.models import Slot
from tests.factories import (
    FORWARD,
    TWO_KEYS,
    ExamAttemptFactory,
    LearnerFactory,
    PublishedFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
OFFLINE = "Offline: kept on this device"


@pytest.fixture
def candidate(transactional_db):
    return LearnerFactory()


def cookie_of(learner, site):
    session = SessionStore()
    session[SESSION_KEY] = learner.pk
    session.create()
    return {"name": "sessionid", "value": session.session_key, "url": site}


@pytest.fixture
def sit(visit, site, candidate):
    """Opens an attempt of `n` single choices (`syntax`, `order`, `fine`) at its first question."""

    def sit(n=6, sections=None, **fields):
        attempt = ExamAttemptFactory(learner=candidate, **fields)
        for position in range(1, n + 1):
            section = (sections or [1] * n)[position - 1]
            SlotFactory(attempt=attempt, position=position, section=section)
        visitor = visit()
        visitor.context.add_cookies([cookie_of(candidate, site)])
        visitor.page.goto(f"/attempts/{attempt.uuid}/1/")
        return attempt, visitor

    return sit


def wait_saved(page):
    page.locator("#save-state", has_text="Saved").wait_for()


def wait_sheet(page):
    """The questions are here for when the connection is not."""
    page.wait_for_load_state("networkidle")


def responses(attempt):
    return list(attempt.slots.order_by("position").values_list("response", flat=True))


def test_a_choice_is_saved_when_it_is_made(sit):
    attempt, visitor = sit()
    page = visitor.page

    page.locator("label.option").nth(1).click()
    wait_saved(page)

    assert responses(attempt)[0] == ["order"]
    assert visitor.axe() == []
    page.reload()
    assert page.locator("input[name=choice]").nth(1).is_checked()


def test_five_answers_given_offline_are_found_on_return(sit):
    attempt, visitor = sit()
    page = visitor.page
    wait_sheet(page)

    visitor.context.set_offline(True)
    for place in (0, 1, 2, 1, 0):
        page.locator("label.option").nth(place).click()
        page.get_by_role("button", name="Next").click()
    assert page.locator("#save-state").inner_text() == OFFLINE
    assert page.locator("#place").inner_text() == "question 6 of 6"
    assert responses(attempt) == [None] * 6
    visitor.context.set_offline(False)
    wait_saved(page)

    assert responses(attempt) == [["syntax"], ["order"], ["fine"], ["order"], ["syntax"], None]
    assert page.evaluate("localStorage.length") == 0
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_offline_answers_outlive_the_page(sit):
    attempt, visitor = sit()
    page = visitor.page
    wait_sheet(page)
    visitor.context.set_offline(True)
    page.locator("label.option").nth(1).click()
    page.locator("#save-state", has_text=OFFLINE).wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.close(run_before_unload=False)
    visitor.context.set_offline(False)

    visitor.page = page = visitor.context.new_page()
    page.goto(f"/attempts/{attempt.uuid}/1/")
    wait_saved(page)

    assert page.locator("input[name=choice]").nth(1).is_checked()
    assert responses(attempt)[0] == ["order"]
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_waits_on_the_device_holds_no_question(sit):
    _attempt, visitor = sit()
    page = visitor.page
    wait_sheet(page)
    visitor.context.set_offline(True)
    page.locator("label.option").nth(1).click()
    page.locator("#save-state", has_text=OFFLINE).wait_for()

    kept = page.evaluate("JSON.stringify(localStorage)")

    assert "choice=1" in kept
    for word in ("order", "sequence", "RCPT", "csrf"):
        assert word not in kept
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_a_second_tab_only_reads_until_it_is_chosen(sit):
    attempt, visitor = sit()
    first = visitor.page
    second = visitor.context.new_page()
    second.goto(f"/attempts/{attempt.uuid}/1/")
    notice = second.get_by_text("This exam is open in another tab or window.")
    notice.wait_for()
    assert second.locator("input[name=choice]").first.is_disabled()

    second.get_by_role("button", name="Use this tab instead").click()
    first.get_by_text("This exam is open in another tab or window.").wait_for()
    second.locator("input[name=choice]:enabled").first.wait_for()

    assert first.locator("input[name=choice]").first.is_disabled()
    second.locator("label.option").nth(2).click()
    wait_saved(second)
    assert responses(attempt)[0] == ["fine"]


def test_a_newer_answer_from_elsewhere_is_shown(sit):
    attempt, visitor = sit()
    page = visitor.page
    Slot.objects.filter(attempt=attempt, position=1).update(response=["fine"], seq=1)

    page.locator("label.option").nth(0).click()
    page.get_by_text("A newer answer was saved from another window.").first.wait_for()

    assert page.locator("input[name=choice]").nth(2).is_checked()
    assert responses(attempt)[0] == ["fine"]
    page.locator("label.option").nth(0).click()
    wait_saved(page)
    assert responses(attempt)[0] == ["syntax"]
    visitor.forgive("409")


def test_by_keyboard_alone_to_the_result(sit):
    attempt, visitor = sit(n=3)
    page = visitor.page
    wait_sheet(page)

    page.keyboard.press("2")
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    page.locator("#place", has_text="question 2 of 3").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("1")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.locator("#place", has_text="question 1 of 3").wait_for()
    page.keyboard.press("r")
    page.wait_for_url("**/overview/")
    submit = page.get_by_role("link", name="Submit the exam")
    tab_to(page, submit)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Submit the exam?").wait_for()
    tab_to(page, page.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/result/")
    assert responses(attempt) == [["order"], ["syntax"], ["fine"]]
    assert attempt.slots.get(position=1).is_flagged is True
    assert [slot.mark for slot in attempt.slots.all()] == [1000, 0, 0]


def tab_to(page, target):
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} cannot be reached with Tab")


def test_an_option_struck_out_comes_back_when_chosen(sit):
    _attempt, visitor = sit()
    page = visitor.page
    page.locator("#option-1").focus()

    page.keyboard.press("x")
    assert page.locator(".option-row[data-struck]").count() == 1
    page.keyboard.press("x")
    assert page.locator(".option-row[data-struck]").count() == 0
    page.get_by_role("button", name="Strike out option 2").click()
    page.reload()
    assert page.locator(".option-row[data-struck] #option-2").count() == 1
    page.keyboard.press("2")

    assert page.locator(".option-row[data-struck]").count() == 0
    assert page.locator("#option-2").is_checked()


def test_the_navigator_says_each_state_in_words(sit):
    _attempt, visitor = sit(n=4)
    page = visitor.page
    wait_sheet(page)
    page.keyboard.press("1")
    page.keyboard.press("j")
    page.keyboard.press("f")
    page.keyboard.press("j")
    wait_saved(page)

    states = page.locator(".navigator a").all_text_contents()

    assert [" ".join(state.split()) for state in states] == [
        "Question 1: answered",
        "Question 2: not answered, flagged",
        "Question 3: not answered",
        "Question 4: not seen",
    ]


def timed(minutes, spent):
    started_at = timezone.now() - spent
    return {
        "minutes": minutes,
        "started_at": started_at,
        "deadline_at": started_at + timedelta(minutes=minutes),
    }


def test_the_clock_speaks_at_its_milestones_only(sit):
    _attempt, visitor = sit(**timed(20, timedelta(seconds=5)))
    visitor.stop_clock()
    page = visitor.page
    page.reload()
    page.evaluate(
        """() => {
            window.spoken = [];
            const announce = document.getElementById("announce");
            new MutationObserver(() => spoken.push(announce.textContent))
                .observe(announce, {childList: true, characterData: true, subtree: true});
        }"""
    )
    shown = [page.locator("#time-left").inner_text()]

    for _ in range(19):
        page.clock.run_for(60_000)
        shown.append(page.locator("#time-left").inner_text())

    assert shown[:2] == ["20 min left", "19 min left"]
    assert shown[14] == "6 min left"
    assert page.evaluate("spoken") == ["10 minutes left", "5 minutes left", "1 minute left"]


def test_hidden_time_comes_back_at_five_minutes(sit):
    _attempt, visitor = sit(**timed(20, timedelta(minutes=14)))
    visitor.stop_clock()
    page = visitor.page
    page.reload()

    page.get_by_role("button", name="Hide time").click()
    assert page.locator("#time-left").inner_text() == "Time hidden"
    page.reload()
    assert page.locator("#time-left").inner_text() == "Time hidden"
    page.clock.run_for(70_000)
    assert page.locator("#time-left").inner_text().startswith("4:")
    page.get_by_role("button", name="Hide time").click()

    assert page.locator("#time-left").inner_text() == "Time hidden"


def test_when_the_time_is_up_the_result_opens_by_itself(sit):
    attempt, visitor = sit(**timed(20, timedelta(minutes=19, seconds=30)))
    page = visitor.page
    page.locator("label.option").nth(1).click()
    wait_saved(page)
    started_at = timezone.now() - timedelta(minutes=20, seconds=12)
    type(attempt).objects.filter(pk=attempt.pk).update(
        started_at=started_at, deadline_at=started_at + timedelta(minutes=20)
    )

    page.locator("label.option").nth(2).click()

    page.wait_for_url("**/result/")
    attempt.refresh_from_db()
    assert attempt.ended_by == "time"
    assert attempt.slots.get(position=1).late_response == ["fine"]
    assert attempt.slots.get(position=1).mark == 1000
    visitor.forgive("410")


def test_a_forward_room_waits_for_the_connection(sit):
    attempt, visitor = sit(n=2, rules=FORWARD)
    page = visitor.page
    visitor.context.set_offline(True)
    page.locator("label.option").nth(1).click()
    page.locator("#save-state", has_text=OFFLINE).wait_for()

    page.get_by_role("button", name="Next").click()
    page.locator("#save-state", has_text="this page opens when your answers are saved").wait_for()
    visitor.context.set_offline(False)
    wait_saved(page)
    page.get_by_role("button", name="Next").click()

    page.wait_for_url("**/2/")
    assert responses(attempt)[0] == ["order"]
    visitor.forgive("ERR_INTERNET_DISCONNECTED")


def test_choosing_too_few_is_said_before_the_question_is_left(visit, site, candidate):
    attempt = ExamAttemptFactory(learner=candidate)
    revision = PublishedFactory(kind="multiple", choose=2, parts=TWO_KEYS)
    SlotFactory(attempt=attempt, revision=revision)
    SlotFactory(attempt=attempt, position=2)
    visitor = visit()
    visitor.context.add_cookies([cookie_of(candidate, site)])
    page = visitor.page
    page.goto(f"/attempts/{attempt.uuid}/1/")
    wait_sheet(page)
    page.keyboard.press("1")
    wait_saved(page)

    page.get_by_role("button", name="Next").click()
    assert page.locator("#save-state").inner_text() == (
        "Choose 2; you chose 1. Press Next again to go on."
    )
    page.get_by_role("button", name="Next").click()

    page.locator("#place", has_text="question 2 of 2").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(320, "forced"), (1280, "dark")])
def test_the_pages_of_a_timed_sitting_are_accessible(visit, site, candidate, scheme, width):
    attempt = ExamAttemptFactory(
        learner=candidate, rules={"navigation": "sections"}, **timed(20, timedelta(minutes=2))
    )
    for position, section in ((1, 1), (2, 1), (3, 2)):
        SlotFactory(attempt=attempt, position=position, section=section, is_flagged=position == 2)
    looks = {"forced_colors": "active"} if scheme == "forced" else {"color_scheme": scheme}
    visitor = visit(viewport={"width": width, "height": 800}, **looks)
    visitor.context.add_cookies([cookie_of(candidate, site)])
    page = visitor.page

    for name in ("1/", "overview/", "section/", "submission/"):
        page.goto(f"/attempts/{attempt.uuid}/{name}")
        assert visitor.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_task_hides_the_clock_and_the_next_question_shows_it(sit):
    _attempt, visitor = sit(n=2, **timed(20, timedelta(minutes=1)))
    page = visitor.page
    wait_sheet(page)
    page.evaluate("document.querySelector('form[data-exam]').dataset.hidesClock = ''")
    page.evaluate("document.dispatchEvent(new Event('question'))")
    assert page.locator("#time-left").inner_text() == "Time hidden"

    page.keyboard.press("1")
    page.get_by_role("button", name="Next").click()

    assert page.locator("#time-left").inner_text() == "19 min left"


def test_the_list_of_keys_opens_over_the_question(sit):
    _attempt, visitor = sit()
    page = visitor.page
    page.locator("#option-2").focus()

    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("1")
    assert visitor.axe() == []
    page.keyboard.press("Escape")

    assert page.locator("input[name=choice]:checked").count() == 0
    assert page.evaluate("document.activeElement.id") == "option-2"


def test_answers_that_come_too_late_are_all_kept_and_the_result_opens(sit):
    attempt, visitor = sit(n=3, **timed(20, timedelta(minutes=15)))
    page = visitor.page
    wait_sheet(page)
    visitor.context.set_offline(True)
    for place in (1, 2):
        page.locator("label.option").nth(place).click()
        page.get_by_role("button", name="Next").click()
    page.locator("#save-state", has_text=OFFLINE).wait_for()
    started_at = timezone.now() - timedelta(minutes=21)
    type(attempt).objects.filter(pk=attempt.pk).update(
        started_at=started_at, deadline_at=started_at + timedelta(minutes=20)
    )

    visitor.context.set_offline(False)
    page.wait_for_url("**/result/")

    late = list(attempt.slots.order_by("position").values_list("late_response", flat=True))
    assert late == [["order"], ["fine"], None]
    assert responses(attempt) == [None] * 3
    assert page.evaluate("localStorage.length") == 0
    visitor.forgive("ERR_INTERNET_DISCONNECTED")
    visitor.forgive("410")


def test_a_browser_that_keeps_nothing_saves_all_the_same(visit, site, candidate):
    attempt = ExamAttemptFactory(learner=candidate)
    SlotFactory(attempt=attempt)
    visitor = visit()
    visitor.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    )
    visitor.context.add_cookies([cookie_of(candidate, site)])
    page = visitor.page
    page.goto(f"/attempts/{attempt.uuid}/1/")

    page.locator("label.option").nth(1).click()
    wait_saved(page)

    assert responses(attempt) == [["order"]]


def test_with_the_keys_switched_off_tab_and_space_lead_to_the_result(visit, site, candidate):
    attempt = ExamAttemptFactory(learner=candidate)
    for position in (1, 2):
        SlotFactory(attempt=attempt, position=position)
    visitor = visit()
    keys_off = {"name": "keys", "value": "off", "url": site}
    visitor.context.add_cookies([cookie_of(candidate, site), keys_off])
    page = visitor.page
    page.goto(f"/attempts/{attempt.uuid}/1/")
    wait_sheet(page)

    for key in "2fxrj":
        page.keyboard.press(key)
    assert page.locator("input[name=choice]:checked").count() == 0
    tab_to(page, page.locator("#option-1"))
    page.keyboard.press("ArrowDown")
    wait_saved(page)
    tab_to(page, page.get_by_role("button", name="Flag"))
    page.keyboard.press("Space")
    tab_to(page, page.locator(".navigator [data-place='2']"))
    page.keyboard.press("Enter")
    page.locator("#place", has_text="question 2 of 2").wait_for()
    tab_to(page, page.get_by_role("link", name="Submit the exam"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Submit with 1 unanswered?").wait_for()
    tab_to(page, page.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/")

    assert responses(attempt) == [["order"], None]
    assert attempt.slots.get(position=1).is_flagged is True
