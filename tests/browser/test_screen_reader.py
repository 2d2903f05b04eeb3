"""What a screen reader is told: the names on a page, and what is spoken without being asked."""

import pytest
from playwright.sync_api import expect

from tests.browser import test_exam, test_kinds

pytestmark = pytest.mark.django_db(transaction=True)
attempt, practise = test_kinds.attempt, test_kinds.sit
candidate, sit = test_exam.candidate, test_exam.sit

SURE = """
- group "How sure are you? Optional; it never counts.":
  - radio "Sure"
  - radio "Unsure"
- paragraph:
  - button "Check"
"""
ASKED = {
    "single": """
- group "Which? Choose one.":
  - heading "Which?" [level=1]
  - radio "One"
  - radio "Two"
  - radio "Three"
  - radio "None at all"
""",
    "multiple": """
- group "Which? Choose 2.":
  - heading "Which?" [level=1]
  - checkbox "SMTP"
  - checkbox "POP3"
""",
    "matching": """
- group "Which? Choose what belongs to each row. Something is left over.":
  - heading "Which?" [level=1]
  - combobox "250":
    - option "Choose" [selected]
    - option "It was done"
  - combobox "354"
  - combobox "550"
""",
    "ordering": """
- group "Which? Give each step its place; 1 is first.":
  - heading "Which?" [level=1]
  - list:
    - listitem:
      - combobox "RCPT for ann place"
      - 'button "Up: RCPT for ann"'
      - 'button "Down: RCPT for ann"'
""",
    "short": """
- group "Which? Type the answer.":
  - heading "Which?" [level=1]
  - textbox "Your answer"
  - paragraph: one reply code
""",
    "hotspot": """
- group "Which? Choose one line.":
  - heading "Which?" [level=1]
""",
}
SITTING = """
- main:
  - paragraph:
    - link "Network+ N10-009"
    - text: · question 1 of 2
  - group "A client sends RCPT before MAIL. What does the server answer? Choose one.":
    - heading "A client sends RCPT before MAIL. What does the server answer?" [level=1]
    - radio "a syntax error"
    - button "Strike out option 1"
  - paragraph:
    - button "Next"
    - button "Flag"
    - button "Overview"
  - complementary "All questions":
    - navigation "Questions":
      - list:
        - listitem:
          - 'link "Question 1 : not answered"'
        - listitem:
          - 'link "Question 2 : not seen"'
      - list:
        - listitem:
          - link "Overview of all questions"
        - listitem:
          - link "Submit the exam"
"""


def listen(page):
    """From here on, what live regions say is kept in the page as `spoken`."""
    page.evaluate(
        """() => {
            window.spoken = [];
            for (const region of document.querySelectorAll("[role=status]")) {
                new MutationObserver(() => {
                    const words = region.textContent.replace(/\\s+/g, " ").trim();
                    if (words && spoken.at(-1) !== words) spoken.push(words);
                }).observe(region, {childList: true, characterData: true, subtree: true});
            }
        }"""
    )


@pytest.mark.parametrize("kind", ASKED)
def test_a_question_says_what_it_is_and_how_it_is_answered(attempt, practise, kind):
    page = practise().page
    test_kinds.open_question(page, attempt, kind)

    expect(page.locator("form[data-question]")).to_match_aria_snapshot(ASKED[kind] + SURE)


def test_an_exam_says_where_one_is_and_where_one_may_go(sit):
    _attempt, visitor = sit(n=2)

    expect(visitor.page.locator("main")).to_match_aria_snapshot(SITTING)


def test_one_message_for_each_check(attempt, practise):
    page = practise().page
    test_kinds.open_question(page, attempt, "single")
    listen(page)

    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.locator("#explanation").wait_for()

    expect(page.locator("#announce")).not_to_be_empty()
    assert len(page.evaluate("spoken")) == 1


def test_saving_speaks_of_what_went_wrong_and_of_the_recovery(sit):
    _attempt, visitor = sit(n=2)
    page = visitor.page
    test_exam.wait_sheet(page)
    listen(page)

    page.keyboard.press("1")
    test_exam.wait_saved(page)
    page.keyboard.press("2")
    test_exam.wait_saved(page)
    calm = page.evaluate("spoken")
    visitor.context.set_offline(True)
    page.keyboard.press("3")
    page.locator("#save-state", has_text=test_exam.OFFLINE).wait_for()
    visitor.context.set_offline(False)
    test_exam.wait_saved(page)

    assert calm == []
    spoken = page.evaluate("spoken")
    assert spoken[0].startswith("Offline: kept on this device")
    assert spoken[-1].startswith("Saved ")
    assert len(spoken) == 2
    visitor.forgive("ERR_INTERNET_DISCONNECTED")
