"""AUTH in a session: who may, what goes in, how it ends. The mechanisms have tests of their own."""

import base64

import pytest

from sandbox.smtp import AuthStep, CredentialResult, LineIn, Need, Notice

from ..talking import (
    EHLO,
    HELO,
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
    of_type,
    only_reply,
    replies,
    rules,
)

CASEY = "casey@lab.example"
BAD = (535, "5.7.8", "auth.bad")
OK = (235, "2.7.0", "auth.ok")
WRONG = b"AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAHdyb25n\r\n"  # casey with "wrong"
STRANGER = b"AUTH PLAIN AGFsaWNlAGh1bnRlcjI=\r\n"  # alice with "hunter2"


def b64(text):
    return base64.b64encode(text.encode())


def login(*responses):
    """AUTH LOGIN and its responses, each behind its 334."""
    talk = Talk(*UNDER_TLS, b"AUTH LOGIN\r\n")
    return talk, [talk.say(b64(response) + b"\r\n") for response in responses]


@pytest.mark.parametrize(
    "steps",
    [
        (LOGIN,),
        (b"auth plain " + LOGIN[11:],),
        (b"AUTH PLAIN\r\n", LOGIN[11:]),
        (b"AUTH LOGIN\r\n", b64(CASEY) + b"\r\n", b64("Spring-Tide-42") + b"\r\n"),
        (b"AUTH LOGIN " + b64(CASEY) + b"\r\n", b64("Spring-Tide-42") + b"\r\n"),
    ],
)
def test_practice_account_logs_in_and_is_never_asked_for(steps):
    talk = Talk(*UNDER_TLS, *steps)

    assert replies(talk.events)[-1] == OK
    assert of_type(talk.events, Need) == [Need("tls")]
    assert talk.session.user == CASEY
    assert talk.state == "READY"


def test_wrong_secret_of_the_practice_account_is_535():
    assert replies(Talk(*UNDER_TLS).say(WRONG)) == [BAD]
    assert replies(login(CASEY, "wrong")[1][-1]) == [BAD]


def test_prompts_of_login_go_out_as_they_are_known():
    talk, _ = login(CASEY)

    assert talk.wire.endswith(b"334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n")


def test_empty_challenge_is_334_and_a_space():
    talk = Talk(*UNDER_TLS, b"AUTH PLAIN\r\n")

    assert talk.wire.endswith(b"\r\n334 \r\n")


def test_cram_md5_and_scram_challenges_are_base64():
    for mechanism, length in ((b"CRAM-MD5", 20), (b"SCRAM-SHA-256", 0)):
        talk = Talk(*UNDER_TLS, b"AUTH " + mechanism + b"\r\n")

        challenge = talk.wire.rpartition(b"334 ")[2].strip()
        assert len(base64.b64decode(challenge, validate=True)) >= length


def test_token_is_name_and_password_at_once():
    talk, answers = login(TOKEN, TOKEN)

    assert answers[1][-2:] == [AuthStep("LOGIN", 2, TOKEN, "need"), Need("credential", TOKEN)]
    assert replies(talk.answer(CredentialResult(TOKEN))) == [OK]
    assert talk.session.user == TOKEN


@pytest.mark.parametrize("secret", [None, "another"])
def test_unknown_user_and_wrong_secret_are_answered_alike(secret):
    talk = Talk(*UNDER_TLS, STRANGER)

    assert replies(talk.answer(CredentialResult(secret))) == [BAD]
    assert talk.session.user == ""


def test_steps_tell_how_it_went_and_no_secret():
    talk = Talk(*UNDER_TLS, WRONG, STRANGER, CredentialResult(None), LOGIN)

    assert of_type(talk.events, AuthStep) == [
        AuthStep("PLAIN", 1, CASEY, "auth.bad"),
        AuthStep("PLAIN", 1, "alice", "need"),
        AuthStep("PLAIN", 1, "alice", "auth.bad"),
        AuthStep("PLAIN", 1, CASEY, "ok"),
    ]


@pytest.mark.parametrize(
    ("steps", "secret"),
    [
        ((LOGIN,), False),
        ((STRANGER,), True),
        ((b"AUTH PLAIN\r\n",), False),
        ((b"AUTH PLAIN =\r\n",), False),
        ((b"AUTH PLAIN !\r\n",), True),
        ((b"AUTH LOGIN\r\n", b"*\r\n"), False),
        ((b"AUTH LOGIN\r\n", b"\r\n"), False),
        ((b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n"), True),
        ((b"AUTH LOGIN\r\n", b64(CASEY) + b"\r\n"), False),
        ((b"AUTH LOGIN\r\n", b"QUIT\r\n"), True),
    ],
)
def test_line_that_may_hold_a_password_is_secret(steps, secret):
    talk = Talk(*UNDER_TLS, *steps)

    assert of_type(talk.events, LineIn)[-1].secret is secret


@pytest.mark.parametrize(
    "steps",
    [
        (b"AUTH LOGIN\r\n", b"Ym9i\r\n", b"aHVudGVyMg==\r\n"),
        (b"AUTH LOGIN\r\n", b"bob\r\n", b"hunter2\r\n"),
        (b"AUTH=PLAIN AGJvYgBodW50ZXIy\r\n",),
        (b"a1 LOGIN bob hunter2\r\n",),
        (b"PASS hunter2\r\n",),
        (b"AUTH AGJvYgBodW50ZXIy\r\n",),
        (b"AUTH hunter2\r\n",),
        (b"AUTH HUNTER2\r\n",),
    ],
)
def test_password_is_secret_where_no_login_goes_on(steps):
    talk = Talk(b"EHLO a.example\r\n", *steps)

    assert of_type(talk.events, LineIn)[-1].secret


@pytest.mark.parametrize(
    "word", ["GSSAPI", "ntlm", "XOAUTH2", "SCRAM-SHA-512-PLUS", "GS2-KRB5", "9798-U-ECDSA-SHA1"]
)
def test_mechanism_that_is_not_offered_is_shown(word):
    talk = Talk(b"EHLO a.example\r\n", f"AUTH {word}\r\n".encode())

    assert not of_type(talk.events, LineIn)[-1].secret


def test_slip_behind_a_login_is_shown():
    talk = Talk(*UNDER_TLS, LOGIN, b"NOPE\r\n")

    assert not of_type(talk.events, LineIn)[-1].secret


def test_quit_and_rset_are_responses_to_login():
    talk = Talk(*UNDER_TLS, b"AUTH LOGIN\r\n")

    assert rules(talk.say(QUIT)) == ["auth.continue"]
    assert talk.state == "AUTHING"
    assert rules(talk.say(b"RSET\r\n") + talk.answer(CredentialResult(None))) == ["auth.bad"]
    assert talk.state == "READY"


def test_asterisk_gives_up_and_the_session_stands_as_before():
    talk = Talk(*UNDER_TLS, b"AUTH LOGIN\r\n")

    assert replies(talk.say(b"*\r\n")) == [(501, "5.7.0", "auth.cancelled")]
    assert talk.state == "READY"
    assert replies(talk.say(LOGIN)) == [OK]


@pytest.mark.parametrize("mechanism", [b"GSSAPI", b"XOAUTH2", b"PLAIN2", b"!"])
def test_mechanism_that_is_not_offered_is_504(mechanism):
    talk = Talk(*UNDER_TLS)

    reply = only_reply(talk.say(b"AUTH " + mechanism + b"\r\n"))

    assert (reply.code, reply.enhanced, reply.rule) == (504, "5.5.4", "auth.mechanism")
    assert reply.octets == (
        b"504 5.5.4 Mechanism not offered; try SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n"
    )


@pytest.mark.parametrize("line", [LOGIN, b"AUTH LOGIN\r\n", b"AUTH GSSAPI\r\n", b"AUTH\r\n"])
def test_without_tls_every_auth_is_504(line):
    assert replies(Talk(EHLO).say(line)) == [(504, "5.5.4", "auth.needs-tls")]


def test_auth_without_a_mechanism_is_501():
    assert replies(Talk(*UNDER_TLS).say(b"AUTH\r\n")) == [(501, "5.5.4", "args.missing")]


def test_initial_response_where_the_server_speaks_first_is_501():
    assert replies(Talk(*UNDER_TLS).say(b"AUTH CRAM-MD5 AGE=\r\n")) == [
        (501, "5.7.0", "auth.unasked")
    ]


def test_equals_sign_is_an_empty_initial_response():
    """RFC 4954 section 4."""
    assert replies(Talk(*UNDER_TLS).say(b"AUTH LOGIN =\r\n")) == [(334, None, "auth.continue")]
    assert replies(Talk(*UNDER_TLS).say(b"AUTH PLAIN =\r\n")) == [BAD]


@pytest.mark.parametrize(
    ("length", "reply"),
    [(12_288, (501, "5.5.2", "auth.base64")), (12_289, (500, "5.5.6", "auth.too-long"))],
)
def test_response_has_12288_octets_at_most(length, reply):
    talk = Talk(*UNDER_TLS, b"AUTH PLAIN\r\n")

    assert replies(talk.say(b"!" * (length - 2) + b"\r\n")) == [reply]
    assert talk.state == "READY"
    assert replies(talk.say(LOGIN)) == [OK]


@pytest.mark.parametrize(("length", "rule"), [(12_288, "auth.base64"), (12_289, "auth.too-long")])
def test_auth_command_has_12288_octets_at_most(length, rule):
    talk = Talk(*UNDER_TLS)
    line = b"AUTH PLAIN " + b"!" * (length - 13) + b"\r\n"

    assert only_reply(talk.say(line)).rule == rule
    assert talk.state == "READY"
    assert only_reply(talk.say(b"NOOP\r\n")).code == 250


def test_three_failures_are_answered_and_a_further_auth_ends_the_session():
    talk = Talk(*UNDER_TLS)

    assert [replies(talk.say(WRONG)) for _ in range(3)] == [[BAD]] * 3
    assert replies(talk.say(b"NOOP\r\n")) == [(250, "2.0.0", "noop.ok")]
    assert replies(talk.say(LOGIN)) == [(421, "4.7.0", "auth.too-many")]
    assert talk.state == "CLOSED"


def test_cancelled_and_malformed_logins_are_no_failures():
    talk = Talk(*UNDER_TLS)
    for _ in range(4):
        talk.say(b"AUTH LOGIN\r\n")
        talk.say(b"*\r\n")
        talk.say(b"AUTH PLAIN !\r\n")

    assert replies(talk.say(LOGIN)) == [OK]


def test_login_outlives_ehlo_and_reset():
    talk = Talk(*LOGGED_IN, b"RSET\r\n", EHLO)

    assert talk.session.user == CASEY


def test_login_is_not_possible_after_helo():
    reply = only_reply(Talk(EHLO, STARTTLS, TLS, HELO).say(LOGIN))

    assert (reply.code, reply.rule, reply.case) == (503, "auth.order", "helo")


def test_user_may_send_elsewhere_and_stranger_may_not():
    elsewhere = b"RCPT TO:<robin@remote.example>\r\n"

    assert replies(Talk(*LOGGED_IN, MAIL).say(elsewhere)) == [(250, "2.1.5", "rcpt.ok")]
    assert replies(Talk(*UNDER_TLS, MAIL).say(elsewhere)) == [(550, "5.7.1", "rcpt.relay")]


def test_challenges_are_the_same_in_the_same_session_and_differ_from_one_to_the_next():
    first = Talk(*UNDER_TLS, b"AUTH CRAM-MD5\r\n")
    again = Talk(*UNDER_TLS, b"AUTH CRAM-MD5\r\n")

    assert first.wire == again.wire
    first.say(b"*\r\n")
    first.say(b"AUTH CRAM-MD5\r\n")
    assert len(set(first.wire.split(b"334 ")[1:])) == 2


@pytest.mark.parametrize("octets", [b"AGEA\0g==", b"\xff\xfe", b"AGE A", b"AGE", b"A"])
def test_response_that_is_no_base64_is_501(octets):
    talk = Talk(*UNDER_TLS, b"AUTH PLAIN\r\n")

    assert replies(talk.say(octets + b"\r\n")) == [(501, "5.5.2", "auth.base64")]
    assert talk.state == "READY"


def test_what_waits_for_the_credential_is_early():
    talk = Talk(*UNDER_TLS, STRANGER)
    assert talk.say(MAIL) == []

    events = talk.answer(CredentialResult(None))

    assert rules(events) == ["auth.bad", "mail.ok"]
    assert of_type(events, LineIn)[0].early is True
    assert of_type(events, Notice) == []
    assert rules(talk.say(RCPT)) == ["rcpt.ok"]
