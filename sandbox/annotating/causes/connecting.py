"""Why a connection, TLS or a login is refused."""

from .cause import cause

CONNECTING = (
    cause(
        "The server is busy, going down, or limits how many connections one address may have.",
        "Leave the mail in the queue and let it try again; open fewer connections at a time.",
        codes="421",
        verbs="connect",
    ),
    cause(
        "The server refuses this client before it has said anything, often for its address: a "
        "block list, or no name in DNS for it.",
        "Look in the text for the name of a list, and check that the sending address has a PTR "
        "record that leads back to it.",
        codes="554",
        verbs="connect",
    ),
    cause(
        "This host only sends mail and never takes any.",
        "Check the MX record of the domain: it should name another host.",
        codes="521",
    ),
    cause(
        "The server will not go on in clear text.",
        "Turn on STARTTLS in the client, and say EHLO again once TLS stands.",
        codes="530",
        text=r"starttls|tls|encrypt",
    ),
    cause(
        "The client did not log in, and this server takes mail from users only after a login.",
        "Set user name and password in the client; for SMTP from a device or a program, check that "
        "SMTP AUTH is switched on for the mailbox.",
        codes="530 550",
        details="7.57",
    ),
    cause(
        "The client did not log in, and this server takes mail only after a login.",
        "Turn on authentication in the client, port 587 with STARTTLS or 465 with TLS.",
        codes="530",
    ),
    cause(
        "Logging in with a plain password is switched off for this account or organisation.",
        "Use a modern login (OAuth), or have the administrator allow SMTP AUTH for the mailbox.",
        codes="535",
        text=r"basic authentication is disabled|SmtpClientAuthentication|5\.7\.139",
    ),
    cause(
        "User name or password is wrong, or what was sent in base64 is not what was meant: in "
        "PLAIN each part follows a NUL, and echo adds a line feed.",
        "Make the string anew with printf, not echo, or enter the password again; if it is right, "
        "ask whether the account is locked.",
        codes="535",
    ),
    cause(
        "The server wants a stronger mechanism, an app password or a login in the browser.",
        "Pick another mechanism of the EHLO list, or make an app password at the provider.",
        codes="534",
    ),
    cause(
        "The client asks for a mechanism that the answer to EHLO does not list.",
        "Read the AUTH line of the EHLO answer and choose one of those; some appear only under "
        "TLS.",
        codes="504",
        verbs="AUTH response",
    ),
    cause(
        "The server puts a relay denial off instead of refusing it.",
        "Log in, or send through the server of your own domain.",
        codes="454",
        details="7.1",
    ),
    cause(
        "The server cannot encrypt or check logins at the moment: a certificate or a directory is "
        "missing.",
        "Do not change the password; on your own server look at the TLS set-up or the directory.",
        codes="454",
    ),
)
