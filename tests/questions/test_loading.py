import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from notes.models import Note
from questions.checking import check_bank
from questions.loading import load_bank
from questions.models import Question, Revision
from questions.publishing import copy_to_draft, publish
from questions.reading import read_bank

pytestmark = pytest.mark.django_db

QUESTIONS = """
[[question]]
slug = "rcpt-first"
kind = "single"
topic = "smtp"
level = "apply"
exams = ["SY0-701:4.9"]
stem = "A client sends RCPT first. What is the answer?"
options = [
  { id = "order", text = "503", key = true, why = "RCPT needs MAIL." },
  { id = "fine", text = "250", why = "The sender must be known." },
]
explanation = "Order is part of the protocol."
sources = [ { rfc = 5321, section = "3.3" } ]
note = "smtp#the-order"
origin = "own work"

[question.proof]
dialogue = '''
S: 220
C: EHLO client.example
S: 250-mx.lab.example
S: ...
C: RCPT TO:<robin@lab.example>
S: 503 5.5.1
'''
"""
NOTE = """+++
title = "SMTP"
summary = "How it goes."
checked_on = 2026-11-23
sources = [ { rfc = 5321, section = "3.3" } ]
+++

## The order

MAIL comes first, see [[smtp#the-order]].
"""


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
        '[[standard]]\nrfc = 821\ntitle = "SMTP"\nyear = 1982\nstatus = "obsolete"\n'
        "obsoleted_by = [5321]\nupdated_by = []\nchecked_on = 2026-11-23\n"
    )
    (folder / "exams" / "sy0-701.toml").write_text(
        'code = "SY0-701"\nname = "Security+"\nvendor = "CompTIA"\n'
        '[[objective]]\ncode = "4.9"\ntext = "Logs."\n'
    )
    (folder / "notes" / "smtp.md").write_text(NOTE)
    (folder / "questions" / "smtp.toml").write_text(QUESTIONS)
    return folder


def load(folder: Path):
    bank = read_bank(folder)
    checked = check_bank(bank)
    assert [str(problem) for problem in bank.problems] == []
    return load_bank(bank, checked)


def problems(folder: Path) -> list[str]:
    bank = read_bank(folder)
    check_bank(bank)
    return [str(problem) for problem in bank.problems]


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_first_load_publishes(content):
    loaded = load(content)

    question = Question.objects.live().get()
    assert str(loaded) == "2 new"
    assert question.current_revision.number == 1
    assert question.current_revision.from_file is True
    assert [(o.ident, o.is_key) for o in question.current_revision.options.all()] == [
        ("order", True),
        ("fine", False),
    ]
    assert [str(o) for o in question.current_revision.objectives.all()] == ["SY0-701:4.9"]
    assert question.file_hash == question.current_revision.content_hash
    assert Note.objects.get().anchors == ["the-order"]


def test_loading_again_changes_nothing(content):
    load(content)

    assert str(load(content)) == "nothing changed"
    assert Revision.objects.count() == 1


def test_a_changed_file_becomes_a_published_revision(content):
    load(content)
    edit(content / "questions" / "smtp.toml", "What is the answer?", "What comes back?")

    loaded = load(content)

    question = Question.objects.get()
    assert str(loaded) == "1 updated"
    assert question.current_revision.number == 2
    assert question.current_revision.stem.endswith("What comes back?")
    assert question.current_revision.change_kind == "clarify"
    assert question.revisions.get(number=1).stem.endswith("What is the answer?")


def test_a_vanished_question_is_retired_and_comes_back(content):
    load(content)
    shutil.move(content / "questions" / "smtp.toml", content / "away")

    assert str(load(content)) == "1 retired"
    assert Question.objects.live().count() == 0
    assert Question.objects.count() == 1

    shutil.move(content / "away", content / "questions" / "smtp.toml")
    assert str(load(content)) == "1 back"
    assert Question.objects.live().get().revisions.count() == 1


def test_what_an_author_retired_stays_retired(content):
    load(content)
    question = Question.objects.get()
    question.retired_at = question.created_at
    question.save(update_fields=["retired_at"])

    load(content)

    assert Question.objects.live().count() == 0


def test_an_authors_revision_is_never_overwritten(content):
    load(content)
    draft = copy_to_draft(Question.objects.get().current_revision, author=None)
    draft.stem = "The author's wording?"
    draft.save()
    publish(draft, reviewer=None)
    edit(content / "questions" / "smtp.toml", "What is the answer?", "What comes back?")

    loaded = load(content)

    question = Question.objects.get()
    assert str(loaded) == "1 waiting as drafts"
    assert question.current_revision.stem == "The author's wording?"
    waiting = question.revisions.get(state="draft")
    assert waiting.number == 3
    assert waiting.stem.endswith("What comes back?")
    assert str(load(content)) == "nothing changed"


def test_a_pool_that_an_author_changed_is_kept(content):
    load(content)
    Question.objects.update(pool="probe")
    edit(content / "questions" / "smtp.toml", "What is the answer?", "What comes back?")

    loaded = load(content)

    question = Question.objects.get()
    assert str(loaded) == "1 waiting as drafts"
    assert question.pool == "probe"
    assert question.current_revision.stem.endswith("What is the answer?")
    assert question.revisions.get(state="draft").stem.endswith("What comes back?")


@pytest.mark.parametrize("change", [{"checked_on": "2026-11-01"}, {"summary": "Own words."}])
def test_a_note_whose_heading_an_author_changed_is_kept(content, change):
    load(content)
    Note.objects.update(**change)
    edit(content / "notes" / "smtp.md", "MAIL comes first", "MAIL opens")

    assert str(load(content)) == "1 waiting as drafts"
    assert Note.objects.filter(**change).exists()


def test_a_note_whose_sources_an_author_changed_is_kept(content):
    load(content)
    Note.objects.get().sources.update(section="4.1")
    edit(content / "notes" / "smtp.md", "MAIL comes first", "MAIL opens")

    assert str(load(content)) == "1 waiting as drafts"
    assert Note.objects.get().sources.get().section == "4.1"


def test_a_note_that_an_author_retired_or_moved_stays_so(content):
    load(content)
    Note.objects.update(position=77, retired_at="2026-11-23T10:00Z")
    edit(content / "notes" / "smtp.md", "MAIL comes first", "MAIL opens")

    load(content)

    note = Note.objects.get()
    assert (note.position, note.retired_at is not None) == (77, True)
    assert "MAIL opens" in note.body


def test_a_vanished_note_is_retired_and_comes_back(content):
    load(content)
    edit(content / "questions" / "smtp.toml", "smtp#the-order", "other")
    shutil.move(content / "notes" / "smtp.md", content / "notes" / "other.md")
    edit(content / "notes" / "other.md", "[[smtp#the-order]]", "above")
    load(content)
    assert list(Note.objects.shown().values_list("slug", flat=True)) == ["other"]

    (content / "notes" / "smtp.md").write_text(NOTE)
    load(content)
    assert set(Note.objects.shown().values_list("slug", flat=True)) == {"other", "smtp"}


def test_a_note_of_an_author_outlives_its_file(content):
    load(content)
    edit(content / "questions" / "smtp.toml", "smtp#the-order", "other")
    shutil.move(content / "notes" / "smtp.md", content / "notes" / "other.md")
    edit(content / "notes" / "other.md", "[[smtp#the-order]]", "above")
    Note.objects.update(summary="Own words.")

    load(content)

    assert Note.objects.shown().filter(slug="smtp").exists()


def test_a_waiting_note_that_the_author_takes_over_waits_no_more(content):
    load(content)
    Note.objects.update(body="Own words.\n")
    edit(content / "notes" / "smtp.md", "MAIL comes first", "MAIL opens")
    load(content)
    note = Note.objects.get()
    Note.objects.update(body=note.waiting_file)

    load(content)
    assert Note.objects.get().waiting_file == ""

    edit(content / "notes" / "smtp.md", "MAIL opens", "MAIL begins")
    assert str(load(content)) == "1 updated"


def test_a_note_changed_by_an_author_keeps_its_text(content):
    load(content)
    Note.objects.update(body="## The order\n\nThe author's text.\n")
    edit(content / "notes" / "smtp.md", "MAIL comes first", "MAIL opens")

    loaded = load(content)

    note = Note.objects.get()
    assert str(loaded) == "1 waiting as drafts"
    assert note.body == "## The order\n\nThe author's text.\n"
    assert "MAIL opens" in note.waiting_file
    assert str(load(content)) == "nothing changed"


PLACE = 'content/questions/smtp.toml: question "rcpt-first"'


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "questions/smtp.toml",
            "smtp#the-order",
            "smtp#no-such",
            f"{PLACE}: note 'smtp' has no heading 'no-such'",
        ),
        ("questions/smtp.toml", "smtp#the-order", "pop3", f"{PLACE}: note 'pop3' does not exist"),
        (
            "questions/smtp.toml",
            "SY0-701:4.9",
            "SY0-701:9.9",
            f"{PLACE}: exams: no exam has the objective 'SY0-701:9.9'",
        ),
        (
            "questions/smtp.toml",
            "rfc = 5321",
            "rfc = 9999",
            f"{PLACE}: sources: RFC 9999 is not in standards.toml",
        ),
        (
            "questions/smtp.toml",
            "rfc = 5321",
            "rfc = 821",
            f"{PLACE}: sources: RFC 821 is obsolete; set historical = true (E2)",
        ),
        (
            "notes/smtp.md",
            "[[smtp#the-order]]",
            "[[pop3]]",
            "content/notes/smtp.md: links to a note that does not exist: [[pop3]]",
        ),
        (
            "notes/smtp.md",
            "MAIL comes first",
            "MAIL, RFC 9999",
            "content/notes/smtp.md: RFC 9999 is not in standards.toml",
        ),
        (
            "notes/smtp.md",
            ', section = "3.3"',
            "",
            "content/notes/smtp.md: source 1: RFC 5321 has no section",
        ),
        (
            "exams/sy0-701.toml",
            "[[objective]]",
            '[[objective]]\ncode = "4.9"\ntext = "Again."\n[[objective]]',
            "content/exams/sy0-701.toml: objective 4.9 stands twice",
        ),
        (
            "questions/smtp.toml",
            'note = "smtp#the-order"',
            'note = ""',
            f"{PLACE}: note is empty; a question leads to its note",
        ),
    ],
)
def test_broken_promises_between_files_are_refused(content, file, old, new, problem):
    edit(content / file, old, new)

    assert problem in problems(content)


def test_a_key_that_the_server_contradicts_is_refused(content):
    edit(content / "questions" / "smtp.toml", "S: 503 5.5.1", "S: 250 2.1.5")

    found = problems(content)

    assert len(found) == 1
    assert found[0].startswith(f"{PLACE}: proof: ")
    assert "503 5.5.1" in found[0]


def test_a_note_whose_dialogue_differs_names_the_line(content):
    path = content / "notes" / "smtp.md"
    path.write_text(path.read_text() + "\n```smtp profile=modern\nS: 421\n```\n")

    found = problems(content)

    assert len(found) == 1
    assert found[0].startswith("content/notes/smtp.md: line ")


def test_nothing_is_loaded_while_anything_is_wrong(content, capsys):
    edit(content / "questions" / "smtp.toml", "rfc = 5321", "rfc = 9999")

    with pytest.raises(CommandError, match="1 problems; nothing was loaded"):
        call_command("loadcontent", content)

    assert "RFC 9999 is not in standards.toml" in capsys.readouterr().err
    assert Question.objects.count() == 0
    assert Note.objects.count() == 0


def test_check_loads_nothing(content, capsys):
    call_command("loadcontent", content, check=True)

    assert capsys.readouterr().out == "1 questions, 1 notes, 1 topics: no problem found.\n"
    assert Question.objects.count() == 0


def test_an_unchanged_folder_is_not_read_again(content, capsys, django_assert_num_queries):
    call_command("loadcontent", content)
    capsys.readouterr()

    with django_assert_num_queries(1):
        call_command("loadcontent", content, if_changed=True)

    assert capsys.readouterr().out == ""


def test_a_note_that_is_not_utf8_names_the_octet(content):
    (content / "notes" / "smtp.md").write_bytes(b'+++\ntitle = "caf\xe9"\n+++\n')

    assert "content/notes/smtp.md: is not UTF-8: octet 16 cannot be read" in problems(content)
