"""How fast the SMTP engine is in memory: python -m benchmarks.engine"""

import time
from collections.abc import Callable

from sandbox.proving import parse_dialogue, prove
from sandbox.smtp import PROFILES, Limits, Profile, Session, State, lab_facts

SECONDS = 1.0

TRANSACTION = (
    b"MAIL FROM:<casey@lab.example> SIZE=120\r\n",
    b"RCPT TO:<robin@lab.example>\r\n",
    b"RCPT TO:<nobody@remote.example>\r\n",
    b"NOOP\r\n",
    b"RSET\r\n",
)
MESSAGE = b"From: <casey@lab.example>\r\nSubject: Hello\r\n\r\nHello Robin.\r\n.\r\n"
DIALOGUE = (
    b"EHLO client.example\r\n",
    b"MAIL FROM:<casey@lab.example>\r\n",
    b"RCPT TO:<robin@lab.example>\r\n",
    b"DATA\r\n",
    MESSAGE,
    b"QUIT\r\n",
)
BIG_MESSAGE = b"Subject: big\r\n\r\n" + b"0123456789" * 7 + b"\r\n"
PROOF = """\
S: 220
C: EHLO client.example
S: 250-mx.lab.example
S: ...
C: RCPT TO:<robin@lab.example>
S: 503 5.5.1
C: MAIL FROM:<casey@lab.example>
S: 250 2.1.0
"""


def greeted(profile: Profile) -> Session:
    session = Session(profile, lab_facts())
    session.open(at=0)
    session.sent(at=0)
    session.receive(b"EHLO client.example\r\n", at=0)
    return session


def measure(step: Callable[[], int]) -> float:
    """Units a second; `step` does some work and says how many units it was."""
    step()
    units, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < SECONDS:
        units += step()
    return units / elapsed


def commands() -> Callable[[], int]:
    """One session that goes on for ever, each command behind the reply to the one before."""
    endless = 10**12
    limits = Limits(mails=endless, errors_soft=endless, errors_hard=endless, idle_commands=endless)
    session = greeted(Profile("endless", "", offer=PROFILES["modern"].offer, limits=limits))

    def step() -> int:
        for line in TRANSACTION:
            session.sent(at=0)
            session.receive(line, at=0)
        return len(TRANSACTION)

    return step


def dialogue() -> int:
    session = Session(PROFILES["modern"], lab_facts())
    session.open(at=0)
    for octets in DIALOGUE:
        session.sent(at=0)
        session.receive(octets, at=0)
    assert session.state is State.CLOSED
    return 1


def content() -> int:
    """Octets of one large message, arriving 64 KiB at a time."""
    session = greeted(PROFILES["modern"])
    for octets in DIALOGUE[1:4]:
        session.sent(at=0)
        session.receive(octets, at=0)
    session.sent(at=0)
    block = (BIG_MESSAGE + (b"x" * 70 + b"\r\n") * 910)[:65_536]
    for _ in range(30):
        session.receive(block, at=0)
    session.receive(b"\r\n.\r\n", at=0)
    assert session.state is State.READY
    return 30 * len(block)


def proof() -> int:
    assert prove(parse_dialogue(PROOF)).ok
    return 1


def main() -> None:
    print(f"{'commands, one session':30}{measure(commands()):>12,.0f} /s")
    print(f"{'dialogues with a message':30}{measure(dialogue):>12,.0f} /s")
    print(f"{'content':30}{measure(content) / 1e6:>12,.1f} MB/s")
    print(f"{'a proof, read and run':30}{1e6 / measure(proof):>12,.1f} µs")


if __name__ == "__main__":
    main()
