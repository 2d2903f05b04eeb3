"""What holds for every session, whatever the client sends."""

import random
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.smtp import (
    PROFILES,
    ContentIn,
    Fact,
    LineIn,
    Reply,
    Row,
    Session,
    State,
    lab_facts,
    replay,
)

from .talking import DATA, EHLO, HELO, MAIL, RCPT, Talk, of_type

LAW = settings(max_examples=200, deadline=None, derandomize=True, database=None)

PIECES = [
    EHLO, HELO, MAIL, RCPT, DATA, MAIL, RCPT, DATA, b"RSET\r\n", b"NOOP\r\n", b"HELP\r\n",
    b"VRFY robin\r\n", b"MAIL FROM:<> SIZE=10\r\n", b"RCPT TO:<nobody@lab.example>\r\n",
    b"Subject: x\r\n", b"\r\n", b"..text\r\n", b"text", b".\r\n", b"\r\n.\r\n", b"\r", b"\n",
    b"\0", b"\xc3\xa5", b".", b"x" * 700, b"y" * 5000, b"XYZZY\r\n", b"GET / HTTP/1.1\r\n",
]  # fmt: skip
WAY_IN = [[], [EHLO], [EHLO, MAIL, RCPT], [EHLO, MAIL, RCPT, DATA], [HELO, MAIL]]
sessions = st.tuples(
    st.sampled_from(["modern", "legacy"]),
    st.sampled_from(["reject", "normalize", "wait"]),
    st.sampled_from(WAY_IN),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=6),
)


def run(profile, newline, writes, cut=None):
    """The session and its events; `cut` gives the places where a write is cut."""
    talk = Talk(profile=profile, newline=newline)
    for number, octets in enumerate(writes):
        talk.session.sent(at=number)
        places = sorted({0, len(octets), *(cut(octets) if cut else ())})
        for begin, end in zip(places, places[1:], strict=False):
            talk.go_on(octets[begin:end], at=number)
    return talk


@LAW
@given(sessions, st.randoms(use_true_random=False))
def test_splitting_never_matters(session, chance):
    profile, newline, way, writes = session
    whole = run(profile, newline, way + writes)

    split = run(
        profile,
        newline,
        way + writes,
        cut=lambda octets: [chance.randint(0, len(octets)) for _ in range(3)],
    )
    single = run(profile, newline, way + writes, cut=lambda octets: range(len(octets)))

    assert split.events == whole.events
    assert single.events == whole.events
    assert single.session.deadline == whole.session.deadline


def rows_of(event, at):
    match event:
        case LineIn() | ContentIn():
            return [Row("in", at, event.octets, early=event.early)]
        case Reply():
            return [Row("out", at, event.octets)]
    return []


@LAW
@given(sessions, st.sampled_from([None, *Fact]))
def test_replay_of_every_prefix_is_the_live_session(session, fact):
    """The octets of an unfinished line are in no row yet, so each write ends its line."""
    profile, newline, way, writes = session
    writes = [octets + b"\r\n" for octets in writes]
    live = Talk(profile=profile, newline=newline)
    rows = [row for event in live.events for row in rows_of(event, 0)]
    stages = [(len(rows), live.session.state, live.session.deadline)]
    for number, octets in enumerate(way + writes, 1):
        events = live.say(octets, at=number)
        rows += [row for event in events for row in rows_of(event, number)]
        stages.append((len(rows), live.session.state, live.session.deadline))
    if fact:
        at = live.session.deadline or 0
        live.session.answer(fact, at=at)
        rows.append(Row("fact", at, answer=fact))
        stages.append((len(rows), live.session.state, live.session.deadline))

    for length, state, deadline in stages:
        replayed = replay(rows[:length], live.profile, live.facts)
        assert (replayed.state, replayed.deadline) == (state, deadline)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\rX"])
@pytest.mark.parametrize("length", [511, 512, 513, 551, 552, 553, 554, 555, 60_000])
def test_replay_of_a_line_cut_short_gives_its_reply(length, line_end):
    live = Talk(EHLO)
    events = live.say(b"x" * (length - len(line_end)) + line_end)

    replayed = Talk(EHLO).say(of_type(events, LineIn)[0].octets)

    assert replayed == events


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\rX"])
@pytest.mark.parametrize("length", [512, 513, 551, 552, 553, 554, 65_536, 65_537, 65_538])
def test_splitting_a_line_of_any_length_never_matters(length, line_end):
    line = b"x" * (length - len(line_end)) + line_end
    whole = Talk(EHLO).say(line)

    for cut in (1, 552, length - 3, length - 2, length - 1):
        talk = Talk(EHLO)
        assert talk.say(line[:cut]) + talk.go_on(line[cut:]) == whole


@LAW
@given(sessions)
def test_replayed_session_goes_on_like_the_live_one(session):
    profile, newline, way, writes = session
    writes = [octets + b"\r\n" for octets in writes]
    live = Talk(*way, profile=profile, newline=newline)
    rows = [row for event in live.events for row in rows_of(event, 0)]
    replayed = replay(rows, live.profile, live.facts)

    for octets in writes:
        replayed.sent(at=0)

        assert replayed.receive(octets, at=0) == live.say(octets)


@LAW
@given(sessions, st.binary(max_size=300))
def test_replies_are_well_formed(session, noise):
    profile, newline, way, writes = session

    talk = run(profile, newline, [*way, *writes, noise, noise + b"\r\n"])

    writes_enhanced = profile == "modern"
    verb = "EHLO"  # the greeting has none either
    for event in talk.events:
        if isinstance(event, LineIn):
            verb = event.verb
        elif isinstance(event, ContentIn):
            verb = "."
        elif isinstance(event, Reply):
            assert_well_formed(event, writes_enhanced, to_greeting=verb in ("EHLO", "HELO"))


def assert_well_formed(reply, writes_enhanced, *, to_greeting):
    bare = to_greeting or 300 <= reply.code <= 399
    assert (reply.enhanced is None) is bare
    assert reply.enhanced is None or reply.enhanced[0] == str(reply.code)[0]
    lines = reply.octets.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]
    prefix = f"{reply.enhanced} " if writes_enhanced and not bare else ""
    for line, text in zip(lines, reply.lines, strict=True):
        assert len(line) <= 510
        assert line[:3] == str(reply.code)
        assert line[4:] == prefix + text
        assert text
        assert not re.search(r"[^ -~]|[{}]", text)


def test_hostile_input_raises_nothing():
    chance = random.Random(5321)
    pieces = [*PIECES, b"MAIL FROM:<", b"RCPT TO:<", b">", b"@", b"[", b"]", b'"', b"\\", b"SIZE=",
              b"IPv6:", b"%", b"::", b"1" * 25, b"BODY=", b" ", b"{0}", b"\x1b[2J"]  # fmt: skip
    for _ in range(4000):
        talk = Talk(
            *chance.choice(WAY_IN),
            profile=chance.choice(["modern", "legacy"]),
            newline=chance.choice(["reject", "normalize", "wait"]),
        )
        for _ in range(4):
            octets = b"".join(chance.choices(pieces, k=chance.randint(1, 8)))
            if chance.random() < 0.3:
                octets = bytes(chance.choices(range(256), k=40))
            talk.say(octets + chance.choice([b"", b"\r\n"]))


REFUSED = [
    b"XYZZY", b"", b"EXPN x", b"EHLO b_d", b"HELO", b"MAIL FROM:<x", b"MAIL FROM:<x y@z>",
    b"MAIL FROM:<casey@lab.example> FOO", b"MAIL FROM:<casey@lab.example> SIZE=9999999",
    b"RSET x", b"DATA x", b"QUIT x", b"VRFY", b"NOOP \0", b"NOOP \xff", b"N" * 600,
]  # fmt: skip
REST = [MAIL, RCPT, DATA, b"text\r\n.\r\n", b"QUIT\r\n"]


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line[:20].decode("latin-1"))
@pytest.mark.parametrize("n_before", [0, 1, 2])
def test_refused_command_changes_nothing(line, n_before):
    plain = Talk(EHLO, *REST[:n_before])
    disturbed = Talk(EHLO, *REST[:n_before])
    state = disturbed.state

    refused = of_type(disturbed.say(line + b"\r\n"), Reply)

    assert [reply.code >= 400 for reply in refused] == [True]
    assert disturbed.state == state
    for octets in REST[n_before:]:
        assert without_offsets(disturbed.say(octets)) == without_offsets(plain.say(octets))


def without_offsets(events):
    return [event for event in events if not isinstance(event, LineIn | ContentIn)]


MIB = 1024 * 1024
READ = 65_536


def held(session):
    """Octets in all buffers of the session."""
    content = session._content
    buffers = [session._lines._kept, session._before_greeting]
    if content:
        buffers += [content._tail, content._runs._octets, content.content]
    return sum(map(len, buffers))


@pytest.mark.parametrize("newline", ["reject", "normalize", "wait"])
@pytest.mark.parametrize(
    ("way", "block", "most"),
    [
        ([], b"x" * READ, 552),
        ([EHLO], b"MAIL FROM:<" * 6000, 552),
        ([EHLO], b"NOOP\n" * 13_000, 552),
        ([EHLO, MAIL, RCPT, DATA], b"x" * READ, 70_000),
        ([EHLO, MAIL, RCPT, DATA], b"x" * READ + b"\r", 70_000),
        ([EHLO, MAIL, RCPT, DATA], b"\r\n." * 21_845, 2_048_000 + 70_000),
        ([EHLO, MAIL, RCPT, DATA], (b"x" * 998 + b"\r\n") * 65, 2_048_000 + 70_000),
    ],
)
def test_memory_is_bounded_whatever_arrives(way, block, most, newline):
    session = Talk(*way, newline=newline).session
    session.sent(at=0)
    highest = 0
    n_reads = 100 * MIB // READ if b"\r\n" not in block else 8 * MIB // READ

    for _ in range(n_reads):
        session.receive(block, at=0)
        highest = max(highest, held(session))
        if session.state is State.CLOSED:
            break

    assert highest <= most


def test_message_that_grew_too_big_is_not_kept():
    session = Talk(EHLO, MAIL, RCPT, DATA).session
    session.sent(at=0)
    for _ in range(40):
        session.receive(b"text\r\n" * 10_000, at=0)

    assert held(session) < 70_000


def test_octets_before_the_greeting_are_bounded():
    session = Session(PROFILES["modern"], lab_facts())
    for _ in range(100):
        session.receive(b"x" * READ, at=0)

    assert held(session) == 65_536


def test_silent_content_of_100_mib_is_refused_at_its_end():
    talk = Talk(EHLO, MAIL, RCPT, DATA)
    session = talk.session
    session.sent(at=0)
    for _ in range(100 * MIB // READ):
        session.receive(b"x" * READ, at=0)

    (reply,) = of_type(session.receive(b"\r\n.\r\n", at=0), Reply)

    assert (reply.code, reply.rule) == (554, "data.line-too-long")


def calls_for(writes, way):
    """Function calls, Python's and C's, that the engine makes for the writes."""
    session = Talk(*way, limits={"errors_hard": 10**9, "idle_commands": 10**9}).session
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


@pytest.mark.parametrize(
    ("way", "writes"),
    [
        ([EHLO], lambda n: [b"RSET\r\n" * n]),
        ([EHLO], lambda n: [b"x"] * n),
        ([EHLO, MAIL, RCPT, DATA], lambda n: [b"x"] * n),
        ([EHLO, MAIL, RCPT, DATA], lambda n: [b"a\r\n" * n]),
        ([EHLO, MAIL, RCPT, DATA], lambda n: [b"\r"] * n),
        ([EHLO, MAIL, RCPT, DATA], lambda n: [b"x" * 40 * n]),
    ],
)
def test_work_grows_with_the_input_and_no_faster(way, writes):
    small, large = (calls_for(writes(n), way) for n in (2_000, 20_000))

    assert large <= 11 * small


PATHS = [b'<"' + b"a" * 400, b"<" + b"a." * 120 + b"@", b"<" + b"@a," * 80, b'<"' + b"\\a" * 200]


@pytest.mark.parametrize("path", PATHS)
def test_hostile_paths_are_refused_at_once(path):
    """A pattern that tries the same octets again and again would take minutes for this."""
    talk = Talk(EHLO)

    (reply,) = of_type(talk.say(b"MAIL FROM:" + path + b"\r\n"), Reply)

    assert reply.code == 501
