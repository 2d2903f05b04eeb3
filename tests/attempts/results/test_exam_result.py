"""The page of a finished exam: verdict, totals, times, misses, what to do next."""

import re

import pytest

from questions.models import Domain, Objective
from sandbox.models import Lab
from tests.factories import (
    ExamAttemptFactory,
    ExamFactory,
    LearnerFactory,
    NoteFactory,
    PublishedFactory,
    QuestionFactory,
    SlotFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
STARTED = "2026-11-24T09:00:00Z"
ENDED = "2026-11-24T09:17:30Z"


def exam(learner, **fields):
    return ExamAttemptFactory(
        learner=learner,
        **{"started_at": STARTED, "finished_at": ENDED, "ended_by": "learner", **fields},
    )


def place(attempt, position, mark=1000, **fields):
    """A slot of a finished exam; a mark of None is a question without an answer."""
    answered = mark is not None
    defaults = {
        "mark": mark or 0,
        "response": (["order"] if mark else ["syntax"]) if answered else None,
        "checked_at": ENDED if answered else None,
    }
    return SlotFactory(attempt=attempt, position=position, **{**defaults, **fields})


def topic_question(slug, position, **fields):
    topic = TopicFactory(slug=slug, title=f"Topic {slug}", position=position)
    return PublishedFactory(question=QuestionFactory(topic=topic, **fields))


def with_marks(attempt, *marks):
    for position, mark in enumerate(marks, start=1):
        place(attempt, position, mark)


def text(client, attempt):
    page = client.get(attempt.get_result_url()).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("marks", "verdict", "score"),
    [
        ((1000, 1000, 1000, 1000), "All marks, above our pass line", "100 %"),
        ((1000, 1000, 1000, 0), "On our pass line", "75 %"),
        ((1000, 1000, 1000, 3), "On our pass line", "75 %"),
        ((1000, 1000, 999, 0), "Below our pass line", "74 %"),
        ((1000, 1000, 1000, 500), "Above our pass line", "87 %"),
        ((None, None, None, None), "Below our pass line", "0 %"),
    ],
)
def test_the_verdict_compares_marks_with_our_line(client, guest, marks, verdict, score):
    attempt = exam(guest)
    with_marks(attempt, *marks)

    page = client.get(attempt.get_result_url()).content.decode()

    assert f"<h1>{verdict}</h1>" in page
    assert f"{score} <small>of marks; the line is 75 %" in page


def test_no_scaled_score_and_the_line_of_the_day(client, guest):
    attempt = exam(guest, rules={"pass_percent": 60})
    with_marks(attempt, 1000, 0, 1000)

    page = text(client, attempt)

    assert "66 % of marks; the line is 60 %" in page
    assert "of 900" not in page
    assert "/ 900" not in page


def test_totals_by_domain_follow_the_first_objective(client, guest):
    attempt = exam(guest)
    domains = {
        number: Domain.objects.create(exam=attempt.exam, number=number, name=name)
        for number, name in [(1, "Concepts"), (5, "Troubleshooting")]
    }
    first = Objective.objects.create(exam=attempt.exam, domain=domains[1], code="1.4", text="a")
    last = Objective.objects.create(exam=attempt.exam, domain=domains[5], code="5.5", text="b")
    other = Objective.objects.create(exam=ExamFactory(code="SY0-701"), code="0.1", text="c")
    slots = [place(attempt, 1, 1000), place(attempt, 2, 0), place(attempt, 3, 0)]
    slots[0].revision.objectives.set([last, first, other])
    slots[1].revision.objectives.set([last])
    slots[2].revision.objectives.set([last])

    page = text(client, attempt)

    assert "Domain 5 Troubleshooting cost most marks: 0 % reached" in page
    assert "1 Concepts 100 % 1 of 1" in page
    assert "5 Troubleshooting 0 % 0 of 2" in page


def test_totals_by_topic_count_parts_of_marks(client, guest):
    attempt = exam(guest)
    place(attempt, 1, 500, revision=topic_question("smtp", 1))
    place(attempt, 2, 1000, revision=topic_question("pop3", 2))

    page = text(client, attempt)

    assert "Look at “Topic smtp” first: 50 % of its marks" in page
    assert "Topic smtp 50 % 0 of 1" in page
    assert "1 of 2 right · 1 wrong (1 of them partly right)" in page
    assert "Above our pass line" not in page  # 1500 of 2000 is the line itself


def test_what_cost_most_marks_comes_first_not_the_lowest_share(client, guest):
    attempt = exam(guest)
    for position, (topic, mark) in enumerate(
        [("rare", 0), ("wide", 0), ("wide", 0), ("wide", 1000)], start=1
    ):
        place(attempt, position, mark, revision=topic_question(topic, 1))

    assert "Look at “Topic wide” first: 33 % of its marks" in text(client, attempt)


@pytest.mark.parametrize(
    ("ended_by", "words"),
    [
        ("learner", "You handed it in at 09:17."),
        ("time", "Time ran out at 09:17; what was saved by then was scored."),
    ],
)
def test_who_ended_it(client, guest, ended_by, words):
    attempt = exam(guest, ended_by=ended_by)
    place(attempt, 1)

    assert words in text(client, attempt)


def test_time_used_of_time_given_names_no_accommodation(client, guest):
    attempt = exam(guest, minutes=20, time_percent=150, deadline_at="2026-11-24T09:30:00Z")
    place(attempt, 1)

    page = text(client, attempt)

    assert "17 min of 30 min" in page
    for sign in ("150", "1.5", "20 min", "half as much"):
        assert sign not in page


def test_time_of_each_question_is_compared_with_its_plan(client, guest):
    attempt = exam(guest)
    place(attempt, 1, spent_ms=190_500)
    place(attempt, 2, spent_ms=20_000)

    page = text(client, attempt)

    assert "1 question took longer than planned." in page
    assert "The longest look was at question 1: 3 min 10 s." in page
    assert "Question 1 , over 3 min 10 s 1 min" in page
    assert "Question 2 20 s 1 min" in page


def test_certainty_tells_lucky_guesses_from_known_answers(client, guest):
    attempt = exam(guest)
    for position, (mark, certainty) in enumerate(
        [(1000, "sure"), (1000, "sure"), (0, "sure"), (1000, "unsure"), (0, "unsure"), (0, "")],
        start=1,
    ):
        place(attempt, position, mark, certainty=certainty)

    page = text(client, attempt)

    assert "You were sure of 1 answer that was not right" in page
    assert "1 right answer was marked unsure, so it may be a lucky guess" in page
    assert "Sure 2 1" in page
    assert "Unsure 1 1" in page


def test_without_certainty_there_is_no_table_of_it(client, guest):
    attempt = exam(guest)
    place(attempt, 1)
    place(attempt, 2, None, certainty="sure")

    assert "How sure, and how right" not in text(client, attempt)


def test_every_miss_carries_its_reasons(client, guest):
    attempt = exam(guest)
    place(attempt, 1, 1000, revision=PublishedFactory(stem="Known?"))
    place(attempt, 2, 0, revision=PublishedFactory(stem="Missed <b>?"), certainty="sure")
    place(attempt, 3, None, revision=PublishedFactory(stem="Left out?"))

    page = client.get(attempt.get_result_url()).content.decode()

    assert "Known?" not in page
    assert "2. Missed &lt;b&gt;?" in page
    assert "you said: a syntax error, sure" in re.sub(r"\s+", " ", page)
    assert page.count("Only MAIL opens a transaction.") == 2
    assert page.count("503 says that a correct command came out of turn.") == 2
    assert page.count('<details class="miss">') == 2
    assert "2 questions to look at again" in page
    assert "RFC 5321" in page


def test_many_misses_are_linked(client, guest):
    attempt = exam(guest)
    with_marks(attempt, *[0] * 12)

    page = client.get(attempt.get_result_url()).content.decode()

    assert page.count('<details class="miss">') == 10
    assert "2 more: all you missed in one list" in page


def test_what_came_late_is_shown_and_not_scored(client, guest):
    attempt = exam(guest, ended_by="time")
    place(attempt, 1, 0, late_response=["order"], late_at="2026-11-24T09:17:45Z")

    page = text(client, attempt)

    assert "0 % of marks" in page
    assert "1 answer came after the end" in page
    assert "Question 1 : a bad sequence 09:17:45" in page


def steps_of(client, attempt):
    page = client.get(attempt.get_result_url()).content.decode()
    listed = re.search(r'<ul class="next">(.*?)</ul>', page, re.DOTALL).group(1)
    return re.findall(r'(?:<button>|<a href="[^"]+">)([^<]+)<span>([^<]+)<', listed)


def make_lab(slug, topics):
    return Lab.objects.create(
        slug=slug,
        title=f"Lab {slug}",
        level="intro",
        goal="x",
        position=1,
        definition={"topics": topics},
    )


def test_three_steps_misses_topic_lab(client, guest):
    attempt = exam(guest)
    place(attempt, 1, 0, revision=topic_question("smtp", 1))
    place(attempt, 2, 500, revision=topic_question("pop3", 2))
    make_lab("other", ["imap"])
    make_lab("fits", ["smtp"])

    assert steps_of(client, attempt) == [
        ("Practise the 2 you missed", "exactly these, in a new order"),
        ("Practise: Topic smtp", "five questions of the topic that cost most marks"),
        ("Lab: Lab fits", "about “Topic smtp”, on the live server"),
    ]


def test_a_passed_lab_gives_way_to_the_note(client, guest):
    attempt = exam(guest)
    revision = topic_question("smtp", 1)
    revision.question.topic.note = NoteFactory(slug="smtp")
    revision.question.topic.save()
    place(attempt, 1, 0, revision=revision)
    guest.lab_runs.create(lab=make_lab("fits", ["smtp"]), passed_at=ENDED)

    assert steps_of(client, attempt)[2] == (
        "Read: Topic smtp",
        "the note behind these questions",
    )


def test_probes_stay_out_of_practice_and_the_page_says_so(client, guest):
    attempt = exam(guest)
    place(attempt, 1, 0, revision=topic_question("smtp", 1, pool="probe"))
    place(attempt, 2, 0, revision=topic_question("smtp", 1))
    place(attempt, 3, 0, revision=topic_question("smtp", 1, retired_at=ENDED))

    assert steps_of(client, attempt)[0] == (
        "Practise the one you missed",
        "1 is kept for exams and stays out of practice; 1 is not in use any more",
    )


def test_only_probes_missed_leads_to_looking_at_them(client, guest):
    attempt = exam(guest)
    place(attempt, 1, 0, revision=topic_question("smtp", 1, pool="probe"))

    steps = steps_of(client, attempt)

    assert steps[0] == (
        "Look at what you missed",
        "1 is kept for exams and stays out of practice",
    )
    assert len(steps) == 3
    assert "Practise: Topic smtp" not in [label for label, _hint in steps]


def test_nothing_missed_still_names_three_steps(client, guest):
    attempt = exam(guest)
    place(attempt, 1)

    assert [label for label, _hint in steps_of(client, attempt)] == [
        "Ten more questions",
        "Talk to the server yourself",
        "Where you stand",
    ]


def test_a_guest_is_led_back_here_after_signing_up(client, guest):
    attempt = exam(guest)
    place(attempt, 1)

    page = client.get(attempt.get_result_url()).content.decode()

    assert f"/accounts/signup/?next=/attempts/{attempt.uuid}/result/" in page
    assert "deleted after 30 days" in page


def test_signing_up_keeps_the_result_at_its_address(client, guest):
    attempt = exam(guest)
    place(attempt, 1)
    secret = "a-long-enough-secret-7"

    response = client.post(
        f"/accounts/signup/?next={attempt.get_result_url()}",
        {
            "email": "casey@learn.example",
            "password1": secret,
            "password2": secret,
            "next": attempt.get_result_url(),
        },
        follow=True,
    )

    attempt.refresh_from_db()
    assert response.request["PATH_INFO"] == attempt.get_result_url()
    assert attempt.learner.user.email == "casey@learn.example"
    assert "Keep this result" not in response.content.decode()


def test_an_open_exam_has_no_result(client, guest):
    attempt = exam(guest, finished_at=None, ended_by="")
    SlotFactory(attempt=attempt, position=1, response=["order"])

    for path in ("result/", "questions/"):
        response = client.get(f"/attempts/{attempt.uuid}/{path}")
        assert response.status_code == 302
        assert b"Only MAIL" not in response.content
        assert response.url.startswith(f"/attempts/{attempt.uuid}/")


def test_a_stranger_and_another_learner_get_404(client, guest):
    attempt = exam(LearnerFactory())
    place(attempt, 1, 0)

    for path in ("result/", "questions/", "questions/?show=wrong"):
        assert client.get(f"/attempts/{attempt.uuid}/{path}").status_code == 404
    client.cookies.clear()
    assert client.get(attempt.get_result_url()).status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow_with_the_form(client, guest, n, django_assert_num_queries):
    attempt = exam(guest)
    domain = Domain.objects.create(exam=attempt.exam, number=1, name="Concepts")
    objective = Objective.objects.create(exam=attempt.exam, domain=domain, code="1.1", text="x")
    for position in range(1, n + 1):
        slot = place(attempt, position, 0, revision=topic_question(f"t{position}", position))
        slot.revision.objectives.add(objective)
    client.get(attempt.get_result_url())

    # learner, attempt, slots, domains, practisable, drill, labs
    with django_assert_num_queries(7):
        client.get(attempt.get_result_url())
