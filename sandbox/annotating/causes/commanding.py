"""Why a command or a message is refused."""

from .cause import cause

COMMANDING = (
    cause(
        "Every recipient was refused, so there is nobody to send to.",
        "Mend the RCPT that failed before it; DATA is not the problem.",
        codes="554 503",
        verbs="DATA",
    ),
    cause(
        "The command came at the wrong moment: MAIL, RCPT and DATA follow each other, and after "
        "STARTTLS the session starts over with EHLO.",
        "Send RSET and begin the transaction again in this order.",
        codes="503",
    ),
    cause(
        "The argument is not written as it must be: a space after FROM: or TO:, or missing angle "
        "brackets.",
        "Write it as in MAIL FROM:<casey@lab.example>, without a space at the colon.",
        codes="501",
        verbs="MAIL RCPT",
    ),
    cause(
        "The name behind it is no host name: it is missing, or holds an underscore or a space.",
        "Give the client a name such as client.example, or its address in square brackets.",
        codes="501",
        verbs="EHLO HELO",
    ),
    cause(
        "The argument is missing, not written as it must be, or one too many.",
        "Compare the line with the section named beside it.",
        codes="501",
    ),
    cause(
        "A parameter was used that the answer to EHLO does not list, or after HELO.",
        "Greet with EHLO and leave out what is not offered.",
        codes="555",
    ),
    cause(
        "EHLO is unknown here: a very old server, or a firewall that rewrites SMTP.",
        "Fall back to HELO; if the server should know EHLO, switch SMTP inspection off on the "
        "firewall.",
        codes="500 502",
        verbs="EHLO",
    ),
    cause(
        "The command is switched off, as VRFY and EXPN often are, or belongs to an extension that "
        "is not offered.",
        "Use what the answer to EHLO lists; to test an address, try RCPT.",
        codes="502",
    ),
    cause(
        "A typing error, or octets that are no SMTP at all, such as a TLS handshake on a port that "
        "speaks clear text.",
        "Check the verb; check that port and TLS mode fit: 465 begins with TLS, 587 with text.",
        codes="500",
    ),
    cause(
        "A loop: the message has passed too many servers.",
        "Look at the Received fields: two servers forward to each other.",
        codes="554 550",
        details="4.6 4.14",
    ),
    cause(
        "A filter has read the message and refuses it.",
        "Read the text for the name of the filter; try a plain message without links and "
        "attachments.",
        codes="550 554",
        verbs=".",
    ),
    cause(
        "A filter or the storage behind the server failed after the message had arrived.",
        "The client sends all of it again later; on your own server look at the filter's log.",
        codes="451 452",
        verbs=".",
    ),
    cause(
        "The server refuses by policy: this client, this sender or this content.",
        "The text usually names the policy; the receiving administrator can say more.",
        codes="550 554 553",
        details="7.1 7.0",
    ),
)
