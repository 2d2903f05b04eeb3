"""What a screen reader finds on whole pages: the first question, each kind of question after its
answer, an exam from a question to the result and back to it. Questions before their answer are in
test_screen_reader.py."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from questions.kinds import KINDS
from questions.publishing import publish
from tests.browser import test_exam, test_kinds
from tests.factories import RevisionFactory

pytestmark = pytest.mark.django_db(transaction=True)
attempt, practise = test_kinds.attempt, test_kinds.sit
candidate, sit = test_exam.candidate, test_exam.sit

FIRST_QUESTION = """
- main:
  - /children: equal
  - paragraph: /Practise for Network\\+, Security\\+, CCNA and Microsoft 365/
  - group "A client sends RCPT before MAIL. What does the server answer? Choose one.":
    - heading "A client sends RCPT before MAIL. What does the server answer?" [level=1]
    - text: Choose one.
    - radio "a syntax error"
    - radio "a bad sequence"
    - radio "acceptance"
  - paragraph:
    - button "Check"
    - text: 1–3 choose · Enter check
  - complementary "What happens next":
    - heading "A question, an answer, a proof" [level=2]
    - paragraph: /You will see the reason for every option/
    - paragraph: No account is needed. What you answer is kept in this browser for 30 days.
"""
JUDGED = {
    "single": """
- heading "Which?" [level=1]
- paragraph: Choose one.
- list:
  - /children: equal
  - listitem: One Too few.
  - listitem: Two your answer, right Just right.
  - listitem: Three Too many.
  - listitem: None at all There is one at least.
""",
    "multiple": """
- heading "Which?" [level=1]
- paragraph: Choose 2.
- list:
  - /children: equal
  - listitem: SMTP your answer, right It sends.
  - listitem: POP3 your answer It fetches.
  - listitem: ESMTP right It sends with extensions.
  - listitem: IMAP It reads.
  - listitem: DNS It finds names.
""",
    "matching": """
- heading "Which?" [level=1]
- paragraph: Choose what belongs to each row. Something is left over.
- list:
  - /children: equal
  - listitem:
    - /children: deep-equal
    - paragraph:
      - code: "250"
    - paragraph: It was done your answer, right
    - text: The plain yes.
  - listitem:
    - /children: deep-equal
    - paragraph:
      - code: "354"
    - paragraph: Go on right
    - text: Text may come.
  - listitem:
    - /children: deep-equal
    - paragraph:
      - code: "550"
    - paragraph: Good-bye your answer
    - paragraph: It will not be done right
    - text: The plain no.
- paragraph: "Left over:"
- list:
  - listitem: Good-bye That is 221.
""",
    "ordering": """
- heading "Which?" [level=1]
- paragraph: Give each step its place; 1 is first.
- list:
  - /children: equal
  - listitem: place 1 MAIL you said 1, right Opens the transaction.
  - listitem: place 2–3 RCPT for ann Any order among recipients.
  - listitem: place 2–3 RCPT for bob you said 3, right May be first as well.
  - listitem: place 4 DATA Needs a recipient.
""",
    "short": """
- heading "Which?" [level=1]
- paragraph: Type the answer.
- paragraph:
  - text: "You typed:"
  - code: 503 Bad
- list:
  - /children: equal
  - listitem:
    - /children: deep-equal
    - code: "503"
    - text: right Bad sequence.
  - listitem:
    - /children: deep-equal
    - code: 503 Bad sequence
    - text: partly right, 25 %, your answer Only the code was asked for.
""",
    "hotspot": """
- heading "Which?" [level=1]
- paragraph: Choose one line.
- list:
  - /children: equal
  - listitem:
    - /children: deep-equal
    - text: 1 S
    - code: 220 mx.lab.example ESMTP
  - listitem:
    - /children: deep-equal
    - text: 2 C
    - code: EHLO client.example
    - paragraph: "Lines 1 to 2: The greeting is fine."
  - listitem:
    - /children: deep-equal
    - text: 4 C
    - code: RCPT TO:<robin@lab.example>
    - text: right
    - paragraph: A recipient without a sender.
  - listitem:
    - /children: deep-equal
    - text: "5"
    - code: folded
    - paragraph: Part of the line before.
  - listitem:
    - /children: deep-equal
    - text: 6 S
    - code: 503 5.5.1 Bad sequence
    - text: your answer
    - paragraph: This is the refusal.
""",
    "lab": """
- heading "Which?" [level=1]
- paragraph: "A task in the sandbox: the server marks what it hears."
- list:
  - /children: equal
  - listitem:
    - text: Introduce yourself with EHLO and get the list of extensions.
    - link "RFC 5321 §4.1.1.1"
  - listitem:
    - text: Say QUIT and wait for 221.
    - link "RFC 5321 §4.1.1.10"
""",
}
JUDGED_PAGE = """
- main:
  - /children: equal
  - paragraph: The mail transaction · question 3 of 7
  - region "Question"
  - region "Explanation":
    - /children: equal
    - paragraph: "Partly right: 33 %"
    - paragraph: Because.
    - list:
      - listitem:
        - link "Read the note"
      - listitem:
        - link "RFC 5321 §3.3"
  - paragraph:
    - button "Continue"
  - navigation "Questions":
    - /children: equal
    - link "Previous"
    - link "Next"
    - button "Finish now"
  - button "Bookmark"
  - link "Report a fault"
"""
SITTING = """
- main:
  - /children: equal
  - paragraph:
    - link "Network+ N10-009"
    - text: · question 1 of 3
  - region "Time":
    - /children: deep-equal
    - heading "Time" [level=2]
    - timer: 18 min left
    - button "Hide time"
    - button "Say time"
  - paragraph: /^Saved \\d\\d:\\d\\d$/
  - status
  - group "A client sends RCPT before MAIL. What does the server answer? Choose one.":
    - radio "a syntax error"
    - button "Strike out option 1"
    - radio "a bad sequence" [checked]
    - button "Strike out option 2"
    - radio "acceptance"
    - button "Strike out option 3"
  - group "How sure are you? Optional; it never counts."
  - paragraph:
    - button "Next"
    - button "Flagged" [pressed]
    - button "Overview"
  - paragraph:
    - link "Report a fault"
  - complementary "All questions":
    - navigation "Questions":
      - list:
        - /children: equal
        - listitem:
          - 'link "Question 1 : answered, flagged"'
        - listitem:
          - 'link "Question 2 : not seen"'
        - listitem:
          - 'link "Question 3 : not seen"'
"""
SUBMISSION = """
- main:
  - /children: equal
  - paragraph:
    - link "Network+ N10-009"
  - region "Time"
  - paragraph
  - heading "Submit with 2 unanswered?" [level=1]
  - paragraph: /After this nothing can be changed/
  - heading "2 questions without an answer" [level=2]
  - list:
    - /children: deep-equal
    - listitem:
      - link "Question 2"
    - listitem:
      - link "Question 3"
  - heading "1 flag of yours" [level=2]
  - list:
    - /children: deep-equal
    - listitem:
      - link "Question 1"
  - paragraph:
    - button "Submit"
    - link "Back to the questions"
"""
RESULT = """
- main:
  - /children: equal
  - paragraph:
    - text: Network+ N10-009, mail questions · 3 questions ·
    - time
  - heading "Below our pass line" [level=1]
  - paragraph: /^33 % of marks; the line is 75 % · 2 min \\d+ s of 20 min$/
  - paragraph: 1 of 3 right · 2 not answered
  - paragraph: /^You handed it in at/
  - 'region "Look at “The mail transaction” first: 33 % of its marks"':
    - 'table "Look at “The mail transaction” first: 33 % of its marks"':
      - rowgroup:
        - row:
          - columnheader "Topic"
          - columnheader "Share"
          - columnheader "Marks"
          - columnheader "Right"
      - rowgroup:
        - row "The mail transaction 33 % 1 of 3"
  - figure /^No question took longer than planned/:
    - img /^Time spent on each question/
    - group: Time of each question
  - heading "2 questions to look at again" [level=2]
  - group:
    - text: 2. A client sends
    - code: RCPT
    - text: before
    - code: MAIL
    - text: . What does the server answer? not answered
    - list:
      - /children: equal
      - listitem: a syntax error The syntax is right.
      - listitem: a bad sequence right Only MAIL opens a transaction.
      - listitem: acceptance The sender must be known first.
    - paragraph: 503 says that a correct command came out of turn.
    - list:
      - /children: deep-equal
      - listitem:
        - link "RFC 5321 §3.3"
      - listitem:
        - link "The question on its own page"
      - listitem:
        - link "Report a fault"
  - group: /^3\\. A client sends/
  - complementary "Next":
    - heading "Next" [level=2]
    - list:
      - /children: equal
      - listitem:
        - button "Practise the 2 you missed exactly these, in a new order"
      - listitem:
        - 'button /^Practise: The mail transaction/'
      - listitem:
        - button "Ten more questions those you have not met come first"
    - paragraph:
      - link "Look at all 3 questions"
    - paragraph:
      - link "Keep this result"
"""
LOOKING_BACK = """
- main:
  - /children: equal
  - paragraph:
    - link "Result"
  - heading "Looking back" [level=1]
  - paragraph:
    - combobox "Show"
  - paragraph:
    - combobox "Topic"
  - paragraph:
    - button "Show"
  - status: 1 of 3 questions
  - list:
    - /children: equal
    - listitem:
      - link "1 A client sends RCPT before MAIL. What does the server answer?"
      - text: /^right, flagged · \\d+ s$/
"""


def test_the_first_question(visit):
    revision = RevisionFactory()
    revision.options.update(is_fixed=True)
    publish(revision, reviewer=None)
    page = visit().page
    page.goto("/")

    expect(page.locator("main")).to_match_aria_snapshot(FIRST_QUESTION)


def test_each_kind_after_its_answer(attempt, practise):
    test_kinds.judge_all(attempt)
    page = practise().page

    for kind in KINDS:
        test_kinds.open_question(page, attempt, kind)

        asked = page.get_by_role("region", name="Question")
        expect(asked).to_match_aria_snapshot(
            "- region:\n  - /children: equal\n" + JUDGED[kind].replace("\n", "\n  ").rstrip()
        )
        if kind == "matching":
            expect(page.locator("main")).to_match_aria_snapshot(JUDGED_PAGE)


def test_an_exam_from_a_question_to_looking_back(sit):
    attempt, visitor = sit(n=3, **test_exam.timed(20, timedelta(minutes=2)))
    visitor.stop_clock()
    page = visitor.page
    page.reload()
    main = page.locator("main")
    test_exam.wait_sheet(page)

    page.keyboard.press("2")
    page.keyboard.press("f")
    test_exam.wait_saved(page)
    expect(main).to_match_aria_snapshot(SITTING)

    page.goto(f"/attempts/{attempt.uuid}/submission/")
    expect(main).to_match_aria_snapshot(SUBMISSION)

    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/result/")
    page.locator(".miss > summary").first.click()
    expect(main).to_match_aria_snapshot(RESULT)

    page.goto(f"/attempts/{attempt.uuid}/questions/?show=flagged")
    expect(main).to_match_aria_snapshot(LOOKING_BACK)
