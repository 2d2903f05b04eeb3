"""A client for tests of the engine: it waits for each reply, unless told not to."""

from dataclasses import replace

from sandbox.smtp import PROFILES, Reply, Session, lab_facts

EHLO = b"EHLO client.example\r\n"
HELO = b"HELO client.example\r\n"
MAIL = b"MAIL FROM:<casey@lab.example>\r\n"
RCPT = b"RCPT TO:<robin@lab.example>\r\n"
DATA = b"DATA\r\n"
QUIT = b"QUIT\r\n"


class Talk:
    """`events` are all so far; `say` returns those of the one write."""

    def __init__(self, *writes, profile="modern", limits=None, **changes):
        played = PROFILES[profile]
        if limits:
            changes["limits"] = replace(played.limits, **limits)
        self.profile = replace(played, **changes)
        self.facts = lab_facts()
        self.session = Session(self.profile, self.facts)
        self.events = self.session.open(at=0)
        for octets in writes:
            self.say(octets)

    def say(self, octets, at=0):
        self.session.sent(at=at)
        return self.go_on(octets, at)

    def go_on(self, octets, at=0):
        """Without waiting for the reply."""
        events = self.session.receive(octets, at=at)
        self.events += events
        return events

    @property
    def state(self):
        return str(self.session.state)

    @property
    def wire(self):
        """All that the server has sent."""
        return b"".join(event.octets for event in self.events if isinstance(event, Reply))


def replies(events):
    return [
        (event.code, event.enhanced, event.rule) for event in events if isinstance(event, Reply)
    ]


def only_reply(events):
    """The one reply among the events."""
    (reply,) = (event for event in events if isinstance(event, Reply))
    return reply


def of_type(events, kind):
    return [event for event in events if isinstance(event, kind)]
