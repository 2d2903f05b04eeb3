"""Why a sender or a recipient is refused."""

from .cause import cause

ADDRESSING = (
    cause(
        "The login does not own the address in MAIL FROM.",
        "Send from your own address, or let the administrator add the other one to the account.",
        codes="550 553",
        verbs="MAIL RCPT",
        text=r"not owned|sender address rejected|send as|not permitted to send",
    ),
    cause(
        "The message is bigger than the server takes.",
        "Read the SIZE line of the EHLO answer; send a link in place of the attachment.",
        codes="552 554",
        details="3.4 2.3",
    ),
    cause(
        "The directory of the organisation has no such recipient: mistyped, left, or never "
        "synchronised; Outlook may also have completed an old entry.",
        "Write the address out anew; in Microsoft 365 look it up among the recipients, or check "
        "the accepted domain and the directory synchronisation.",
        codes="550",
        details="1.10 1.1",
        product="Exchange",
    ),
    cause(
        "The recipient's server refuses the address at its edge: it does not exist, or the domain "
        "is not set up there.",
        "Check the address and the MX record of its domain; the receiving administrator has to "
        "look at accepted domains and recipients.",
        codes="550",
        details="4.1",
    ),
    cause(
        "The server has no mailbox of that name; mistyped, or the person has left.",
        "Check the part before the @; the other recipients are not affected.",
        codes="550 551 553",
        details="1.1 1.6",
    ),
    cause(
        "No receive connector lets this client send to foreign domains, and it did not log in.",
        "Let the device or program log in on port 587, or make a connector that allows relaying "
        "for its address alone.",
        codes="550",
        text=r"relay",
        product="Exchange",
    ),
    cause(
        "The server is not responsible for this domain and the client is not logged in, so it "
        "will not pass the mail on.",
        "Log in (port 587), or send through the server of your own domain; on your own server "
        "check mynetworks or the domains it serves.",
        codes="550 554 551 553",
        text=r"relay",
    ),
    cause(
        "The organisation takes mail for this recipient from its own people only, or only from a "
        "list of senders.",
        "The receiving administrator can allow senders from outside, or your address.",
        codes="550",
        text=r"RESOLVER\.RST\.(?:Auth|Sender|Restricted|NotAuth)|SenderAuthenticated",
    ),
    cause(
        "The sending domain or address failed a check: SPF, DKIM, DMARC or the PTR record.",
        "Check the records of the sending domain and that all its servers are in them.",
        codes="550 554 451 421",
        details="7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27",
    ),
    cause(
        "The address stands on a block list, or its reputation is bad.",
        "Look the sending address up on the list that the text names and ask for removal there.",
        codes="550 554 451 421",
        text=r"spamhaus|block ?list|blacklist|dnsbl|rbl|reputation|blocked using|banned sending",
    ),
    cause(
        "The recipient's domain declares by a null MX that it takes no mail.",
        "There is nothing to mend on the sender's side: the domain is the wrong one.",
        codes="556",
    ),
    cause(
        "The mailbox is full.",
        "The recipient has to make room; a retry later may work.",
        codes="552 452 422 550",
        details="2.2",
    ),
    cause(
        "Greylisting: the first try of an unknown sender is put off on purpose.",
        "Nothing to mend: the queue tries again, from the same address, and gets through.",
        codes="450 451 421",
        text=r"gr[ea]y-?list|try again (?:in|later|after)|deferred for",
    ),
    cause(
        "Greylisting, most likely: strangers are put off on the first try.",
        "Let the queue try again from the same address; do not change it between tries.",
        codes="450",
        details="7.1",
        verbs="RCPT",
    ),
    cause(
        "One mailbox gets more mail at once than the server delivers to it; it is slowed down on "
        "purpose.",
        "Nothing to mend for a single burst; spread automatic mail over time or over mailboxes.",
        codes="432",
        details="3.2",
    ),
    cause(
        "The transaction has more recipients than this server takes at once.",
        "Send to those accepted, and to the rest in a further transaction.",
        codes="452",
        details="5.3",
    ),
    cause(
        "The disk or the mail system of the server is nearly full.",
        "Leave the mail in the queue; on your own server free some space.",
        codes="452 552 451",
        details="3.1",
    ),
)
