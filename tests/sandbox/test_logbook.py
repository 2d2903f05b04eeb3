"""A session as rows: what they say, what they leave out, and that they give the session back."""

import base64

import pytest

from sandbox.log.logbook import Logbook
from sandbox.smtp import (
    PROFILES,
    CredentialResult,
    Fact,
    Session,
    TlsResult,
    TokenResult,
    lab_facts,
)

from .talking import (
    DATA,
    EHLO,
    LOGGED_IN,
    LOGIN,
    MAIL,
    RCPT,
    STARTTLS,
    TLS,
    TOKEN,
    UNDER_TLS,
    Kept,
)

SECOND = 1_000_000
TOKEN_RESPONSE = b"azN2OXEybTd4MWM4YjVuNA==\r\n"
OWN_PLAIN = b"AUTH PLAIN AGszdjlxMm03eDFjOGI1bjQAazN2OXEybTd4MWM4YjVuNA==\r\n"

# A user "alice" whose password is "hunter2", as people type them.
SECRETS = [b"YWxpY2U=", b"aHVudGVyMg==", b"AGFsaWNlAGh1bnRlcjI=", b"hunter2"]
ALICE_PLAIN = b"AUTH PLAIN AGFsaWNlAGh1bnRlcjI=\r\n"


def rows_of(*steps, **changes):
    return Kept(*steps, **changes).told


def test_rows_tell_direction_octets_and_reason():
    assert rows_of(EHLO, RCPT)[1:2] + rows_of(EHLO, RCPT)[3:] == [
        ("in", EHLO, {"event": "line", "verb": "EHLO"}),
        ("in", RCPT, {"event": "line", "verb": "RCPT"}),
        (
            "out",
            b"503 5.5.1 RCPT is out of order here: no transaction is open\r\n",
            {
                "event": "reply",
                "rule": "rcpt.order",
                "code": 503,
                "states": ["READY", "READY"],
                "enhanced": "5.5.1",
            },
        ),
    ]


def test_rows_are_numbered_and_timed():
    kept = Kept()
    kept.say(EHLO, at=3 * SECOND)

    assert [(row.seq, row.at_us) for row in kept.rows] == [
        (1, 0), (2, 3 * SECOND), (3, 3 * SECOND),
    ]  # fmt: skip


def test_content_and_accepted_message():
    told = rows_of(EHLO, MAIL, RCPT, DATA, b"Subject: x\r\n.\r\n")

    assert told[-4:-1] == [
        ("in", b"Subject: x\r\n", {"event": "content"}),
        ("in", b".\r\n", {"event": "content", "end": True}),
        (
            "note",
            b"",
            {
                "event": "accepted",
                "sender": "casey@lab.example",
                "recipients": ["robin@lab.example"],
                "queue_id": "DA201591B193",
                "size": 12,
                "trace": "Received: from client.example ([192.0.2.10])\r\n"
                "\tby mx.lab.example with ESMTP id DA201591B193\r\n"
                "\tfor <robin@lab.example>;\r\n"
                "\tMon, 23 Nov 2026 09:00:00 +0000\r\n",
            },
        ),
    ]


def test_chunk_is_told_with_its_size():
    told = rows_of(EHLO, MAIL, RCPT, b"BDAT 5\r\nab", b"cde")

    assert [row for row in told if row[2]["event"] == "chunk"] == [
        ("in", b"ab", {"event": "chunk", "declared": 5}),
        ("in", b"cde", {"event": "chunk", "declared": 5, "end": True}),
    ]


def test_content_is_cut_into_rows_of_64_kib():
    told = rows_of(EHLO, MAIL, RCPT, DATA, b"x" * 200_000 + b"\r\n.\r\n")

    assert [len(octets) for _, octets, data in told if data["event"] == "content"] == [
        65_536, 65_536, 65_536, 3_394, 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "data"),
    [
        ((EHLO, STARTTLS, TLS), {"event": "tls", "version": "TLSv1.3",
                                 "cipher": "TLS_AES_256_GCM_SHA384"}),
        ((EHLO, STARTTLS, TlsResult(failure="handshake")), {"event": "tls",
                                                            "failure": "handshake"}),
        ((*UNDER_TLS, OWN_PLAIN, CredentialResult(TOKEN)), {"event": "credential",
                                                            "verdict": "ok"}),
        ((*UNDER_TLS, ALICE_PLAIN, CredentialResult(None)), {"event": "credential",
                                                             "verdict": "auth.bad"}),
        ((EHLO, MAIL, b"RCPT TO:<x@a.sandbox.test>\r\n", TokenResult(True)), {"event": "token",
                                                                             "known": True}),
        ((EHLO, MAIL, b"RCPT TO:<x@a.sandbox.test>\r\n", TokenResult(False)), {"event": "token"}),
        ((EHLO, Fact.EOF), {"event": "eof"}),
    ],
)  # fmt: skip
def test_fact_is_a_row(steps, data):
    assert [row for row in rows_of(*steps) if row[0] == "fact"][-1] == ("fact", b"", data)


def test_tick_that_changes_nothing_leaves_no_row():
    kept = Kept(EHLO)
    before = list(kept.rows)

    kept.answer(Fact.TICK, at=5 * SECOND)
    assert kept.rows == before

    kept.answer(Fact.TICK, at=300 * SECOND)
    assert [row.data["event"] for row in kept.rows[len(before) :]] == ["tick", "reply", "close"]


def test_planned_fault_is_a_note():
    told = rows_of(EHLO, MAIL, plan="mail-452")

    assert ("note", b"", {"event": "fault", "plan": "mail-452", "rule": "size.no-room"}) in told


@pytest.mark.parametrize(
    ("steps", "octets", "verdict"),
    [
        ((*UNDER_TLS, ALICE_PLAIN), b"AUTH PLAIN ********\r\n", "need"),
        ((*UNDER_TLS, b"auth plain AGFsaWNl\r\n"), b"auth plain ********\r\n", "auth.bad"),
        ((*UNDER_TLS, b"AUTH PLAIN !\r\n"), b"AUTH PLAIN ********\r\n", "auth.base64"),
        ((*UNDER_TLS, b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n"), b"********\r\n", "continue"),
        ((EHLO, ALICE_PLAIN), b"AUTH PLAIN ********\r\n", "auth.needs-tls"),
        ((ALICE_PLAIN,), b"AUTH PLAIN ********\r\n", "auth.order"),
    ],
)
def test_masked_line_tells_how_it_went(steps, octets, verdict):
    (row,) = (row for row in rows_of(*steps) if "masked" in row[2])

    assert (row[1], row[2]["masked"]) == (octets, verdict)


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ((LOGIN,), LOGIN),
        ((b"AUTH PLAIN\r\n", LOGIN[11:]), LOGIN[11:]),
        ((b"AUTH LOGIN\r\n", b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n"), b"Y2FzZXlAbGFiLmV4YW1wbGU=\r\n"),
        (
            (b"AUTH LOGIN Y2FzZXlAbGFiLmV4YW1wbGU=\r\n", b"U3ByaW5nLVRpZGUtNDI=\r\n"),
            b"U3ByaW5nLVRpZGUtNDI=\r\n",
        ),
        ((b"AUTH LOGIN\r\n", b"*\r\n"), b"*\r\n"),
    ],
)
def test_practice_account_and_asterisk_are_shown(steps, shown):
    told = rows_of(*UNDER_TLS, *steps)

    assert [row[1] for row in told if row[0] == "in"][-1] == shown
    assert not any("masked" in row[2] for row in told)


LEAKS = [
    (*UNDER_TLS, ALICE_PLAIN, CredentialResult(None)),
    (*UNDER_TLS, b"AUTH PLAIN\r\n", ALICE_PLAIN[11:], CredentialResult(None)),
    (*UNDER_TLS, b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n", b"aHVudGVyMg==\r\n", CredentialResult(None)),
    (*UNDER_TLS, b"AUTH LOGIN YWxpY2U=\r\n", b"aHVudGVyMg==\r\n", CredentialResult(None)),
    (*UNDER_TLS, b"AUTH LOGIN\r\n", b"hunter2\r\n"),
    (*UNDER_TLS, b"AUTH LOGIN\r\n", b"YWxpY2U=\n"),
    (*UNDER_TLS, b"AUTH PLAIN hunter2\n"),
    (*UNDER_TLS, b"AUTH LOGIN\r\nYWxpY2U=\r\naHVudGVyMg==\r\n"),
    (*UNDER_TLS, b"AUTH PLAIN hunter2 hunter2\r\n"),
    (*UNDER_TLS, b"AUTH PLAIN hunter2\0\r\n"),
    (*UNDER_TLS, b"AUTH PLAIN " + b"hunter2" * 2000 + b"\r\n"),
    (*UNDER_TLS, b"AUTH LOGIN\r\n", b"hunter2" * 2000 + b"\r\n"),
    (*UNDER_TLS, b"AUTH LOGIN\r\n", b"hunter2" * 10_000),
    (*UNDER_TLS, b"AUTH DIGEST-MD5 hunter2\r\n"),
    (*UNDER_TLS, b"AUTH CRAM-MD5 aHVudGVyMg==\r\n"),
    (*LOGGED_IN, ALICE_PLAIN),
    (EHLO, ALICE_PLAIN),
    (EHLO, b"NOOP\r\n" + ALICE_PLAIN),
    (EHLO, MAIL, ALICE_PLAIN),
    (EHLO, b"NOOP\n" + ALICE_PLAIN),
    (EHLO, STARTTLS + ALICE_PLAIN),
    (EHLO, STARTTLS + ALICE_PLAIN[:-2], TLS),
    (ALICE_PLAIN,),
    (EHLO, b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n", b"aHVudGVyMg==\r\n"),
    (EHLO, b"AUTH AGFsaWNlAGh1bnRlcjI=\r\n"),
    (*UNDER_TLS, b"AUTH AGFsaWNlAGh1bnRlcjI= hunter2\r\n"),
    (b"AUTH\tPLAIN\tAGFsaWNlAGh1bnRlcjI=\r\n",),
    (*UNDER_TLS, b"AUTH PLAIN\tAGFsaWNlAGh1bnRlcjI=\r\n"),
    (*UNDER_TLS, b"AUTH  PLAIN  AGFsaWNlAGh1bnRlcjI=\r\n", CredentialResult(None)),
]


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "legacy"])
@pytest.mark.parametrize("steps", LEAKS, ids=range(len(LEAKS)))
def test_secret_is_in_no_entry(steps, profile):
    kept = Kept(profile=profile)
    for step in steps:
        if isinstance(step, bytes) or kept.need:
            kept.take(step)

    assert_no_secret(kept.rows)


@pytest.mark.parametrize("profile", PROFILES)
def test_secret_that_came_before_the_greeting_is_in_no_entry(profile):
    book = Logbook(Session(PROFILES[profile], lab_facts()))
    book.receive(EHLO + ALICE_PLAIN, at=0)
    book.open(at=0)

    assert_no_secret(book.take_entries())


@pytest.mark.parametrize("octets", [ALICE_PLAIN, b"NOOP\r\n" + ALICE_PLAIN])
def test_server_that_knows_no_auth_keeps_no_secret(octets):
    assert_no_secret(Kept(b"HELO client.example\r\n", octets, profile="legacy").rows)


def assert_no_secret(rows):
    for row in rows:
        for secret in SECRETS:
            assert secret not in row.octets
            assert secret.decode() not in row.data.encoded


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        (b"\0casey@lab.example\0Spring-Tide-42", True),
        (b"casey@lab.example\0casey@lab.example\0Spring-Tide-42", True),
        (b"casey@lab.example:Spring-Tide-42", True),
        (b"\0casey@lab.example\0Spring-Tide-42\n", True),
        (b"\0casey@lab.example\0my-own-password", False),
        (b"\0casey@lab.example\0Spring-Tide-42x", False),
        (b"\0alice\0Spring-Tide-42", False),
    ],
)
def test_only_the_practice_password_is_stored_as_it_is(response, shown):
    book = Logbook(Session(PROFILES["modern"], lab_facts()))
    book.open(0)
    for step in (b"EHLO client.example\r\n", b"STARTTLS\r\n"):
        book.engine.sent(at=0)
        book.receive(step, at=0)
    book.meet(TlsResult("TLSv1.3", "TLS_AES_256_GCM_SHA384"), at=0)
    book.engine.sent(at=0)
    book.receive(b"EHLO client.example\r\n", at=0)
    book.engine.sent(at=0)
    line = b"AUTH PLAIN " + base64.b64encode(response) + b"\r\n"

    book.receive(line, at=0)

    stored = [entry.octets for entry in book.unwritten if entry.data.get("verb") == "AUTH"]
    assert stored == [line if shown else b"AUTH PLAIN ********\r\n"]
