"""Reasons around the transaction: greeting, names, small commands, unknown verbs, the end."""

from ..references import Ref
from .rule import Rule

SESSION_RULES = (
    Rule(
        "greeting.ok",
        220,
        None,
        "The server speaks first",
        "The server opens the session with 220: it says who it is and that it is ready, and a "
        "client waits for this line before it sends anything.",
        (Ref("smtp", "3.1"), Ref("smtp", "4.3.1")),
        "smtp-session-basics",
        "{host} {protocol} ready",
    ),
    Rule(
        "ehlo.ok",
        250,
        None,
        "The offer",
        "The server accepts the client's name and lists, one keyword a line, the extensions that "
        "may be used from now on; a hyphen after the code says that more lines follow.",
        (Ref("smtp", "4.1.1.1"), Ref("smtp", "4.1.4")),
        "esmtp-extension-model",
        "{host} greets {name}",
        whys={
            "READY": "EHLO may also be sent later in a session: the new name counts and the offer "
            "is listed.",
            "SENDER": "EHLO in the middle of a transaction is accepted and works like RSET: the "
            "sender is forgotten and the offer is listed.",
            "RCPTS": "EHLO in the middle of a transaction is accepted and works like RSET: sender "
            "and recipients are forgotten and the offer is listed.",
            "CHUNKS": "EHLO in the middle of a message works like RSET: the chunks so far are "
            "dropped and the offer is listed.",
            "FAILED": "EHLO leads out of the failed message like RSET, and the offer is listed.",
        },
        misreadings=("The first line is not a keyword: it is the server's own name.",),
    ),
    Rule(
        "helo.ok",
        250,
        None,
        "Plain SMTP",
        "HELO is answered with one line and no list: the session is plain SMTP, in which no "
        "extension and no parameter may be used.",
        (Ref("smtp", "4.1.1.1"), Ref("smtp", "3.2")),
        "esmtp-extension-model",
        "{host} greets {name}",
        whys={
            "SENDER": "HELO in the middle of a transaction works like RSET: the sender is "
            "forgotten, and from here on the session is plain SMTP.",
            "RCPTS": "HELO in the middle of a transaction works like RSET: sender and recipients "
            "are forgotten, and from here on the session is plain SMTP.",
        },
    ),
    Rule(
        "ehlo.again",
        503,
        None,
        "Greeted already",
        "This server takes one EHLO in a session; the standard lets a client send another, which "
        "works like RSET.",
        (Ref("smtp", "4.1.4"),),
        "esmtp-extension-model",
        "Already identified",
        origin="product",
    ),
    Rule(
        "helo.again",
        503,
        None,
        "Greeted already",
        "This server takes one HELO in a session; by the standard another one is no error and "
        "works like RSET.",
        (Ref("smtp", "4.1.1.1"), Ref("smtp", "4.1.4")),
        "esmtp-extension-model",
        "Already identified",
        origin="product",
    ),
    Rule(
        "ehlo.bad-name",
        501,
        None,
        "Not a host name",
        "EHLO and HELO are followed by the client's own name: a domain such as client.example or, "
        "if EHLO is used, an address in square brackets such as [192.0.2.10].",
        (Ref("smtp", "4.1.1.1"), Ref("smtp", "4.1.2"), Ref("smtp", "4.1.4")),
        "smtp-session-basics",
        "That is not a valid host name",
        whys={
            "missing": "The command came without a name: the client has to say who it is, with a "
            "name such as client.example.",
            "space": "Only one name may follow, and this argument has a space inside: a name such "
            "as client.example is enough.",
            "underscore": "A host name is made of letters, digits, hyphens and dots, so the "
            "underscore has to go.",
            "literal": "An address in place of a name must be complete and stand in square "
            "brackets, as in [192.0.2.10] or [IPv6:2001:db8::10].",
        },
        texts={
            "missing": "A host name must follow, such as client.example",
            "space": "One host name must follow, without spaces",
            "underscore": "A host name holds no underscore",
            "literal": "That is not a valid address literal",
        },
        misreadings=(
            "The name was not looked up: only its form counts, and a server may not refuse mail "
            "because the name does not match the client's address.",
        ),
    ),
    Rule(
        "quit.ok",
        221,
        "2.0.0",
        "A proper goodbye",
        "The server answers 221 and then closes the connection; every message accepted before "
        "stays accepted.",
        (Ref("smtp", "4.1.1.10"), Ref("smtp", "3.8")),
        "smtp-session-basics",
        "{host} closing connection",
        closes=True,
        whys={
            "SENDER": "The server says goodbye and drops the open transaction: without DATA "
            "nothing was sent.",
            "RCPTS": "The server says goodbye and drops the open transaction: its recipients were "
            "accepted, but no message was ever sent to them.",
        },
    ),
    Rule(
        "noop.ok",
        250,
        "2.0.0",
        "Nothing changes",
        "NOOP only makes the server answer: the state and an open transaction stay as they are.",
        (Ref("smtp", "4.1.1.9"),),
        "smtp-aux-commands",
        "OK",
    ),
    Rule(
        "rset.ok",
        250,
        "2.0.0",
        "A clean slate",
        "The open transaction is forgotten and MAIL may start again; the client stays introduced.",
        (Ref("smtp", "4.1.1.5"),),
        "smtp-aux-commands",
        "OK, nothing is open",
        whys={
            "GREETED": "RSET is allowed even before EHLO or HELO; there was no transaction to "
            "forget.",
            "READY": "No transaction was open, so there was nothing to forget, and the client "
            "stays introduced.",
        },
        misreadings=("RSET does not end the session and does not call for a new EHLO or HELO.",),
    ),
    Rule(
        "vrfy.ok",
        252,
        "2.5.0",
        "Neither yes nor no",
        "The server does not say whether the mailbox exists, so that nobody can collect addresses; "
        "RCPT in a real transaction will tell.",
        (Ref("smtp", "3.5.3"), Ref("smtp", "7.3")),
        "smtp-aux-commands",
        "Cannot verify, but will take a message and try to deliver it",
        misreadings=("252 does not confirm that the mailbox exists.",),
    ),
    Rule(
        "vrfy.found",
        250,
        "2.1.5",
        "The mailbox exists",
        "This server looks mailboxes up and tells, with 250 or, as Postfix does, with 252; few "
        "servers do, because anybody may ask.",
        (Ref("smtp", "3.5.2"), Ref("smtp", "3.5.3")),
        "smtp-aux-commands",
        "<{address}>",
    ),
    Rule(
        "vrfy.unknown",
        550,
        "5.1.1",
        "No such mailbox",
        "This server looks mailboxes up and has found none of that name.",
        (Ref("smtp", "3.5.1"), Ref("smtp", "4.2.3")),
        "smtp-aux-commands",
        "No such user here",
    ),
    Rule(
        "vrfy.ambiguous",
        553,
        "5.1.4",
        "More than one may be meant",
        "Several mailboxes begin with this name, so the server cannot say which one is asked for.",
        (Ref("smtp", "3.5.1"), Ref("status", "3.2")),
        "smtp-aux-commands",
        "User ambiguous",
    ),
    Rule(
        "vrfy.utf8",
        252,
        "2.6.8",
        "The answer would not be ASCII",
        "The mailbox has letters beyond ASCII and the client did not say SMTPUTF8 behind the name, "
        "so its address cannot be shown.",
        (Ref("utf8", "3.7.4.2"),),
        "smtp-aux-commands",
        "Cannot show the address without SMTPUTF8",
    ),
    Rule(
        "expn.ok",
        252,
        "2.5.0",
        "The list is not shown",
        "The server knows EXPN and does not say who is on a list, so that nobody can collect "
        "addresses.",
        (Ref("smtp", "7.3"), Ref("smtp", "3.5.2")),
        "smtp-aux-commands",
        "Cannot expand, but will take a message for the list",
    ),
    Rule(
        "help.ok",
        214,
        "2.0.0",
        "What the server understands",
        "HELP names the commands this server knows, and it may be asked at any time without "
        "changing anything.",
        (Ref("smtp", "4.1.1.8"),),
        "smtp-aux-commands",
        "Commands: {verbs}",
    ),
    Rule(
        "args.unexpected",
        501,
        "5.5.4",
        "No argument here",
        "This command stands alone on its line: send it again with nothing after it.",
        (Ref("smtp", "4.3.2"), Ref("smtp", "4.1.1")),
        "smtp-reply-codes",
        "{verb} takes no argument",
        whys={
            "STARTTLS": "STARTTLS stands alone on its line: the handshake follows once the server "
            "has answered 220.",
            "DATA": "DATA stands alone on its line: the message itself follows on lines of its "
            "own, once the server has answered 354.",
            "QUIT": "QUIT stands alone on its line, so the session goes on until it comes without "
            "an argument.",
        },
    ),
    Rule(
        "args.missing",
        501,
        "5.5.4",
        "The argument is missing",
        "This command needs an argument: the name of what it asks about or asks for.",
        (Ref("smtp", "4.3.2"), Ref("smtp", "4.1.1")),
        "smtp-aux-commands",
        "{verb} needs an argument",
        whys={
            "VRFY": "VRFY asks about one mailbox, so its name has to follow, as in VRFY robin.",
            "EXPN": "EXPN asks about one mailing list, so its name has to follow.",
            "AUTH": "AUTH is followed by the name of a mechanism, as in AUTH PLAIN.",
        },
    ),
    Rule(
        "verb.unknown",
        500,
        "5.5.2",
        "No such command",
        "The first word is no command that this server knows; nothing has changed, so the line can "
        "be corrected and sent again.",
        (Ref("smtp", "4.2.4"), Ref("smtp", "3.8")),
        "smtp-reply-codes",
        "Command not recognized",
        whys={
            "EHLO": "This server is older than the extensions and has never heard of EHLO; a "
            "client now falls back to HELO, which every server has to know.",
            "empty": "The line is empty or begins with a space, and a command line begins with a "
            "verb such as MAIL or QUIT.",
            "header": "A word with a colon in it is no command: it looks like a header field, "
            "and those are sent after DATA, once the server has answered 354.",
            "colon": "The verb is followed by a colon, which is no part of it: only a space may "
            "set it off from what follows.",
        },
        misreadings=("500 does not end the session: the client may go on.",),
    ),
    Rule(
        "verb.not-offered",
        502,
        "5.5.1",
        "Known, but not offered",
        "The command exists, but this server does not implement it; what may be used stands in the "
        "answer to EHLO.",
        (Ref("smtp", "4.2.4"),),
        "smtp-reply-codes",
        "{verb} is not implemented here",
        whys={
            "STARTTLS": "STARTTLS may only be used where the answer to EHLO lists it, and this "
            "server does not offer it.",
            "AUTH": "AUTH may only be used where the answer to EHLO lists it, and this server does "
            "not offer it.",
            "BDAT": "BDAT belongs to the extension CHUNKING, which this server does not offer; "
            "DATA does the same work.",
            "EXPN": "EXPN asks who is on a mailing list; a server need not serve it, this one does "
            "not, and few would tell a stranger.",
            "ETRN": "ETRN asks a server to send its waiting mail now, and this server never sends "
            "mail anywhere.",
            "ATRN": "ATRN asks a server to send its waiting mail over this connection, and this "
            "server never sends mail anywhere.",
            "TURN": "TURN swapped the two roles without knowing who was asking, and was given up "
            "for that reason.",
            "SEND": "SEND wrote to a user's terminal instead of a mailbox; it is history and was "
            "rarely implemented.",
            "SOML": "SOML wrote to a user's terminal or to the mailbox; it is history and was "
            "rarely implemented.",
            "SAML": "SAML wrote to a user's terminal and to the mailbox; it is history and was "
            "rarely implemented.",
        },
        misreadings=("502 is not 500: the server knows the word, it just does not do it.",),
    ),
)
