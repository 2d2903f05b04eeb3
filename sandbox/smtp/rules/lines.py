"""Reasons that lie in the line itself or in its timing, whatever the command."""

from ..references import Ref
from .rule import Rule

LINE_RULES = (
    Rule(
        "line.too-long",
        500,
        "5.5.2",
        "The line is too long",
        "By the standard a command line has at most 512 octets with its CR LF, more where an "
        "extension adds a parameter; this one is too long here, and nothing of it was carried out.",
        (Ref("smtp", "4.5.3.1.4"), Ref("smtp", "4.5.3.1.9")),
        "dot-stuffing-and-lines",
        "Line too long",
    ),
    Rule(
        "line.endless",
        421,
        "4.7.0",
        "A line without end",
        "More than 65,536 octets came without a line end where a command was due, so this is not "
        "SMTP and the server closes.",
        (Ref("smtp", "7.8"), Ref("smtp", "3.8")),
        "dot-stuffing-and-lines",
        "Line too long, closing connection",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "line.bare-newline",
        550,
        "5.5.2",
        "The line does not end with CR LF",
        "Every line ends with CR LF together; this one holds one of the two alone, nothing of it "
        "was carried out and the server closes.",
        (Ref("smtp", "2.3.8"), Ref("smtp", "7.8")),
        "dot-stuffing-and-lines",
        "Lines must end with CR LF, closing connection",
        closes=True,
        origin="our-choice",
        whys={
            "lf": "The line ends with a line feed alone, as nc sends it; SMTP lines end with CR "
            "LF, which nc -C, telnet and the console of this site send.",
            "cr": "The line holds a carriage return without its line feed; SMTP lines end with CR "
            "LF together.",
        },
    ),
    Rule(
        "line.stray-newline",
        500,
        "5.5.2",
        "A stray CR or LF",
        "Inside the line stands a CR or LF that does not belong to its end, so it is no command; "
        "nothing of it was carried out.",
        (Ref("smtp", "2.3.8"), Ref("smtp", "2.4")),
        "dot-stuffing-and-lines",
        "Stray CR or LF in command",
        origin="our-choice",
    ),
    Rule(
        "line.normalized",
        None,
        None,
        "A lone line feed",
        "The command ended with a line feed alone; against the standard this server takes it for a "
        "line end, and a strict one may close.",
        (Ref("smtp", "2.3.8"), Ref("smtp", "4.1.1.4")),
        "dot-stuffing-and-lines",
        origin="our-choice",
    ),
    Rule(
        "line.nul",
        501,
        "5.5.2",
        "A NUL in the command",
        "The line holds an octet of value 0, which no command may; nothing of it was carried out.",
        (Ref("smtp", "4.1.2"),),
        "smtp-reply-codes",
        "NUL in command",
    ),
    Rule(
        "line.not-ascii",
        500,
        "5.5.2",
        "Not ASCII",
        "The line holds an octet above 127, and commands are ASCII unless the server offers "
        "SMTPUTF8, which this one does not.",
        (Ref("smtp", "2.4"), Ref("utf8", "3.2")),
        "smtp-reply-codes",
        "Octets above 127 in command",
        whys={
            "utf8": "The line holds octets above 127 that are not UTF-8, and with SMTPUTF8 nothing "
            "else is allowed.",
        },
    ),
    Rule(
        "line.foreign",
        500,
        "5.7.0",
        "That is another protocol",
        "A browser or another program speaks HTTP, or sends header fields, to a mail port; none of "
        "it may be taken for SMTP, so the server closes.",
        (Ref("smtp", "7.8"),),
        "smtp-session-basics",
        "This is an SMTP server, closing connection",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "sync.breach",
        554,
        "5.5.0",
        "The client did not wait",
        "The client sent more before the answer to its last command had left; after that command "
        "it has to wait, and what came too early was not carried out.",
        (Ref("pipelining", "3.1"), Ref("smtp", "4.3.1")),
        "smtp-session-basics",
        "Input after {front} did not wait for the reply, closing connection",
        closes=True,
        origin="our-choice",
        whys={
            "greeting": "The client spoke before it had the server's 220; it has to wait for the "
            "greeting.",
            "EHLO": "The client went on before it had read the answer to EHLO, so it could not "
            "know what is offered; lines pasted all at once do this, while the console of this "
            "site sends them one by one.",
            "DATA": "The client sent more after DATA without waiting for 354; had DATA been "
            "refused, the message would have been run as commands.",
            "AUTH": "The answer to a 334 came before the 334 itself, so it cannot be an answer "
            "to it.",
            "no-pipelining": "PIPELINING is not in force, as it never is before EHLO or after "
            "HELO, so each command waits for the answer to the one before.",
        },
        texts={
            "greeting": "Input did not wait for the greeting, closing connection",
        },
    ),
    Rule(
        "sync.early",
        None,
        None,
        "The client did not wait",
        "This line came before the answer to the command in front; this server lets it pass, a "
        "strict one may close.",
        (Ref("pipelining", "3.1"), Ref("smtp", "4.3.1")),
        "smtp-session-basics",
        origin="our-choice",
    ),
)
