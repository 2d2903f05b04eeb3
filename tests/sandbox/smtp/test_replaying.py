"""A session brought back from its rows stands where the live one stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.log.logbook import Logbook, replay_row
from sandbox.smtp import FAULTS, PROFILES, Fact, Session, TlsResult, lab_facts, replay

from ..talking import (
    DATA,
    EHLO,
    LOGIN,
    MAIL,
    PIECES,
    RCPT,
    STARTTLS,
    TLS,
    TOKEN,
    UNDER_TLS,
    WAYS_IN,
    Kept,
    rules,
    standing,
)
from ..test_logbook import ALICE_PLAIN, LEAKS, OWN_PLAIN, TOKEN_RESPONSE

LAW = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("steps", LEAKS, ids=range(len(LEAKS)))
def test_masked_line_replays_to_the_live_state(steps, profile):
    kept = Kept(profile=profile)
    for step in steps:
        if isinstance(step, bytes) or kept.need:
            kept.take(step)

        assert standing(kept.replayed()) == standing(kept.session)


EXCHANGES = {
    "login-token": (b"AUTH LOGIN\r\n", TOKEN_RESPONSE, TOKEN_RESPONSE),
    "login-token-initial": (b"AUTH LOGIN " + TOKEN_RESPONSE, TOKEN_RESPONSE),
    "login-wrong": (b"AUTH LOGIN\r\n", TOKEN_RESPONSE, b"d3Jvbmc=\r\n"),
    "login-stranger": (b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n", b"aHVudGVyMg==\r\n"),
    "login-practice": (
        b"AUTH LOGIN\r\n", b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n", b"U3ByaW5nLVRpZGUtNDI=\r\n",
    ),
    "login-practice-wrong": (
        b"AUTH LOGIN\r\n", b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n", b"d3Jvbmc=\r\n",
    ),
    "login-cancelled": (b"AUTH LOGIN\r\n", TOKEN_RESPONSE, b"*\r\n"),
    "login-no-base64": (b"AUTH LOGIN\r\n", b"!\r\n"),
    "plain-token": (OWN_PLAIN,),
    "plain-token-response": (b"AUTH PLAIN\r\n", OWN_PLAIN[11:]),
    "plain-wrong": (b"AUTH PLAIN AGszdjlxMm03eDFjOGI1bjQAd3Jvbmc=\r\n",),
    "plain-stranger": (ALICE_PLAIN,),
    "plain-practice": (LOGIN,),
    "plain-no-nul": (b"AUTH PLAIN YWxpY2U=\r\n",),
    "too-long": (b"AUTH PLAIN\r\n", b"A" * 13_000 + b"\r\n"),
    "three-failures": (ALICE_PLAIN, ALICE_PLAIN, ALICE_PLAIN, b"AUTH PLAIN\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("profile", ["modern", "submission", "postfix-like"])
@pytest.mark.parametrize("name", EXCHANGES)
def test_login_goes_on_across_reloads_as_it_would_without(name, profile):
    steps = (*EXCHANGES[name], b"NOOP\r\n", MAIL, RCPT)
    live = Kept(*UNDER_TLS, profile=profile)
    reloaded = Kept(*UNDER_TLS, profile=profile, reloads=True)

    for step in steps:
        for kept in (live, reloaded):
            kept.say(step)
            kept.meet_needs()

        assert reloaded.told == live.told
        assert standing(reloaded.session) == standing(live.session)
        assert standing(reloaded.replayed()) == standing(live.session)


def test_token_user_is_logged_in_behind_a_reload():
    kept = Kept(*UNDER_TLS, b"AUTH LOGIN\r\n", TOKEN_RESPONSE, reloads=True)
    kept.say(TOKEN_RESPONSE)
    kept.meet_needs()

    assert kept.session.user == TOKEN
    assert kept.replayed().user == TOKEN
    assert rules(kept.events)[-3:] == ["auth.continue", "auth.continue", "auth.ok"]


sessions = st.tuples(
    st.sampled_from(list(PROFILES)),
    st.sampled_from(["", "", *FAULTS]),
    st.sampled_from(WAYS_IN),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=5),
)


@LAW
@given(sessions, st.sampled_from([None, *Fact]))
def test_replay_of_every_prefix_is_the_live_session(session, fact):
    """The octets of an unfinished line are in no row yet, so each write ends its line."""
    profile, plan, way, writes = session
    kept = Kept(profile=profile, plan=plan)
    stages = [(len(kept.rows), standing(kept.session))]
    for number, step in enumerate([*way, *(octets + b"\r\n" for octets in writes)], 1):
        kept.take(step, at=number) if isinstance(step, bytes) or kept.need else None
        stages.append((len(kept.rows), standing(kept.session)))
        kept.meet_needs(at=number)
        stages.append((len(kept.rows), standing(kept.session)))
    if fact:
        kept.answer(fact, at=kept.session.deadline or 0)
        stages.append((len(kept.rows), standing(kept.session)))

    for length, expected in stages:
        assert standing(kept.replayed(length)) == expected


@LAW
@given(sessions)
def test_session_that_is_reloaded_before_each_line_is_the_live_one(session):
    profile, plan, way, writes = session
    live = Kept(profile=profile, plan=plan)
    reloaded = Kept(profile=profile, plan=plan, reloads=True)
    for number, step in enumerate([*way, *(octets + b"\r\n" for octets in writes)], 1):
        for kept in (live, reloaded):
            if isinstance(step, bytes) or kept.need:
                kept.take(step, at=number)
            kept.meet_needs(at=number)

        assert reloaded.told == live.told


ENDLESS = b"x" * 70_000


@pytest.mark.parametrize(
    "steps",
    [
        (EHLO, ENDLESS),
        (*UNDER_TLS, b"AUTH PLAIN\r\n", ENDLESS),
        (EHLO, MAIL, b"RCPT TO:<x@a.sandbox.test>\r\n" + ENDLESS),
        (*UNDER_TLS, ALICE_PLAIN + ENDLESS),
        (EHLO, MAIL, RCPT, b"BDAT 9 LAST\r\n" + ENDLESS),
        (EHLO, STARTTLS + ENDLESS),
        (EHLO, STARTTLS + b"MAIL FROM:<casey", TLS),
    ],
)
def test_line_without_end_replays_as_the_end(steps):
    kept = Kept(*steps)

    assert str(kept.session.state) == "CLOSED"
    assert standing(kept.replayed()) == standing(kept.session)


def test_replay_needs_no_more_than_its_rows():
    session = replay([], PROFILES["modern"], lab_facts())

    assert str(session.state) == "NEW"


PLAIN_TEXT, BROKEN = TlsResult(failure="plain"), TlsResult(failure="handshake")


@pytest.mark.parametrize("result", [TLS, PLAIN_TEXT, BROKEN])
def test_implicit_tls_replays(result):
    session = Session(PROFILES["submission"], lab_facts(nominal_port=465))
    book = Logbook(session)
    book.meet(result, at=0)
    if str(session.state) != "CLOSED":
        book.open(5)
        session.sent(at=5)
        book.receive(EHLO, at=6)

    replayed = replay(map(replay_row, book.take_entries()), session.profile, session.facts)

    assert standing(replayed) == standing(session)


@pytest.mark.parametrize("profile", PROFILES)
def test_early_talk_replays(profile):
    session = Session(PROFILES[profile], lab_facts())
    book = Logbook(session)
    book.receive(b"HELO client.example\r\n" + MAIL, at=0)
    book.open(5)

    replayed = replay(map(replay_row, book.take_entries()), session.profile, session.facts)

    assert standing(replayed) == standing(session)


def test_greylist_comes_back_too():
    kept = Kept(EHLO, MAIL, RCPT, limits={"greylist_seconds": 300})

    assert len(kept.session.greylist) == 1
    assert kept.replayed().greylist == kept.session.greylist


@pytest.mark.parametrize("plan", FAULTS)
def test_every_plan_replays(plan):
    steps = [EHLO, STARTTLS, TLS, EHLO, LOGIN, MAIL, RCPT, RCPT, RCPT, DATA, b"x\r\n.\r\n", MAIL]
    kept = Kept(plan=plan)
    for step in steps:
        if isinstance(step, bytes) or kept.need:
            kept.take(step)

        assert standing(kept.replayed()) == standing(kept.session)


@pytest.mark.parametrize(
    "steps",
    [
        (EHLO, b"NOOP\r\n" + MAIL),
        (EHLO, MAIL, RCPT, DATA + b"Subject: x\r\n"),
        (*UNDER_TLS, b"AUTH PLAIN\r\nAGEAYg==\r\n"),
        (b"BDAT 0\r\n\r\n",),
    ],
)
def test_early_line_is_early_again_whatever_is_noted(steps):
    kept = Kept(*steps)
    without_notes = [replay_row(row) for row in kept.rows if row.direction != "note"]

    assert str(kept.session.state) == "CLOSED"
    assert str(replay(without_notes, kept.profile, kept.facts).state) == "CLOSED"


@pytest.mark.parametrize("plan", ["auth-454", "auth-535", "auth-534", "auth-432"])
@pytest.mark.parametrize("line", [ALICE_PLAIN, OWN_PLAIN, b"AUTH FOO aHVudGVyMg==\r\n", LOGIN])
def test_planned_fault_at_a_masked_login_replays(line, plan):
    kept = Kept(*UNDER_TLS, line, plan=plan)
    kept.meet_needs()

    assert standing(kept.replayed()) == standing(kept.session)


@pytest.mark.parametrize("plan", ["auth-454", "auth-535", "auth-534", "auth-432"])
def test_planned_faults_of_masked_logins_are_no_errors_in_replay(plan):
    kept = Kept(*UNDER_TLS, *[ALICE_PLAIN] * 25, plan=plan)

    assert str(kept.session.state) == "READY"
    assert standing(kept.replayed()) == standing(kept.session)
