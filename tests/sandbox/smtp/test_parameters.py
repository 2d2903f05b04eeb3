"""Parameters of MAIL and RCPT: whose they are, what they may say, what they lead to."""

import pytest

from sandbox.smtp import PROFILES, MessageAccepted

from ..talking import DATA, EHLO, HELO, MAIL, RCPT, UNDER_TLS, Talk, of_type, only_reply, replies

OK = (250, "2.1.0", "mail.ok")
TAKEN = (250, "2.1.5", "rcpt.ok")
VALUE = (501, "5.5.4", "param.value")
UNKNOWN = (555, "5.5.4", "param.unknown")
TOO_BIG = (552, "5.3.4", "size.declared")


def mail_with(parameters):
    return f"MAIL FROM:<casey@lab.example> {parameters}\r\n".encode()


def rcpt_with(parameters):
    return f"RCPT TO:<robin@lab.example> {parameters}\r\n".encode()


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("SIZE=2048000", OK),
        ("SIZE=2048001", TOO_BIG),
        ("size=0", OK),
        ("SIZE=00000000000000000001", OK),
        ("SIZE=99999999999999999999", TOO_BIG),
        ("SIZE=000000000000000000001", VALUE),
        ("SIZE", VALUE),
        ("SIZE=", VALUE),
        ("SIZE=-1", VALUE),
        ("SIZE=1 SIZE=1", VALUE),
        ("SIZE=1 BODY=7bit", OK),
        ("BODY=8BITMIME", OK),
        ("body=BinaryMime", OK),
        ("BODY", VALUE),
        ("BODY=", VALUE),
        ("BODY=9BIT", VALUE),
        ("BODY=7BIT BODY=7BIT", VALUE),
        ("SMTPUTF8", OK),
        ("smtputf8", OK),
        ("SMTPUTF8=", VALUE),
        ("SMTPUTF8=1", VALUE),
        ("RET=FULL", OK),
        ("RET=hdrs", OK),
        ("RET=BODY", VALUE),
        ("RET", VALUE),
        ("RET=FULL RET=FULL", VALUE),
        ("ENVID=QQ314159", OK),
        ("ENVID=a+2Bb+3D", OK),
        ("ENVID=a+2bb", VALUE),  # hexadecimal digits of xtext are upper case
        ("ENVID=a+b", VALUE),
        ("ENVID=", VALUE),
        ("ENVID=" + "x" * 94, OK),
        ("ENVID=" + "x" * 95, VALUE),
        ("AUTH=<>", OK),
        ("AUTH=robin@lab.example", OK),
        ("AUTH=e+3Dmc2@lab.example", OK),
        ("AUTH=", VALUE),
        ("AUTH=a=b", VALUE),
        ("RET=HDRS ENVID=x SIZE=1 BODY=8BITMIME SMTPUTF8 AUTH=<>", OK),
        ("=1", VALUE),
        ("SI_ZE=1", VALUE),
        ("SIZE=1=1", VALUE),
        ("FOO", UNKNOWN),
        ("SIZE=1 FOO=BAR", UNKNOWN),
        ("NOTIFY=NEVER", UNKNOWN),
        ("ORCPT=rfc822;robin@lab.example", UNKNOWN),
        ("REQUIRETLS", UNKNOWN),
        ("MT-PRIORITY=3", UNKNOWN),
        ("BY=120;R", UNKNOWN),
    ],
)
def test_parameters_of_mail(parameters, reply):
    talk = Talk(EHLO)

    assert replies(talk.say(mail_with(parameters))) == [reply]
    assert talk.state == ("SENDER" if reply[0] == 250 else "READY")


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("NOTIFY=NEVER", TAKEN),
        ("notify=never", TAKEN),
        ("NOTIFY=SUCCESS", TAKEN),
        ("NOTIFY=DELAY,FAILURE,SUCCESS", TAKEN),
        ("NOTIFY=NEVER,FAILURE", VALUE),
        ("NOTIFY=FAILURE,FAILURE", VALUE),
        ("NOTIFY=FAILURE,", VALUE),
        ("NOTIFY=ALWAYS", VALUE),
        ("NOTIFY=", VALUE),
        ("NOTIFY", VALUE),
        ("NOTIFY=NEVER NOTIFY=NEVER", VALUE),
        ("ORCPT=rfc822;Robin@lab.example", TAKEN),
        ("ORCPT=utf-8;r\u00f8bin@lab.example", TAKEN),
        ("ORCPT=x-custom;a+2Bb", TAKEN),
        ("ORCPT=rfc822;a+b", VALUE),
        ("ORCPT=robin@lab.example", VALUE),
        ("ORCPT=rfc822;", VALUE),
        ("ORCPT=;robin", VALUE),
        ("ORCPT", VALUE),
        ("ORCPT=rfc822;" + "x" * 487, TAKEN),
        ("ORCPT=rfc822;" + "x" * 488, VALUE),
        ("NOTIFY=FAILURE ORCPT=rfc822;robin@lab.example", TAKEN),
        ("FOO", UNKNOWN),
        ("SIZE=1", UNKNOWN),
        ("RET=HDRS", UNKNOWN),
        ("ENVID=x", UNKNOWN),
        ("SMTPUTF8", UNKNOWN),
    ],
)
def test_parameters_of_rcpt(parameters, reply):
    talk = Talk(EHLO, MAIL)

    assert replies(talk.say(rcpt_with(parameters))) == [reply]
    assert talk.state == ("RCPTS" if reply[0] == 250 else "SENDER")


def test_parameter_of_mail_on_rcpt_is_explained():
    talk = Talk(EHLO, MAIL)

    assert only_reply(talk.say(rcpt_with("SIZE=1"))).case == "mail-only"
    assert only_reply(talk.say(rcpt_with("FOO=1"))).case == ""


@pytest.mark.parametrize(
    ("missing", "parameter"),
    [
        ("SIZE", "SIZE=1"),
        ("8BITMIME", "BODY=8BITMIME"),
        ("SMTPUTF8", "SMTPUTF8"),
        ("DSN", "RET=HDRS"),
        ("DSN", "ENVID=x"),
        ("AUTH", "AUTH=<>"),
    ],
)
def test_parameter_of_a_missing_extension_is_555(missing, parameter):
    without = tuple(
        keyword
        for keyword in PROFILES["modern"].offer
        if keyword != missing and not (missing == "8BITMIME" and keyword == "BINARYMIME")
    )
    talk = Talk(EHLO, offer=without)

    assert replies(talk.say(mail_with(parameter))) == [UNKNOWN]


def test_rcpt_parameters_are_555_without_dsn():
    talk = Talk(EHLO, MAIL, offer=("SIZE", "ENHANCEDSTATUSCODES"))

    assert replies(talk.say(rcpt_with("NOTIFY=NEVER"))) == [UNKNOWN]


@pytest.mark.parametrize("missing", ["BINARYMIME", "CHUNKING"])
def test_binarymime_needs_its_keyword_and_chunking(missing):
    without = tuple(keyword for keyword in PROFILES["modern"].offer if keyword != missing)
    talk = Talk(EHLO, offer=without)

    reply = only_reply(talk.say(mail_with("BODY=BINARYMIME")))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.5.4", "param.value", "BODY",
    )  # fmt: skip


def test_auth_parameter_is_valid_before_a_login():
    assert replies(Talk(*UNDER_TLS).say(mail_with("AUTH=casey@lab.example"))) == [OK]


def test_parameter_that_cannot_be_met_now_is_455_and_no_error():
    talk = Talk(EHLO, cannot_now=frozenset({"SMTPUTF8"}))

    answers = [only_reply(talk.say(mail_with("SMTPUTF8"))) for _ in range(15)]

    assert {(reply.code, reply.enhanced, reply.rule) for reply in answers} == {
        (455, "4.5.0", "param.later")
    }
    assert [reply.delay_us for reply in answers] == [0] * 15


@pytest.mark.parametrize("size", ["10", "100", "1000"])
def test_size_above_the_room_of_now_is_452(size):
    talk = Talk(EHLO, limits={"room": 99})

    expected = OK if size == "10" else (452, "4.3.1", "size.no-room")
    assert replies(talk.say(mail_with(f"SIZE={size}"))) == [expected]


def test_content_above_the_room_of_now_is_452_at_its_end():
    talk = Talk(EHLO, MAIL, RCPT, DATA, limits={"room": 10})

    assert replies(talk.say(b"eleven oct\r\n.\r\n")) == [(452, "4.3.1", "size.no-room")]
    assert talk.state == "READY"
    for step in (MAIL, RCPT, DATA):
        talk.say(step)
    assert replies(talk.say(b"ten octe\r\n.\r\n")) == [(250, "2.0.0", "data.accepted")]


def test_size_0_is_no_fixed_maximum():
    """RFC 1870 section 4."""
    talk = Talk(EHLO, limits={"size": 0})

    assert b"250-SIZE 0\r\n" in talk.wire
    assert replies(talk.say(mail_with("SIZE=99999999999"))) == [OK]
    talk.say(RCPT)
    talk.say(DATA)
    assert replies(talk.say(b"text\r\n.\r\n")) == [(250, "2.0.0", "data.accepted")]


def test_size_0_takes_chunks_too():
    talk = Talk(EHLO, MAIL, RCPT, limits={"size": 0})

    assert replies(talk.say(b"BDAT 6 LAST\r\ntext\r\n")) == [(250, "2.0.0", "data.accepted")]


def test_declared_size_does_not_end_the_content():
    talk = Talk(EHLO, mail_with("SIZE=5"), RCPT, DATA)

    assert replies(talk.say(b"far more than five octets\r\n.\r\n")) == [
        (250, "2.0.0", "data.accepted")
    ]


def test_after_helo_every_parameter_is_555():
    talk = Talk(HELO)

    reply = only_reply(talk.say(b"MAIL FROM:<casey@lab.example> SIZE=1\r\n"))

    assert (reply.code, reply.enhanced, reply.case) == (555, "5.5.4", "helo")


def test_helo_takes_back_what_ehlo_gave():
    talk = Talk(EHLO, HELO)

    assert only_reply(talk.say(b"MAIL FROM:<casey@lab.example> SIZE=1\r\n")).code == 555


def test_legacy_answers_a_parameter_with_555_and_no_enhanced_code():
    talk = Talk(HELO, profile="legacy")

    reply = only_reply(talk.say(b"MAIL FROM:<casey@lab.example> SIZE=1\r\n"))

    assert reply.octets == b"555 Parameter SIZE is not recognized\r\n"
    assert reply.case == "plain-server"


def test_refused_mail_opens_nothing():
    talk = Talk(EHLO, b"MAIL FROM:<casey@lab.example> SIZE=9999999\r\n")

    assert replies(talk.say(RCPT)) == [(503, "5.5.1", "rcpt.order")]


def test_envelope_keeps_parameters_octet_for_octet():
    talk = Talk(EHLO, b"MAIL FROM:<Casey@LAB.example> size=10 body=8bitMIME\r\n", RCPT, DATA)

    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)

    assert message.envelope.sender == "Casey@LAB.example"
    assert message.envelope.parameters == ("size=10", "body=8bitMIME")


def test_envelope_keeps_parameters_of_recipients_too():
    talk = Talk(EHLO, MAIL, rcpt_with("notify=Never  ORCPT=rfc822;ROBIN+2B@lab.example"), DATA)

    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)

    assert message.envelope.recipients[0].parameters == (
        "notify=Never",
        "ORCPT=rfc822;ROBIN+2B@lab.example",
    )
