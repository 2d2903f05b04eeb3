"""Each kind of question in a real browser: open, refused, judged; by keys and without scripts."""

import tomllib
from importlib import import_module

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.learners import SESSION_KEY
from questions.cataloguing import load_labs
from questions.kinds import KINDS, mark
from questions.publishing import make_revision, publish
from sandbox.labs.reading import read_lab
from sandbox.tables import Table
from tests.factories import (
    AttemptFactory,
    LearnerFactory,
    NoteFactory,
    QuestionFactory,
    SlotFactory,
    StandardFactory,
)
from tests.questions.kinds.conftest import take

pytestmark = pytest.mark.django_db(transaction=True)
LAB = "greet-and-leave"
PLACES = {name: place for place, name in enumerate(KINDS, 1)}


@pytest.fixture
def attempt(transactional_db):
    """A practice set of one question of each kind, in the order of kinds; nothing is shuffled."""
    text = (settings.CONTENT_DIR / "labs" / f"{LAB}.toml").read_text()
    load_labs([read_lab(Table(tomllib.loads(text), LAB, []), LAB)])
    attempt = AttemptFactory(learner=LearnerFactory())
    note = NoteFactory(slug="smtp")
    for name, place in PLACES.items():
        item, problems = take(import_module(f"tests.questions.kinds.test_{name}").QUESTION)
        assert problems == []
        revision = make_revision(
            QuestionFactory(slug=item.slug, topic__slug="smtp"),
            item,
            standards={5321: StandardFactory()},
            notes={"smtp": note},
            objectives=[],
        )
        publish(revision, reviewer=None)
        order = KINDS[name].arrange(item, [option.ident for option in item.options].index)
        SlotFactory(
            attempt=attempt,
            position=place,
            revision=revision,
            option_order=order,
            policy=item.policy,
        )
    return attempt


@pytest.fixture
def sit(attempt, client, visit):
    """The attempt's learner in a browser of these options."""

    def sit(**options):
        session = client.session
        session[SESSION_KEY] = attempt.learner_id
        session.save()
        visitor = visit(**options)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
        visitor.context.add_cookies([{**cookie, "url": visitor.site}])
        return visitor

    return sit


def open_question(page, attempt, name):
    page.goto(f"/attempts/{attempt.uuid}/{PLACES[name]}/")


def response_of(attempt, name):
    return attempt.slots.get(position=PLACES[name]).response


def check(page):
    page.get_by_role("button", name="Check").click()


def judge_all(attempt):
    """As if the learner had answered each question partly wrong."""
    for slot in attempt.slots.all():
        item = slot.revision.as_item()
        slot.response = import_module(f"tests.questions.kinds.test_{item.kind}").RESPONSE
        slot.mark = mark(item, slot.response, slot.policy, slot.max_mark)
        slot.checked_at = timezone.now()
        slot.save()


@pytest.mark.parametrize("state", ["open", "judged"])
def test_every_kind_is_accessible_and_fits_narrow_screens(attempt, sit, state):
    visitor = sit(viewport={"width": 320, "height": 640})
    if state == "judged":
        judge_all(attempt)

    for name in KINDS:
        open_question(visitor.page, attempt, name)

        assert visitor.axe() == [], name
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320, name
        rows = ".question :is(.option, .line, select, .move, input[type=text])"
        low = [row.bounding_box()["height"] for row in visitor.page.locator(rows).all()]
        assert min(low, default=44) >= 44, name


def test_steps_move_by_buttons_and_keep_the_focus(attempt, sit):
    page = sit().page
    open_question(page, attempt, "ordering")
    assert page.locator(".step-text").all_inner_texts() == [
        "RCPT for ann",
        "DATA",
        "MAIL",
        "RCPT for bob",
    ]

    up = page.get_by_role("button", name="Up: MAIL")
    up.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert up.evaluate("button => button === document.activeElement")
    assert page.locator("#announce").inner_text() == "1: MAIL"
    page.get_by_role("button", name="Down: DATA").click()
    check(page)

    page.get_by_text("Correct", exact=True).wait_for()
    assert response_of(attempt, "ordering") == {"mail": 1, "ann": 2, "bob": 3, "data": 4}


def test_the_ends_of_a_list_stop_a_step(attempt, sit):
    page = sit().page
    open_question(page, attempt, "ordering")

    page.get_by_role("button", name="Up: RCPT for ann").click()
    page.get_by_role("button", name="Down: RCPT for bob").click()

    assert page.locator(".step-text").all_inner_texts()[0] == "RCPT for ann"
    assert page.locator(".step-text").all_inner_texts()[3] == "RCPT for bob"
    assert [select.input_value() for select in page.locator(".order select").all()] == list("1234")


def test_a_digit_chooses_the_line_of_that_number(attempt, sit):
    page = sit().page
    open_question(page, attempt, "hotspot")

    page.keyboard.press("4")
    page.keyboard.press("Enter")

    page.get_by_text("Correct", exact=True).wait_for()
    assert response_of(attempt, "hotspot") == ["line-4"]


def test_a_refused_match_keeps_what_was_chosen(attempt, sit):
    visitor = sit()
    page = visitor.page
    open_question(page, attempt, "matching")

    for row in (1, 2, 3):
        page.locator(f"#option-{row}").select_option(label="Go on")
    check(page)
    page.locator("#errors").get_by_text("“Go on” is chosen twice").wait_for()
    visitor.forgive("422")
    assert page.locator("#option-3 option:checked").inner_text() == "Go on"
    page.locator("#option-1").select_option(label="It was done")
    page.locator("#option-3").select_option(label="Good-bye")
    check(page)

    page.get_by_text("Partly right: 66 %").wait_for()
    assert response_of(attempt, "matching") == {"yes": "yes", "go": "go", "no": "bye"}


def test_a_typed_answer_is_checked_by_enter(attempt, sit):
    page = sit().page
    open_question(page, attempt, "short")

    field = page.get_by_label("Your answer")
    assert page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text() == (
        "one reply code"
    )
    field.fill(" 503 ")
    field.press("Enter")

    page.get_by_text("Correct", exact=True).wait_for()
    assert response_of(attempt, "short") == "503"


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_lab_from_the_question_and_back(attempt, sit, has_scripts):
    page = sit(java_script_enabled=has_scripts).page
    open_question(page, attempt, "lab")

    page.get_by_role("button", name="Begin the lab").click()
    page.wait_for_url(f"**/labs/{LAB}/*")
    for line in ("EHLO laptop.example", "QUIT"):
        page.locator("[name=line]").fill(line)
        page.get_by_role("button", name="Send", exact=True).click()
        page.locator("#log").get_by_text(line, exact=True).first.wait_for()
    page.get_by_role("link", name="Back to the question").click()
    page.get_by_role("button", name="Go on with the lab").wait_for()
    page.wait_for_load_state()
    check(page)

    page.get_by_text("Correct", exact=True).wait_for()
    assert page.get_by_text("2 of 2 steps done.").is_visible()
    assert response_of(attempt, "lab")["passed"]


def test_every_kind_is_answered_without_scripts(attempt, sit):
    page = sit(java_script_enabled=False).page

    open_question(page, attempt, "single")
    page.get_by_label("Two").check()
    check(page)
    page.locator(".verdict").wait_for()
    open_question(page, attempt, "multiple")
    for text in ("SMTP", "ESMTP"):
        page.locator("label.option").filter(has=page.get_by_text(text, exact=True)).click()
    check(page)
    page.locator(".verdict").wait_for()
    open_question(page, attempt, "matching")
    for row, text in enumerate(["It was done", "Go on", "It will not be done"], 1):
        page.locator(f"#option-{row}").select_option(label=text)
    check(page)
    page.locator(".verdict").wait_for()
    open_question(page, attempt, "ordering")
    assert page.locator(".move").first.is_hidden()
    for row, place in enumerate(["2", "4", "1", "3"], 1):
        page.locator(f"#option-{row}").select_option(place)
    check(page)
    page.locator(".verdict").wait_for()
    open_question(page, attempt, "short")
    page.get_by_label("Your answer").fill("503")
    check(page)
    page.locator(".verdict").wait_for()
    open_question(page, attempt, "hotspot")
    page.locator("#option-4").check()
    check(page)
    page.locator(".verdict").wait_for()

    marks = attempt.slots.exclude(revision__kind="lab").values_list("mark", flat=True)
    assert list(marks) == [1000] * 6
