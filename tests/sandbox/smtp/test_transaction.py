import pytest

from ..talking import EHLO, MAIL, Talk, only_reply, replies


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


@pytest.mark.parametrize(("length", "code"), [(256, 250), (257, 501)])
def test_path_has_256_octets_at_most_with_its_brackets(length, code):
    talk = Talk(EHLO)
    path = "a" * 64 + "@" + "b." * 90 + "c" * (length - 247)

    reply = only_reply(talk.say(f"MAIL FROM:<{path}>\r\n".encode()))

    assert len(f"<{path}>") == length
    assert reply.code == code
    assert reply.case == ("" if code == 250 else "path-long")
