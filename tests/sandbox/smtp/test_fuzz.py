"""Octets that nobody would write on purpose, the same ones each time."""

import random

import pytest

from sandbox.smtp import FAULTS, PROFILES, ChunkIn, Close, ContentIn, LineIn, Reply

from ..talking import (
    DATA,
    EHLO,
    LOGIN,
    MAIL,
    PIECES,
    QUIT,
    RCPT,
    STARTTLS,
    TLS,
    TOKEN,
    WAYS_IN,
    Kept,
    Talk,
    meet_need,
    of_type,
)
from .test_laws import assert_well_formed

PLANS = ["", "", "", *FAULTS]
NEWLINES = ["reject", "normalize", "wait"]

# Whole conversations to be damaged.
SEEDS = [
    [EHLO, MAIL, RCPT, DATA, b"From: casey\r\nSubject: x\r\n\r\n..text\r\n.\r\n", QUIT],
    [EHLO, b"MAIL FROM:<casey@lab.example> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a\r\n",
     b"RCPT TO:<robin@lab.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;robin@lab.example\r\n",
     b"BDAT 10\r\nSubject: x\r\n\r\n\r\n", b"BDAT 4 LAST\r\nbody", QUIT],
    [EHLO, STARTTLS, TLS, EHLO, LOGIN, MAIL, b"RCPT TO:<x@remote.example>\r\n", DATA, b".\r\n"],
    [EHLO, STARTTLS, TLS, EHLO, b"AUTH LOGIN\r\n", b"azN2OXEybTd4MWM4YjVuNA==\r\n",
     b"azN2OXEybTd4MWM4YjVuNA==\r\n", MAIL, RCPT, b"RSET\r\n", QUIT],
    [EHLO, STARTTLS, TLS, EHLO, b"AUTH SCRAM-SHA-256 bixhPWNhc2V5LG49Y2FzZXkscj1hYmM=\r\n",
     b"\r\n", MAIL],
    [EHLO, b"MAIL FROM:<@one.example,@two.example:\"a b\"@[IPv6:2001:db8::1]>\r\n",
     b"RCPT TO:<end-451@" + TOKEN.encode() + b".sandbox.test>\r\n", DATA, b"x\r\n.\r\n"],
    [b"HELO [192.0.2.1]\r\n", b"VRFY <robin@lab.example> SMTPUTF8\r\n", b"EXPN staff\r\n",
     b"HELP MAIL\r\n", b"NOOP x\r\n", b"RSET\r\n", QUIT],
    [EHLO, MAIL, RCPT, DATA, b"Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\n"
     b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\n--x--\r\n.\r\n"],
]  # fmt: skip
MARKS = [
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"\xc3\xa5", b".", b"\r\n.\r\n", b"<", b">", b"@", b":",
    b" ", b"\t", b"=", b",", b";", b"[", b"]", b'"', b"\\", b"+", b"%", b"*", b"::", b"IPv6:",
    b"1" * 25, b"A" * 600, b"{0}", b"{host}", b"%s", b"\x1b[2J", b"\x16\x03\x01", b"LAST",
    b"SMTPUTF8", b"AUTH ", b"BDAT ", b"x" * 70_000,
]  # fmt: skip


def damaged(octets, chance):
    """With a few octets taken out, put in, doubled, turned over or swapped."""
    octets = bytearray(octets)
    for _ in range(chance.randint(0, 3)):
        place = chance.randint(0, len(octets))
        match chance.randrange(6):
            case 0:
                del octets[place : place + chance.randint(1, 5)]
            case 1:
                octets[place:place] = chance.choice(MARKS)
            case 2:
                octets[place:place] = octets[place : place + chance.randint(1, 20)]
            case 3 if place < len(octets):
                octets[place] ^= 1 << chance.randrange(8)
            case 4:
                octets[place:place] = bytes(chance.choices(range(256), k=4))
            case 5:
                octets = octets.swapcase()
    return bytes(octets)


def hear(talk, step, chance):
    if not isinstance(step, bytes):
        if talk.need:
            talk.answer(step)
        return
    if chance.random() < 0.2:
        talk.go_on(step)
    else:
        talk.say(step)
    while talk.need and talk.need.kind != "tls":
        talk.answer(meet_need(talk.need))


def check(talk):
    """What holds even then."""
    writes_enhanced = talk.profile.offers("ENHANCEDSTATUSCODES")
    verb = "EHLO"
    for event in talk.events:
        if isinstance(event, LineIn | ContentIn | ChunkIn):
            verb = getattr(event, "verb", ".")
        elif isinstance(event, Reply):
            assert_well_formed(event, writes_enhanced, to_greeting=verb in ("EHLO", "HELO"))
    assert len(of_type(talk.events, Close)) == (talk.state == "CLOSED")
    assert (talk.session.deadline is None) == (talk.state == "CLOSED")


@pytest.mark.parametrize("seed", range(8))
def test_damaged_conversations_break_nothing(seed):
    chance = random.Random(seed)
    for _ in range(150):
        talk = Talk(
            profile=chance.choice(list(PROFILES)),
            plan=chance.choice(PLANS),
            newline=chance.choice(NEWLINES),
        )
        for step in SEEDS[seed]:
            hear(talk, damaged(step, chance) if isinstance(step, bytes) else step, chance)
        check(talk)


@pytest.mark.parametrize("seed", range(4))
def test_conversations_out_of_order_break_nothing(seed):
    chance = random.Random(seed)
    pieces = [*PIECES, *MARKS[:-1], *(step for steps in SEEDS for step in steps)]
    for _ in range(250):
        talk = Talk(
            *chance.choice(WAYS_IN[:6]),
            profile=chance.choice(list(PROFILES)),
            plan=chance.choice(["", *NAMED_PLANS]),
            newline=chance.choice(NEWLINES),
        )
        for _ in range(chance.randint(1, 8)):
            step = chance.choice(pieces)
            hear(talk, step, chance)
        check(talk)


NAMED_PLANS = [name for name in FAULTS if not name.startswith("connect-")]


@pytest.mark.parametrize("seed", range(4))
def test_noise_breaks_nothing(seed):
    chance = random.Random(seed)
    for _ in range(250):
        talk = Talk(
            *chance.choice(WAYS_IN),
            newline=chance.choice(NEWLINES),
            sync=chance.choice(["close", "note"]),
        )
        for _ in range(4):
            noise = bytes(chance.choices(range(256), k=chance.randint(0, 200)))
            hear(talk, noise + chance.choice([b"", b"\r\n", b"\n"]), chance)
        check(talk)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_conversations_come_back_from_their_rows(seed):
    """Lines are whole, because of half a line nothing stands in a row."""
    chance = random.Random(seed)
    for _ in range(40):
        kept = Kept(profile=chance.choice(list(PROFILES)), plan=chance.choice(PLANS))
        for step in SEEDS[seed]:
            if isinstance(step, bytes):
                octets = damaged(step, chance)
                hear(kept, octets if octets.endswith(b"\r\n") else octets + b"\r\n", chance)
            else:
                hear(kept, step, chance)
            replayed = kept.replayed()
            assert (replayed.state, replayed.user) == (kept.session.state, kept.session.user)
