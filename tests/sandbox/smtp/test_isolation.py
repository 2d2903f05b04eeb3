"""The engine has no clock, no chance, no network, and nothing that two sessions share."""

import ast
import random
from pathlib import Path

import sandbox.smtp
from sandbox.smtp import PROFILES

from ..talking import DATA, EHLO, HELO, MAIL, PIECES, QUIT, RCPT, WAYS_IN, Talk, meet_need

ROOT = Path(sandbox.smtp.__file__).parents[2]

FORBIDDEN = {
    "socket", "asyncio", "ssl", "select", "time", "random", "secrets", "os", "threading",
    "subprocess", "django",
}  # fmt: skip


def test_engine_imports_no_clock_no_chance_no_network():
    for path in (ROOT / "sandbox" / "smtp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            assert not {name.split(".")[0] for name in names} & FORBIDDEN, path.name
        assert "datetime.now" not in path.read_text()


def test_sessions_do_not_know_of_each_other():
    alone = Talk(EHLO, MAIL, RCPT, DATA, b"x\r\n.\r\n", QUIT)
    first, second = Talk(), Talk()
    for octets in (EHLO, MAIL, RCPT, DATA, b"x\r\n.\r\n", QUIT):
        first.say(octets)
        second.say(HELO)

    assert first.events == alone.events


def test_crowd_of_sessions_is_heard_as_if_each_were_alone():
    chance = random.Random(5321)
    scripts = []
    for _ in range(60):
        writes = [b"".join(chance.choices(PIECES, k=3)) for _ in range(6)]
        scripts.append((chance.choice(list(PROFILES)), [*chance.choice(WAYS_IN), *writes]))
    crowd = [Talk(profile=profile) for profile, _ in scripts]
    longest = max(len(steps) for _, steps in scripts)

    for number in range(longest):
        for talk, (_, steps) in zip(crowd, scripts, strict=True):
            if number < len(steps):
                hear(talk, steps[number])

    for talk, (profile, steps) in zip(crowd, scripts, strict=True):
        alone = Talk(profile=profile)
        for step in steps:
            hear(alone, step)
        assert alone.events == talk.events


def hear(talk, step):
    talk.take(step)
    while talk.need and talk.need.kind != "tls":
        talk.answer(meet_need(talk.need))


def test_replies_that_are_made_once_are_not_mixed_up():
    """Equal commands in sessions of different profiles, one after the other."""
    wires = {profile: Talk(EHLO, MAIL, RCPT, QUIT, profile=profile).wire for profile in PROFILES}

    for profile in reversed(PROFILES):
        assert Talk(EHLO, MAIL, RCPT, QUIT, profile=profile).wire == wires[profile]
