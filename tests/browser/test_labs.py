"""Labs in a real browser: with the console, by keyboard alone, without JavaScript."""

import re
import tomllib

import pytest
from django.conf import settings

from accounts.models import Learner
from questions.cataloguing import load_labs
from sandbox.labs.reading import read_lab
from sandbox.models import LabRun
from sandbox.tables import Table
from tests.factories import SandboxEventFactory, SandboxSessionFactory

pytestmark = pytest.mark.django_db(transaction=True)

OPENING = ("EHLO laptop.example", "MAIL FROM:<casey@lab.example>", "RCPT TO:<robin@lab.example>")


@pytest.fixture
def labs(transactional_db):
    files = []
    for slug in ("greet-and-leave", "first-message", "come-back-later"):
        text = (settings.CONTENT_DIR / "labs" / f"{slug}.toml").read_text()
        files.append(read_lab(Table(tomllib.loads(text), slug, []), slug))
    load_labs(files)


def start(page, slug):
    page.goto(f"/labs/{slug}/")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/#console")


def say(page, line):
    page.get_by_label("SMTP command").fill(line)
    page.get_by_role("button", name="Send", exact=True).click()


def wait_for_progress(page, words):
    page.locator("#checklist-h", has_text=words).wait_for()


def test_checklist_ticks_while_one_types_and_says_so(labs, visit):
    visitor = visit()
    page = visitor.page
    start(page, "greet-and-leave")
    wait_for_progress(page, "0 of 2 steps")

    say(page, "EHLO laptop.example")
    wait_for_progress(page, "1 of 2 steps")
    page.locator("#announce", has_text=re.compile("^1 of 2 steps$")).wait_for(state="attached")
    assert page.title() == "Lab: Say hello, look around, leave – ExamPrep: e-mail protocols"
    say(page, "QUIT")

    wait_for_progress(page, "Passed")
    assert page.get_by_role("button", name="Connect again").is_visible()
    assert LabRun.objects.get().passed_at is not None
    assert visitor.axe() == []


def test_forbidden_line_is_not_hidden_behind_ticked_steps(labs, visit):
    page = visit().page
    start(page, "greet-and-leave")

    say(page, "MAIL FROM:<casey@lab.example>")
    page.get_by_text("Not in this lab:").wait_for()
    assert page.get_by_text("that costs nothing").count() == 0
    say(page, "EHLO laptop.example")
    wait_for_progress(page, "1 of 2 steps")
    say(page, "QUIT")

    wait_for_progress(page, "All steps done, but not passed")
    assert LabRun.objects.get().passed_at is None


def test_lab_by_keyboard_alone(labs, visit):
    page = visit().page
    page.goto("/labs/greet-and-leave/")
    start_button = page.get_by_role("button", name="Start", exact=True)
    while not start_button.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#console")
    field = page.get_by_label("SMTP command")
    while not field.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")

    page.keyboard.type("EHLO laptop.example")
    page.keyboard.press("Enter")
    wait_for_progress(page, "1 of 2 steps")
    assert field.evaluate("field => field === document.activeElement")
    page.keyboard.type("QUIT")
    page.keyboard.press("Enter")

    wait_for_progress(page, "Passed")


def test_lab_without_javascript(labs, visit):
    page = visit(java_script_enabled=False).page
    start(page, "greet-and-leave")

    for line in ("EHLO laptop.example", "QUIT"):
        say(page, line)
        page.wait_for_url("**/labs/greet-and-leave/#prompt")

    assert page.locator("#checklist-h").inner_text() == "Passed"


def test_time_passes_between_two_sessions(labs, visit):
    page = visit().page
    start(page, "come-back-later")
    for n, line in enumerate(OPENING, 1):
        say(page, line)
        page.locator(".said--client").nth(n - 1).wait_for()
    say(page, "QUIT")
    wait_for_progress(page, "2 of 8 steps")
    page.get_by_role("button", name="Connect again").wait_for()

    page.get_by_text("Let time pass").click()
    page.get_by_role("button", name="5 minutes").click()
    page.get_by_role("button", name="Connect again").click()
    for n, line in enumerate((*OPENING, "DATA"), 1):
        say(page, line)
        page.locator(".said--client").nth(n - 1).wait_for()
    page.get_by_role("button", name="Send message").click()

    wait_for_progress(page, "Passed")


def test_session_of_a_program_takes_the_place_of_the_console(labs, visit):
    page = visit().page
    start(page, "greet-and-leave")
    session = SandboxSessionFactory(learner=Learner.objects.get())
    SandboxEventFactory(session=session)

    page.locator(f"#console[data-session='{session.uuid}']").wait_for()

    assert page.get_by_label("SMTP command").count() == 0


def test_hints_lead_to_the_whole_dialogue_at_the_second_try(labs, visit):
    visitor = visit()
    page = visitor.page
    start(page, "first-message")
    page.get_by_role("button", name="Give me a nudge").click()
    page.get_by_role("button", name="Show the commands").click()
    assert page.get_by_text("shown from the second try on").is_visible()

    say(page, "EHLO laptop.example")
    wait_for_progress(page, "1 of 10 steps")
    page.get_by_role("button", name="Start again").click()
    for name in ("Give me a nudge", "Show the commands", "Show the whole dialogue"):
        page.get_by_role("button", name=name).click()

    assert page.locator("#solution .said--client").count() >= 6
    assert visitor.axe() == []


@pytest.mark.parametrize(
    ("width", "look"), [(320, {"forced_colors": "active"}), (1280, {"color_scheme": "dark"})]
)
def test_a_lab_under_way_is_accessible_and_fits(labs, visit, width, look):
    visitor = visit(viewport={"width": width, "height": 800}, **look)
    page = visitor.page

    start(page, "first-message")
    say(page, "EHLO laptop.example")
    wait_for_progress(page, "1 of 10 steps")
    say(page, "MAIL FROM: <casey@lab.example>")
    page.locator(".turn").wait_for()

    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
