"""However the octets are cut on their way, the session is the same."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.smtp import PROFILES, ContentIn, Need

from ..talking import (
    DATA,
    EHLO,
    MAIL,
    PIECES,
    RCPT,
    STARTTLS,
    UNDER_TLS,
    WAYS_IN,
    Talk,
    joined,
    meet_need,
    of_type,
)

LAW = settings(max_examples=300, deadline=None, derandomize=True, database=None)
NEWLINES = ["reject", "normalize", "wait"]

sessions = st.tuples(
    st.sampled_from(list(PROFILES)),
    st.sampled_from(NEWLINES),
    st.sampled_from(WAYS_IN),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=5),
)


def run(session, cut=None, *, answers_late=True):
    """What happened, and the deadline behind each write; `cut` gives the places where one is cut.

    The host answers what it is asked at once, or when the whole write has come.
    """
    profile, newline, way, writes = session
    talk = Talk(profile=profile, newline=newline)
    deadlines = []
    for number, step in enumerate([*way, *writes]):
        if not isinstance(step, bytes):
            talk.answer(step, at=number)
            continue
        talk.session.sent(at=number)
        places = sorted({0, len(step), *(cut(step) if cut else ())})
        for begin, end in zip(places, places[1:], strict=False):
            talk.go_on(step[begin:end], at=number)
            if not answers_late:
                meet_needs(talk, number)
        meet_needs(talk, number)
        deadlines.append(talk.session.deadline)
    return joined(talk.events), deadlines, talk.state, talk.session.user


def meet_needs(talk, at):
    while talk.need and talk.need.kind != "tls":
        talk.answer(meet_need(talk.need), at=at)


def everywhere(octets):
    return range(len(octets))


@LAW
@given(sessions, st.randoms(use_true_random=False))
def test_splitting_never_matters(session, chance):
    def anywhere(octets):
        return [chance.randint(0, len(octets)) for _ in range(3)]

    whole = run(session)

    assert run(session, anywhere) == whole
    assert run(session, anywhere, answers_late=False) == whole
    if sum(map(len, session[3])) < 8000:
        assert run(session, everywhere) == whole


def test_splitting_never_matters_in_many_sessions_at_random():
    chance = random.Random(2920)
    for _ in range(2500):
        writes = [
            b"".join(chance.choices(PIECES, k=chance.randint(1, 6)))
            for _ in range(chance.randint(1, 5))
        ]
        session = (
            chance.choice(list(PROFILES)), chance.choice(NEWLINES), chance.choice(WAYS_IN), writes,
        )  # fmt: skip
        whole = run(session)

        def anywhere(octets):
            return [chance.randint(0, len(octets)) for _ in range(5)]

        assert run(session, anywhere, answers_late=False) == whole, session


GROUPS = [
    (EHLO, MAIL + RCPT + b"RCPT TO:<sam@lab.example>\r\n" + DATA),
    (EHLO, MAIL + RCPT + b"BDAT 6\r\nRSET\r\nBDAT 4 LAST\r\nab\r\n" + MAIL),
    (EHLO, STARTTLS + b"MAIL FROM:<>\r\n"),
    (*UNDER_TLS, b"AUTH PLAIN AGEAYg==\r\n" + MAIL + RCPT),
    (*UNDER_TLS, b"AUTH LOGIN azN2OXEybTd4MWM4YjVuNA==\r\n", b"azN2OXEybTd4MWM4YjVuNA==\r\n"),
    (EHLO, MAIL, RCPT + b"RCPT TO:<x@k3v9q2m7x1c8b5n4.sandbox.test>\r\n" + RCPT + DATA),
    (EHLO, MAIL, RCPT, DATA, b"..\r\n.x\r\n\r\n.\r\n" + MAIL + RCPT),
    (EHLO, MAIL, RCPT, DATA, b"a\nb\rc\xff\0\r\n.\r\nNOOP\r\n"),
    (b"\x16\x03\x01\x02\x00\x01\r\n",),
    (EHLO, b"GET / HTTP/1.1\r\nHost: mx\r\n\r\n"),
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("steps", GROUPS, ids=range(len(GROUPS)))
def test_group_may_be_cut_at_every_octet(steps, newline, profile):
    session = (profile, newline, (), steps)
    whole = run(session)

    for place in range(1, max(len(step) for step in steps if isinstance(step, bytes))):
        cut_once = run(session, lambda octets, place=place: [min(place, len(octets))])
        assert cut_once == whole, place


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\rX"])
@pytest.mark.parametrize("length", [512, 513, 1042, 1043, 1174, 1175, 12_288, 12_289, 65_537])
def test_line_of_any_length_may_be_cut(length, line_end):
    line = b"x" * (length - len(line_end)) + line_end
    whole = Talk(EHLO).say(line)

    for cut in (1, 552, length - 3, length - 2, length - 1):
        talk = Talk(EHLO)
        assert talk.say(line[:cut]) + talk.go_on(line[cut:]) == whole


def test_content_comes_in_the_runs_in_which_it_was_read():
    talk = Talk(EHLO, MAIL, RCPT, DATA)

    first = talk.say(b"Subject: x\r\n\r\nte")
    second = talk.go_on(b"xt\r\n.\r\n")

    assert first == [ContentIn(b"Subject: x\r\n\r\nte", 87)]
    assert of_type(second, ContentIn) == [
        ContentIn(b"xt\r\n", 103),
        ContentIn(b".\r\n", 107, end=True),
    ]


def test_needs_are_asked_one_at_a_time():
    line = b"RCPT TO:<x@k3v9q2m7x1c8b5n4.sandbox.test>\r\n"
    talk = Talk(EHLO, MAIL)

    assert len(of_type(talk.say(line + line), Need)) == 1
    assert len(of_type(talk.answer(meet_need(talk.need)), Need)) == 1
