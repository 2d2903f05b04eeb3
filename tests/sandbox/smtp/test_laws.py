"""What holds for every session: how replies are written, and that a refusal changes nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.smtp import (
    PROFILES,
    ChunkIn,
    Close,
    ContentIn,
    LineIn,
    MessageAccepted,
    Notice,
    Reply,
    StateChange,
    Violation,
    explain,
)

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
    meet_need,
    of_type,
)

LAW = settings(max_examples=300, deadline=None, derandomize=True, database=None)

sessions = st.tuples(
    st.sampled_from(list(PROFILES)),
    st.sampled_from(WAYS_IN),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join), max_size=5),
    st.binary(max_size=300),
)


def heard(session):
    """The session when all has been said and all needs have been met."""
    profile, way, writes, noise = session
    talk = Talk(profile=profile)
    for step in (*way, *writes, noise, noise + b"\r\n"):
        if isinstance(step, bytes) or talk.need:
            talk.take(step)
        while talk.need and talk.need.kind != "tls":
            talk.answer(meet_need(talk.need))
    return talk


@LAW
@given(sessions)
def test_replies_are_well_formed(session):
    talk = heard(session)

    writes_enhanced = talk.profile.offers("ENHANCEDSTATUSCODES")
    verb = "EHLO"  # the greeting has none either
    for event in talk.events:
        if isinstance(event, LineIn):
            verb = event.verb
        elif isinstance(event, ContentIn | ChunkIn):
            verb = "."
        elif isinstance(event, Reply):
            assert_well_formed(event, writes_enhanced, to_greeting=verb in ("EHLO", "HELO"))


def assert_well_formed(reply, writes_enhanced, *, to_greeting):
    if to_greeting or 300 <= reply.code <= 399:
        assert reply.enhanced is None
    assert reply.enhanced is None or reply.enhanced[0] == str(reply.code)[0]
    lines = reply.octets.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]
    prefix = f"{reply.enhanced} " if writes_enhanced and reply.enhanced else ""
    for line, text in zip(lines, reply.lines, strict=True):
        assert len(line) <= 510
        assert line[:3] == str(reply.code)
        assert line[4:] == prefix + text
        assert text or reply.code == 334
        assert not re.search(r"[^ -~]|[{}]", text)


@pytest.mark.parametrize("profile", ["modern", "submission", "strict", "legacy"])
def test_only_greetings_and_3yz_have_no_enhanced_code(profile):
    talk = Talk(*UNDER_TLS, profile=profile)
    for piece in PIECES:
        talk.say(piece)

    verb = "EHLO"
    for event in talk.events:
        if isinstance(event, LineIn):
            verb = event.verb
        elif isinstance(event, Reply) and verb not in ("EHLO", "HELO"):
            assert (event.enhanced is None) is (300 <= event.code <= 399)


@LAW
@given(sessions)
def test_everything_said_has_a_reason(session):
    for event in heard(session).events:
        if isinstance(event, Reply | Violation | Notice):
            assert explain(event.rule, event.state, event.case).why
        if isinstance(event, Close):
            assert explain(event.rule).why


@LAW
@given(sessions)
def test_states_follow_from_each_other(session):
    """Each reply and change begins where the one before has led, and the end comes once."""
    state = "NEW"
    events = heard(session).events
    for event in events:
        if isinstance(event, Reply):
            assert event.state == state
        elif isinstance(event, StateChange):
            assert event.before == state
            state = event.after
    closes = of_type(events, Close)
    assert len(closes) == (1 if state == "CLOSED" else 0)
    assert not closes or isinstance(events[-1], Close)


@LAW
@given(sessions)
def test_message_is_stored_before_it_is_acknowledged(session):
    events = heard(session).events
    for place, event in enumerate(events):
        if isinstance(event, MessageAccepted):
            assert event.envelope.recipients
        if isinstance(event, Reply) and event.rule == "data.accepted":
            assert isinstance(events[place - 1], MessageAccepted)


@LAW
@given(sessions)
def test_offsets_count_what_the_client_has_sent(session):
    profile, way, writes, noise = session
    talk = heard(session)
    stream = b"".join(
        step for step in (*way, *writes, noise, noise + b"\r\n") if isinstance(step, bytes)
    )
    for event in of_type(talk.events, LineIn | ContentIn | ChunkIn):
        octets = stream[event.offset : event.offset + len(event.octets)]
        if len(event.octets) < 512:  # of a longer line only the beginning is kept
            assert event.octets == octets


REFUSED = [
    b"XYZZY", b"", b"EXPN x", b"EHLO b_d", b"HELO", b"MAIL FROM:<x", b"MAIL FROM:<x y@z>",
    b"MAIL FROM:<casey@lab.example> FOO", b"MAIL FROM:<casey@lab.example> SIZE=9999999",
    b"RSET x", b"DATA x", b"QUIT x", b"VRFY", b"NOOP \0", b"NOOP \xff", b"N" * 600,
]  # fmt: skip
REFUSED_UNDER_TLS = [
    STARTTLS, b"AUTH GSSAPI\r\n", b"AUTH PLAIN !\r\n", b"AUTH CRAM-MD5 AGE=\r\n", b"AUTH\r\n",
    b"AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAHdyb25n\r\n", b"STARTTLS x\r\n",
]  # fmt: skip
REST = [MAIL, RCPT, DATA, b"text\r\n.\r\n", b"QUIT\r\n"]
CHUNKED = [MAIL, RCPT, b"BDAT 2\r\nab", b"BDAT 2 LAST\r\ncd", b"QUIT\r\n"]


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line[:20].decode("latin-1"))
@pytest.mark.parametrize("n_before", [0, 1, 2])
def test_refused_command_changes_nothing(line, n_before):
    assert_changes_nothing((EHLO,), line + b"\r\n", REST, n_before)


@pytest.mark.parametrize("line", REFUSED_UNDER_TLS, ids=lambda line: line[:20].decode("latin-1"))
@pytest.mark.parametrize("n_before", [0, 1, 2])
def test_refused_starttls_or_login_changes_nothing(line, n_before):
    assert_changes_nothing(UNDER_TLS, line, REST, n_before)


@pytest.mark.parametrize("line", [MAIL, RCPT, b"EXPN x\r\n", STARTTLS, b"AUTH PLAIN\r\n"])
def test_refused_command_between_chunks_changes_nothing(line):
    assert_changes_nothing((EHLO,), line, CHUNKED, 3)


def test_refused_chunk_changes_nothing():
    assert_changes_nothing((EHLO,), b"BDAT 2\r\nxy", REST, 1)


def assert_changes_nothing(way, line, rest, n_before):
    plain = Talk(*way, *rest[:n_before])
    disturbed = Talk(*way, *rest[:n_before])
    state = disturbed.state

    refused = of_type(disturbed.say(line), Reply)

    assert [reply.code >= 400 for reply in refused] == [True]
    assert disturbed.state == state
    for octets in rest[n_before:]:
        assert without_offsets(disturbed.say(octets)) == without_offsets(plain.say(octets))


def without_offsets(events):
    return [event for event in events if not isinstance(event, LineIn | ContentIn | ChunkIn)]


PATHS = [b'<"' + b"a" * 400, b"<" + b"a." * 120 + b"@", b"<" + b"@a," * 80, b'<"' + b"\\a" * 200]


@pytest.mark.parametrize("path", PATHS)
def test_hostile_paths_are_refused_at_once(path):
    """A pattern that tries the same octets again and again would take minutes for this."""
    talk = Talk(EHLO)

    (reply,) = of_type(talk.say(b"MAIL FROM:" + path + b"\r\n"), Reply)

    assert reply.code == 501
