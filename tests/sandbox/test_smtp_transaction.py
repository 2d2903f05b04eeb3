import pytest

from sandbox.smtp import Directory, MessageAccepted, Notice, lab_facts

from .talking import DATA, EHLO, HELO, MAIL, RCPT, Talk, of_type, only_reply, replies


@pytest.mark.parametrize(
    "name",
    [
        "client.example",
        "localhost",
        "xn--bcher-kva.example",
        "3com.example",
        "[192.0.2.10]",
        "[IPv6:2001:db8::1]",
        "[ipv6:::1]",
    ],
)
@pytest.mark.parametrize("verb", ["EHLO", "HELO"])
def test_client_may_give_a_domain_or_an_address_literal(verb, name):
    talk = Talk()

    assert only_reply(talk.say(f"{verb} {name}\r\n".encode())).code == 250


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("", "missing"),
        ("my laptop", "space"),
        ("my_laptop.example", "underscore"),
        ("[192.0.2.300]", "literal"),
        ("[192.0.2.10", "literal"),
        ("[IPv6:2001:db8::1%eth0]", "literal"),
        ("[2001:db8::1]", "literal"),
        ("[tag:anything]", "literal"),
        ("-client.example", ""),
        ("client..example", ""),
        ("client.example.", ""),
        ("a" * 64 + ".example", ""),
        ("cli!ent.example", ""),
    ],
)
def test_bad_client_name_is_501_without_enhanced_code(name, case):
    talk = Talk()

    reply = only_reply(talk.say(f"EHLO {name}\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, None, "ehlo.bad-name", case,
    )  # fmt: skip
    assert talk.state == "GREETED"


def test_long_client_name_is_repeated_in_part_only():
    talk = Talk()
    name = ".".join(["a" * 60] * 4)

    assert only_reply(talk.say(f"HELO {name}\r\n".encode())).octets == (
        f"250 mx.lab.example greets {name[:64]}\r\n".encode()
    )


@pytest.mark.parametrize(
    ("argument", "case"),
    [
        ("", "keyword"),
        (" <casey@lab.example>", "keyword"),
        (" TO:<casey@lab.example>", "keyword"),
        (" FROM <casey@lab.example>", "keyword"),
        (" FROM: <casey@lab.example>", "space"),
        (" FROM :<casey@lab.example>", "space"),
        (" FROM:", "brackets"),
        (" FROM:casey@lab.example", "brackets"),
        (" FROM:<casey@lab.example", "brackets"),
        (' FROM:<"casey@lab.example>', "brackets"),
        (" FROM:<casey@lab.example> <sam@lab.example>", "two-paths"),
        (" FROM:<casey@lab.example>,<sam@lab.example>", "two-paths"),
        (" FROM:<casey@lab.example>SIZE=1", "glued"),
    ],
)
def test_mail_that_is_written_wrongly(argument, case):
    talk = Talk(EHLO)

    reply = only_reply(talk.say(f"MAIL{argument}\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.5.2", "mail.syntax", case,
    )  # fmt: skip
    assert talk.state == "READY"


@pytest.mark.parametrize(
    ("argument", "case"),
    [
        (" TO:robin@lab.example", "brackets"),
        (" TO: <robin@lab.example>", "space"),
        (" FROM:<robin@lab.example>", "keyword"),
        (" TO:<robin@lab.example>,<sam@lab.example>", "two-paths"),
    ],
)
def test_rcpt_that_is_written_wrongly(argument, case):
    talk = Talk(EHLO, MAIL)

    reply = only_reply(talk.say(f"RCPT{argument}\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.5.2", "rcpt.syntax", case,
    )  # fmt: skip


BAD_PATHS = [
    ("casey", "no-domain"),
    ("@lab.example", "route"),
    ("casey@", "domain"),
    ("casey@lab_example", "domain"),
    ("casey@-lab.example", "domain"),
    ("casey@lab..example", "domain"),
    (".casey@lab.example", "local-part"),
    ("ca..sey@lab.example", "local-part"),
    ("ca sey@lab.example", "local-part"),
    ("ca(sey@lab.example", "local-part"),
    ("ca@sey@lab.example", "local-part"),
    ("a" * 65 + "@lab.example", "local-part-long"),
    ("casey@" + "a." * 124 + "example", "path-long"),
    ("casey@[192.0.2.300]", "literal"),
    ("@one@two:casey@lab.example", "route"),
]


@pytest.mark.parametrize(("path", "case"), BAD_PATHS)
def test_bad_path_of_mail_is_5_1_7(path, case):
    talk = Talk(EHLO)

    reply = only_reply(talk.say(f"MAIL FROM:<{path}>\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.1.7", "mail.bad-path", case,
    )  # fmt: skip


@pytest.mark.parametrize(("path", "case"), [*BAD_PATHS, ("", "null")])
def test_bad_path_of_rcpt_is_5_1_3(path, case):
    talk = Talk(EHLO, MAIL)

    reply = only_reply(talk.say(f"RCPT TO:<{path}>\r\n".encode()))

    assert (reply.code, reply.enhanced, reply.rule, reply.case) == (
        501, "5.1.3", "rcpt.bad-path", case,
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "",
        "casey@lab.example",
        "casey+lists@lab.example",
        "o'brien=x@remote.example",
        '"casey at home"@lab.example',
        '"a>b"@lab.example',
        r'"a\"b"@lab.example',
        "casey@[192.0.2.10]",
        "casey@[IPv6:2001:db8::1]",
        "casey@example",
        "a" * 64 + "@lab.example",
    ],
)
def test_good_sender_is_accepted(path):
    talk = Talk(EHLO)

    assert replies(talk.say(f"MAIL FROM:<{path}>\r\n".encode())) == [(250, "2.1.0", "mail.ok")]


@pytest.mark.parametrize(
    "path",
    [
        "robin@lab.example",
        "ROBIN@LAB.EXAMPLE",
        '"robin"@lab.example',
        r'"r\obin"@lab.example',
        "postmaster",
        "PostMaster",
        "POSTMASTER@lab.example",
    ],
)
def test_local_recipient_is_accepted(path):
    talk = Talk(EHLO, MAIL)

    assert replies(talk.say(f"RCPT TO:<{path}>\r\n".encode())) == [(250, "2.1.5", "rcpt.ok")]


def test_postmaster_needs_no_mailbox_of_its_own():
    talk = Talk()
    empty = Directory("mx.lab.example", frozenset({"lab.example"}), frozenset())
    session = type(talk.session)(talk.profile, lab_facts(directory=empty))
    session.open(at=0)
    for line in (EHLO, MAIL):
        session.sent(at=0)
        session.receive(line, at=0)
    session.sent(at=0)

    events = session.receive(b"RCPT TO:<postmaster@lab.example>\r\n", at=0)

    assert replies(events) == [(250, "2.1.5", "rcpt.ok")]


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("nobody@lab.example", (550, "5.1.1", "rcpt.unknown")),
        ("robin@remote.example", (550, "5.7.1", "rcpt.relay")),
        ("robin@mx.lab.example", (550, "5.7.1", "rcpt.relay")),
        ("robin@[192.0.2.25]", (550, "5.7.1", "rcpt.relay")),
        ("postmaster@remote.example", (550, "5.7.1", "rcpt.relay")),
        ('"Robin Smith"@lab.example', (550, "5.1.1", "rcpt.unknown")),
    ],
)
def test_recipient_that_is_not_served_here(path, reply):
    talk = Talk(EHLO, MAIL, RCPT)

    assert replies(talk.say(f"RCPT TO:<{path}>\r\n".encode())) == [reply]
    assert talk.state == "RCPTS"


def test_source_route_is_accepted_and_ignored():
    talk = Talk(EHLO, MAIL)

    events = talk.say(b"RCPT TO:<@one.example,@two.example:robin@lab.example>\r\n")
    talk.say(DATA)
    message = of_type(talk.say(b".\r\n"), MessageAccepted)[0]

    assert replies(events) == [(250, "2.1.5", "rcpt.ok")]
    assert of_type(events, Notice)[0].rule == "path.source-route"
    assert message.envelope.recipients[0].address == "robin@lab.example"


def test_recipient_101_is_452_and_the_others_stay():
    talk = Talk(EHLO, MAIL)
    for _ in range(100):
        assert only_reply(talk.say(RCPT)).code == 250

    assert replies(talk.say(RCPT)) == [(452, "4.5.3", "rcpt.too-many")]
    talk.say(DATA)
    (message,) = of_type(talk.say(b".\r\n"), MessageAccepted)
    assert len(message.envelope.recipients) == 100


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("SIZE=2048000", (250, "2.1.0", "mail.ok")),
        ("SIZE=2048001", (552, "5.3.4", "size.declared")),
        ("size=0", (250, "2.1.0", "mail.ok")),
        ("SIZE=00000000000000000001", (250, "2.1.0", "mail.ok")),
        ("SIZE=99999999999999999999", (552, "5.3.4", "size.declared")),
        ("SIZE=000000000000000000001", (501, "5.5.4", "param.value")),
        ("SIZE", (501, "5.5.4", "param.value")),
        ("SIZE=", (501, "5.5.4", "param.value")),
        ("SIZE=-1", (501, "5.5.4", "param.value")),
        ("SIZE=1 SIZE=1", (501, "5.5.4", "param.value")),
        ("SIZE=1 BODY=7bit", (250, "2.1.0", "mail.ok")),
        ("BODY=8BITMIME", (250, "2.1.0", "mail.ok")),
        ("BODY=BINARYMIME", (501, "5.5.4", "param.value")),
        ("BODY", (501, "5.5.4", "param.value")),
        ("=1", (501, "5.5.4", "param.value")),
        ("SI_ZE=1", (501, "5.5.4", "param.value")),
        ("SIZE=1=1", (501, "5.5.4", "param.value")),
        ("FOO", (555, "5.5.4", "param.unknown")),
        ("SIZE=1 FOO=BAR", (555, "5.5.4", "param.unknown")),
        ("SMTPUTF8", (555, "5.5.4", "param.unknown")),
        ("RET=HDRS", (555, "5.5.4", "param.unknown")),
    ],
)
def test_parameters_of_mail(parameters, reply):
    talk = Talk(EHLO)

    events = talk.say(f"MAIL FROM:<casey@lab.example> {parameters}\r\n".encode())

    assert replies(events) == [reply]
    assert talk.state == ("SENDER" if reply[0] == 250 else "READY")


@pytest.mark.parametrize(
    ("line", "case"),
    [
        (b"RCPT TO:<robin@lab.example> NOTIFY=NEVER\r\n", ""),
        (b"RCPT TO:<robin@lab.example> SIZE=1\r\n", "mail-only"),
    ],
)
def test_parameter_of_rcpt_is_555(line, case):
    talk = Talk(EHLO, MAIL)

    reply = only_reply(talk.say(line))

    assert (reply.code, reply.rule, reply.case) == (555, "param.unknown", case)


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


@pytest.mark.parametrize(("length", "code"), [(256, 250), (257, 501)])
def test_path_has_256_octets_at_most_with_its_brackets(length, code):
    talk = Talk(EHLO)
    path = "a" * 64 + "@" + "b." * 90 + "c" * (length - 247)

    reply = only_reply(talk.say(f"MAIL FROM:<{path}>\r\n".encode()))

    assert len(f"<{path}>") == length
    assert reply.code == code
    assert reply.case == ("" if code == 250 else "path-long")
