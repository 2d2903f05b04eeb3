import tomllib

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from questions.cataloguing import load_labs
from questions.checking import check_bank
from questions.reading import read_bank
from sandbox.labs.practising import newest_session, start_run
from sandbox.labs.reading import read_lab
from sandbox.labs.rehearsing import rehearse
from sandbox.models import Lab, LabRun
from sandbox.recording import send_lines
from sandbox.tables import Table
from tests.factories import LearnerFactory

from .conftest import read_file

GREET = (settings.CONTENT_DIR / "labs" / "greet-and-leave.toml").read_text()

PLAIN = GREET.replace("[server]\nprograms = true\n", "")


def problems_of(text):
    table = Table(tomllib.loads(text), "labs/greet.toml", [])
    read_lab(table, "greet")
    return [str(problem) for problem in table.problems]


def test_good_file_has_no_problems():
    assert problems_of(GREET) == []


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('level = "intro"', 'level = "easy"', "level is 'easy'; it must be one of: intro, core,"),
        ("position = 1", "", "position is missing"),
        ("position = 1", "position = 1\nspeed = 2", "unknown key 'speed'"),
        ('id = "quit"', 'id = "ehlo"', "id 'ehlo' stands 2 times"),
        ('verb = "QUIT"', 'verbs = "QUIT"', ": step 2: unknown key 'verbs'"),
        ('ref = "smtp 3.3"', 'ref = "RFC 5321"', ": forbid 1: ref is 'RFC 5321'"),
        ('because = "quit"', 'because = "leave"', "failing 2: no step, ban or check is called"),
        ('nudge = "', 'nugde = "', ": hints: nudge is missing"),
        ('event = "vanish"', 'event = "gone"', ": wrong 2: event is 'gone'"),
        ('question = "', 'quiz = "', "question and answer belong together"),
    ],
)
def test_faults_are_named_with_their_place(was, becomes, problem):
    assert was in GREET

    found = problems_of(GREET.replace(was, becomes, 1))

    assert any('labs/greet.toml: lab "greet"' in each and problem in each for each in found), found


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("content = '('", "content is no regular expression"),
        ("", "says what is looked for"),
        ("header = 'From'\nvalue = '['", "value is no regular expression"),
    ],
)
def test_pattern_that_cannot_be_read_is_named(lines, problem):
    step = f'[[step]]\nid = "x"\nsay = "X."\nref = "smtp 3.3"\n{lines}\n'

    assert any(problem in each for each in problems_of(f"{GREET}\n{step}"))


def test_server_is_the_named_profile_with_what_the_lab_changes():
    server = "[server]\nprofile = 'legacy'\nport = 587\n[server.limits]\nsize = 10240\n"
    table = Table(tomllib.loads(f"{PLAIN}\n{server}"), "x", [])

    lab = read_lab(table, "greet")

    assert table.problems == []
    profile = lab.server.profile
    assert (profile.name, profile.limits.size, lab.server.port) == ("legacy", 10240, 587)
    assert profile.limits.recipients == 100


def test_unknown_limit_is_refused():
    assert problems_of(f"{PLAIN}\n[server.limits]\nwidth = 3\n") == [
        "labs/greet.toml: lab \"greet\": server: limits: unknown key 'width'"
    ]


@pytest.fixture
def folder(tmp_path):
    """A content folder with one lab and nothing else to complain about."""
    (tmp_path / "labs").mkdir()
    (tmp_path / "topics.toml").write_text(
        '[[topic]]\nslug = "smtp-session-basics"\ntitle = "T"\narea = "A"\nsummary = "S."\n'
        '[[topic]]\nslug = "esmtp-extension-model"\ntitle = "T"\narea = "A"\nsummary = "S."\n'
    )
    (tmp_path / "standards.toml").write_text(
        '[[standard]]\nrfc = 5321\ntitle = "SMTP"\nyear = 2008\nstatus = "current"\n'
        "obsoleted_by = []\nupdated_by = []\nchecked_on = 2026-11-23\n"
    )
    (tmp_path / "labs" / "greet.toml").write_text(GREET)
    return tmp_path


def checked(folder):
    bank = read_bank(folder)
    check_bank(bank)
    return [str(problem) for problem in bank.problems]


def test_lab_whose_sessions_do_as_they_promise_is_accepted(folder):
    assert checked(folder) == []


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("S: 221 2.0.0", "S: 250", "passing: session 1, line 6: expected 250, got “221"),
        ("C: QUIT\nS: 221 2.0.0\nE: close\n", "", "passing: fails for 'quit', not for ''"),
        ('because = "ehlo"', 'because = "quit"', "failing 1: fails for 'ehlo', not for 'quit'"),
        ("C: HELO client.example", "HELO client.example", "failing 1: line 2: a line begins with"),
        ('"smtp-session-basics"', '"smtp-basics"', "topic 'smtp-basics' is not in topics.toml"),
    ],
)
def test_lab_whose_sessions_say_otherwise_is_refused(folder, was, becomes, problem):
    (folder / "labs" / "greet.toml").write_text(GREET.replace(was, becomes, 1))

    found = checked(folder)

    assert len(found) == 1
    assert problem in found[0]
    assert found[0].startswith('labs/greet.toml: lab "greet": ')


def test_labs_are_created_updated_retired_and_revived(db):
    greet, first = read_file("greet-and-leave"), read_file("first-message")

    assert load_labs([greet, first]) == {"greet-and-leave": "created", "first-message": "created"}
    assert load_labs([greet, first]) == {}
    assert load_labs([greet]) == {"first-message": "retired"}
    assert load_labs([greet]) == {}
    assert load_labs([greet, first]) == {"first-message": "revived"}
    assert list(Lab.objects.live().values_list("slug", "position")) == [
        ("greet-and-leave", 1),
        ("first-message", 2),
    ]


def test_changed_lab_ends_the_runs_that_were_open(db):
    load_labs([read_file("greet-and-leave")])
    run = start_run(LearnerFactory(), Lab.objects.get())
    table = Table(tomllib.loads(GREET.replace("Send nothing.", "Send no mail.")), "x", [])

    assert load_labs([read_lab(table, "greet-and-leave")]) == {"greet-and-leave": "updated"}

    run.refresh_from_db()
    assert run.ended_at is not None
    assert Lab.objects.get().goal.endswith("Send no mail.")


def test_definition_in_the_database_gives_the_lab_of_the_file(db):
    file = read_file("come-back-later")
    load_labs([file])

    assert Lab.objects.get().file == file


def test_level_of_a_lab_is_one_of_three(db):
    load_labs([read_file("greet-and-leave")])

    with pytest.raises(IntegrityError, match="lab_level_known"):
        Lab.objects.update(level="hard")


def test_learner_has_one_open_run_of_a_lab(db):
    load_labs([read_file("greet-and-leave")])
    run = start_run(LearnerFactory(), Lab.objects.get())

    with pytest.raises(IntegrityError):
        LabRun.objects.create(learner=run.learner, lab=run.lab)


def test_open_runs_end_when_a_guest_becomes_an_account(db):
    load_labs([read_file("greet-and-leave")])
    guest_run, account_run = (start_run(LearnerFactory(), Lab.objects.get()) for _ in range(2))

    guest_run.learner.lab_runs.move_to(account_run.learner, now=timezone.now())

    assert list(account_run.learner.lab_runs.open()) == [account_run]
    assert account_run.learner.lab_runs.count() == 2


def test_unknown_fault_is_refused():
    (problem,) = problems_of(f"{PLAIN}\n[server]\nfault = 'gremlins'\n")

    assert "server: fault is 'gremlins'; it must be one of: " in problem


def test_lab_may_plan_a_fault():
    table = Table(tomllib.loads(f"{PLAIN}\n[server]\nfault = 'connect-421'\n"), "x", [])
    lab = read_lab(table, "greet")

    rehearsal = rehearse(lab, "S: 421\nE: close")

    assert (table.problems, rehearsal.difference) == ([], "")


def test_planned_fault_of_a_lab_strikes_in_its_console(db):
    table = Table(tomllib.loads(f"{PLAIN}\n[server]\nfault = 'ehlo-502'\n"), "x", [])
    load_labs([read_lab(table, "greet")])
    run = start_run(LearnerFactory(), Lab.objects.get())

    conversation = send_lines(newest_session(run), "EHLO laptop.example")

    assert conversation.rows[-1].data["code"] == 502
