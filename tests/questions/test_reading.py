"""Each refusal names file, question and field."""

from pathlib import Path

import pytest

from questions.linting import lint
from questions.reading import read_bank

QUESTION = """
[[question]]
slug = "rcpt-first"
kind = "single"
topic = "smtp"
level = "apply"
exams = []
stem = "Which?"
options = [
  { id = "a", text = "One", key = true, why = "Right." },
  { id = "b", text = "Two", why = "Wrong." },
]
explanation = "Because."
sources = [ { rfc = 5321, section = "3.3" } ]
note = "smtp"
origin = "own work"
"""
PLACE = 'content/questions/smtp.toml: question "rcpt-first"'


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    for name in ("questions", "notes", "exams"):
        (folder / name).mkdir(parents=True)
    (folder / "topics.toml").write_text(
        '[[topic]]\nslug = "smtp"\ntitle = "SMTP"\narea = "A"\nsummary = "S."\n'
    )
    (folder / "standards.toml").write_text(
        '[[standard]]\nrfc = 5321\ntitle = "SMTP"\nyear = 2008\nstatus = "current"\n'
        "obsoleted_by = []\nupdated_by = []\nchecked_on = 2026-11-23\n"
    )
    (folder / "questions" / "smtp.toml").write_text(QUESTION)
    return folder


def change(folder: Path, old: str, new: str) -> list[str]:
    path = folder / "questions" / "smtp.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    bank = read_bank(folder)
    found = [str(problem) for problem in bank.problems]
    return found + [f"{f.field} {f.message}" for item in bank.items for f in lint(item)]


def test_a_right_file_is_read_without_problem(content):
    bank = read_bank(content)

    assert bank.problems == []
    assert [item.slug for item in bank.items] == ["rcpt-first"]
    assert bank.items[0].keys == {"a"}
    assert bank.items[0].family == "rcpt-first"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('level = "apply"', 'levle = "apply"', f"{PLACE}: unknown key 'levle'"),
        ('level = "apply"\n', "", f"{PLACE}: level is missing"),
        (
            '"apply"',
            '"guess"',
            f"{PLACE}: level is 'guess'; it must be one of: recall, apply, analyse",
        ),
        (
            'kind = "single"',
            'kind = "essay"',
            f"{PLACE}: kind is 'essay'; it must be one of: single, multiple, "
            "matching, ordering, short, hotspot, lab",
        ),
        (
            'level = "apply"',
            'level = ""',
            f"{PLACE}: level is ''; it must be one of: recall, apply, analyse",
        ),
        (
            'slug = "rcpt-first"',
            'slug = "Bad slug!"',
            "content/questions/smtp.toml: question 1: slug is 'Bad slug!'; it must be "
            "lower-case letters, digits and hyphens, 80 at most",
        ),
        (
            "origin =",
            "seconds = -5\norigin =",
            f"{PLACE}: seconds must be 1 or more, not -5",
        ),
        ("own work", "o" * 90, f"{PLACE}: origin has 90 characters; 80 is the most"),
        (
            "origin =",
            'artefact = "a log"\norigin =',
            "artefact needs artefact_kind, and artefact_kind an artefact",
        ),
        ('stem = "Which?"', "stem = 7", f"{PLACE}: stem must be text, not 7"),
        ("key = true", "key = 1", f"{PLACE}: option 1: key must be true or false, not 1"),
        ('why = "Wrong."', 'wy = "Wrong."', f"{PLACE}: option 2: unknown key 'wy'"),
        ("exams = []\n", "", f"{PLACE}: exams is missing ([] for a topic without an exam)"),
        (
            'topic = "smtp"',
            'topic = "pop3"',
            f"{PLACE}: topic is 'pop3', but the file is smtp.toml",
        ),
        (', section = "3.3"', "", "source 1 RFC 5321 has no section"),
        (
            '{ rfc = 5321, section = "3.3" }',
            '{ url = "https://a.example" }',
            "source 1 https://a.example has no date of reading (read_on)",
        ),
        (', why = "Wrong."', "", "option 2 has no rationale (why)"),
        ("key = true, ", "", "options no option is marked as key"),
        ('text = "Two"', 'text = "one"', "option 1 has the same text as another: One"),
        ('text = "Two"', 'text = "All of the above"', "option 2 speaks about the other options"),
        (
            'kind = "single"',
            'kind = "multiple"\nchoose = 2',
            "choose says “choose 2”, but 1 options are keys",
        ),
        (
            '"Wrong." }',
            '"Wrong.", key = true }',
            "options a single choice has one key, here are 2; use kind multiple with choose",
        ),
    ],
)
def test_what_is_wrong_is_named(content, old, new, problem):
    assert problem in change(content, old, new)


def test_several_problems_are_told_at_once(content):
    problems = change(content, 'stem = "Which?"\noptions', 'stem = 1\nhint = "x"\noptions')

    assert f"{PLACE}: stem must be text, not 1" in problems
    assert f"{PLACE}: unknown key 'hint'" in problems


def test_broken_toml_names_the_file(content):
    problems = change(content, "[[question]]", "[[question]")

    assert problems[0].startswith("content/questions/smtp.toml: is not TOML:")


def test_the_same_slug_twice_is_refused(content):
    path = content / "questions" / "smtp.toml"
    path.write_text(QUESTION + QUESTION)

    assert f"{PLACE}: stands twice" in [str(p) for p in read_bank(content).problems]


def test_a_note_without_heading_block_is_refused(content):
    (content / "notes" / "smtp.md").write_text("## Just text\n")

    assert [str(p) for p in read_bank(content).problems] == [
        "content/notes/smtp.md: does not begin with a +++ … +++ heading block"
    ]
