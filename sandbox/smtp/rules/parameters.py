"""Reasons of the parameters of MAIL and RCPT."""

from ..references import Ref
from .rule import Rule

PARAMETER_RULES = (
    Rule(
        "param.unknown",
        555,
        "5.5.4",
        "A parameter that was not offered",
        "This parameter belongs to no extension that the server listed in its answer to EHLO; send "
        "the command again without it.",
        (Ref("smtp", "4.1.1.11"), Ref("smtp", "2.2.1")),
        "esmtp-extension-model",
        "Parameter {keyword} is not recognized",
        whys={
            "helo": "After HELO no extension is in force, so no parameter may be used: leave it "
            "out, or greet with EHLO.",
            "plain-server": "This server offers no extension at all, so MAIL and RCPT take no "
            "parameters here: leave it out.",
            "mail-only": "This parameter belongs to MAIL, not to RCPT: leave it out here.",
            "rcpt-only": "This parameter is about one recipient, so it belongs to RCPT, not to "
            "MAIL: leave it out here.",
        },
    ),
    Rule(
        "param.value",
        501,
        "5.5.4",
        "A parameter that is not written correctly",
        "A parameter is a keyword, or a keyword, an equals sign and a value, without spaces "
        "inside.",
        (Ref("smtp", "4.1.2"), Ref("smtp", "4.1.1.11")),
        "esmtp-extension-model",
        "Parameter is malformed",
        whys={
            "repeated": "The same parameter stands there twice, and each may be given only once.",
            "SIZE": "SIZE needs the number of octets in digits, at most twenty of them and without "
            "a unit, as in SIZE=1500.",
            "BODY": "BODY takes one of the values 7BIT and 8BITMIME, and BINARYMIME where it is "
            "offered, as in BODY=8BITMIME.",
            "SMTPUTF8": "SMTPUTF8 stands alone, without a value.",
            "RET": "RET takes one of the two values FULL and HDRS.",
            "ENVID": "ENVID needs up to 94 printable characters, in which + and = are written as "
            "+2B and +3D.",
            "AUTH": "AUTH on MAIL names who submitted the message: an address in which + and = are "
            "written as +2B and +3D, or <> for nobody known.",
            "NOTIFY": "NOTIFY is either NEVER alone, or a list of SUCCESS, FAILURE and DELAY with "
            "commas between them.",
            "ORCPT": "ORCPT needs the kind of address and the address, as in "
            "ORCPT=rfc822;robin@lab.example.",
        },
        texts={
            "repeated": "Parameter is given twice",
            "SIZE": "SIZE needs a number of octets",
            "BODY": "BODY is 7BIT or 8BITMIME",
            "SMTPUTF8": "SMTPUTF8 takes no value",
            "RET": "RET is FULL or HDRS",
            "ENVID": "ENVID is malformed or too long",
            "AUTH": "AUTH needs an address or <>",
            "NOTIFY": "NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY",
            "ORCPT": "ORCPT needs a type and an address",
        },
    ),
    Rule(
        "param.later",
        455,
        "4.5.0",
        "Not at the moment",
        "The parameter is known, but the server cannot meet it now; it may work later or without "
        "the parameter.",
        (Ref("smtp", "4.1.1.11"), Ref("smtp", "4.2.3")),
        "esmtp-extension-model",
        "Cannot meet the parameters at the moment",
        misreadings=("455 is temporary: a parameter that the server does not know gets 555.",),
    ),
    Rule(
        "size.no-room",
        452,
        "4.3.1",
        "No room at the moment",
        "The server has no room for the message at the moment; the client keeps it and tries again "
        "later.",
        (Ref("size", "6.1"), Ref("size", "6.3"), Ref("smtp", "4.2.3")),
        "ext-size",
        "Insufficient system storage",
        misreadings=("452 is temporary: 552 would mean that the message will never be taken.",),
    ),
    Rule(
        "size.declared",
        552,
        "5.3.4",
        "Too big, known in time",
        "The client declared a size above the limit that the answer to EHLO named, so the message "
        "is refused before it is sent; no transaction is open.",
        (Ref("size", "6.1"), Ref("smtp", "4.2.3")),
        "ext-size",
        "Message of that size exceeds the limit of {limit} octets",
    ),
)
