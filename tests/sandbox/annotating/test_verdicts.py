"""What a transcript comes to: what happened, the likely cause, the next step."""

import pytest

from sandbox.annotating import annotate

READY = "S: 220 {0}\nC: EHLO a.example\nS: 250-mx\nS: 250 AUTH PLAIN\n"
SENT = "C: DATA\nS: 354 go\nC: hello\nC: .\nS: 250 2.0.0 ok\n"


def verdict(dialogue, greeting="mx ready"):
    return annotate(READY.format(greeting) + dialogue).verdict


@pytest.mark.parametrize(
    ("dialogue", "headline", "cause"),
    [
        (
            "C: AUTH PLAIN AGEAYg==\nS: 535 5.7.8 no\nC: QUIT\nS: 221 bye\n",
            "The login was refused with 535 5.7.8",
            "User name or password is wrong",
        ),
        (
            "C: MAIL FROM:<a@b.example>\nS: 530 5.7.0 Must issue a STARTTLS command first\n",
            "MAIL FROM:<a@b.example> was refused with 530 5.7.0",
            "The server will not go on in clear text",
        ),
        (
            "C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\n"
            "S: 450 4.2.0 Greylisted, see you later\n",
            "RCPT TO:<c@d.example> was put off with 450 4.2.0",
            "Greylisting",
        ),
        (
            "C: MAIL FROM: <a@b.example>\nS: 501 5.5.2 syntax\n",
            "MAIL FROM: <a@b.example> was refused with 501 5.5.2",
            "There is a space beside the colon",
        ),
        (
            "C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 550 5.1.1 no\n"
            "C: DATA\nS: 554 5.5.1 no valid recipients\n",
            "RCPT TO:<c@d.example> was refused with 550 5.1.1",
            "The server has no mailbox of that name",
        ),
        (
            f"C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 250 ok\n{SENT}",
            "One message was accepted, and nothing was refused",
            "A 250 behind the dot",
        ),
        (
            "C: MAIL FROM:<a@b.example>\nS: 451 4.3.0 later\nC: RSET\nS: 250 ok\n"
            "C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 250 ok\n" + SENT,
            "One message was accepted, and nothing was refused",
            "A 250 behind the dot",
        ),
        (
            "C: VRFY x\nS: 502 5.5.1 no\nC: QUIT\nS: 221 bye\n",
            "Nothing was refused, and no message was sent",
            "Every command that came",
        ),
        (
            "C: MAIL FROM:<a@b.example>\n",
            "The last line, MAIL FROM:<a@b.example>, got no answer",
            "The transcript ends here",
        ),
    ],
)
def test_verdict_names_the_failure_that_decided(dialogue, headline, cause):
    found = verdict(dialogue)

    assert found.headline == headline
    assert found.cause.startswith(cause)


def test_verdict_knows_what_a_product_means_by_its_codes():
    rcpt = "C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 550 5.1.10 no\n"

    assert verdict(rcpt, "x.example Microsoft ESMTP MAIL Service").cause.startswith(
        "The directory of the organisation has no such recipient"
    )
    assert verdict(rcpt).cause.startswith("The server refuses for good")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("nc: connect to 192.0.2.1 port 25 (tcp) failed: Connection refused", "Nothing listens"),
        ("telnet: Unable to connect to remote host: Connection timed out", "Packets get lost"),
    ],
)
def test_verdict_of_a_connection_that_never_was(line, cause):
    found = annotate(line, format="typed").verdict

    assert (found.headline, found.is_bad) == ("No connection came about", True)
    assert found.cause.startswith(cause)


def test_verdict_of_a_refusing_greeting():
    found = annotate("S: 554 5.7.1 you are listed by bl.example\nC: QUIT\nS: 221 bye").verdict

    assert found.headline == "The connection was refused with 554 5.7.1"
    assert found.cause.startswith("The server refuses this client before it has said anything")


def test_verdict_of_a_postfix_log_speaks_of_the_gravest_failure():
    head = "Nov 25 13:20:58 mx postfix/smtp[5]: 5F57B2100F2: to=<{0}>, relay=none, delay=1, "
    head += "delays=0/0/1/0, dsn={1}, status={2}"
    found = annotate(
        "\n".join(
            [
                head.format("a@x.example", "4.4.1", "deferred (connect to x[192.0.2.1]:25: "
                            "Connection timed out)"),
                head.format("b@x.example", "5.4.4", "bounced (Host or domain name not found. Name "
                            "service error for name=x.example type=MX: Host not found)"),
                head.format("c@x.example", "2.0.0", "sent (250 2.0.0 Ok)"),
            ]
        )
    ).verdict  # fmt: skip

    assert found.headline == "1 delivered, 1 put off, 1 given up"
    assert found.cause == (
        "<b@x.example>: The name of the host or the domain is not in DNS, or DNS does not answer."
    )
    assert found.number == 2
