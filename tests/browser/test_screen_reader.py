"""What a screen reader finds on a question before its answer, and on an exam. Whole pages are in
test_snapshots.py, what is spoken without being asked in test_announcements.py."""

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


@pytest.mark.parametrize("kind", ASKED)
def test_a_question_says_what_it_is_and_how_it_is_answered(attempt, practise, kind):
    page = practise().page
    test_kinds.open_question(page, attempt, kind)

    expect(page.locator("form[data-question]")).to_match_aria_snapshot(ASKED[kind] + SURE)


def test_an_exam_says_where_one_is_and_where_one_may_go(sit):
    _attempt, visitor = sit(n=2)

    expect(visitor.page.locator("main")).to_match_aria_snapshot(SITTING)
