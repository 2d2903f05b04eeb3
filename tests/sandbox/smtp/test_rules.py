"""Every reason that a session can give, and every case of it, is met somewhere."""

import base64
from dataclasses import replace

import pytest

from sandbox.smtp import (
    LAB_DIRECTORY,
    RULES,
    Close,
    CredentialResult,
    Fact,
    Mailbox,
    Notice,
    Reply,
    Session,
    State,
    TlsResult,
    TokenResult,
    Violation,
    lab_facts,
)
from sandbox.smtp.states import EXTENSION_VERBS

from ..talking import DATA, EHLO, HELO, LOGGED_IN, LOGIN, MAIL, RCPT, STARTTLS, TLS, UNDER_TLS, Talk
from .test_faults import REPLIES

SECOND = 1_000_000


def lines(*words, **changes):
    return lambda: Talk(*(word.encode() + b"\r\n" for word in words), **changes).events


def steps(*taken, **changes):
    return lambda: Talk(*taken, **changes).events


def in_content(octets, **changes):
    return steps(EHLO, MAIL, RCPT, DATA, octets, **changes)


def under_tls(*words, **changes):
    return steps(*UNDER_TLS, *(word.encode() + b"\r\n" for word in words), **changes)


def login(mechanism, *responses):
    """The first response comes with AUTH."""
    coded = [base64.b64encode(response.encode()).decode() for response in responses]
    return under_tls(f"AUTH {mechanism} {coded[0]}", *coded[1:])


def users(*names):
    return lab_facts(directory=replace(LAB_DIRECTORY, users=frozenset(names)))


def mailbox(path="robin@lab.example", mail="MAIL FROM:<casey@lab.example>", **special):
    """A recipient in a directory with something special."""
    facts = lab_facts(directory=replace(LAB_DIRECTORY, **special))
    return lines(E, mail, f"RCPT TO:<{path}>", facts=facts)


def later(call, at):
    return lambda: getattr(Talk(EHLO).session, call)(at=at)


def spoke_first():
    session = Session(Talk().profile, lab_facts())
    session.receive(EHLO, at=0)
    return session.open(at=0)


def encrypted_first(result):
    session = Session(Talk().profile, lab_facts())
    return session.answer(result, at=0)


def utf8_for_an_old_mailbox():
    special = {"robin": Mailbox(ascii_only=True)}
    facts = lab_facts(directory=replace(LAB_DIRECTORY, mailboxes=special))
    mail = b"MAIL FROM:<casey@lab.example> SMTPUTF8\r\n"
    return Talk(EHLO, mail, RCPT, DATA, "Subject: å\r\n.\r\n".encode(), facts=facts).events


M = "MAIL FROM:<casey@lab.example>"
R = "RCPT TO:<robin@lab.example>"
E = "EHLO client.example"
H = "HELO client.example"
A65 = "a" * 65
PATHS = {
    "no-domain": "casey",
    "local-part": "a..b@lab.example",
    "local-part-long": f"{A65}@lab.example",
    "domain": "casey@lab_example",
    "path-long": "casey@" + "a." * 130 + "example",
    "literal": "casey@[1]",
    "route": "@one",
}

OWN = b"RCPT TO:<me@k3v9q2m7x1c8b5n4.sandbox.test>\r\n"
WRONG = b"AUTH PLAIN AGEAYg==\r\n"
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")
MULTIPART = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n"

# Where each rule, and each case of it, is met: "rule" or "rule/case".
MET = {
    "greeting.ok": lines(),
    "ehlo.ok": lines(E),
    "helo.ok": lines(H),
    "ehlo.bad-name": lines("EHLO -"),
    "ehlo.bad-name/missing": lines("EHLO"),
    "ehlo.bad-name/space": lines("EHLO a b"),
    "ehlo.bad-name/underscore": lines("EHLO a_b"),
    "ehlo.bad-name/literal": lines("EHLO [1]"),
    "quit.ok": lines("QUIT"),
    "noop.ok": lines("NOOP"),
    "rset.ok": lines("RSET"),
    "vrfy.ok": lines("VRFY robin"),
    "help.ok": lines("HELP"),
    "args.unexpected": lines("RSET x"),
    "args.unexpected/DATA": lines(E, M, R, "DATA x"),
    "args.unexpected/QUIT": lines("QUIT x"),
    "args.missing": lines("VRFY"),
    "verb.unknown": lines("XYZZY"),
    "verb.unknown/EHLO": lines(E, profile="legacy"),
    "verb.unknown/empty": lines(""),
    "verb.unknown/header": lines(E, "Subject: x"),
    "verb.unknown/colon": lines(E, "MAIL:"),
    "args.missing/VRFY": lines("VRFY"),
    "args.missing/EXPN": lines("EXPN", profile="strict"),
    "args.missing/AUTH": under_tls("AUTH"),
    "args.unexpected/STARTTLS": lines(E, "STARTTLS x"),
    "ehlo.again": lines(E, E, profile="opensmtpd-like"),
    "helo.again": lines(H, H, profile="opensmtpd-like"),
    "vrfy.found": lines("VRFY robin", tells_users=True),
    "vrfy.unknown": lines("VRFY nobody", tells_users=True),
    "vrfy.ambiguous": lines("VRFY s", tells_users=True, facts=users("sam", "samira")),
    "vrfy.utf8": lines("VRFY søren", tells_users=True, facts=users("søren")),
    "expn.ok": lines("EXPN staff", profile="strict"),
    "verb.not-offered": lines("EXPN"),
    **{f"verb.not-offered/{verb}": lines(verb, offer=()) for verb in EXTENSION_VERBS},
    "session.timeout": later("tick", 300 * SECOND),
    "session.expired": lambda: Talk(limits={"idle_seconds": 9999}).session.tick(at=1800 * SECOND),
    "session.errors": lines(*["XYZZY"] * 20),
    "session.mails": lines(*["MAIL"] * 3, limits={"mails": 2}),
    "session.shutdown": later("shutdown", 0),
    "session.limit": lambda: Talk(EHLO).session.answer(Fact.LIMIT, at=0),
    "session.failed": later("fail", 0),
    "session.vanished": later("eof", 0),
    "mail.ok": lines(E, M),
    "mail.ok/null": lines(E, "MAIL FROM:<>"),
    "mail.ok/size": lines(E, M + " SIZE=1"),
    "mail.order": lines(M),
    "mail.needs-ascii": lines(E, "MAIL FROM:<å@lab.example>"),
    "mail.not-owner": steps(*LOGGED_IN, b"MAIL FROM:<robin@lab.example>\r\n",
                            profile="submission"),
    "mail.syntax": lines(E, "MAIL"),
    "mail.syntax/space": lines(E, "MAIL FROM: <>"),
    "mail.syntax/brackets": lines(E, "MAIL FROM:x"),
    "mail.syntax/two-paths": lines(E, "MAIL FROM:<>,<>"),
    "mail.syntax/glued": lines(E, "MAIL FROM:<>x"),
    "mail.bad-path": lines(E, "MAIL FROM:<casey>"),
    **{f"mail.bad-path/{case}": lines(E, f"MAIL FROM:<{path}>") for case, path in PATHS.items()},
    "rcpt.ok": lines(E, M, R),
    "rcpt.ok/postmaster": lines(E, M, "RCPT TO:<Postmaster>"),
    "rcpt.ok/own": steps(EHLO, MAIL, OWN, TokenResult(True)),
    "rcpt.ok/relay": steps(*LOGGED_IN, MAIL, b"RCPT TO:<robin@remote.example>\r\n"),
    "rcpt.order": lines(E, R),
    "rcpt.syntax": lines(E, M, "RCPT"),
    "rcpt.syntax/space": lines(E, M, "RCPT TO: <x>"),
    "rcpt.syntax/brackets": lines(E, M, "RCPT TO:x"),
    "rcpt.syntax/two-paths": lines(E, M, "RCPT TO:<x>,<y>"),
    "rcpt.syntax/glued": lines(E, M, "RCPT TO:<x>y"),
    "rcpt.bad-path": lines(E, M, "RCPT TO:<robin>"),
    **{f"rcpt.bad-path/{case}": lines(E, M, f"RCPT TO:<{path}>") for case, path in PATHS.items()},
    "rcpt.bad-path/null": lines(E, M, "RCPT TO:<>"),
    "path.source-route": lines(E, M, "RCPT TO:<@one:robin@lab.example>"),
    "rcpt.unknown": lines(E, M, "RCPT TO:<nobody@lab.example>"),
    "rcpt.relay": lines(E, M, "RCPT TO:<robin@remote.example>"),
    "rcpt.too-many": lines(E, M, R, R, limits={"recipients": 1}),
    "rcpt.too-many/bounce": lines(E, "MAIL FROM:<>", R, R, limits={"recipients_of_bounce": 1}),
    "rcpt.needs-ascii": lines(E, M, "RCPT TO:<å@lab.example>"),
    "rcpt.no-domain": steps(EHLO, MAIL, OWN, TokenResult(False)),
    "rcpt.greylisted": lines(E, M, R, limits={"greylist_seconds": 300}),
    "rcpt.full": mailbox(mailboxes={"robin": Mailbox(full=True)}),
    "rcpt.moved": mailbox(mailboxes={"robin": Mailbox(moved_to="robin@new.example")}),
    "rcpt.null-mx": mailbox("x@nomail.example", null_mx=frozenset({"nomail.example"})),
    "param.later": lines(E, M + " SIZE=1", cannot_now=frozenset({"SIZE"})),
    "param.unknown": lines(E, M + " FOO"),
    "param.unknown/helo": lines(H, M + " SIZE=1"),
    "param.unknown/plain-server": lines(H, M + " SIZE=1", profile="legacy"),
    "param.unknown/mail-only": lines(E, M, R + " SIZE=1"),
    "param.unknown/rcpt-only": lines(E, M + " NOTIFY=NEVER"),
    "param.value": lines(E, M + " =1"),
    "param.value/repeated": lines(E, M + " SIZE=1 SIZE=1"),
    "param.value/SIZE": lines(E, M + " SIZE=x"),
    "param.value/BODY": lines(E, M + " BODY=x"),
    "param.value/SMTPUTF8": lines(E, M + " SMTPUTF8=1"),
    "param.value/RET": lines(E, M + " RET=x"),
    "param.value/ENVID": lines(E, M + " ENVID=a+b"),
    "param.value/AUTH": lines(E, M + " AUTH=a+b"),
    "param.value/NOTIFY": lines(E, M, R + " NOTIFY=x"),
    "param.value/ORCPT": lines(E, M, R + " ORCPT=x"),
    "size.no-room": lines(E, M + " SIZE=9", limits={"room": 5}),
    "size.declared": lines(E, M + " SIZE=9999999"),
    "data.ok": lines(E, M, R, "DATA"),
    "data.order": lines("DATA"),
    "data.order/binary": lines(E, M + " BODY=BINARYMIME", R, "DATA"),
    "data.no-valid-recipient": lines(E, M, "RCPT TO:<nobody@lab.example>", "DATA"),
    "data.accepted": in_content(b".\r\n"),
    "data.bare-newline": in_content(b"a\nb\r\n.\r\n"),
    "data.bare-newline/lf": in_content(b"a\nb\r\n.\r\n"),
    "data.bare-newline/cr": in_content(b"a\rb\r\n.\r\n"),
    "data.normalized": in_content(b"a\nb\r\n.\r\n", newline="normalize"),
    "data.line-too-long": in_content(b"x" * 70_000 + b"\r\n.\r\n"),
    "data.long-line": in_content(b"x" * 1000 + b"\r\n.\r\n"),
    "data.8bit": in_content(b"\xff\r\n.\r\n", offer=()),
    "data.8bit/undeclared": in_content(b"\xff\r\n.\r\n", profile="strict"),
    "data.line-too-long/strict": in_content(b"x" * 1000 + b"\r\n.\r\n", profile="strict"),
    "data.undeclared-8bit": in_content(b"\xff\r\n.\r\n"),
    "data.utf8": utf8_for_an_old_mailbox,
    "data.nul": in_content(b"\0\r\n.\r\n"),
    "data.loop": in_content(b"Received: x\r\n" * 100 + b".\r\n"),
    "data.mime": in_content(b"X: y\r\n" * 20_000 + b".\r\n"),
    "data.mime/header": in_content(b"X: y\r\n" * 20_000 + b".\r\n"),
    "data.mime/nesting": in_content(b"Content-Type: message/rfc822\r\n\r\n" * 60 + b".\r\n"),
    "data.mime/parts": in_content(MULTIPART % b"x" + b"--x\r\n\r\n" * 501 + b".\r\n"),
    "data.mime/fields": in_content(b"X: y\r\n" * 1000 + MULTIPART % b"x" + b".\r\n"),
    "data.mime/boundary": in_content(MULTIPART % (b"x" * 71) + b".\r\n"),
    "size.actual": in_content(b"x" * 100 + b"\r\n.\r\n", limits={"size": 99}),
    "line.too-long": lines("x" * 600),
    "line.endless": lines("x" * 70_000),
    "line.bare-newline": lines("NOOP\n"),
    "line.bare-newline/lf": lines("NOOP\n"),
    "line.bare-newline/cr": lines("NOOP\rx"),
    "line.stray-newline": lines("NO\rOP", newline="normalize"),
    "line.normalized": lines("NOOP\nNOOP", newline="normalize"),
    "line.nul": lines("NOOP \0"),
    "line.not-ascii": lines("NOOP å", offer=()),
    "line.not-ascii/utf8": steps(b"NOOP \xff\r\n"),
    "line.foreign": lines("GET / HTTP/1.1"),
    "sync.breach": lines(E, "NOOP\r\nNOOP"),
    "sync.breach/greeting": spoke_first,
    "sync.breach/EHLO": lines(f"{E}\r\nNOOP"),
    "sync.breach/DATA": lines(E, M, R, "DATA\r\nSubject: x"),
    "sync.breach/AUTH": steps(*UNDER_TLS, b"AUTH PLAIN\r\nAGEAYg==\r\n"),
    "sync.breach/no-pipelining": lines(H, f"{M}\r\n{R}"),
    "sync.early": lines(f"{H}\r\n{M}", profile="legacy"),
    "starttls.ok": steps(EHLO, STARTTLS),
    "starttls.order": steps(STARTTLS),
    "starttls.order/tls": steps(*UNDER_TLS, STARTTLS),
    "starttls.order/helo": lines(H, "STARTTLS"),
    "tls.started": steps(*UNDER_TLS),
    "tls.started/implicit": lambda: encrypted_first(TLS),
    "tls.failed": steps(EHLO, STARTTLS, TlsResult(failure="handshake")),
    "tls.failed/plain": lambda: encrypted_first(TlsResult(failure="plain")),
    "tls.injection": steps(EHLO, STARTTLS + MAIL),
    "tls.record": steps(b"\x16\x03\x01\x02\x00"),
    "demand.tls": lines(E, M, profile="submission"),
    "demand.login": under_tls(M, profile="submission"),
    "auth.continue": under_tls("AUTH PLAIN"),
    **{f"auth.continue/{name}": under_tls(f"AUTH {name}") for name in MECHANISMS},
    "auth.ok": steps(*LOGGED_IN),
    "auth.order": lines("AUTH PLAIN"),
    "auth.order/helo": lines(H, "AUTH PLAIN"),
    "auth.order/user": steps(*LOGGED_IN, LOGIN),
    "auth.needs-tls": lines(E, "AUTH PLAIN"),
    "auth.mechanism": under_tls("AUTH GSSAPI"),
    "auth.base64": under_tls("AUTH PLAIN !"),
    "auth.base64/padding": under_tls("AUTH PLAIN AGE"),
    "auth.cancelled": under_tls("AUTH PLAIN", "*"),
    "auth.unasked": under_tls("AUTH CRAM-MD5 AGE="),
    "auth.malformed": under_tls("AUTH CRAM-MD5", "AGE="),
    "auth.malformed/cram-md5": under_tls("AUTH CRAM-MD5", "AGE="),
    "auth.malformed/scram": under_tls("AUTH SCRAM-SHA-256 AGE="),
    "auth.too-long": under_tls("AUTH PLAIN", "A" * 13_000),
    "auth.bad": login("PLAIN", "\0casey@lab.example\0wrong"),
    "auth.bad/plain-colon": login("PLAIN", "casey@lab.example:wrong"),
    "auth.bad/plain-no-nul": login("PLAIN", "casey"),
    "auth.bad/plain-one-nul": login("PLAIN", "casey\0wrong"),
    "auth.bad/plain-nuls": login("PLAIN", "\0casey\0wrong\0"),
    "auth.bad/plain-empty": login("PLAIN", "\0casey\0"),
    "auth.bad/authzid": login("PLAIN", "robin\0casey@lab.example\0Spring-Tide-42"),
    "auth.bad/line-feed": login("LOGIN", "casey@lab.example", "Spring-Tide-42\n"),
    "auth.bad/channel-binding": login("SCRAM-SHA-256", "p=tls-unique,,n=casey,r=abc"),
    "auth.bad/scram-nonce": login("SCRAM-SHA-256", "n,,n=casey@lab.example,r=abc",
                                  "c=biws,r=other,p=AAAA"),
    "auth.too-many": steps(*UNDER_TLS, *(WRONG, CredentialResult(None)) * 3, WRONG),
    "auth.later": steps(*UNDER_TLS, LOGIN, plan="auth-454"),
    "auth.weak": steps(*UNDER_TLS, LOGIN, plan="auth-534"),
    "auth.transition": steps(*UNDER_TLS, LOGIN, plan="auth-432"),
    "tls.unavailable": steps(EHLO, STARTTLS, plan="tls-454"),
    "bdat.ok": steps(EHLO, MAIL, RCPT, b"BDAT 1\r\nx"),
    "bdat.order": steps(b"BDAT 1\r\nx"),
    "bdat.order/helo": steps(HELO, b"BDAT 1\r\nx"),
    "bdat.syntax": lines(E, M, R, "BDAT x"),
    "bdat.too-big": steps(EHLO, MAIL, RCPT, b"BDAT 9\r\n123456789", limits={"size": 8}),
    "session.refused": steps(EHLO, plan="connect-554"),
    **{rule: steps(plan=rule[6:]) for rule in RULES if rule.startswith("fault.connect-")},
    **{reply[2]: steps(*way, octets, plan=name)
       for name, (way, octets, reply, _) in REPLIES.items() if reply[2].startswith("fault.")},
    "fault.injected": steps(EHLO, STARTTLS, plan="tls-response-injection"),
    "fault.drop": steps(EHLO, plan="ehlo-drop"),
}  # fmt: skip
STATES = {str(state) for state in State}
RULED = (Reply, Violation, Notice, Close)


@pytest.mark.parametrize("name", MET)
def test_rule_is_reached(name):
    rule, _, case = name.partition("/")

    events = [event for event in MET[name]() if isinstance(event, RULED) and event.rule == rule]

    assert events
    if case:
        assert case in {getattr(event, "case", "") for event in events}


def test_every_rule_and_every_case_is_reached():
    cases = {
        f"{rule.id}/{case}"
        for rule in RULES.values()
        for case in (*rule.whys, *rule.texts)
        if case not in STATES
    }

    assert set(MET) - set(RULES) >= cases
    assert {name for name in MET if "/" not in name} == set(RULES)
