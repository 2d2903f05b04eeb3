"""Whatever arrives, a session holds little and does work in proportion to it."""

import sys

import pytest

from sandbox.smtp import PROFILES, Session, State, TokenResult, lab_facts

from ..talking import DATA, EHLO, MAIL, RCPT, STARTTLS, UNDER_TLS, Talk, only_reply, replies

MIB = 1024 * 1024
READ = 65_536
NEWLINES = ["reject", "normalize", "wait"]
TOKEN_RCPT = b"RCPT TO:<x@k3v9q2m7x1c8b5n4.sandbox.test>\r\n"
STRANGER = b"AUTH PLAIN AGFsaWNlAGh1bnRlcjI=\r\n"
BINARY = b"MAIL FROM:<casey@lab.example> BODY=BINARYMIME\r\n"


def held(session):
    """Octets in everything that a session keeps, found by walking through it."""
    seen, total, waiting = set(), 0, [session]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or item is session.profile or item is session.facts:
            continue
        seen.add(id(item))
        if isinstance(item, bytes | bytearray | str):
            total += len(item)
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            waiting += item
        elif type(item).__module__.startswith("sandbox.smtp"):
            names = [name for each in type(item).__mro__ for name in getattr(each, "__slots__", ())]
            names += vars(item) if hasattr(item, "__dict__") else []
            # The events of the last call are the caller's.
            waiting += [getattr(item, name, None) for name in names if name != "events"]
    return total


def fed(way, block, n_octets, **changes):
    """The session and the most that it held between two reads."""
    talk = Talk(*way, **changes)
    session = talk.session
    session.sent(at=0)
    highest = 0
    for _ in range(n_octets // len(block)):
        session.receive(block, at=0)
        highest = max(highest, held(session))
        if session.state is State.CLOSED:
            break
    return session, highest


def test_measure_sees_what_a_session_holds():
    talk = Talk(EHLO, MAIL, RCPT, DATA)
    before = held(talk.session)
    talk.say(b"x" * 50_000 + b"\r\n")

    assert 50_000 <= held(talk.session) - before < 51_000
    assert held(Talk(EHLO).session) < 30_000


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize(
    "way",
    [
        (),
        (EHLO,),
        (*UNDER_TLS, b"AUTH PLAIN "),
        (*UNDER_TLS, b"AUTH PLAIN\r\n"),
        (EHLO, MAIL, RCPT, DATA),
        (EHLO, MAIL, RCPT, b"BDAT "),
        (EHLO, MAIL, RCPT, b"BDAT 9999999999\r\n"),
        (EHLO, MAIL, TOKEN_RCPT),
        (*UNDER_TLS, STRANGER),
        (EHLO, STARTTLS),
        (EHLO, MAIL, RCPT, DATA, b"x\r\n."),
    ],
    ids=["start", "command", "initial", "response", "data", "bdat-number", "chunk", "token",
         "credential", "tls", "dot"],
)  # fmt: skip
def test_100_mib_without_newline_stay_under_one_mib(way, newline):
    _, highest = fed(way, b"1" * READ, 100 * MIB, newline=newline)

    assert highest < MIB


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize(
    ("way", "block", "most"),
    [
        ((EHLO,), b"MAIL FROM:<" * 6000, 50_000),
        ((EHLO,), b"NOOP\n" * 13_000, 50_000),
        ((EHLO,), b"\r" * READ, 50_000),
        ((EHLO, MAIL, RCPT, DATA), b"x" * READ + b"\r", 200_000),
        ((EHLO, MAIL, RCPT, DATA), b"\r\n." * 21_845, 2_048_000 + 200_000),
        ((EHLO, MAIL, RCPT, DATA), b"\r\n.\r" * 16_384, 2_048_000 + 200_000),
        ((EHLO, MAIL, RCPT, DATA), (b"x" * 998 + b"\r\n") * 65, 2_048_000 + 200_000),
        ((EHLO, BINARY, RCPT, b"BDAT 9999999999\r\n"), b"\0" * READ, 50_000),
        ((EHLO, BINARY, RCPT), b"BDAT 50000\r\n" + b"\0" * 50_000, 2_048_000 + 200_000),
        ((EHLO, MAIL), b"RSET\r\n" + MAIL + RCPT * 90, 50_000),
    ],
)
def test_memory_is_bounded_whatever_arrives(way, block, most, newline):
    _, highest = fed(way, block, 8 * MIB, newline=newline, limits={"mails": 10**6})

    assert highest <= most


def test_message_that_grew_too_big_is_not_kept():
    session, highest = fed((EHLO, MAIL, RCPT, DATA), b"text\r\n" * 10_000, 8 * MIB)

    assert held(session) < 50_000
    assert highest < 2_200_000


@pytest.mark.parametrize("profile", PROFILES)
def test_octets_before_the_greeting_are_bounded(profile):
    session = Session(PROFILES[profile], lab_facts())
    for _ in range(100):
        session.receive(b"x" * READ, at=0)

    assert held(session) < 100_000


@pytest.mark.parametrize("way", [(EHLO, MAIL, TOKEN_RCPT), (*UNDER_TLS, STRANGER)])
def test_what_waits_for_the_host_is_bounded_and_more_ends_the_session(way):
    talk = Talk(*way)

    assert talk.say(b"x" * 65_536) == []
    assert talk.state != "CLOSED"
    assert replies(talk.say(b"x")) == [(421, "4.7.0", "line.endless")]
    assert talk.state == "CLOSED"
    assert talk.answer(TokenResult(True)) == []


def test_what_has_waited_is_heard_when_the_host_has_answered():
    talk = Talk(EHLO, MAIL, TOKEN_RCPT)
    waiting = b"RCPT TO:<robin@lab.example>\r\n" * 90
    talk.say(waiting)

    assert len(replies(talk.answer(TokenResult(True)))) == 91


@pytest.mark.parametrize("size", [100 * MIB, 3 * MIB])
def test_endless_content_line_is_refused_at_its_end(size):
    session, _ = fed((EHLO, MAIL, RCPT, DATA), b"x" * READ, size)

    reply = only_reply(session.receive(b"\r\n.\r\n", at=0))

    assert (reply.code, reply.rule) == (554, "data.line-too-long")


def calls_for(writes, way, **changes):
    """Function calls, Python's and C's, that the engine makes for the writes."""
    limits = {"errors_hard": 10**9, "idle_commands": 10**9, "mails": 10**9, "recipients": 10**9}
    session = Talk(*way, limits=limits, **changes).session
    session.sent(at=0)
    count = 0

    def tally(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        for octets in writes:
            session.receive(octets, at=0)
    finally:
        sys.setprofile(None)
    return count


IN_CONTENT = (EHLO, MAIL, RCPT, DATA)


@pytest.mark.parametrize(
    ("way", "writes"),
    [
        ((EHLO,), lambda n: [b"RSET\r\n" * n]),
        ((EHLO,), lambda n: [b"x"] * n),
        ((EHLO, MAIL), lambda n: [RCPT * (n // 5)]),
        ((EHLO,), lambda n: [b"XYZZY\r\n"] * n),
        (IN_CONTENT, lambda n: [b"x"] * n),
        (IN_CONTENT, lambda n: [b"a\r\n" * n]),
        (IN_CONTENT, lambda n: [b"\r"] * n),
        (IN_CONTENT, lambda n: [b"\r\n."] * n),
        (IN_CONTENT, lambda n: [b"a\n\xff\0"] * n),
        (IN_CONTENT, lambda n: [b"x" * 40 * n]),
        (IN_CONTENT, lambda n: [(b"x" * 998 + b"\r\n") * (n // 10)]),
        ((EHLO, MAIL, RCPT), lambda n: [b"BDAT 1\r\nx" * (n // 10)]),
        ((EHLO, MAIL, RCPT, b"BDAT 1000000\r\n"), lambda n: [b"x"] * n),
        ((*UNDER_TLS, b"AUTH PLAIN\r\n"), lambda n: [b"A"] * n),
        ((EHLO, MAIL, TOKEN_RCPT), lambda n: [b"x"] * n),
    ],
)
def test_work_grows_with_the_input_and_no_faster(way, writes):
    small, large = (calls_for(writes(n), way) for n in (2_000, 20_000))

    assert large <= 11 * small


def test_header_of_many_fields_is_judged_in_proportion():
    small, large = (
        calls_for([b"X: y\r\n" * n + b"\r\n.\r\n"], IN_CONTENT) for n in (1_500, 15_000)
    )

    assert large <= 11 * small
