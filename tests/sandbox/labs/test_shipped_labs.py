"""Every lab of content/labs is run on the engine: its passing session, its failing ones, and the
passing one with each line left out that a step asks for."""

import re
import tomllib

import pytest
from django.conf import settings

from sandbox.labs.grading import grade
from sandbox.labs.reading import read_lab
from sandbox.labs.rehearsing import rehearse
from sandbox.tables import Table

FILES = sorted((settings.CONTENT_DIR / "labs").glob("*.toml"))


def load(path):
    table = Table(tomllib.loads(path.read_text()), path.name, [])
    lab = read_lab(table, path.stem)
    assert [str(problem) for problem in table.problems] == []
    return lab


LABS = [load(path) for path in FILES]
FAILING = [
    pytest.param(lab, failing, id=f"{lab.slug}-{number}-{failing.because}")
    for lab in LABS
    for number, failing in enumerate(lab.failing, start=1)
]


def named(lab):
    return lab.slug


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_passing_session_passes_as_written(lab):
    rehearsal = rehearse(lab, lab.passing)

    assert rehearsal.difference == ""
    result = grade(rehearsal.recording, lab)
    assert (result.because, result.n_done) == ("", len(lab.steps))


@pytest.mark.parametrize(("lab", "failing"), FAILING)
def test_failing_session_fails_for_its_reason(lab, failing):
    rehearsal = rehearse(lab, failing.dialogue)

    assert rehearsal.difference == ""
    assert grade(rehearsal.recording, lab).because == failing.because


def without_each_line(dialogue):
    """The dialogue without its first line that does something, without its second, and so on."""
    lines = dialogue.split("\n")
    for number, line in enumerate(lines):
        if re.match(r"C:|E: wait|E: tls", line):
            yield line, "\n".join(lines[:number] + lines[number + 1 :])


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_passing_session_needs_each_line_that_a_step_asks_for(lab):
    whole = grade(rehearse(lab, lab.passing).recording, lab)
    asked = {step.heard.text for step in whole.steps if step.heard.kind != "event"}
    said = {line.removeprefix("C:").removeprefix(" ") for line in lab.passing.split("\n")}

    assert asked <= said
    for line, shorter in without_each_line(lab.passing):
        if line.removeprefix("C:").removeprefix(" ") in asked or line.startswith("E:"):
            result = grade(rehearse(lab, shorter).recording, lab)
            assert not result.passed, f"passes without {line}"


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_every_rung_of_the_ladder_is_there(lab):
    assert lab.goal
    assert lab.nudge
    assert lab.commands
    assert all(step.refs for step in lab.steps)
