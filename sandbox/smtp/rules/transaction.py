"""Reasons of MAIL and RCPT."""

from ..references import Ref
from .rule import Rule

_PATH_WHYS = {
    "no-domain": "The address has no domain: write it in full, as in <{example}>.",
    "local-part": "The part before the @ holds a character or a dot where none is allowed; such "
    "names have to stand in double quotes.",
    "local-part-long": "The part before the @ has more than 64 octets, which is the longest a "
    "local-part may be.",
    "domain": "What follows the @ is not a valid domain: labels of letters, digits and hyphens, "
    "joined by single dots.",
    "path-long": "The address has more than 256 octets with its brackets, which is the longest a "
    "path may be.",
    "literal": "An address in square brackets must be complete, as in [192.0.2.25] or "
    "[IPv6:2001:db8::25].",
    "route": "The address begins with @, so it is read as a source route, and that is not written "
    "correctly; a plain address needs none.",
}
_PATH_TEXTS = {
    "no-domain": "Bad address: no domain",
    "local-part": "Bad address: the part before the @ is malformed",
    "local-part-long": "Bad address: the part before the @ is too long",
    "domain": "Bad address: the domain is malformed",
    "path-long": "Bad address: path too long",
    "literal": "Bad address: the address literal is malformed",
    "route": "Bad address: the source route is malformed",
}


def _path_whys(example: str) -> dict[str, str]:
    return {case: why.format(example=example) for case, why in _PATH_WHYS.items()}


TRANSACTION_RULES = (
    Rule(
        "mail.ok",
        250,
        "2.1.0",
        "A transaction is open",
        "The server has noted the sender and now waits for recipients; nothing has been sent or "
        "promised yet.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.1.1.2")),
        "smtp-transaction",
        "Sender ok",
        whys={
            "null": "The empty path <> marks a bounce or another automatic notice: if it cannot be "
            "delivered nobody is told, so notices never chase each other.",
            "size": "A transaction is open, and the declared size is within the limit; a message "
            "that turns out larger than the limit can still be refused at its end.",
        },
        misreadings=(
            "250 does not say that the sender exists or wrote this: SMTP itself proves neither.",
        ),
    ),
    Rule(
        "mail.order",
        503,
        "5.5.1",
        "Out of order",
        "MAIL comes after EHLO or HELO and opens a transaction; only one can be open at a time.",
        (Ref("smtp", "4.1.4"), Ref("smtp", "3.3")),
        "smtp-transaction",
        "MAIL is out of order here",
        whys={
            "GREETED": "The client has to introduce itself first: send EHLO, or HELO, and then "
            "MAIL.",
            "SENDER": "A transaction is already open and transactions do not nest: go on with "
            "RCPT, or send RSET to start again.",
            "RCPTS": "A transaction is already open and transactions do not nest: finish it with "
            "DATA, or send RSET to start again.",
            "CHUNKS": "A message is on its way in chunks: send the rest with BDAT, or RSET to give "
            "it up.",
            "FAILED": "A chunk of the message before was refused: only RSET, EHLO, HELO or QUIT "
            "lead on.",
        },
        misreadings=(
            "The line may be perfectly well written: 503 judges the moment, not the form.",
        ),
    ),
    Rule(
        "mail.syntax",
        501,
        "5.5.2",
        "Not written as it must be",
        "MAIL is followed by FROM: and the sender in angle brackets, as in MAIL "
        "FROM:<casey@lab.example>.",
        (Ref("smtp", "4.1.1.2"), Ref("smtp", "3.3")),
        "smtp-transaction",
        "Syntax: MAIL FROM:<address>",
        whys={
            "space": "There is a space beside the colon, and none may be there: MAIL "
            "FROM:<casey@lab.example> is right.",
            "brackets": "The address has to stand in a complete pair of angle brackets: MAIL "
            "FROM:<casey@lab.example> is right.",
            "two-paths": "A message has one sender, so only one address may follow.",
            "glued": "Something clings to the closing bracket; a parameter is set off from it by a "
            "space.",
        },
        texts={
            "space": "No space may stand beside the colon of FROM:",
            "brackets": "The address must stand in angle brackets",
            "two-paths": "Only one sender may be named",
            "glued": "A space must follow the closing bracket",
        },
    ),
    Rule(
        "mail.bad-path",
        501,
        "5.1.7",
        "Not a valid sender address",
        "The brackets are there, but what stands in them is not an address by the grammar of SMTP.",
        (Ref("smtp", "4.1.2"), Ref("smtp", "4.1.4"), Ref("smtp", "4.5.3.1.9")),
        "envelope-vs-header",
        "Bad address",
        whys=_path_whys("casey@lab.example"),
        texts=_PATH_TEXTS,
    ),
    Rule(
        "mail.needs-ascii",
        550,
        "5.6.7",
        "Letters beyond ASCII, not announced",
        "The address holds letters beyond ASCII, so MAIL has to say SMTPUTF8, which this server "
        "offers in its answer to EHLO.",
        (Ref("utf8", "3.5"), Ref("utf8", "3.4")),
        "envelope-vs-header",
        "Address is not ASCII and SMTPUTF8 was not said",
    ),
    Rule(
        "mail.not-owner",
        550,
        "5.7.1",
        "Not your address",
        "A submission server may hold its users to addresses of their own, as this one does.",
        (Ref("submission", "6.1"),),
        "submission-587-465",
        "Sender address does not belong to the user who is logged in",
    ),
    Rule(
        "rcpt.ok",
        250,
        "2.1.5",
        "The recipient is accepted",
        "This mailbox is added to the envelope; name further recipients one by one, or go on with "
        "DATA.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.1.1.3")),
        "smtp-transaction",
        "Recipient ok",
        whys={
            "SENDER": "The transaction has its first recipient; name further ones one by one, or "
            "go on with DATA.",
            "postmaster": "A server that takes mail at all has to take it for postmaster, in upper "
            "or lower case and even without a domain.",
            "own": "The domain is a learner's own: naming it tells the sandbox whose session this "
            "is.",
            "relay": "The domain is elsewhere, but the client is logged in, so a server would pass "
            "the message on; this one keeps it and sends nothing.",
        },
        misreadings=("Only the envelope counts here: the To: field of the message adds nobody.",),
    ),
    Rule(
        "rcpt.order",
        503,
        "5.5.1",
        "Out of order",
        "RCPT has a meaning only inside a transaction, and only MAIL opens one.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.1.4")),
        "smtp-transaction",
        "RCPT is out of order here: no transaction is open",
        whys={
            "GREETED": "RCPT names a recipient of an open transaction, and none can be open yet: "
            "send EHLO or HELO, then MAIL, then RCPT.",
            "READY": "RCPT names a recipient of an open transaction, and only MAIL opens one: send "
            "MAIL FROM first.",
            "CHUNKS": "The message is on its way already, so its recipients are settled: finish "
            "it with BDAT, or give it up with RSET.",
            "FAILED": "A chunk of the message was refused: only RSET, EHLO, HELO or QUIT lead on.",
        },
        misreadings=(
            "501 would mean that it is written wrongly; 503 says it came at the wrong time.",
        ),
    ),
    Rule(
        "rcpt.syntax",
        501,
        "5.5.2",
        "Not written as it must be",
        "RCPT is followed by TO: and one recipient in angle brackets, as in RCPT "
        "TO:<robin@lab.example>.",
        (Ref("smtp", "4.1.1.3"), Ref("smtp", "3.3")),
        "smtp-transaction",
        "Syntax: RCPT TO:<address>",
        whys={
            "space": "There is a space beside the colon, and none may be there: RCPT "
            "TO:<robin@lab.example> is right.",
            "brackets": "The address has to stand in a complete pair of angle brackets: RCPT "
            "TO:<robin@lab.example> is right.",
            "two-paths": "One RCPT names one recipient: send a further RCPT for each of the "
            "others.",
            "glued": "Something clings to the closing bracket; a parameter is set off from it by a "
            "space.",
        },
        texts={
            "space": "No space may stand beside the colon of TO:",
            "brackets": "The address must stand in angle brackets",
            "two-paths": "Only one recipient may be named in a RCPT",
            "glued": "A space must follow the closing bracket",
        },
    ),
    Rule(
        "rcpt.bad-path",
        501,
        "5.1.3",
        "Not a valid recipient address",
        "The brackets are there, but what stands in them is not an address by the grammar of SMTP.",
        (Ref("smtp", "4.1.2"), Ref("smtp", "4.5.3.1.9")),
        "envelope-vs-header",
        "Bad address",
        whys={
            **_path_whys("robin@lab.example"),
            "null": "A recipient cannot be empty: only a sender may be <>.",
        },
        texts={**_PATH_TEXTS, "null": "Bad address: a recipient cannot be empty"},
    ),
    Rule(
        "path.source-route",
        None,
        None,
        "A source route",
        "The address begins with a list of hosts to travel through; a server has to understand "
        "this old form and should do as this one does: look only at the address after the colon.",
        (Ref("smtp", "3.6.1"), Ref("smtp", "4.1.1.3"), Ref("smtp", "4.1.2")),
        "mail-architecture",
    ),
    Rule(
        "rcpt.unknown",
        550,
        "5.1.1",
        "No such user here",
        "This server is responsible for the domain and knows no such user in it, so trying again "
        "will not help; the other recipients are not affected.",
        (Ref("smtp", "3.3"), Ref("smtp", "4.2.3")),
        "smtp-transaction",
        "No such user here",
        misreadings=("The transaction is still open: one refused recipient does not end it.",),
    ),
    Rule(
        "rcpt.relay",
        550,
        "5.7.1",
        "No relaying",
        "This server is not responsible for the domain and the client is not logged in, so taking "
        "the message would make it an open relay.",
        (Ref("smtp", "3.6.2"), Ref("smtp", "4.2.3")),
        "mail-architecture",
        "Relaying denied",
        misreadings=(
            "The address may well exist: it is only not this server's to deliver.",
            "That MAIL was accepted says nothing about relaying: it is decided at RCPT.",
        ),
    ),
    Rule(
        "rcpt.too-many",
        452,
        "4.5.3",
        "Too many recipients at once",
        "The transaction holds as many recipients as this server takes; send the message to these, "
        "and then to the others in a transaction of their own.",
        (Ref("smtp", "4.5.3.1.10"), Ref("smtp", "4.5.3.1.8")),
        "transient-vs-permanent",
        "Too many recipients",
        whys={
            "bounce": "A bounce goes to one address, the sender of what it is about, so this "
            "server takes one recipient for the empty sender.",
        },
        misreadings=("The recipients accepted before stay accepted.",),
    ),
    Rule(
        "rcpt.needs-ascii",
        553,
        "5.6.7",
        "Letters beyond ASCII, not announced",
        "The address holds letters beyond ASCII and MAIL did not say SMTPUTF8, so this recipient "
        "cannot be taken in this transaction.",
        (Ref("utf8", "3.5"), Ref("utf8", "3.4")),
        "envelope-vs-header",
        "Address is not ASCII and SMTPUTF8 was not said",
    ),
    Rule(
        "rcpt.no-domain",
        550,
        "5.1.2",
        "No such domain here",
        "A name below sandbox.test belongs to the learner whose token it is, and this token is "
        "nobody's.",
        (Ref("smtp", "3.3"), Ref("status", "3.2")),
        "smtp-transaction",
        "No such domain here",
        origin="product",
    ),
    Rule(
        "rcpt.greylisted",
        450,
        "4.7.1",
        "Come back later",
        "The server has not known this client, sender and recipient together for long enough; a "
        "real mail server waits and tries again, and much spam software does not.",
        (Ref("greylisting", "2"), Ref("greylisting", "5")),
        "transient-vs-permanent",
        "Greylisted, try again in {seconds} seconds",
        origin="our-choice",
        misreadings=(
            "450 is not final: the client keeps the message and repeats it unchanged, and nothing "
            "is bounced yet.",
        ),
    ),
    Rule(
        "rcpt.full",
        552,
        "5.2.2",
        "The mailbox is full",
        "The mailbox exists and is over its quota; this server calls that final, while others say "
        "452 4.2.2, since its owner may soon make room.",
        (Ref("smtp", "4.2.3"), Ref("status", "3.3")),
        "enhanced-status-codes",
        "Mailbox full",
        origin="our-choice",
        misreadings=("552 with 5.3.4 would mean that the message is too big for the server.",),
    ),
    Rule(
        "rcpt.moved",
        551,
        "5.1.6",
        "The user has moved",
        "The user is not here any more and the server gives the new address; the client may tell "
        "its user, who decides whether to write there.",
        (Ref("smtp", "3.4"), Ref("smtp", "4.2.3")),
        "smtp-reply-codes",
        "User not local; please try <{address}>",
        misreadings=(
            "The message is not forwarded: 551 is a refusal, and 251 would mean that the server "
            "passes it on itself.",
        ),
    ),
    Rule(
        "rcpt.null-mx",
        556,
        "5.1.10",
        "A domain that takes no mail",
        "The domain says in the DNS, by an MX record with an empty name, that it takes no mail at "
        "all.",
        (Ref("521", "4"), Ref("null-mx", "4.1")),
        "mx-routing",
        "Recipient domain takes no mail",
        misreadings=(
            "521 is what a host says of itself; 556 is what another server says of a domain.",
        ),
    ),
)
