"""A client for tests of the engine: it waits for each reply, unless told not to."""

from dataclasses import replace

from sandbox.log.logbook import Logbook, replay_row
from sandbox.smtp import (
    FAULTS,
    NO_FAULTS,
    PROFILES,
    ChunkIn,
    ContentIn,
    CredentialResult,
    Need,
    Reply,
    Session,
    TlsResult,
    TokenResult,
    lab_facts,
    replay,
)

EHLO = b"EHLO client.example\r\n"
HELO = b"HELO client.example\r\n"
MAIL = b"MAIL FROM:<casey@lab.example>\r\n"
RCPT = b"RCPT TO:<robin@lab.example>\r\n"
DATA = b"DATA\r\n"
QUIT = b"QUIT\r\n"
STARTTLS = b"STARTTLS\r\n"
# casey@lab.example with Spring-Tide-42
LOGIN = b"AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy\r\n"

TOKEN = "k3v9q2m7x1c8b5n4"
TLS = TlsResult("TLSv1.3", "TLS_AES_256_GCM_SHA384")

UNDER_TLS = (EHLO, STARTTLS, TLS, EHLO)
LOGGED_IN = (*UNDER_TLS, LOGIN)


class Talk:
    """`events` are all so far; `say` and `answer` return those of the one call.

    A step of `steps` is octets for `say`, or an answer of the host.
    """

    def __init__(self, *steps, profile="modern", plan="", limits=None, facts=None, **changes):
        played = PROFILES[profile]
        if limits:
            changes["limits"] = replace(played.limits, **limits)
        self.profile = replace(played, **changes)
        self.facts = facts or lab_facts()
        self.session = Session(self.profile, self.facts, FAULTS[plan] if plan else NO_FAULTS)
        self.events = self.session.open(at=0)
        for step in steps:
            self.take(step)

    def take(self, step, at=0):
        return self.say(step, at) if isinstance(step, bytes) else self.answer(step, at)

    def say(self, octets, at=0):
        self.session.sent(at=at)
        return self.go_on(octets, at)

    def go_on(self, octets, at=0):
        """Without waiting for the reply."""
        events = self.session.receive(octets, at=at)
        self.events += events
        return events

    def answer(self, fact, at=0):
        events = self.session.answer(fact, at=at)
        self.events += events
        return events

    @property
    def state(self):
        return str(self.session.state)

    @property
    def need(self):
        """What the host is being asked for, if the last thing that happened was to ask."""
        return self.events[-1] if isinstance(self.events[-1], Need) else None

    @property
    def wire(self):
        """All that the server has sent."""
        return b"".join(event.octets for event in self.events if isinstance(event, Reply))


def replies(events):
    return [
        (event.code, event.enhanced, event.rule) for event in events if isinstance(event, Reply)
    ]


def rules(events):
    return [event.rule for event in events if isinstance(event, Reply)]


def only_reply(events):
    """The one reply among the events."""
    (reply,) = (event for event in events if isinstance(event, Reply))
    return reply


def of_type(events, kind):
    return [event for event in events if isinstance(event, kind)]


def joined(events):
    """With neighbouring runs of the same content or chunk put together, as they are equal
    however the input was cut."""
    together = []
    for event in events:
        last = together[-1] if together else None
        if isinstance(event, ContentIn | ChunkIn) and type(last) is type(event) and not last.end:
            is_dot = isinstance(event, ContentIn) and event.end
            if not is_dot:
                together[-1] = replace(last, octets=last.octets + event.octets, end=event.end)
                continue
        together.append(event)
    return together


# What clients say, good and bad, for sessions put together at random.
PIECES = [
    EHLO, HELO, MAIL, RCPT, DATA, MAIL, RCPT, DATA, b"RSET\r\n", b"NOOP\r\n", b"HELP\r\n", QUIT,
    b"VRFY robin\r\n", b"MAIL FROM:<> SIZE=10\r\n", b"RCPT TO:<nobody@lab.example>\r\n",
    b"RCPT TO:<end-451@" + TOKEN.encode() + b".sandbox.test>\r\n",
    b"MAIL FROM:<mail-452@" + TOKEN.encode() + b".sandbox.test> BODY=BINARYMIME\r\n",
    b"BDAT 5\r\nab\r\nc", b"BDAT 3 LAST\r\nabc", b"BDAT 0 LAST\r\n", b"BDAT x\r\n",
    b"BDAT 70000\r\n", STARTTLS, LOGIN, b"AUTH PLAIN AGEAYg==\r\n", b"AUTH PLAIN\r\n",
    b"AUTH LOGIN\r\n", b"AUTH CRAM-MD5\r\n", b"AUTH LOGIN azN2OXEybTd4MWM4YjVuNA==\r\n",
    b"azN2OXEybTd4MWM4YjVuNA==\r\n", b"*\r\n", b"Subject: x\r\n", b"\r\n", b"..text\r\n",
    b"text", b".\r\n", b"\r\n.\r\n", b"\r", b"\n", b"\0", b"\xc3\xa5", b"\xff", b".", b"x" * 700,
    b"y" * 5000, b"XYZZY\r\n", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01",
]  # fmt: skip
WAYS_IN = [
    (),
    (EHLO,),
    (HELO, MAIL),
    (EHLO, MAIL, RCPT),
    (EHLO, MAIL, RCPT, DATA),
    (EHLO, MAIL, RCPT, b"BDAT 9\r\nsome text"),
    UNDER_TLS,
    (*UNDER_TLS, b"AUTH LOGIN\r\n"),
    (*LOGGED_IN, MAIL, RCPT),
]


def meet_need(need):
    """What a host says that knows one token."""
    known = need.subject == TOKEN
    return TokenResult(known) if need.kind == "token" else CredentialResult(TOKEN * known or None)


class Kept(Talk):
    """A client of a session whose rows are kept. With `reloads` the session is brought back from
    its rows before each step, as the console does."""

    def __init__(self, *steps, reloads=False, profile="modern", plan="", **changes):
        self.reloads = reloads
        self.rows = []
        super().__init__(profile=profile, plan=plan, **changes)
        self.session = Session(self.profile, self.facts, self.session.plan)
        self.plan = self.session.plan
        self.book = Logbook(self.session)
        self.events = self.book.open(0)
        self._keep()
        for step in steps:
            self.take(step)

    def _keep(self):
        self.rows += self.book.take_entries()

    def say(self, octets, at=0):
        if self.reloads and not self.need:
            self.session = self.replayed()
            self.book = Logbook(self.session, last_seq=self.rows[-1].seq)
        return super().say(octets, at)

    def go_on(self, octets, at=0):
        return self._heard(self.book.receive(octets, at=at))

    def answer(self, fact, at=0):
        return self._heard(self.book.meet(fact, at=at))

    def _heard(self, events):
        self.events += events
        self._keep()
        return events

    def meet_needs(self, at=0):
        while self.need and self.need.kind != "tls":
            self.answer(meet_need(self.need), at=at)

    def replayed(self, length=None):
        rows = map(replay_row, self.rows[:length])
        return replay(rows, self.profile, self.facts, self.plan)

    @property
    def told(self):
        return [(row.direction, row.octets, dict(row.data)) for row in self.rows]


def standing(session):
    return session.state, session.deadline, session.user, session.secured, session.plan
