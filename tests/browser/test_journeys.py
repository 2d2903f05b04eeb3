"""Journeys of a learner in a real browser, on the shipped bank."""

import pytest

from accounts.authoring import ensure_author
from attempts.models import Attempt, Slot
from questions.models import Option

pytestmark = pytest.mark.django_db(transaction=True)
CHOICES = "/practice/?kinds=single&kinds=multiple"


def choose_right(page):
    """Marks the keys of the question on the page, found by their words as a learner would."""
    stem = page.locator("#stem").inner_text()
    keys = {
        option.text.replace("`", "")
        for option in Option.objects.filter(is_key=True).select_related("revision")
        if option.revision.stem.replace("`", "") == stem
    }
    for label in page.locator("label.option").all():
        if label.locator("span").last.inner_text() in keys:
            label.click()


def test_first_question_takes_two_actions(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto("/")
    assert visitor.axe() == []
    assert page.locator("dialog, [role=dialog]").count() == 0

    choose_right(page)
    page.get_by_role("button", name="Check").click()

    page.wait_for_url("**/attempts/*/1/")
    assert page.get_by_text("Correct", exact=True).is_visible()
    assert page.locator(".option .why").count() == 5
    assert page.get_by_role("heading", name="See it happen").is_visible()
    assert page.get_by_role("link", name="Read the note").is_visible()
    assert visitor.axe() == []


def test_first_question_by_keyboard_alone(bank, visit):
    page = visit().page
    page.goto("/")

    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Enter")

    page.wait_for_url("**/attempts/*/1/")
    assert len(Slot.objects.get().response) == 2


def test_letters_choose_nothing(bank, visit):
    page = visit().page
    page.goto("/")

    for letter in "abcdh":
        page.keyboard.press(letter)

    assert page.locator("input[name=choice]:checked").count() == 0


def test_a_proof_runs_in_the_sandbox_with_one_click(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto("/")
    choose_right(page)
    page.get_by_role("button", name="Check").click()

    page.get_by_role("button", name="Run it in the sandbox").click()

    page.wait_for_url("**/sandbox/sessions/**")
    assert page.locator(".said--client > .who").first.inner_text() == "C"
    assert page.get_by_text("EHLO client.example").is_visible()
    assert visitor.axe() == []


def test_a_practice_set_from_start_to_result(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto(CHOICES)
    assert visitor.axe() == []
    page.locator("summary", has_text="SMTP").first.click()
    page.get_by_label("The mail transaction").check()
    page.get_by_label("Questions").fill("3")
    page.get_by_role("button", name="Start").click()

    for number in (1, 2, 3):
        page.wait_for_url(f"**/{number}/")
        assert page.title().startswith(f"Question {number} of 3")
        choose_right(page)
        page.get_by_role("button", name="Check").click()
        page.get_by_text("Correct", exact=True).wait_for()
        assert page.evaluate("document.activeElement.id") == "go"
        assert page.locator("#announce").inner_text() == "Correct."
        assert visitor.axe() == []
        page.keyboard.press("Enter")

    page.wait_for_url("**/result/")
    assert page.get_by_role("heading", name="All of them right").is_visible()
    assert visitor.axe() == []
    page.get_by_role("link", name="Progress").first.click()
    assert page.get_by_role("heading", name="3 of 3 answers right").is_visible()
    assert visitor.axe() == []


def test_a_refused_choice_is_told_and_nothing_is_lost(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto(CHOICES)
    page.get_by_label("Questions").fill("1")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")

    page.get_by_role("button", name="Check").click()

    page.locator("#errors").wait_for()
    assert "Nothing was saved yet" in page.locator("#errors").inner_text()
    assert page.evaluate("document.activeElement.id") in ("errors", "go")
    assert visitor.axe() == []
    visitor.forgive("422")


def test_reload_back_and_a_second_tab_lose_nothing(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto(CHOICES)
    page.get_by_label("Questions").fill("2")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")
    order = page.locator("label.option").all_inner_texts()
    page.reload()
    assert page.locator("label.option").all_inner_texts() == order

    second = visitor.context.new_page()
    second.goto(page.url)
    page.keyboard.press("1")
    choose_right(page)
    choose_right(second)
    second.get_by_role("button", name="Check").click()
    second.get_by_text("Correct", exact=True).wait_for()
    answered = Slot.objects.get(position=1)
    page.reload()

    assert page.get_by_role("button", name="Continue").is_visible()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/2/")
    page.go_back()
    page.get_by_role("button", name="Continue").wait_for()
    assert Slot.objects.get(position=1).seq == answered.seq == 1


def test_a_set_without_javascript(bank, visit):
    page = visit(java_script_enabled=False).page
    page.goto(CHOICES)
    page.get_by_label("Questions").fill("1")
    page.get_by_role("button", name="Start").click()
    choose_right(page)
    page.get_by_role("button", name="Check").click()
    assert page.get_by_text("Correct", exact=True).is_visible()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/result/")

    assert Attempt.objects.get().is_finished


def test_guest_signs_up_and_keeps_the_answers(bank, visit):
    visitor = visit()
    page = visitor.page
    page.goto("/")
    choose_right(page)
    page.get_by_role("button", name="Check").click()
    page.goto("/accounts/signup/")
    assert visitor.axe() == []
    page.locator("input[name=email]").fill("casey@learn.example")
    page.locator("input[name=password1]").fill("a-long-enough-secret-7")
    page.locator("input[name=password2]").fill("a-long-enough-secret-7")
    page.locator("main form button").first.click()
    page.wait_for_url("**/progress/")

    assert page.get_by_role("heading", name="1 of 1 answers right").is_visible()
    assert Attempt.objects.get().learner.user.email == "casey@learn.example"


def test_an_author_works_under_the_same_policy(bank, visit):
    """Login, list, a draft's form with its rows, preview: no complaint from the browser."""
    ensure_author("author@learn.example", "a-long-enough-secret-7")
    page = visit().page
    page.goto("/admin/")
    page.locator("input[name=login]").fill("author@learn.example")
    page.locator("input[name=password]").fill("a-long-enough-secret-7")
    page.locator("main form button").first.click()
    page.wait_for_url("**/admin/")

    page.goto("/admin/questions/question/?q=which-two-protocols")
    page.get_by_role("link", name="which-two-protocols-send-email").click()
    page.get_by_role("link", name="1", exact=True).click()
    page.get_by_role("button", name="Change it: make a new draft").click()
    page.get_by_text("A new draft with the same content.").wait_for()
    assert page.locator("[id^=options-] textarea[name$=rationale]").count() >= 5
    page.get_by_role("link", name="Preview as a learner").click()

    page.get_by_role("heading", name="See it happen").wait_for()
