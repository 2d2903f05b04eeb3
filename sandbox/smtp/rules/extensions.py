"""Reasons of STARTTLS and BDAT, and of what a submission server demands first."""

from ..references import Ref
from .rule import Rule

EXTENSION_RULES = (
    Rule(
        "starttls.ok",
        220,
        "2.0.0",
        "Ready for TLS",
        "The next octets on this connection are the TLS handshake; after it the session starts "
        "over as if it had just been greeted.",
        (Ref("starttls", "4"), Ref("starttls", "4.2")),
        "starttls-and-implicit-tls",
        "Ready to start TLS",
        misreadings=("This 220 is no greeting, and nothing is encrypted yet when it is sent.",),
    ),
    Rule(
        "starttls.order",
        503,
        "5.5.1",
        "Out of order",
        "STARTTLS comes after EHLO, outside a transaction, and once in a connection.",
        (Ref("starttls", "4"),),
        "starttls-and-implicit-tls",
        "STARTTLS is out of order here",
        origin="our-choice",
        whys={
            "tls": "The connection is encrypted already, and the answer to EHLO no longer lists "
            "STARTTLS.",
            "helo": "After HELO no extension is in force: greet with EHLO, and then ask for TLS.",
            "GREETED": "The client has to greet with EHLO first, to see whether STARTTLS is "
            "offered at all.",
            "SENDER": "A transaction is open: finish it or give it up with RSET, and then ask for "
            "TLS.",
            "RCPTS": "A transaction is open: finish it or give it up with RSET, and then ask for "
            "TLS.",
        },
    ),
    Rule(
        "tls.started",
        None,
        None,
        "Encrypted from here",
        "Everything learned before the handshake is forgotten, the name in EHLO included, because "
        "somebody on the way could have changed it: the client begins again with EHLO.",
        (Ref("starttls", "4.2"), Ref("implicit-tls", "3.3")),
        "starttls-and-implicit-tls",
        whys={
            "implicit": "On port 465 the handshake comes first, before the server has said a "
            "word, so no plain text is ever sent.",
        },
    ),
    Rule(
        "tls.failed",
        None,
        None,
        "No encryption came about",
        "The TLS handshake did not succeed, and a connection in an unknown state cannot be used, "
        "so it ends.",
        (Ref("starttls", "4.1"), Ref("implicit-tls", "3.3")),
        "starttls-and-implicit-tls",
        closes=True,
        origin="our-choice",
        whys={
            "plain": "This port speaks TLS from the first octet, and the client sent plain text: "
            "use the port for STARTTLS, or let the program begin with TLS.",
        },
    ),
    Rule(
        "tls.unavailable",
        454,
        "4.7.0",
        "No TLS for now",
        "The server cannot encrypt at the moment; whether to go on in the clear, where that is "
        "allowed, or to leave and try later, is for the client to decide.",
        (Ref("starttls", "4"),),
        "starttls-and-implicit-tls",
        "TLS is not available for a temporary reason",
        misreadings=(
            "A client that insists on TLS has to stop here and not send in the clear.",
            "In answer to AUTH the same 454 says that the login cannot be checked at the moment.",
        ),
    ),
    Rule(
        "tls.injection",
        554,
        "5.5.0",
        "Plain text behind STARTTLS",
        "Octets came behind STARTTLS in the clear; carried out after the handshake they would pass "
        "for encrypted, so they are shown, dropped, and the connection ends.",
        (Ref("starttls", "4"), Ref("starttls", "4.2"), Ref("smtp", "7.8")),
        "starttls-and-implicit-tls",
        "Plain text behind STARTTLS, closing connection",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "tls.record",
        554,
        "5.5.0",
        "TLS on a plain port",
        "The client began with a TLS handshake, but on this port the session starts in the clear: "
        "use STARTTLS here, or the port for implicit TLS.",
        (Ref("implicit-tls", "3.3"), Ref("starttls", "4")),
        "starttls-and-implicit-tls",
        "This port begins without TLS, closing connection",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "demand.tls",
        530,
        "5.7.0",
        "TLS first",
        "This server takes submissions and lets nothing through in the clear: only NOOP, EHLO, "
        "STARTTLS and QUIT are open before TLS.",
        (Ref("starttls", "4"), Ref("starttls", "4.3")),
        "submission-587-465",
        "Must issue a STARTTLS command first",
        misreadings=(
            "A public mail exchanger on port 25 must not demand this for mail to its own users.",
        ),
    ),
    Rule(
        "demand.login",
        530,
        "5.7.0",
        "Log in first",
        "A submission server sends mail on for its own users, so it has to know who is asking: "
        "AUTH comes before MAIL.",
        (Ref("auth", "6"), Ref("submission", "4.3")),
        "submission-587-465",
        "Authentication required",
        misreadings=("530 is not 535: nobody has tried to log in, so no password was wrong.",),
    ),
    Rule(
        "bdat.ok",
        250,
        "2.0.0",
        "The chunk is taken",
        "The declared number of octets has arrived; the next BDAT may follow, and the one with "
        "LAST completes the message.",
        (Ref("chunking", "2"),),
        "esmtp-extension-model",
        "{octets} octets received",
        misreadings=("The message is not accepted before the chunk with LAST is.",),
    ),
    Rule(
        "bdat.order",
        503,
        "5.5.1",
        "Out of order",
        "BDAT sends a message to recipients already named, so MAIL and at least one accepted RCPT "
        "come first; the octets behind it were read and dropped.",
        (Ref("chunking", "2"),),
        "esmtp-extension-model",
        "BDAT is out of order here",
        whys={
            "helo": "After HELO no extension is in force, so the octets were read and dropped: "
            "greet with EHLO.",
            "FAILED": "A chunk before this one was refused, so the message is lost: begin again "
            "after RSET.",
        },
    ),
    Rule(
        "bdat.syntax",
        501,
        "5.5.4",
        "No size to go by",
        "BDAT is followed by a number of octets, and by LAST for the last chunk; without a number "
        "nobody can tell where the next command begins, so the server closes.",
        (Ref("chunking", "2"),),
        "esmtp-extension-model",
        "Syntax: BDAT size [LAST], closing connection",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "bdat.too-big",
        552,
        "5.3.4",
        "Too big in the end",
        "With this chunk the message is larger than this server takes; its octets were read and "
        "dropped, and only RSET, EHLO, HELO or QUIT lead on.",
        (Ref("chunking", "2"), Ref("size", "6.3")),
        "ext-size",
        "Message exceeds the limit of {limit} octets",
    ),
)
