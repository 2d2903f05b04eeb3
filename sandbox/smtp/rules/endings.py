"""Reasons for which a session ends before its client says QUIT."""

from ..references import Ref
from .rule import Rule

ENDING_RULES = (
    Rule(
        "session.timeout",
        421,
        "4.4.2",
        "Silent for too long",
        "No complete line came in the time that this server waits, which should be five minutes "
        "at least, so it gives the connection up.",
        (Ref("smtp", "4.5.3.2.7"), Ref("smtp", "3.8")),
        "smtp-session-basics",
        "Timed out while waiting for the client",
        closes=True,
    ),
    Rule(
        "session.expired",
        421,
        "4.4.2",
        "The session has lasted too long",
        "One session may take half an hour here; a new connection can go on, and what was accepted "
        "stays accepted.",
        (Ref("smtp", "7.8"), Ref("smtp", "3.8")),
        "smtp-session-basics",
        "Session has lasted too long",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "session.errors",
        421,
        "4.7.0",
        "Too many errors",
        "This session has brought so many errors that the server takes the client for one that is "
        "broken or guessing, and closes; a new connection starts from zero.",
        (Ref("smtp", "7.8"), Ref("smtp", "3.8")),
        "transient-vs-permanent",
        "Too many errors in this session",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "session.mails",
        421,
        "4.7.0",
        "Enough for one session",
        "A session may hold a limited number of MAIL commands here, refused ones included; the "
        "rest goes over a new connection.",
        (Ref("limits", "4.1"), Ref("smtp", "3.8")),
        "transient-vs-permanent",
        "Too many MAIL commands in this session",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "session.limit",
        421,
        "4.7.0",
        "More than one session may bring",
        "The session has brought more than this sandbox keeps of one, or its message dripped in "
        "too slowly, so the server closes; a new connection starts from zero.",
        (Ref("smtp", "7.8"), Ref("smtp", "3.8")),
        "transient-vs-permanent",
        "Too much for one session, closing connection",
        closes=True,
        origin="product",
    ),
    Rule(
        "session.shutdown",
        421,
        "4.3.2",
        "The server is stopping",
        "The server has to stop and says so with 421, which may answer any command; the client "
        "keeps its mail and tries again later.",
        (Ref("smtp", "3.8"), Ref("smtp", "4.2.3")),
        "transient-vs-permanent",
        "{host} is shutting down",
        closes=True,
    ),
    Rule(
        "session.failed",
        421,
        "4.3.0",
        "A fault of this server",
        "Something went wrong inside this server and it is not the client's doing; what was not "
        "yet accepted should be sent again later.",
        (Ref("smtp", "3.8"),),
        "transient-vs-permanent",
        "Internal error, closing connection",
        closes=True,
    ),
    Rule(
        "session.vanished",
        None,
        None,
        "The client is gone",
        "The connection ended without QUIT: an open transaction is dropped as if QUIT had come, "
        "and messages already accepted stay accepted.",
        (Ref("smtp", "4.1.1.10"), Ref("smtp", "4.1.1.5")),
        "smtp-session-basics",
        closes=True,
    ),
)
