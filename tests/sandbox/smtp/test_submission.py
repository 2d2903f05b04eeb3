"""The submission profile: TLS first, then a login, then mail to anywhere under one's own name."""

import pytest

from sandbox.smtp import CredentialResult, TokenResult

from ..talking import (
    DATA,
    EHLO,
    LOGGED_IN,
    LOGIN,
    MAIL,
    QUIT,
    RCPT,
    STARTTLS,
    TLS,
    TOKEN,
    UNDER_TLS,
    Talk,
    only_reply,
    replies,
)
from .test_table import CELLS, LINES, SERVING, WAY_TO, answered

TLS_FIRST = (530, "5.7.0", "demand.tls")
LOGIN_FIRST = (530, "5.7.0", "demand.login")
NEVER_HERE = {
    verb: CELLS[verb, "READY"][:3]
    for verb in ("EXPN", "TURN", "SEND", "SOML", "SAML", "ETRN", "ATRN", "unknown", "empty")
}

IN_THE_CLEAR = {
    **{verb: TLS_FIRST for verb in ("MAIL", "RCPT", "DATA", "BDAT", "BDAT LAST", "RSET", "VRFY")},
    "HELP": TLS_FIRST,
    "AUTH": TLS_FIRST,
    "HELO": (530, None, "demand.tls"),  # no enhanced code in an answer to HELO
    "EHLO": (250, None, "ehlo.ok"),
    "NOOP": (250, "2.0.0", "noop.ok"),
    "QUIT": (221, "2.0.0", "quit.ok"),
    **NEVER_HERE,
}
NOT_LOGGED_IN = {
    **{verb: LOGIN_FIRST for verb in ("MAIL", "RCPT", "DATA", "BDAT", "BDAT LAST", "VRFY", "HELP")},
    "EHLO": (250, None, "ehlo.ok"),
    "HELO": (250, None, "helo.ok"),
    "RSET": (250, "2.0.0", "rset.ok"),
    "NOOP": (250, "2.0.0", "noop.ok"),
    "QUIT": (221, "2.0.0", "quit.ok"),
    "STARTTLS": (503, "5.5.1", "starttls.order"),
    **NEVER_HERE,
}
STARTTLS_ANSWERS = {
    "GREETED": (503, "5.5.1", "starttls.order"),
    "READY": (220, "2.0.0", "starttls.ok"),
}
AUTH_ANSWERS = {"GREETED": (503, "5.5.1", "auth.order"), "READY": (334, None, "auth.continue")}


@pytest.mark.parametrize("state", ["GREETED", "READY"])
@pytest.mark.parametrize("verb", LINES)
def test_in_the_clear_nothing_is_open_but_the_way_to_tls(verb, state):
    talk = Talk(*WAY_TO[state], profile="submission")

    expected = STARTTLS_ANSWERS[state] if verb == "STARTTLS" else IN_THE_CLEAR[verb]
    assert replies(talk.say(LINES[verb])) == [expected]
    if expected[0] == 530:
        assert talk.state == state


@pytest.mark.parametrize("state", ["GREETED", "READY"])
@pytest.mark.parametrize("verb", LINES)
def test_under_tls_nothing_is_open_but_the_way_to_a_login(verb, state):
    talk = Talk(EHLO, STARTTLS, TLS, *WAY_TO[state], profile="submission")

    expected = AUTH_ANSWERS[state] if verb == "AUTH" else NOT_LOGGED_IN[verb]
    assert replies(talk.say(LINES[verb])) == [expected]
    if expected[0] == 530:
        assert talk.state == state


LOGGED_IN_CELLS = {
    ("STARTTLS", "READY"): (503, "5.5.1", "starttls.order", "READY"),
    ("AUTH", "READY"): (503, "5.5.1", "auth.order", "READY"),
}


@pytest.mark.parametrize("state", [state for state in SERVING if state != "GREETED"])
@pytest.mark.parametrize("verb", LINES)
def test_after_the_login_the_table_holds(verb, state):
    talk = Talk(*UNDER_TLS, LOGIN, *WAY_TO[state][1:], profile="submission")
    assert talk.state == state

    assert answered(talk, LINES[verb]) == {**CELLS, **LOGGED_IN_CELLS}[verb, state]


def test_refused_chunk_is_swallowed():
    talk = Talk(EHLO, profile="submission")

    assert replies(talk.say(b"BDAT 6 LAST\r\nQUIT\r\n")) == [TLS_FIRST]
    assert replies(talk.say(QUIT)) == [(221, "2.0.0", "quit.ok")]


def test_demand_comes_before_the_order_and_the_argument():
    talk = Talk(profile="submission")

    assert replies(talk.say(b"MAIL TO:x FOO\r\n")) == [TLS_FIRST]
    assert replies(talk.say(b"RCPT\r\n")) == [TLS_FIRST]


def test_user_may_send_anywhere():
    talk = Talk(*LOGGED_IN, MAIL, profile="submission")

    reply = only_reply(talk.say(b"RCPT TO:<robin@remote.example>\r\n"))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        250,
        "2.1.5",
        "rcpt.ok",
        "relay",
    )


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        ("casey@lab.example", (250, "2.1.0", "mail.ok")),
        ("Casey@LAB.example", (250, "2.1.0", "mail.ok")),
        ("", (250, "2.1.0", "mail.ok")),
        ("robin@lab.example", (550, "5.7.1", "mail.not-owner")),
        ("casey@remote.example", (550, "5.7.1", "mail.not-owner")),
    ],
)
def test_practice_user_sends_as_itself(sender, reply):
    talk = Talk(*LOGGED_IN, profile="submission")

    assert replies(talk.say(f"MAIL FROM:<{sender}>\r\n".encode())) == [reply]
    assert talk.state == ("SENDER" if reply[0] == 250 else "READY")


def token_user(**changes):
    """Logged in with a token, which is name and password at once."""
    talk = Talk(*UNDER_TLS, b"AUTH LOGIN\r\n", profile="submission", **changes)
    response = b"azN2OXEybTd4MWM4YjVuNA==\r\n"
    talk.say(response)
    talk.say(response)
    assert talk.need.subject == TOKEN
    talk.answer(CredentialResult(TOKEN))
    return talk


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("robin@lab.example", 250),
        (f"anything@{TOKEN}.sandbox.test", 250),
        ("anything@aaaaaaaaaaaaaaaa.sandbox.test", 550),
        ("robin@remote.example", 550),
    ],
)
def test_token_user_sends_as_anybody_here_or_of_its_own_domain(sender, code):
    talk = token_user()

    assert only_reply(talk.say(f"MAIL FROM:<{sender}>\r\n".encode())).code == code


def test_own_domain_takes_mail_there_too():
    talk = token_user()
    talk.say(MAIL)
    talk.say(f"RCPT TO:<me@{TOKEN}.sandbox.test>\r\n".encode())

    assert replies(talk.answer(TokenResult(True))) == [(250, "2.1.5", "rcpt.ok")]


def test_mail_exchanger_demands_neither_tls_nor_login():
    talk = Talk(EHLO, MAIL, RCPT, DATA)

    assert talk.state == "CONTENT"
