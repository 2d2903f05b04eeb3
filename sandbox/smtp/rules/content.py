"""Reasons of DATA and of what comes after it."""

from ..references import Ref
from .rule import Rule

CONTENT_RULES = (
    Rule(
        "data.ok",
        354,
        None,
        "Now the message",
        "The server waits for the message: header fields, an empty line, the text, and at the end "
        "a line that holds a single dot.",
        (Ref("smtp", "4.1.1.4"), Ref("smtp", "3.3")),
        "smtp-transaction",
        "Send the message, end it with a dot on a line of its own",
        misreadings=(
            "354 is neither success nor failure: the answer that counts comes after the dot.",
        ),
    ),
    Rule(
        "data.order",
        503,
        "5.5.1",
        "Out of order",
        "DATA sends a message to recipients already named, so MAIL and at least one accepted RCPT "
        "come first.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.1.4"), Ref("chunking", "2")),
        "smtp-transaction",
        "DATA is out of order here",
        whys={
            "GREETED": "There is nothing to send yet: first EHLO or HELO, then MAIL, then at least "
            "one RCPT, and then DATA.",
            "READY": "No transaction is open: MAIL names the sender and at least one RCPT a "
            "recipient before DATA may come.",
            "SENDER": "The message has a sender but nobody to go to: at least one RCPT has to be "
            "accepted before DATA.",
            "CHUNKS": "The message has begun with BDAT and has to end with BDAT; mixing the two "
            "loses it, and only RSET, EHLO or QUIT lead on.",
            "FAILED": "A chunk of the message was refused: only RSET, EHLO, HELO or QUIT lead on.",
            "binary": "A message announced with BODY=BINARYMIME may hold lines without end and "
            "lone dots, so only BDAT can send it; begin again after RSET.",
        },
        misreadings=(
            "While no recipient has been accepted a server may also answer 554; either way nothing "
            "of the message may be sent.",
        ),
    ),
    Rule(
        "data.no-valid-recipient",
        554,
        "5.5.1",
        "Nobody to send to",
        "Every recipient named in this transaction was refused; name another with RCPT, or give "
        "it up with RSET.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.1.1.4")),
        "smtp-transaction",
        "No valid recipients",
        misreadings=(
            "A server may also answer 503 here: the standard allows both, and both say that no "
            "recipient has been accepted.",
        ),
    ),
    Rule(
        "data.accepted",
        250,
        "2.0.0",
        "The server takes responsibility",
        "This 250 is the receipt for the message: from now on the server has to deliver it, or to "
        "report that it could not.",
        (Ref("smtp", "4.1.1.4"), Ref("smtp", "4.2.5"), Ref("smtp", "6.1")),
        "smtp-transaction",
        "OK, accepted as {queue_id}",
        misreadings=("It does not say that the message has been read or has reached a mailbox.",),
    ),
    Rule(
        "data.bare-newline",
        550,
        "5.5.2",
        "A line end that is not one",
        "The message holds a carriage return or a line feed that stands alone; servers that "
        "disagree about such line ends can be made to see two messages in one, so all of it is "
        "refused.",
        (Ref("smtp", "2.3.8"), Ref("smtp", "4.1.1.4")),
        "dot-stuffing-and-lines",
        "Lines must end with CR LF; the message was dropped",
        origin="our-choice",
        whys={
            "lf": "The message holds a line feed without its carriage return; servers that "
            "disagree about such line ends can be made to see two messages in one, so all of it is "
            "refused.",
            "cr": "The message holds a carriage return without its line feed; servers that "
            "disagree about such line ends can be made to see two messages in one, so all of it is "
            "refused.",
        },
        misreadings=(
            "A dot between bare line feeds does not end the message: only CR LF . CR LF does.",
        ),
    ),
    Rule(
        "data.normalized",
        None,
        None,
        "Line ends put right",
        "The message holds line ends other than CR LF; against the standard this server takes a "
        "lone line feed for one, where others refuse the message.",
        (Ref("smtp", "2.3.8"), Ref("smtp", "4.1.1.4")),
        "dot-stuffing-and-lines",
        origin="our-choice",
    ),
    Rule(
        "data.line-too-long",
        554,
        "5.6.0",
        "A line without end",
        "One line of the message has more than 65,536 octets, far beyond the 1,000 that SMTP "
        "allows; encode such content in base64 or quoted-printable, which break lines.",
        (Ref("smtp", "4.5.3.1.6"), Ref("smtp", "4.5.3.1.9")),
        "dot-stuffing-and-lines",
        "A line of the message is too long",
        origin="our-choice",
        whys={
            "strict": "A line of the message has more than 1,000 octets with its CR LF, and this "
            "strict server refuses it; encode such content in base64 or quoted-printable.",
        },
    ),
    Rule(
        "data.long-line",
        None,
        None,
        "A long line",
        "A line of the message has more than 1,000 octets with its CR LF; this server takes it, "
        "but others may refuse or break it.",
        (Ref("smtp", "4.5.3.1.6"),),
        "dot-stuffing-and-lines",
    ),
    Rule(
        "data.8bit",
        554,
        "5.6.3",
        "Eight bits where seven are taken",
        "The message holds octets above 127 and this server does not offer 8BITMIME; encode it in "
        "quoted-printable or base64.",
        (Ref("smtp", "2.4"), Ref("8bitmime", "3")),
        "mime-structure",
        "The message holds 8-bit octets, which this server does not take",
        origin="our-choice",
        whys={
            "undeclared": "The message holds octets above 127 and MAIL did not say BODY=8BITMIME; "
            "this strict server refuses what was not announced.",
        },
    ),
    Rule(
        "data.utf8",
        554,
        "5.6.9",
        "A recipient cannot take UTF-8",
        "The header fields hold UTF-8 and one of the mailboxes cannot take that; the sender has "
        "to write them in ASCII.",
        (Ref("utf8", "3.5"),),
        "mime-structure",
        "UTF-8 header fields are required and not possible for a recipient",
    ),
    Rule(
        "data.undeclared-8bit",
        None,
        None,
        "Eight bits, not announced",
        "The message holds octets above 127 although MAIL did not say BODY=8BITMIME; this server "
        "takes it, but a strict one may refuse.",
        (Ref("smtp", "2.4"), Ref("8bitmime", "3")),
        "mime-structure",
    ),
    Rule(
        "data.nul",
        None,
        None,
        "A NUL in the message",
        "The message holds an octet of value 0, which plain text never does; it is kept as it is, "
        "and programs that read it later may stop there.",
        (Ref("format", "2.1"),),
        "dot-stuffing-and-lines",
    ),
    Rule(
        "data.loop",
        554,
        "5.4.6",
        "Going round in circles",
        "Each server that handles a message puts a Received field before it, and this one has 100 "
        "or more, so the server takes it to be travelling in a loop.",
        (Ref("smtp", "6.3"), Ref("smtp", "4.4"), Ref("status", "3.5")),
        "mail-architecture",
        "Too many Received fields: mail loop",
        origin="our-choice",
    ),
    Rule(
        "data.mime",
        554,
        "5.6.0",
        "Built to break something",
        "The header fields of the message take more than 102,400 octets, which no real message "
        "needs; an empty line has to end them.",
        (Ref("smtp", "7.8"), Ref("format", "2.1"), Ref("multipart", "5.1.1")),
        "mime-structure",
        "The message is built in a way that is refused here",
        origin="our-choice",
        whys={
            "nesting": "Parts stand in parts more than 50 deep, which no real message needs and "
            "which has brought programs down.",
            "parts": "The message has more than 500 parts, which no real message needs and which "
            "has brought programs down.",
            "fields": "A header section has more than 1,000 fields, which no real message needs.",
            "boundary": "A boundary has more than the 70 characters that MIME allows.",
        },
        texts={"header": "The header section is too big"},
    ),
    Rule(
        "size.actual",
        552,
        "5.3.4",
        "Too big, known too late",
        "The message is larger than this server takes, so it was dropped after all of it had been "
        "sent; where SIZE is offered, a true SIZE= on MAIL tells before.",
        (Ref("size", "6.3"), Ref("smtp", "4.5.3.1.9")),
        "ext-size",
        "Message exceeds the limit of {limit} octets",
    ),
)
