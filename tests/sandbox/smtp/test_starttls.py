"""STARTTLS: what is forgotten, what must not be carried out, and the two ways to mix ports up."""

import pytest

from sandbox.smtp import (
    PROFILES,
    Close,
    LineIn,
    Need,
    Notice,
    Reply,
    Session,
    StateChange,
    TlsResult,
    Violation,
    lab_facts,
)

from ..talking import (
    EHLO,
    LOGGED_IN,
    MAIL,
    QUIT,
    RCPT,
    STARTTLS,
    TLS,
    UNDER_TLS,
    Talk,
    of_type,
    only_reply,
    replies,
    rules,
)

OFFERING = [name for name in PROFILES if PROFILES[name].offers("STARTTLS")]
INJECTION = (554, "5.5.0", "tls.injection")


@pytest.mark.parametrize("profile", OFFERING)
def test_220_is_followed_by_the_handshake(profile):
    talk = Talk(EHLO, profile=profile)

    events = talk.say(STARTTLS)

    assert rules(events) == ["starttls.ok"]
    assert events[-1] == Need("tls")
    assert talk.session.secured is None
    assert talk.answer(TLS) == [
        Notice("tls.started", "TLS", 21),
        StateChange("TLS", "GREETED", ("helo", "user", "transaction")),
    ]
    assert talk.session.secured == TLS


def test_everything_learned_before_is_forgotten():
    talk = Talk(EHLO, STARTTLS, TLS)

    assert replies(talk.say(MAIL)) == [(503, "5.5.1", "mail.order")]
    assert rules(talk.say(EHLO)) == ["ehlo.ok"]
    assert b"STARTTLS" not in of_type(talk.events, Reply)[-1].octets


def test_nothing_is_said_behind_the_handshake():
    assert replies(Talk(EHLO, STARTTLS).answer(TLS)) == []


def test_group_in_front_of_starttls_is_answered_and_starttls_ends_it():
    talk = Talk(EHLO)

    assert rules(talk.say(b"RSET\r\n" + STARTTLS)) == ["rset.ok", "starttls.ok"]
    assert talk.state == "TLS"


@pytest.mark.parametrize("profile", OFFERING)
@pytest.mark.parametrize(
    "injected",
    [EHLO, b"RSET\r\n", b"NOOP\n", b"\r\n", b"\n", MAIL + RCPT],
)
def test_line_behind_starttls_is_never_carried_out(injected, profile):
    talk = Talk(EHLO, profile=profile)

    events = talk.say(STARTTLS + injected)
    if talk.state != "CLOSED":  # a server that waits for CR LF
        events += talk.answer(TLS)

    assert rules(events) == ["starttls.ok", "tls.injection"]
    assert events[-1] == Close("tls.injection", graceful=False)
    assert talk.session.secured is None


@pytest.mark.parametrize("cut", range(1, 24))
def test_injection_may_be_cut_anywhere(cut):
    octets = STARTTLS + b"MAIL FROM:<>\r\n"
    talk = Talk(EHLO)

    events = talk.say(octets[:cut]) + talk.go_on(octets[cut:])

    assert replies(events) == [(220, "2.0.0", "starttls.ok"), INJECTION]
    assert talk.state == "CLOSED"


@pytest.mark.parametrize("half", [b"MAIL FROM:<x", b"R", b"RSET\r"])
def test_half_a_line_before_the_handshake_is_an_injection_when_it_is_done(half):
    talk = Talk(EHLO, STARTTLS + half)
    assert talk.state == "TLS"

    events = talk.answer(TLS)

    assert replies(events) == [INJECTION]
    assert of_type(events, LineIn)[0].octets == half
    assert talk.session.secured is None
    assert talk.say(b"SET\r\n") == []


def test_half_a_line_never_joins_what_comes_under_tls():
    """The client of RFC 3207 section 6: RSET must not be made of R before and SET after."""
    talk = Talk(EHLO, STARTTLS + b"R")
    talk.answer(TLS)

    assert "rset.ok" not in rules(talk.say(b"SET\r\n"))


def test_octets_in_a_write_of_their_own_are_an_injection_too():
    talk = Talk(EHLO, STARTTLS)

    assert replies(talk.say(b"NOOP\r\n")) == [INJECTION]
    assert of_type(talk.events, Violation)[0].octets == b"NOOP\r\n"
    assert talk.answer(TLS) == []


def test_failed_handshake_ends_without_a_word():
    talk = Talk(EHLO, STARTTLS)

    events = talk.answer(TlsResult(failure="handshake"))

    assert replies(events) == []
    assert events[-1] == Close("tls.failed", graceful=False, case="handshake")
    assert talk.session.secured is None


def test_session_waits_for_the_handshake_no_longer_than_for_a_command():
    talk = Talk(EHLO, STARTTLS)
    deadline = talk.session.deadline

    assert deadline == 300_000_000
    assert replies(talk.session.tick(at=deadline)) == [(421, "4.4.2", "session.timeout")]


@pytest.mark.parametrize("line", [b"STARTTLS now\r\n", b"STARTTLS TLSv1.3\r\n"])
def test_starttls_takes_no_argument(line):
    talk = Talk(EHLO)

    reply = only_reply(talk.say(line))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.5.4", "args.unexpected", "STARTTLS",
    )  # fmt: skip
    assert talk.state == "READY"


def test_second_starttls_is_refused():
    reply = only_reply(Talk(*UNDER_TLS).say(STARTTLS))

    assert (reply.code, reply.rule, reply.case) == (503, "starttls.order", "tls")


def test_quit_under_tls_is_an_ordinary_end():
    assert replies(Talk(*LOGGED_IN).say(QUIT)) == [(221, "2.0.0", "quit.ok")]


def encrypted_first(result, profile="submission"):
    """Port 465: the handshake comes before the greeting."""
    session = Session(PROFILES[profile], lab_facts(nominal_port=465))
    return session, session.answer(result, at=0)


def test_implicit_tls_is_told_before_the_greeting():
    session, events = encrypted_first(TLS)

    assert [(notice.rule, notice.case) for notice in of_type(events, Notice)] == [
        ("tls.started", "implicit")
    ]
    assert session.secured == TLS
    assert rules(session.open(at=0)) == ["greeting.ok"]


def test_implicit_tls_is_in_force_from_the_first_command():
    session, _ = encrypted_first(TLS)
    session.open(at=0)
    session.sent(at=0)

    (reply,) = of_type(session.receive(EHLO, at=0), Reply)

    assert b"AUTH" in reply.octets
    assert b"STARTTLS" not in reply.octets


def test_plain_text_on_the_port_for_implicit_tls_is_a_close():
    session, events = encrypted_first(TlsResult(failure="plain"))

    assert events[-1] == Close("tls.failed", graceful=False, case="plain")
    assert str(session.state) == "CLOSED"


HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("cut", [1, 2, 3, 20, len(HELLO)])
def test_tls_record_on_a_plain_port_is_told_and_closed(cut, profile):
    talk = Talk(profile=profile)

    events = talk.say(HELLO[:cut]) + talk.go_on(HELLO[cut:])

    assert rules(events) == ["tls.record"]
    assert [line.octets for line in of_type(events, LineIn)] == [b"\x16\x03"]
    assert events[-1] == Close("tls.record", graceful=False)


def test_first_octet_of_a_record_alone_is_waited_on():
    talk = Talk()

    assert talk.say(b"\x16") == []
    assert replies(talk.go_on(b"\r\n")) == [(500, "5.5.2", "verb.unknown")]


def test_record_in_mid_session_is_an_unknown_command():
    talk = Talk(EHLO, MAIL, RCPT)

    assert replies(talk.say(b"\x16\x03\x01\r\n")) == [(500, "5.5.2", "verb.unknown")]
