"""Every shipped lab can be passed by typing into the page."""

import re

import pytest

from sandbox.dialogues import Wait, Write, parse_dialogue
from sandbox.labs.practising import connect, let_time_pass, measure, newest_session, start_run
from sandbox.models import Lab
from sandbox.recording import send_octets
from tests.factories import LearnerFactory

from .test_shipped_labs import LABS, named


@pytest.mark.parametrize("file", LABS, ids=named)
def test_passing_session_passes_when_it_is_typed(db, file):
    lab = Lab()
    lab.slug = file.slug
    lab.take(file)
    run = start_run(LearnerFactory(), lab)

    for number, dialogue in enumerate(re.split(r"^E: connect\n", file.passing, flags=re.M)):
        if number:
            connect(run)
        for step in parse_dialogue(dialogue).steps:
            if isinstance(step, Write):
                send_octets(newest_session(run), step.octets)
            elif isinstance(step, Wait):
                let_time_pass(run, step.seconds)

    assert measure(run).grade.because == ""
    run.refresh_from_db()
    assert run.passed_at is not None
