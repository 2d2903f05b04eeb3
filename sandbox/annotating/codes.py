"""What a reply code says by itself, for replies that no rule of the engine accounts for."""

from dataclasses import dataclass

from ..smtp import Ref
from ..viewing.status_codes import read_status


@dataclass(frozen=True, slots=True)
class Meaning:
    title: str
    why: str
    refs: tuple[Ref, ...]
    note: str = "smtp-reply-codes"


_REPLIES = (Ref("smtp", "4.2.3"),)
_LOGIN = (Ref("auth", "6"),)

# RFC 5321 section 4.2.3 and, where named, the extension that added the code.
_MEANINGS: dict[int, tuple[str, str, tuple[Ref, ...]]] = {
    211: ("Status", "The server tells about its state or gives help.", _REPLIES),
    214: ("Help", "The text is meant for people, not for programs.", _REPLIES),
    220: ("Ready", "The server is ready to serve, or to start the TLS handshake.", _REPLIES),
    221: ("Goodbye", "The server closes the connection now.", _REPLIES),
    235: ("Logged in", "The login succeeded.", _LOGIN),
    250: ("Done", "What the client asked for was carried out.", _REPLIES),
    251: (
        "Not local, forwarded",
        "The recipient is not local; the server takes the message and passes it on.",
        (Ref("smtp", "3.4"), *_REPLIES),
    ),
    252: ("Neither yes nor no", "The server does not say whether the mailbox exists.", _REPLIES),
    334: ("Go on with the login", "The server waits for the next step, in base64.", _LOGIN),
    354: ("Send the message", "What follows is content, up to a lone dot.", _REPLIES),
    421: (
        "Service not available",
        "The server cannot go on and closes; it may say so in answer to any command. The client "
        "keeps the mail and tries again later.",
        (Ref("smtp", "3.8"), *_REPLIES),
    ),
    432: ("A password transition is needed", "The password has to be stored anew first.", _LOGIN),
    450: (
        "Not now",
        "The mailbox cannot be served at the moment, or the server puts strangers off; the client "
        "keeps the mail and tries again later.",
        _REPLIES,
    ),
    451: (
        "A local error",
        "Something went wrong at the server, not in the command; the client keeps the mail and "
        "tries again later.",
        _REPLIES,
    ),
    452: (
        "No room, or enough recipients",
        "The server lacks storage, or the transaction holds as many recipients as it takes.",
        (Ref("smtp", "4.5.3.1.10"), *_REPLIES),
    ),
    454: (
        "Not available at the moment",
        "TLS or the login cannot be served now, for a reason on the server's side.",
        (Ref("starttls", "4"), *_LOGIN),
    ),
    455: ("Parameters cannot be met now", "Offered, but not possible at present.", _REPLIES),
    500: ("Not recognised", "The server knows no such command, or the line is too long.", _REPLIES),
    501: ("Wrong argument", "The command is known, but not written as it must be.", _REPLIES),
    502: ("Not implemented", "The command is known, but this server does not do it.", _REPLIES),
    503: ("Out of order", "The command may be right, but not at this moment.", _REPLIES),
    504: ("Parameter not implemented", "The server does not support this argument.", _REPLIES),
    521: ("A host that takes no mail", "It never does, so trying again is useless.",
          (Ref("521", "3"),)),  # fmt: skip
    530: ("Log in or encrypt first", "The server serves this only after STARTTLS or AUTH.",
          (Ref("starttls", "4"), *_LOGIN)),  # fmt: skip
    534: ("Mechanism too weak", "The server wants a stronger way to log in.", _LOGIN),
    535: ("Login refused", "User name and password were not accepted.", _LOGIN),
    538: ("Encrypt first", "This mechanism is only served under TLS; an old code.", _LOGIN),
    550: (
        "Refused",
        "The mailbox does not exist or may not be reached, or the server refuses by policy; the "
        "enhanced code and the text say which.",
        _REPLIES,
    ),
    551: ("Moved", "The mailbox is elsewhere; the text names the new address.",
          (Ref("smtp", "3.4"), *_REPLIES)),  # fmt: skip
    552: ("Too much", "The message or the mailbox is over its limit.", _REPLIES),
    553: ("Mailbox name not allowed", "The address is not one that may be used here.", _REPLIES),
    554: (
        "Failed",
        "The transaction failed, or in place of a greeting there is no service; the enhanced code "
        "and the text say why.",
        _REPLIES,
    ),
    555: ("Parameter not recognised", "MAIL or RCPT came with a parameter that was not offered.",
          (Ref("smtp", "4.1.1.11"),)),  # fmt: skip
    556: ("Domain takes no mail", "The recipient's domain declares it with a null MX.",
          (Ref("521", "4"), Ref("null-mx", "4.1"))),  # fmt: skip
}  # fmt: skip

_THROTTLED = (
    "Too much at once",
    "The server slows a mailbox or a client down that gets or sends too much; the client keeps the "
    "mail and tries again later.",
    _REPLIES,
)
# RFC 5321 section 4.2.1.
_CLASSES = {
    2: "The first digit says that the command was carried out.",
    3: "The first digit says that the server waits for more.",
    4: "The first digit says that this failed for now and may work later.",
    5: "The first digit says that this failed for good.",
}
# What Exchange means by codes that the registry has otherwise or not at all.
_EXCHANGE = {
    "5.1.10": "Exchange uses 5.1.10 for a recipient that it did not find; in the registry it "
    "stands for a domain that takes no mail.",
    "4.3.2": "Exchange also gives 4.3.2 for a mailbox that gets too much mail at once.",
    "5.7.57": "Exchange uses 5.7.57 for a client that did not log in.",
    "5.7.64": "Exchange uses 5.7.64 for relaying that no connector allows.",
    "5.4.1": "Exchange Online also gives 5.4.1 for an address that it refuses at the edge.",
}


def meaning_of(code: int, enhanced: str | None, *, product: str = "") -> Meaning:
    found = _MEANINGS.get(code)
    if code == 432 and enhanced not in (None, "4.7.12"):
        found = _THROTTLED  # the vendors' use of a code that RFC 4954 has for something else
    title, why, refs = found or (
        f"Reply {code}",
        f"This code is not in our table. {_CLASSES[code // 100]}",
        (Ref("smtp", "4.2.1"),),
    )
    if enhanced:
        why = f"{why} {detail_of(enhanced, product=product)}".rstrip()
    note = "transient-vs-permanent" if code // 100 == 4 else "smtp-reply-codes"
    return Meaning(title, why, refs, note)


def detail_of(enhanced: str, *, product: str = "") -> str:
    if product == "Exchange" and enhanced in _EXCHANGE:
        return _EXCHANGE[enhanced]
    status = read_status(enhanced)
    return f"{enhanced} says: {status.meaning}." if status else ""
