"""Conversations to be watched: what they say on the wire, what their files may hold."""

from dataclasses import replace

import pytest
from django.conf import settings

from sandbox.watching import Connection, Script, Step, perform, read_scripts

SCRIPTS, PROBLEMS = read_scripts(settings.CONTENT_DIR / "sessions")
BY_SLUG = {script.slug: script for script in SCRIPTS}

# The codes of each step, written down by hand from RFC 5321, RFC 2920 and RFC 6647.
CODES = {
    "first-message": [[220], [250], [250], [250], [354], [], [], [250], [221]],
    "starttls-and-auth": [
        [220], [250], [530], [220], [250], [235], [250, 250], [354, 250], [221],
    ],
    "pipelining": [
        [220], [250], [250, 250, 250, 354], [250, 221],
        [220], [250, 554],
    ],
    "rejected-recipient": [
        [220, 250], [250, 250], [550], [250], [354, 250], [250, 550], [554], [221],
    ],
    "greylisting": [
        [220, 250], [250], [450], [221],
        [220, 250, 250], [250], [354, 250, 221],
    ],
    "smuggling-attempt": [
        [220, 250], [250, 250, 354], [550], [221],
        [220, 250], [250, 250, 354], [250, 250, 250, 354, 250], [221],
    ],
}  # fmt: skip


def codes(performance):
    return [
        [line.code for line in scene.lines if line.code is not None] for scene in performance.scenes
    ]


def test_shipped_files_can_be_read():
    assert [str(problem) for problem in PROBLEMS] == []
    assert [script.slug for script in SCRIPTS] == list(CODES)


@pytest.mark.parametrize("slug", CODES)
def test_shipped_conversations_go_as_written(slug):
    performance = perform(BY_SLUG[slug])

    assert performance.differences == ()
    assert codes(performance) == CODES[slug]


@pytest.mark.parametrize("slug", CODES)
def test_every_step_has_lines_and_a_caption_of_few_sentences(slug):
    for scene in perform(BY_SLUG[slug]).scenes:
        assert scene.lines
        assert 40 <= len(scene.caption) <= 320
        assert "!" not in scene.caption


def test_shipped_conversations_name_notes_that_exist():
    notes = {path.stem for path in (settings.CONTENT_DIR / "notes").glob("*.md")}

    for script in SCRIPTS:
        assert script.topics
        assert set(script.topics) <= notes


def test_smuggled_commands_stay_text():
    attempt = perform(BY_SLUG["smuggling-attempt"]).scenes[2]

    assert attempt.lines[3].text == "Tea at four?␊.␊MAIL FROM:<postmaster@lab.example>"
    assert [line.title for line in attempt.lines[4:6]] == [
        "Part of the message",
        "Part of the message",
    ]
    assert attempt.lines[-1].rule == "data.bare-newline"


def test_careless_server_carries_them_out():
    (attempt,) = [
        scene for scene in perform(BY_SLUG["smuggling-attempt"]).scenes if scene.number == 7
    ]

    said = [line.text for line in attempt.lines if line.side == "client"]
    assert said[3:6] == ["Tea at four?␊", ".␊", "MAIL FROM:<postmaster@lab.example>"]
    assert [line.rule for line in attempt.lines if line.code == 250] == [
        "data.accepted", "mail.ok", "rcpt.ok", "data.accepted",
    ]  # fmt: skip


def test_login_is_offered_under_tls_only():
    scenes = perform(BY_SLUG["starttls-and-auth"]).scenes
    before, after = (
        [line.split("-", 1)[-1].split(" ")[0] for line in scenes[number].lines[1].text.split("\n")]
        for number in (1, 4)
    )

    assert ("STARTTLS" in before, "AUTH" in before) == (True, False)
    assert ("STARTTLS" in after, "AUTH" in after) == (False, True)
    assert scenes[3].lines[-1].rule == "tls.started"


def test_lines_written_together_go_out_together():
    group = perform(BY_SLUG["pipelining"]).scenes[2]

    assert [line.early for line in group.lines if line.side == "client"] == [
        False, True, True, True,
    ]  # fmt: skip


TWO_STEPS = (
    Step("S: 220", "The greeting."),
    Step("C: EHLO laptop.example\nS: 250-\nS: ...", "The list."),
)
SCRIPT = Script("x", "X", "x", 1, (), (Connection(TWO_STEPS),))


def script_with(*steps, **connection):
    return replace(SCRIPT, connections=(Connection(steps, **connection),))


def test_scenes_are_numbered_over_all_connections():
    script = replace(SCRIPT, connections=(Connection(TWO_STEPS), Connection(TWO_STEPS, "Again")))

    scenes = perform(script).scenes

    assert [scene.number for scene in scenes] == [1, 2, 3, 4]
    assert [scene.connection is not None for scene in scenes] == [True, False, True, False]
    assert scenes[2].connection.title == "Again"
    assert scenes[1].lines[0].text == "EHLO laptop.example"


def test_profile_is_the_one_that_is_named():
    script = script_with(
        Step("S: 220", "x"), Step("C: EHLO a.example\nS: 500", "x"), profile="legacy"
    )

    assert perform(script).differences == ()


def test_difference_names_the_step_and_its_line():
    wrong = Step("C: NOOP\nS: 250\nC: RSET\nS: 503", "x")

    performance = perform(script_with(*TWO_STEPS, wrong, Step("C: QUIT\nS: 221", "x")))

    assert performance.differences == (
        "step 3, line 4: expected 503, got “250 2.0.0 OK, nothing is open”",
    )


def test_reasons_are_those_of_the_server_and_each_once():
    noop = "C: NOOP\nS: 250\n"
    scene = perform(script_with(*TWO_STEPS, Step(noop * 3 + "C: RSET\nS: 250", "x"))).scenes[2]

    assert [line.title for line in scene.reasons] == ["Nothing changes", "A clean slate"]
    assert all(line.why == "" for line in scene.spoken)
    assert [line.text for line in scene.spoken] == [line.text for line in scene.lines]


GOOD = """
title = "T"
summary = "S"
position = 1
topics = ["smtp-session-basics"]
[[connection]]
[[connection.step]]
caption = "C"
dialogue = "S: 220"
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD.replace('title = "T"', ""), "title is missing"),
        (GOOD.replace("position", "placing"), "position is missing"),
        (GOOD + 'colour = "x"', "connection 1: step 1: unknown key 'colour'"),
        (GOOD.replace("[[connection]]", '[[connection]]\nprofile = "qmail"'), "profile is 'qmail'"),
        (GOOD.replace("S: 220", "C: EHLO"), "the server speaks first"),
        (GOOD.replace("S: 220", "220"), "a line begins with C:, S: or E:, or is ..."),
        (GOOD.replace("[[connection]]", '[[connection]]\nfault = "rain"'), "fault is 'rain'"),
        ("title = ", "Invalid value"),
    ],
)
def test_problems_name_the_file(tmp_path, text, problem):
    (tmp_path / "tea.toml").write_text(text)

    _, problems = read_scripts(tmp_path)

    assert any(problem in str(each) and "tea.toml" in str(each) for each in problems)


def test_scripts_stand_in_order_of_position(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD.replace("position = 1", "position = 2"))
    (tmp_path / "b.toml").write_text(GOOD)

    scripts, problems = read_scripts(tmp_path)

    assert [script.slug for script in scripts] == ["b", "a"]
    assert problems == []
