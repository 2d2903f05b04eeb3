import ast
import dataclasses
import re
from pathlib import Path

import pytest

import sandbox.smtp
from sandbox.smtp import (
    RULES,
    VERB_NOTES,
    Close,
    Notice,
    Ref,
    Reply,
    Session,
    State,
    Violation,
    describe,
    explain,
    lab_facts,
)
from sandbox.smtp.states import EXTENSION_VERBS, TABLE

from .talking import DATA, EHLO, HELO, MAIL, QUIT, RCPT, Talk, of_type

ROOT = Path(sandbox.smtp.__file__).parents[2]
SECOND = 1_000_000


def lines(*words, **changes):
    return lambda: Talk(*(word.encode() + b"\r\n" for word in words), **changes).events


def in_content(octets, **changes):
    return lambda: Talk(EHLO, MAIL, RCPT, DATA, octets, **changes).events


def later(call, at):
    return lambda: getattr(Talk(EHLO).session, call)(at=at)


def spoke_first():
    session = Session(Talk().profile, lab_facts())
    session.receive(EHLO, at=0)
    return session.open(at=0)


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
    "verb.not-offered": lines("EXPN"),
    **{f"verb.not-offered/{verb}": lines(verb) for verb in EXTENSION_VERBS},
    "session.timeout": later("tick", 300 * SECOND),
    "session.expired": lambda: Talk(limits={"idle_seconds": 9999}).session.tick(at=1800 * SECOND),
    "session.errors": lines(*["XYZZY"] * 20),
    "session.mails": lines(*["MAIL"] * 3, limits={"mails": 2}),
    "session.shutdown": later("shutdown", 0),
    "session.failed": later("fail", 0),
    "session.vanished": later("eof", 0),
    "mail.ok": lines(E, M),
    "mail.ok/null": lines(E, "MAIL FROM:<>"),
    "mail.ok/size": lines(E, M + " SIZE=1"),
    "mail.order": lines(M),
    "mail.syntax": lines(E, "MAIL"),
    "mail.syntax/space": lines(E, "MAIL FROM: <>"),
    "mail.syntax/brackets": lines(E, "MAIL FROM:x"),
    "mail.syntax/two-paths": lines(E, "MAIL FROM:<>,<>"),
    "mail.syntax/glued": lines(E, "MAIL FROM:<>x"),
    "mail.bad-path": lines(E, "MAIL FROM:<casey>"),
    **{f"mail.bad-path/{case}": lines(E, f"MAIL FROM:<{path}>") for case, path in PATHS.items()},
    "rcpt.ok": lines(E, M, R),
    "rcpt.ok/postmaster": lines(E, M, "RCPT TO:<Postmaster>"),
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
    "param.unknown": lines(E, M + " FOO"),
    "param.unknown/helo": lines(H, M + " SIZE=1"),
    "param.unknown/plain-server": lines(H, M + " SIZE=1", profile="legacy"),
    "param.unknown/mail-only": lines(E, M, R + " SIZE=1"),
    "param.value": lines(E, M + " =1"),
    "param.value/repeated": lines(E, M + " SIZE=1 SIZE=1"),
    "param.value/SIZE": lines(E, M + " SIZE=x"),
    "param.value/BODY": lines(E, M + " BODY=x"),
    "size.declared": lines(E, M + " SIZE=9999999"),
    "data.ok": lines(E, M, R, "DATA"),
    "data.order": lines("DATA"),
    "data.no-valid-recipient": lines(E, M, "RCPT TO:<nobody@lab.example>", "DATA"),
    "data.accepted": in_content(b".\r\n"),
    "data.bare-newline": in_content(b"a\nb\r\n.\r\n"),
    "data.bare-newline/lf": in_content(b"a\nb\r\n.\r\n"),
    "data.bare-newline/cr": in_content(b"a\rb\r\n.\r\n"),
    "data.normalized": in_content(b"a\nb\r\n.\r\n", newline="normalize"),
    "data.line-too-long": in_content(b"x" * 70_000 + b"\r\n.\r\n"),
    "data.long-line": in_content(b"x" * 1000 + b"\r\n"),
    "data.8bit": in_content(b"\xff\r\n.\r\n", offer=()),
    "data.undeclared-8bit": in_content(b"\xff\r\n"),
    "data.nul": in_content(b"\0\r\n"),
    "data.loop": in_content(b"Received: x\r\n" * 100 + b".\r\n"),
    "data.mime": in_content(b"X: y\r\n" * 20_000 + b".\r\n"),
    "size.actual": in_content(b"x" * 100 + b"\r\n.\r\n", limits={"size": 99}),
    "line.too-long": lines("x" * 600),
    "line.endless": lines("x" * 70_000),
    "line.bare-newline": lines("NOOP\n"),
    "line.bare-newline/lf": lines("NOOP\n"),
    "line.bare-newline/cr": lines("NOOP\rx"),
    "line.stray-newline": lines("NO\rOP", newline="normalize"),
    "line.normalized": lines("NOOP\nNOOP", newline="normalize"),
    "line.nul": lines("NOOP \0"),
    "line.not-ascii": lines("NOOP å"),
    "line.foreign": lines("GET / HTTP/1.1"),
    "sync.breach": lines(E, "NOOP\r\nNOOP"),
    "sync.breach/greeting": spoke_first,
    "sync.breach/EHLO": lines(f"{E}\r\nNOOP"),
    "sync.breach/DATA": lines(E, M, R, "DATA\r\nSubject: x"),
    "sync.breach/no-pipelining": lines(H, f"{M}\r\n{R}"),
    "sync.early": lines(f"{H}\r\n{M}", profile="legacy"),
}
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


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_is_complete(rule):
    assert rule.id == next(key for key, value in RULES.items() if value is rule)
    assert rule.refs
    assert all(
        re.fullmatch(r"https://www\.rfc-editor\.org/rfc/rfc\d+#\S+", r.url) for r in rule.refs
    )
    assert (ROOT / "content" / "notes" / f"{rule.note}.md").is_file()
    assert rule.origin in ("rfc", "our-choice", "product")
    assert rule.enhanced is None or rule.enhanced[0] == str(rule.code)[0]
    assert 0 < len(rule.title) <= 50
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_reasons_are_single_plain_sentences(rule):
    for why in (rule.why, *rule.whys.values(), *rule.misreadings):
        assert re.fullmatch(r"[A-Z0-9].*[^.]\.", why), why
        assert not re.search(r"[a-z][.] [A-Z]|!|  |\{", why), why
        assert why.isascii()
        assert len(why) <= 220


def test_whys_by_state_name_states_in_which_the_rule_occurs():
    """A sentence for a state that never gives this reply would never be read."""
    given = {(cell.rule, str(state)) for cells in TABLE.values() for state, cell in cells.items()}

    for rule in RULES.values():
        for state in STATES & set(rule.whys):
            assert (rule.id, state) in given


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Reply, (b"250 ok\r\n", 250, None, ("ok",), "no.rule", State.READY, State.READY)),
        (Violation, ("no.rule", State.READY, 0, b"")),
        (Notice, ("no.rule", State.READY, 0)),
        (Close, ("no.rule", True)),
    ],
)
def test_nothing_is_said_without_a_rule(kind, fields):
    with pytest.raises(ValueError, match="no rule 'no.rule'"):
        kind(*fields)


def test_events_cannot_be_changed():
    (reply,) = of_type(Talk().events, Reply)

    with pytest.raises(dataclasses.FrozenInstanceError):
        reply.rule = "noop.ok"


def test_reference_names_the_document_and_links_to_the_section():
    assert Ref("smtp", "4.1.1.2").label == "RFC 5321 section 4.1.1.2"
    assert Ref("smtp", "4.1.1.2").url == ("https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2")
    assert Ref("smtp", "F").label == "RFC 5321 appendix F"
    assert Ref("size", "6.1").url == "https://www.rfc-editor.org/rfc/rfc1870#section-6.1"


def test_explanation_fits_the_state_and_the_case():
    in_greeted = explain("rcpt.order", "GREETED")
    in_ready = explain("rcpt.order", "READY")
    of_case = explain("mail.syntax", "READY", "space")

    assert in_greeted.why.startswith("RCPT names a recipient of an open transaction, and none can")
    assert in_ready.why.endswith("send MAIL FROM first.")
    assert of_case.why.startswith("There is a space beside the colon")
    assert in_ready.refs[0] == Ref("smtp", "3.3")
    assert in_ready.note == "smtp-transaction"


def test_verbs_of_the_client_are_described():
    described = set(TABLE) | {"EXPN", "STARTTLS", "AUTH", "BDAT", ".", "content"}

    assert set(VERB_NOTES) == described
    assert describe("XYZZY") is None
    for note in VERB_NOTES.values():
        assert note.why.endswith(".")
        assert note.refs
        assert (ROOT / "content" / "notes" / f"{note.note}.md").is_file()


def test_every_reply_has_its_reason():
    for met in (MET["quit.ok"], MET["data.accepted"], MET["session.errors"]):
        for reply in of_type(met(), Reply):
            assert explain(reply.rule, reply.state, reply.case).why


FORBIDDEN = {
    "socket", "asyncio", "ssl", "select", "time", "random", "secrets", "os", "threading",
    "subprocess", "django",
}  # fmt: skip


def test_engine_imports_no_clock_no_chance_no_network():
    for path in (ROOT / "sandbox" / "smtp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            assert not {name.split(".")[0] for name in names} & FORBIDDEN, path.name
        assert "datetime.now" not in path.read_text()


def test_sessions_do_not_know_of_each_other():
    alone = Talk(EHLO, MAIL, RCPT, DATA, b"x\r\n.\r\n", QUIT)
    first, second = Talk(), Talk()
    for octets in (EHLO, MAIL, RCPT, DATA, b"x\r\n.\r\n", QUIT):
        first.say(octets)
        second.say(HELO)

    assert first.events == alone.events
