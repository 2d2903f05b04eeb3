"""Every verb in every state: what it is answered and where it leads."""

import pytest

from sandbox.smtp import Close, ContentIn, LineIn, Session, State, StateChange, lab_facts
from sandbox.smtp.commands import EFFECTS
from sandbox.smtp.states import EXTENSION_VERBS, TABLE

from ..talking import (
    EHLO,
    HELO,
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
)

SERVING = ("GREETED", "READY", "SENDER", "RCPTS", "CHUNKS", "FAILED")
CHUNK = b"BDAT 2\r\nab"
BINARY = b"MAIL FROM:<casey@lab.example> BODY=BINARYMIME\r\n"
WAY_TO = {
    "GREETED": (),
    "READY": (EHLO,),
    "SENDER": (EHLO, MAIL),
    "RCPTS": (EHLO, MAIL, RCPT),
    "CHUNKS": (EHLO, MAIL, RCPT, CHUNK),
    "FAILED": (EHLO, BINARY, RCPT, b"DATA\r\n"),
}
IN_CONTENT = (EHLO, MAIL, RCPT, b"DATA\r\n")

LINES = {
    "EHLO": b"EHLO client.example\r\n",
    "HELO": b"HELO client.example\r\n",
    "MAIL": b"MAIL FROM:<casey@lab.example>\r\n",
    "RCPT": b"RCPT TO:<robin@lab.example>\r\n",
    "DATA": b"DATA\r\n",
    "BDAT": b"BDAT 4\r\nabcd",
    "BDAT LAST": b"BDAT 4 LAST\r\nabcd",
    "RSET": b"RSET\r\n",
    "NOOP": b"NOOP\r\n",
    "QUIT": b"QUIT\r\n",
    "VRFY": b"VRFY robin\r\n",
    "EXPN": b"EXPN staff\r\n",
    "HELP": b"HELP\r\n",
    "STARTTLS": b"STARTTLS\r\n",
    "AUTH": b"AUTH PLAIN\r\n",
    "TURN": b"TURN\r\n",
    "SEND": b"SEND FROM:<casey@lab.example>\r\n",
    "SOML": b"SOML FROM:<casey@lab.example>\r\n",
    "SAML": b"SAML FROM:<casey@lab.example>\r\n",
    "ETRN": b"ETRN lab.example\r\n",
    "ATRN": b"ATRN lab.example\r\n",
    "unknown": b"XYZZY\r\n",
    "empty": b"\r\n",
}


def stays(code, enhanced, rule):
    return [(code, enhanced, rule, state) for state in SERVING]


def leads(code, enhanced, rule, after):
    return [(code, enhanced, rule, after)] * 6


def refused_but(rule, **answers):
    """503 where the state stays as it is, but for the answers given by state."""
    return [answers.get(state, (503, "5.5.1", rule, state)) for state in SERVING]


ROWS = {
    "EHLO": leads(250, None, "ehlo.ok", "READY"),
    "HELO": leads(250, None, "helo.ok", "READY"),
    "MAIL": refused_but("mail.order", READY=(250, "2.1.0", "mail.ok", "SENDER")),
    "RCPT": refused_but(
        "rcpt.order",
        SENDER=(250, "2.1.5", "rcpt.ok", "RCPTS"),
        RCPTS=(250, "2.1.5", "rcpt.ok", "RCPTS"),
    ),
    "DATA": refused_but(
        "data.order",
        RCPTS=(354, None, "data.ok", "CONTENT"),
        CHUNKS=(503, "5.5.1", "data.order", "FAILED"),
    ),
    "BDAT": refused_but(
        "bdat.order",
        RCPTS=(250, "2.0.0", "bdat.ok", "CHUNKS"),
        CHUNKS=(250, "2.0.0", "bdat.ok", "CHUNKS"),
    ),
    "BDAT LAST": refused_but(
        "bdat.order",
        RCPTS=(250, "2.0.0", "data.accepted", "READY"),
        CHUNKS=(250, "2.0.0", "data.accepted", "READY"),
    ),
    "RSET": [
        (250, "2.0.0", "rset.ok", "GREETED"),
        *[(250, "2.0.0", "rset.ok", "READY")] * 5,
    ],
    "NOOP": stays(250, "2.0.0", "noop.ok"),
    "QUIT": leads(221, "2.0.0", "quit.ok", "CLOSED"),
    "VRFY": stays(252, "2.5.0", "vrfy.ok"),
    "EXPN": stays(502, "5.5.1", "verb.not-offered"),
    "HELP": stays(214, "2.0.0", "help.ok"),
    "STARTTLS": refused_but("starttls.order", READY=(220, "2.0.0", "starttls.ok", "TLS")),
    "AUTH": refused_but("auth.order", READY=(504, "5.5.4", "auth.needs-tls", "READY")),
    "TURN": stays(502, "5.5.1", "verb.not-offered"),
    "SEND": stays(502, "5.5.1", "verb.not-offered"),
    "SOML": stays(502, "5.5.1", "verb.not-offered"),
    "SAML": stays(502, "5.5.1", "verb.not-offered"),
    "ETRN": stays(502, "5.5.1", "verb.not-offered"),
    "ATRN": stays(502, "5.5.1", "verb.not-offered"),
    "unknown": stays(500, "5.5.2", "verb.unknown"),
    "empty": stays(500, "5.5.2", "verb.unknown"),
}
CELLS = {
    (verb, state): answer
    for verb, answers in ROWS.items()
    for state, answer in zip(SERVING, answers, strict=True)
}
ENCRYPTED = {
    ("STARTTLS", "READY"): (503, "5.5.1", "starttls.order", "READY"),
    ("AUTH", "READY"): (334, None, "auth.continue", "AUTHING"),
}


def answered(talk, octets):
    """The one reply to the octets and the state behind it."""
    (reply,) = replies(talk.say(octets))
    return (*reply, talk.state)


@pytest.mark.parametrize(("verb", "state"), CELLS)
def test_cell_answers_and_leads_where_the_standard_says(verb, state):
    talk = Talk(*WAY_TO[state])
    assert talk.state == state

    assert answered(talk, LINES[verb]) == CELLS[verb, state]


@pytest.mark.parametrize(("verb", "state"), CELLS)
def test_cell_is_the_same_under_tls_but_for_starttls_and_auth(verb, state):
    talk = Talk(EHLO, STARTTLS, TLS, *WAY_TO[state])
    assert talk.state == state

    assert answered(talk, LINES[verb]) == {**CELLS, **ENCRYPTED}[verb, state]


AFTER_HELO = {
    "STARTTLS": (503, "5.5.1", "starttls.order", "READY"),
    "AUTH": (503, "5.5.1", "auth.order", "READY"),
    "BDAT": (503, "5.5.1", "bdat.order", "READY"),
    "BDAT LAST": (503, "5.5.1", "bdat.order", "READY"),
}


@pytest.mark.parametrize("verb", LINES)
def test_after_helo_only_what_belongs_to_an_extension_is_refused(verb):
    talk = Talk(HELO)

    assert answered(talk, LINES[verb]) == AFTER_HELO.get(verb, CELLS[verb, "READY"])


@pytest.mark.parametrize(("verb", "case"), [("STARTTLS", "helo"), ("AUTH", "helo")])
def test_refusal_after_helo_says_that_it_was_helo(verb, case):
    for way in ((HELO,), (EHLO, STARTTLS, TLS, HELO))[: 2 if verb == "AUTH" else 1]:
        assert only_reply(Talk(*way).say(LINES[verb])).case == case


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_bdat_after_helo_is_swallowed_even_with_recipients(last):
    talk = Talk(HELO, MAIL, RCPT)

    events = talk.say(b"BDAT 6" + last + b"\r\nRSET\r\n")

    assert replies(events) == [(503, "5.5.1", "bdat.order")]
    assert talk.state == "RCPTS"


def test_second_login_of_a_session_is_refused():
    talk = Talk(*LOGGED_IN)

    reply = only_reply(talk.say(b"AUTH PLAIN\r\n"))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        503, "5.5.1", "auth.order", "user",
    )  # fmt: skip


@pytest.mark.parametrize("verb", LINES)
def test_every_line_behind_354_is_content(verb):
    talk = Talk(*IN_CONTENT)

    events = talk.say(LINES[verb])

    assert events == [ContentIn(LINES[verb], 21 + 31 + 29 + 6)]
    assert talk.state == "CONTENT"


# Words of four letters, or eight, are base64 and decode to something without a NUL.
BASE64_VERBS = {
    "DATA", "RSET", "NOOP", "QUIT", "HELP", "STARTTLS", "TURN", "empty",
}  # fmt: skip


@pytest.mark.parametrize("verb", LINES)
def test_every_line_behind_334_answers_it(verb):
    talk = Talk(*UNDER_TLS, b"AUTH PLAIN\r\n")
    line = LINES[verb].partition(b"\n")[0] + b"\n"

    (reply,) = replies(talk.say(line))

    is_base64 = verb in BASE64_VERBS
    assert reply == ((535, "5.7.8", "auth.bad") if is_base64 else (501, "5.5.2", "auth.base64"))
    assert talk.state == "READY"
    assert of_type(talk.events, LineIn)[-1].verb == ""


@pytest.mark.parametrize("verb", LINES)
def test_no_command_runs_while_the_handshake_is_awaited(verb):
    talk = Talk(EHLO, STARTTLS)
    assert talk.state == "TLS"

    assert answered(talk, LINES[verb]) == (554, "5.5.0", "tls.injection", "CLOSED")


@pytest.mark.parametrize("verb", LINES)
def test_greeted_with_554_everything_but_quit_is_503(verb):
    talk = Talk(plan="connect-554")
    assert replies(talk.events) == [(554, None, "fault.connect-554")]
    assert talk.state == "REFUSED"

    line = LINES[verb].partition(b"\n")[0] + b"\n"

    bare = verb in ("EHLO", "HELO")  # no enhanced code in an answer to them
    refused = (503, None if bare else "5.5.1", "session.refused", "REFUSED")
    quit_ok = (221, "2.0.0", "quit.ok", "CLOSED")
    assert answered(talk, line) == (quit_ok if verb == "QUIT" else refused)


@pytest.mark.parametrize("verb", LINES)
def test_greeted_with_521_everything_but_quit_is_a_close(verb):
    talk = Talk(plan="connect-521")
    assert replies(talk.events) == [(521, None, "fault.connect-521")]

    line = LINES[verb].partition(b"\n")[0] + b"\n"
    events = talk.say(line)

    if verb == "QUIT":
        assert replies(events) == [(221, "2.0.0", "quit.ok")]
    else:
        assert replies(events) == []
        assert events[-1] == Close("session.refused", graceful=False)
    assert talk.state == "CLOSED"


@pytest.mark.parametrize("verb", LINES)
def test_before_the_greeting_nothing_runs(verb):
    session = Session(Talk().profile, lab_facts())

    assert session.receive(LINES[verb], at=0) == []
    assert session.state is State.NEW
    assert replies(session.open(at=0)) == [(554, None, "sync.breach")]
    assert session.state is State.CLOSED


@pytest.mark.parametrize("verb", LINES)
def test_after_the_end_nothing_is_said(verb):
    talk = Talk(EHLO, QUIT)

    assert talk.say(LINES[verb]) == []
    assert talk.state == "CLOSED"


def test_every_verb_of_the_engine_is_listed_for_every_state():
    verbs = {*TABLE, *EXTENSION_VERBS, "BDAT LAST", "unknown", "empty"}

    assert set(LINES) == set(ROWS) == verbs
    assert set(CELLS) == {(verb, state) for verb in verbs for state in SERVING}


def test_states_are_those_the_table_knows_and_six_around_it():
    around = {"NEW", "CONTENT", "AUTHING", "TLS", "REFUSED", "CLOSED"}

    assert {str(state) for state in State} == {*SERVING, *around}
    assert all({str(state) for state in cells} == set(SERVING) for cells in TABLE.values())


def test_every_effect_of_the_table_exists():
    named = {cell.effect for cells in TABLE.values() for cell in cells.values() if cell.effect}

    assert named == set(EFFECTS)


def test_verbs_are_known_in_any_case():
    talk = Talk()

    assert replies(talk.say(b"ehlo client.example\r\n")) == [(250, None, "ehlo.ok")]
    assert replies(talk.say(b"mAiL from:<casey@lab.example>\r\n")) == [(250, "2.1.0", "mail.ok")]


@pytest.mark.parametrize("hello", [EHLO, HELO, b"RSET\r\n"])
@pytest.mark.parametrize("state", ["SENDER", "RCPTS", "CHUNKS", "FAILED"])
def test_new_beginning_drops_the_transaction(state, hello):
    talk = Talk(*WAY_TO[state])

    change = talk.say(hello)[-1]

    assert change == StateChange(State(state), State.READY, ("transaction",))
    assert replies(talk.say(RCPT)) == [(503, "5.5.1", "rcpt.order")]


@pytest.mark.parametrize("state", ["SENDER", "RCPTS", "CHUNKS", "FAILED"])
def test_quit_drops_the_transaction(state):
    talk = Talk(*WAY_TO[state])

    assert of_type(talk.say(QUIT), StateChange) == [
        StateChange(State(state), State.CLOSED, ("transaction",))
    ]


def test_quit_closes_gracefully_and_what_follows_is_dropped():
    talk = Talk(EHLO)

    events = talk.say(b"QUIT\r\nNOOP\r\n")

    assert replies(events) == [(221, "2.0.0", "quit.ok")]
    assert (events[-1].rule, events[-1].graceful) == ("quit.ok", True)
    assert talk.say(b"NOOP\r\n") == []


@pytest.mark.parametrize("line", [b"DATA\r\n", b"BDAT 4\r\nabcd", b"BDAT 4 LAST\r\nabcd"])
def test_message_is_554_once_every_recipient_was_refused(line):
    talk = Talk(EHLO, MAIL, b"RCPT TO:<nobody@lab.example>\r\n")

    assert answered(talk, line) == (554, "5.5.1", "data.no-valid-recipient", "SENDER")


def test_new_transaction_does_not_remember_refused_recipients():
    talk = Talk(EHLO, MAIL, b"RCPT TO:<nobody@lab.example>\r\n", b"RSET\r\n", MAIL)

    assert replies(talk.say(b"DATA\r\n")) == [(503, "5.5.1", "data.order")]
    assert replies(talk.say(b"BDAT 1\r\nx")) == [(503, "5.5.1", "bdat.order")]
