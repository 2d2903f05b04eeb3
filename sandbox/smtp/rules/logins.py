"""Reasons of AUTH: which mechanism, which response, and how the login went."""

from ..references import Ref
from .rule import Rule

_PLAIN_IS = "PLAIN wants a NUL, the user name, a second NUL and the password, encoded as one piece"

LOGIN_RULES = (
    Rule(
        "auth.ok",
        235,
        "2.7.0",
        "Logged in",
        "The credentials are right, and from here on the server knows the user: mail to other "
        "domains is taken too.",
        (Ref("auth", "6"), Ref("auth", "4")),
        "smtp-auth-sasl",
        "Authentication succeeded",
        misreadings=(
            "235 says nothing about the sender address that MAIL will name.",
            "Nothing is reset by a login: no new EHLO is called for.",
        ),
    ),
    Rule(
        "auth.continue",
        334,
        None,
        "The server asks for more",
        "334 asks for the next piece of the login; what follows it, if anything, is base64, which "
        "hides nothing and only keeps the octets printable.",
        (Ref("auth", "4"),),
        "smtp-auth-sasl",
        "",
        whys={
            "LOGIN": "The prompt is base64: VXNlcm5hbWU6 says Username: and UGFzc3dvcmQ6 says "
            "Password:, and the answers are base64 too.",
            "PLAIN": "The server is ready for the credentials: " + _PLAIN_IS + " of base64.",
            "CRAM-MD5": "The server sends a challenge made for this login alone; the answer is the "
            "user name and a keyed digest of the challenge, so the password stays at home.",
            "SCRAM-SHA-256": "Client and server exchange nonces and proofs: each shows that it "
            "knows the password, or a key made of it, and neither sends it.",
        },
        misreadings=("334 is no success yet: only 235 says that the user is logged in.",),
    ),
    Rule(
        "auth.order",
        503,
        "5.5.1",
        "Out of order",
        "AUTH comes after EHLO, outside a transaction, and not again once a login has succeeded.",
        (Ref("auth", "4"),),
        "smtp-auth-sasl",
        "AUTH is out of order here",
        whys={
            "user": "The session has a user already, and after one successful login no other is "
            "allowed in it: connect anew to be somebody else.",
            "helo": "After HELO no extension is in force: greet with EHLO, and then log in.",
            "GREETED": "The client has to greet with EHLO first, to see which mechanisms are "
            "offered.",
            "SENDER": "A login is not allowed inside a transaction: give it up with RSET first.",
            "RCPTS": "A login is not allowed inside a transaction: give it up with RSET first.",
        },
    ),
    Rule(
        "auth.mechanism",
        504,
        "5.5.4",
        "A mechanism that was not offered",
        "The answer to EHLO lists the mechanisms after AUTH, and this one is not among them.",
        (Ref("auth", "4"),),
        "smtp-auth-sasl",
        "Mechanism not offered; try {mechanisms}",
    ),
    Rule(
        "auth.needs-tls",
        504,
        "5.5.4",
        "No login in the clear",
        "AUTH is offered under TLS only, so that no password crosses the network in the clear: "
        "send STARTTLS, if it is offered, then EHLO, and look at the list again.",
        (Ref("auth", "4"), Ref("auth", "9")),
        "smtp-auth-sasl",
        "AUTH is offered under TLS only",
        misreadings=(
            "538 5.7.11 was the answer to this in former days and is kept for history only.",
        ),
    ),
    Rule(
        "auth.base64",
        501,
        "5.5.2",
        "Not base64",
        "Every answer to 334 is base64, without spaces and with its padding; this one cannot be "
        "decoded.",
        (Ref("auth", "4"),),
        "smtp-auth-sasl",
        "Cannot decode the response as base64",
        whys={
            "padding": "The letters are those of base64, but their number does not come out even: "
            "the equals signs at the end are missing or too many.",
        },
    ),
    Rule(
        "auth.cancelled",
        501,
        "5.7.0",
        "Cancelled",
        "A single asterisk gives the login up; the session stays as it was before AUTH.",
        (Ref("auth", "4"),),
        "smtp-auth-sasl",
        "Authentication cancelled",
        misreadings=("The enhanced code is our choice: the standard names only 501.",),
    ),
    Rule(
        "auth.unasked",
        501,
        "5.7.0",
        "The server speaks first here",
        "In this mechanism the server sends a challenge first, so AUTH may not bring an answer "
        "with it.",
        (Ref("auth", "4"), Ref("cram-md5", "2")),
        "smtp-auth-sasl",
        "This mechanism takes no initial response",
    ),
    Rule(
        "auth.malformed",
        501,
        "5.5.2",
        "Not what the mechanism expects",
        "The line is proper base64, but what it says does not follow the mechanism.",
        (Ref("auth", "4"), Ref("cram-md5", "2"), Ref("scram", "7")),
        "smtp-auth-sasl",
        "Malformed response",
        origin="our-choice",
        whys={
            "cram-md5": "The decoded answer has to be the user name, a space and 32 hexadecimal "
            "digits in lower case.",
            "scram": "The decoded message does not follow the grammar of SCRAM: attributes such as "
            "n=user,r=nonce, separated by commas.",
        },
    ),
    Rule(
        "auth.too-long",
        500,
        "5.5.6",
        "The line is too long",
        "A line of a login may have 12,288 octets here, which suffices for every mechanism in use; "
        "the 512 of other command lines do not hold for it.",
        (Ref("auth", "4"), Ref("auth", "6")),
        "smtp-auth-sasl",
        "Authentication exchange line is too long",
    ),
    Rule(
        "auth.bad",
        535,
        "5.7.8",
        "Wrong name or password",
        "The credentials are not accepted, and the server does not say whether name or password "
        "is wrong.",
        (Ref("auth", "6"),),
        "smtp-auth-sasl",
        "Authentication credentials invalid",
        whys={
            "plain-colon": "The response holds a colon, as HTTP wants it; " + _PLAIN_IS + ".",
            "plain-no-nul": "The response holds no NUL; " + _PLAIN_IS + ".",
            "plain-one-nul": "The response holds one NUL, so the first is missing; "
            + _PLAIN_IS
            + ".",
            "plain-nuls": "The response holds too many NULs; " + _PLAIN_IS + ".",
            "plain-empty": "The user name or the password is empty; " + _PLAIN_IS + ".",
            "authzid": "The response asks to act as somebody else than the user who logs in, and "
            "that is not allowed here.",
            "line-feed": "The decoded text ends with a line feed, as the command echo adds it: "
            "printf or echo -n leave it out.",
            "channel-binding": "The client binds the login to the TLS channel, which this server "
            "does not offer.",
            "scram-nonce": "The nonce is not the one that this server sent, so the message does "
            "not belong to this exchange.",
        },
        misreadings=("535 is final for these credentials: repeating them will not help.",),
    ),
    Rule(
        "auth.too-many",
        421,
        "4.7.0",
        "Too many failed logins",
        "So many logins have failed in this session that the server takes the client for one that "
        "guesses, and closes; a server should bear with three failures at least.",
        (Ref("auth", "9"), Ref("smtp", "7.8")),
        "smtp-auth-sasl",
        "Too many failed logins in this session",
        closes=True,
        origin="our-choice",
    ),
    Rule(
        "auth.later",
        454,
        "4.7.0",
        "Cannot check now",
        "The server cannot check credentials at the moment; the same ones may be right later.",
        (Ref("auth", "6"),),
        "smtp-auth-sasl",
        "Temporary authentication failure",
        misreadings=("454 does not say that the password is wrong: do not ask the user for it.",),
    ),
    Rule(
        "auth.weak",
        534,
        "5.7.9",
        "The mechanism is too weak",
        "The server refuses this mechanism for this user and wants a stronger one.",
        (Ref("auth", "6"),),
        "smtp-auth-sasl",
        "Authentication mechanism is too weak",
    ),
    Rule(
        "auth.transition",
        432,
        "4.7.12",
        "This mechanism has to be set up first",
        "The user has to log in once by another mechanism, as a rule PLAIN under TLS, so that the "
        "server can store the password in the form that this one needs.",
        (Ref("auth", "6"),),
        "smtp-auth-sasl",
        "A password transition is needed",
        misreadings=("The password need be neither wrong nor old: it is only stored otherwise.",),
    ),
)
