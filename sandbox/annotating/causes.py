"""Why a refusal usually comes, and what to do next: a table, the closest entry first."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`codes`, `verbs` and `details` (of the enhanced code, without its class) are alternatives;
    an empty one fits all. `text` is looked for in the reply, `product` names the server.
    "connect" is the verb of a greeting, "." of the end of a message."""

    why: str
    step: str
    codes: frozenset[int] = frozenset()
    verbs: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    text: str = ""
    product: str = ""

    def fits(self, code: int, detail: str, verb: str, text: str, product: str) -> bool:
        return (
            (not self.codes or code in self.codes)
            and (not self.verbs or verb in self.verbs)
            and (not self.details or detail in self.details)
            and (not self.product or product == self.product)
            and (not self.text or re.search(self.text, text, re.IGNORECASE) is not None)
        )


def likely_cause(code: int, enhanced: str | None, verb: str, text: str, product: str = "") -> Cause:
    detail = enhanced.partition(".")[2] if enhanced else ""
    for cause in _CAUSES:
        if cause.fits(code, detail, verb, text[:1000], product):
            return cause
    return _LATER if code // 100 == 4 else _NEVER


def _cause(
    why: str,
    step: str,
    codes: str = "",
    verbs: str = "",
    details: str = "",
    text: str = "",
    product: str = "",
) -> Cause:
    numbers = frozenset(int(code) for code in codes.split())
    return Cause(
        why, step, numbers, frozenset(verbs.split()), frozenset(details.split()), text, product
    )


_CAUSES = (
    # --- greeting and connection
    _cause(
        "The server is busy, going down, or limits how many connections one address may have.",
        "Leave the mail in the queue and let it try again; open fewer connections at a time.",
        codes="421",
        verbs="connect",
    ),
    _cause(
        "The server refuses this client before it has said anything, often for its address: a "
        "block list, or no name in DNS for it.",
        "Look in the text for the name of a list, and check that the sending address has a PTR "
        "record that leads back to it.",
        codes="554",
        verbs="connect",
    ),
    _cause(
        "This host only sends mail and never takes any.",
        "Check the MX record of the domain: it should name another host.",
        codes="521",
    ),
    # --- TLS and login
    _cause(
        "The server will not go on in clear text.",
        "Turn on STARTTLS in the client, and say EHLO again once TLS stands.",
        codes="530",
        text=r"starttls|tls|encrypt",
    ),
    _cause(
        "The client did not log in, and this server takes mail from users only after a login.",
        "Set user name and password in the client; for SMTP from a device or a program, check that "
        "SMTP AUTH is switched on for the mailbox.",
        codes="530 550",
        details="7.57",
    ),
    _cause(
        "The client did not log in, and this server takes mail only after a login.",
        "Turn on authentication in the client, port 587 with STARTTLS or 465 with TLS.",
        codes="530",
    ),
    _cause(
        "Logging in with a plain password is switched off for this account or organisation.",
        "Use a modern login (OAuth), or have the administrator allow SMTP AUTH for the mailbox.",
        codes="535",
        text=r"basic authentication is disabled|SmtpClientAuthentication|5\.7\.139",
    ),
    _cause(
        "User name or password is wrong, or what was sent in base64 is not what was meant: in "
        "PLAIN each part follows a NUL, and echo adds a line feed.",
        "Make the string anew with printf, not echo, or enter the password again; if it is right, "
        "ask whether the account is locked.",
        codes="535",
    ),
    _cause(
        "The server wants a stronger mechanism, an app password or a login in the browser.",
        "Pick another mechanism of the EHLO list, or make an app password at the provider.",
        codes="534",
    ),
    _cause(
        "The client asks for a mechanism that the answer to EHLO does not list.",
        "Read the AUTH line of the EHLO answer and choose one of those; some appear only under "
        "TLS.",
        codes="504",
        verbs="AUTH response",
    ),
    _cause(
        "The server puts a relay denial off instead of refusing it.",
        "Log in, or send through the server of your own domain.",
        codes="454",
        details="7.1",
    ),
    _cause(
        "The server cannot encrypt or check logins at the moment: a certificate or a directory is "
        "missing.",
        "Do not change the password; on your own server look at the TLS set-up or the directory.",
        codes="454",
    ),
    # --- sender
    _cause(
        "The login does not own the address in MAIL FROM.",
        "Send from your own address, or let the administrator add the other one to the account.",
        codes="550 553",
        verbs="MAIL RCPT",
        text=r"not owned|sender address rejected|send as|not permitted to send",
    ),
    _cause(
        "The message is bigger than the server takes.",
        "Read the SIZE line of the EHLO answer; send a link in place of the attachment.",
        codes="552 554",
        details="3.4 2.3",
    ),
    # --- recipient
    _cause(
        "The directory of the organisation has no such recipient: mistyped, left, or never "
        "synchronised; Outlook may also have completed an old entry.",
        "Write the address out anew; in Microsoft 365 look it up among the recipients, or check "
        "the accepted domain and the directory synchronisation.",
        codes="550",
        details="1.10 1.1",
        product="Exchange",
    ),
    _cause(
        "The recipient's server refuses the address at its edge: it does not exist, or the domain "
        "is not set up there.",
        "Check the address and the MX record of its domain; the receiving administrator has to "
        "look at accepted domains and recipients.",
        codes="550",
        details="4.1",
    ),
    _cause(
        "The server has no mailbox of that name; mistyped, or the person has left.",
        "Check the part before the @; the other recipients are not affected.",
        codes="550 551 553",
        details="1.1 1.6",
    ),
    _cause(
        "No receive connector lets this client send to foreign domains, and it did not log in.",
        "Let the device or program log in on port 587, or make a connector that allows relaying "
        "for its address alone.",
        codes="550",
        text=r"relay",
        product="Exchange",
    ),
    _cause(
        "The server is not responsible for this domain and the client is not logged in, so it "
        "will not pass the mail on.",
        "Log in (port 587), or send through the server of your own domain; on your own server "
        "check mynetworks or the domains it serves.",
        codes="550 554 551 553",
        text=r"relay",
    ),
    _cause(
        "The organisation takes mail for this recipient from its own people only, or only from a "
        "list of senders.",
        "The receiving administrator can allow senders from outside, or your address.",
        codes="550",
        text=r"RESOLVER\.RST\.(?:Auth|Sender|Restricted|NotAuth)|SenderAuthenticated",
    ),
    _cause(
        "The sending domain or address failed a check: SPF, DKIM, DMARC or the PTR record.",
        "Check the records of the sending domain and that all its servers are in them.",
        codes="550 554 451 421",
        details="7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27",
    ),
    _cause(
        "The address stands on a block list, or its reputation is bad.",
        "Look the sending address up on the list that the text names and ask for removal there.",
        codes="550 554 451 421",
        text=r"spamhaus|block ?list|blacklist|dnsbl|rbl|reputation|blocked using|banned sending",
    ),
    _cause(
        "The recipient's domain declares by a null MX that it takes no mail.",
        "There is nothing to mend on the sender's side: the domain is the wrong one.",
        codes="556",
    ),
    _cause(
        "The mailbox is full.",
        "The recipient has to make room; a retry later may work.",
        codes="552 452 422 550",
        details="2.2",
    ),
    _cause(
        "Greylisting: the first try of an unknown sender is put off on purpose.",
        "Nothing to mend: the queue tries again, from the same address, and gets through.",
        codes="450 451 421",
        text=r"gr[ea]y-?list|try again (?:in|later|after)|deferred for",
    ),
    _cause(
        "Greylisting, most likely: strangers are put off on the first try.",
        "Let the queue try again from the same address; do not change it between tries.",
        codes="450",
        details="7.1",
        verbs="RCPT",
    ),
    _cause(
        "One mailbox gets more mail at once than the server delivers to it; it is slowed down on "
        "purpose.",
        "Nothing to mend for a single burst; spread automatic mail over time or over mailboxes.",
        codes="432",
        details="3.2",
    ),
    _cause(
        "The transaction has more recipients than this server takes at once.",
        "Send to those accepted, and to the rest in a further transaction.",
        codes="452",
        details="5.3",
    ),
    _cause(
        "The disk or the mail system of the server is nearly full.",
        "Leave the mail in the queue; on your own server free some space.",
        codes="452 552 451",
        details="3.1",
    ),
    # --- order and form
    _cause(
        "Every recipient was refused, so there is nobody to send to.",
        "Mend the RCPT that failed before it; DATA is not the problem.",
        codes="554 503",
        verbs="DATA",
    ),
    _cause(
        "The command came at the wrong moment: MAIL, RCPT and DATA follow each other, and after "
        "STARTTLS the session starts over with EHLO.",
        "Send RSET and begin the transaction again in this order.",
        codes="503",
    ),
    _cause(
        "The argument is not written as it must be: a space after FROM: or TO:, or missing angle "
        "brackets.",
        "Write it as in MAIL FROM:<casey@lab.example>, without a space at the colon.",
        codes="501",
        verbs="MAIL RCPT",
    ),
    _cause(
        "The name behind it is no host name: it is missing, or holds an underscore or a space.",
        "Give the client a name such as client.example, or its address in square brackets.",
        codes="501",
        verbs="EHLO HELO",
    ),
    _cause(
        "The argument is missing, not written as it must be, or one too many.",
        "Compare the line with the section named beside it.",
        codes="501",
    ),
    _cause(
        "A parameter was used that the answer to EHLO does not list, or after HELO.",
        "Greet with EHLO and leave out what is not offered.",
        codes="555",
    ),
    _cause(
        "EHLO is unknown here: a very old server, or a firewall that rewrites SMTP.",
        "Fall back to HELO; if the server should know EHLO, switch SMTP inspection off on the "
        "firewall.",
        codes="500 502",
        verbs="EHLO",
    ),
    _cause(
        "The command is switched off, as VRFY and EXPN often are, or belongs to an extension that "
        "is not offered.",
        "Use what the answer to EHLO lists; to test an address, try RCPT.",
        codes="502",
    ),
    _cause(
        "A typing error, or octets that are no SMTP at all, such as a TLS handshake on a port that "
        "speaks clear text.",
        "Check the verb; check that port and TLS mode fit: 465 begins with TLS, 587 with text.",
        codes="500",
    ),
    # --- the message
    _cause(
        "A loop: the message has passed too many servers.",
        "Look at the Received fields: two servers forward to each other.",
        codes="554 550",
        details="4.6 4.14",
    ),
    _cause(
        "A filter has read the message and refuses it.",
        "Read the text for the name of the filter; try a plain message without links and "
        "attachments.",
        codes="550 554",
        verbs=".",
    ),
    _cause(
        "A filter or the storage behind the server failed after the message had arrived.",
        "The client sends all of it again later; on your own server look at the filter's log.",
        codes="451 452",
        verbs=".",
    ),
    _cause(
        "The server refuses by policy: this client, this sender or this content.",
        "The text usually names the policy; the receiving administrator can say more.",
        codes="550 554 553",
        details="7.1 7.0",
    ),
)  # fmt: skip
_LATER = Cause(
    "The server cannot do it now and does not say more; the first digit 4 means that it may work "
    "later.",
    "Leave the mail in the queue; if it stays so for hours, ask the other side.",
)
_NEVER = Cause(
    "The server refuses for good; its text is the best hint there is.",
    "Change what the text complains about before sending again: the same try fails the same way.",
)

_UNREACHED = (
    (
        r"refused",
        "Nothing listens on that port, or a firewall answers in its place.",
        "Check that the server runs and that the port is right: 25 between servers, 587 or 465 "
        "for programs.",
    ),
    (
        r"timed out|timeout",
        "Packets get lost: many providers block port 25 outwards, or the host is down.",
        "Try the port with nc from another network; send through a relay on port 587.",
    ),
    (
        r"host (?:or domain name )?not found|could not resolve|name service error|NonExistentDomain"
        r"|nodename|unknown host",
        "The name of the host or the domain is not in DNS, or DNS does not answer.",
        "Check the spelling of the domain and its MX record; try dig MX.",
    ),
    (
        r"no route|unreachable",
        "There is no way to that address, often an IPv6 address on a network without IPv6.",
        "Check the route, or let the program use IPv4.",
    ),
    (
        r"certificate|handshake|tls|ssl",
        "The TLS handshake failed: the certificate is not trusted or does not carry the name, or "
        "no TLS version fits both.",
        "Look at the certificate with openssl s_client -starttls smtp, and compare its names.",
    ),
    (
        r"lost connection|broken|closed|reset",
        "The other side dropped the connection in the middle.",
        "Let the queue try again; if it recurs at the same command, a firewall or the size of the "
        "message is the likely reason.",
    ),
)


def cause_of_no_reply(text: str) -> Cause:
    """Of a delivery that got no reply: the system or the program says why."""
    for pattern, why, step in _UNREACHED:
        if re.search(pattern, text[:1000], re.IGNORECASE):
            return Cause(why, step)
    return Cause(
        "No reply came, so only the program's own words tell why.",
        "Try the connection by hand, with telnet or nc to the same host and port.",
    )


_PRODUCTS = (
    ("Postfix", r"\bPostfix\b"),
    ("Exim", r"\bExim\b"),
    ("OpenSMTPD", r"\bOpenSMTPD\b"),
    ("Exchange", r"Microsoft ESMTP|outlook\.com|RESOLVER\.|STOREDRV|SMTPSEND|prod\.exchange"),
    ("Gmail", r"\bgsmtp\b|mx\.google\.com"),
    ("Sendmail", r"\bSendmail\b"),
)


def product_in(text: str) -> str:
    """Which server it is by its own words, "" if they do not tell."""
    for name, pattern in _PRODUCTS:
        if re.search(pattern, text):
            return name
    return ""
