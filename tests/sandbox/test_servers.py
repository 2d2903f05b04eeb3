"""The profiles named after servers, compared with what the real ones answered."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.smtp import PROFILES

from .servers.deviations import find_difference, read_deviations
from .servers.engine import Engine
from .servers.goldens import OFFERED, read_golden
from .servers.playing import Played, list_offer, list_replies, play, split_replies
from .servers.reading import read_opening, read_scenarios
from .servers.record import ask_offer
from .servers.replaying import replay
from .servers.running import SERVERS

SCENARIOS = {scenario.slug: scenario for scenario in read_scenarios()}
GOLDENS = {server: read_golden(server) for server in SERVERS}
DEVIATIONS = {server: read_deviations(server) for server in SERVERS}
AT_ONCE = 8


@pytest.mark.parametrize("slug", SCENARIOS)
@pytest.mark.parametrize("server", SERVERS)
def test_profile_answers_as_the_server_does_or_differs_as_written(server, slug):
    played = play(SCENARIOS[slug], Engine(f"{server}-like"))

    difference = find_difference(GOLDENS[server].played[slug], played)

    assert difference == DEVIATIONS[server].ours.get(slug, ""), played


@pytest.mark.parametrize("server", SERVERS)
def test_profile_claims_only_codes_that_were_recorded(server):
    claimed = PROFILES[f"{server}-like"].replies
    confirmed = set()
    for slug, scenario in SCENARIOS.items():
        engine = Engine(f"{server}-like")
        play(scenario, engine)
        steps = GOLDENS[server].played[slug].steps
        recorded = {reply for _, heard in steps for reply in list_replies(heard)}
        for rule in engine.overridden:
            code, enhanced = claimed[rule]
            if (f"{code} {enhanced}" if enhanced else str(code)) in recorded:
                confirmed.add(rule)

    assert confirmed == set(claimed)


@pytest.mark.parametrize("start", OFFERED)
@pytest.mark.parametrize("server", SERVERS)
def test_profile_offers_what_the_server_offers_or_differs_as_written(server, start):
    deviations = DEVIATIONS[server]
    theirs = set(GOLDENS[server].offer[start])

    ours = set(list_offer(Engine(f"{server}-like"), read_opening(start)))

    assert theirs - ours == {line for line in deviations.not_offered if line in theirs}
    assert ours - theirs == {line for line in deviations.only_ours if line in ours}


@pytest.mark.parametrize("server", SERVERS)
def test_deviations_name_scenarios_and_give_a_reason(server):
    deviations = DEVIATIONS[server]

    assert set(deviations.ours) <= set(SCENARIOS)
    assert all(len(why.split()) > 5 and why.endswith(".") for why in deviations.reasons)
    assert len(set(deviations.reasons)) == len(deviations.reasons)


@pytest.mark.parametrize("server", SERVERS)
def test_golden_was_recorded_from_these_scenarios(server):
    recorded = GOLDENS[server].played

    assert set(recorded) == set(SCENARIOS)
    for slug, scenario in SCENARIOS.items():
        said = [step.notation for step in scenario.steps] or [""]
        heard = [notation for notation, _ in recorded[slug].steps]
        assert heard == said[: len(heard)], slug
        assert len(heard) == len(said) or recorded[slug].closed, slug


def test_postfix_still_answers_as_recorded():
    """A server that is really running, with a folder, a port and a queue of its own."""
    server, golden = SERVERS["postfix"], GOLDENS["postfix"]
    if not shutil.which(server.program):
        if "CI" in os.environ:
            pytest.fail("Postfix is not installed")
        pytest.skip("Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("only root can start Postfix")
    release = golden.version.rpartition("-")[0]
    if server.version().rpartition("-")[0] != release:
        pytest.skip(f"recorded from Postfix {release}, and {server.version()} is installed")

    with server.running() as port, ThreadPoolExecutor(AT_ONCE) as pool:
        played = pool.map(
            lambda slug: replay(SCENARIOS[slug], golden.played[slug], port), SCENARIOS
        )
        offer = {start: ask_offer(start, port) for start in OFFERED}
        found = dict(zip(SCENARIOS, played, strict=True))

    assert offer == golden.offer
    assert found == golden.played


def test_replies_are_cut_where_they_end():
    assert split_replies(b"250-a\r\n250 b\r\n354 go\r\n22") == (
        [b"250-a\r\n250 b", b"354 go"],
        b"22",
    )
    assert list_replies("250 2.1.0, 2 x 250 in 2 lines, 354") == ["250 2.1.0", "250", "250", "354"]
    assert list_replies("") == []


def test_difference_is_the_first_one():
    golden = Played((("MAIL", "250"), ("RCPT", "250 in 2 lines"), ("DATA", "354")), closed=False)

    same = Played((("MAIL", "250"), ("RCPT", "250"), ("DATA", "354")), closed=False)
    other = Played((("MAIL", "250"), ("RCPT", "550"), ("DATA", "503")), closed=False)
    shorter = Played((("MAIL", "250"), ("RCPT", "250")), closed=True)

    assert find_difference(golden, same) == ""
    assert find_difference(golden, other) == "550"
    assert find_difference(golden, shorter) == "closes"
