import shutil

import pytest
from django.conf import settings

from questions.checking import check_bank
from questions.reading import read_bank


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(settings.CONTENT_DIR, tmp_path / "content")


def problems_after(folder, old, new):
    path = folder / "sessions" / "first-message.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    bank = read_bank(folder)
    check_bank(bank)
    return [str(problem) for problem in bank.problems]


def test_a_session_that_the_server_contradicts_is_named(folder):
    (problem,) = problems_after(folder, "S: 354", "S: 250")

    assert problem.startswith("sessions/first-message.toml")
    assert "expected 250" in problem


def test_a_session_that_leads_to_no_note_is_named(folder):
    (problem,) = problems_after(folder, '"smtp-transaction"', '"smtp-nothing"')

    assert problem == "sessions/first-message.toml: there is no note 'smtp-nothing'"


def test_a_session_with_a_key_left_over_is_named(folder):
    problems = problems_after(folder, "title =", "titel =")

    assert any("first-message.toml" in problem and "titel" in problem for problem in problems)
