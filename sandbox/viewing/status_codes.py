"""What an enhanced status code says: class, subject and detail in words."""

from dataclasses import dataclass

from ..smtp.references import rfc_label, rfc_url

# RFC 3463 sections 2 and 3.
_CLASSES = {"2": "done", "4": "failed so far, may work later", "5": "failed for good"}
_SUBJECTS = {
    "0": "nothing in particular",
    "1": "the address",
    "2": "the mailbox",
    "3": "the mail system",
    "4": "network and routing",
    "5": "the protocol",
    "6": "the content",
    "7": "security or policy",
}
# From the registry that RFC 5248 set up: the detail, and the RFC if it is not 3463.
_DETAILS: dict[str, tuple[str, int]] = {
    "0.0": ("only the class is known", 3463),
    "1.0": ("something about an address", 3463),
    "1.1": ("no such mailbox, left of the @", 3463),
    "1.2": ("no such domain, or it takes no mail, right of the @", 3463),
    "1.3": ("the recipient's address is badly formed", 3463),
    "1.4": ("the name fits more than one mailbox", 3463),
    "1.5": ("the recipient is valid", 3463),
    "1.6": ("the mailbox has moved, no new address given", 3463),
    "1.7": ("the sender's address is badly formed", 3463),
    "1.8": ("the sender's domain does not exist or takes no replies", 3463),
    "1.10": ("the recipient's domain declares that it takes no mail", 7505),
    "2.0": ("the mailbox exists, something else is wrong with it", 3463),
    "2.1": ("the mailbox is disabled", 3463),
    "2.2": ("the mailbox is full", 3463),
    "2.3": ("the message is longer than this mailbox allows", 3463),
    "2.4": ("the mailing list could not be expanded", 3463),
    "3.0": ("something about the mail system", 3463),
    "3.1": ("the storage is full", 3463),
    "3.2": ("the system takes no messages at all", 3463),
    "3.3": ("the system lacks a feature that was asked for", 3463),
    "3.4": ("the message is too big for the system", 3463),
    "3.5": ("the system is not set up for this message", 3463),
    "4.0": ("something about network or routing", 3463),
    "4.1": ("the host did not answer", 3463),
    "4.2": ("the connection broke or timed out", 3463),
    "4.3": ("a directory such as DNS failed", 3463),
    "4.4": ("no route or next hop was found", 3463),
    "4.5": ("the mail system is congested", 3463),
    "4.6": ("a routing loop", 3463),
    "4.7": ("the message is too old, its time ran out", 3463),
    "5.0": ("something about the protocol", 3463),
    "5.1": ("the command is invalid or out of order", 3463),
    "5.2": ("a syntax error", 3463),
    "5.3": ("too many recipients", 3463),
    "5.4": ("the arguments are invalid", 3463),
    "5.5": ("the wrong version of the protocol", 3463),
    "5.6": ("a line of the login exchange is too long", 4954),
    "6.0": ("something about the content", 3463),
    "6.1": ("the media type is not supported", 3463),
    "6.2": ("a conversion is needed but forbidden", 3463),
    "6.3": ("a conversion is needed but not possible here", 3463),
    "6.4": ("delivered after a conversion that lost something", 3463),
    "6.5": ("a conversion was tried and failed", 3463),
    "6.7": ("an address that is not ASCII is not allowed here", 6531),
    "6.8": ("the reply needs UTF-8, which the client did not allow", 6531),
    "6.9": ("a message with UTF-8 header fields cannot go to some recipient", 6531),
    "7.0": ("something about security or policy", 3463),
    "7.1": ("not authorised, refused by policy", 3463),
    "7.2": ("this sender may not post to the list", 3463),
    "7.3": ("a secure conversion is needed but not possible", 3463),
    "7.4": ("a security feature is not supported", 3463),
    "7.5": ("a cryptographic failure", 3463),
    "7.6": ("the cryptographic algorithm is not supported", 3463),
    "7.7": ("the message was altered on the way", 3463),
    "7.8": ("the credentials are invalid", 4954),
    "7.9": ("the mechanism is too weak", 4954),
    "7.10": ("encryption is needed", 5248),
    "7.11": ("encryption is needed for this mechanism", 4954),
    "7.12": ("a password transition is needed", 4954),
    "7.13": ("the account is disabled", 5248),
    "7.14": ("the two servers lack an agreement that is needed", 5248),
    "7.15": ("the message has too low a priority", 6710),
    "7.16": ("the message is too big for its priority", 6710),
    "7.17": ("the mailbox has another owner by now", 7293),
    "7.18": ("the domain has another owner by now", 7293),
    "7.19": ("whether the owner has changed could not be found out", 7293),
    "7.20": ("no DKIM signature that holds", 7372),
    "7.21": ("no DKIM signature that is acceptable here", 7372),
    "7.22": ("no DKIM signature that holds and is the author's domain's", 7372),
    "7.23": ("the SPF check failed", 7372),
    "7.24": ("the SPF check could not be carried out", 7372),
    "7.25": ("the reverse DNS check of the client failed", 7372),
    "7.26": ("several checks of the sender failed", 7372),
    "7.27": ("the sender's domain declares that it takes no mail", 7505),
    "7.29": ("the ARC check failed", 8617),
    "7.30": ("the next server cannot keep the promise of REQUIRETLS", 8689),
}


@dataclass(frozen=True, slots=True)
class Status:
    """`meaning` is one line; an unknown detail leaves class and subject."""

    code: str
    meaning: str
    label: str
    url: str


def read_status(code: str) -> Status | None:
    """None for what is not three numbers with a class and a subject that exist."""
    status_class, _, rest = code.partition(".")
    subject = rest.partition(".")[0]
    if status_class not in _CLASSES or subject not in _SUBJECTS or rest.count(".") != 1:
        return None
    detail, rfc = _DETAILS.get(rest, ("a detail that is not in our table", 3463))
    section = f"3.{int(subject) + 1}" if rfc == 3463 else ""
    return Status(
        code,
        f"{_CLASSES[status_class]} · {_SUBJECTS[subject]} · {detail}",
        rfc_label(rfc, section),
        rfc_url(rfc, section),
    )
