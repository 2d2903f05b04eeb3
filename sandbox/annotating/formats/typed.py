"""telnet, nc and openssl s_client: nothing marks who spoke, so the lines themselves must tell."""

import re
from collections.abc import Iterator

from ...smtp.states import VERBS
from ..pieces import Piece, event, octets_of, piece, read_reply_line

_BEFORE = re.compile(r"Trying |Escape character|Connected to |Connection to .* succeeded|Ncat: ")
_AFTER = re.compile(r"Connection closed|Connection to .* closed|DONE$|closed$|read:errno=")
_LOST = re.compile(r".*(?:Connection refused|timed out|No route to host|Unable to connect)")
_PREAMBLE = re.compile(r"CONNECTED\(|depth=|Can't use SSL_get_servername|verify (?:error|return)")
_SESSION = ("Post-Handshake New Session Ticket", "SSL-Session:")
_CIPHER = re.compile(r"New, \S+, Cipher is (?!\(NONE\))")
_ERROR = re.compile(r"[0-9A-F]{8,16}:error:")

_RENEGOTIATING = (
    "s_client keeps what begins with R",
    "Without -quiet or -ign_eof, openssl s_client takes a typed line that begins with R, here "
    "RCPT, for a command to itself and renegotiates; the server never saw it. A lower-case rcpt "
    "or the option -quiet gets through.",
)


def matches(line: str) -> bool:
    return bool(_BEFORE.match(line)) or bool(re.match(r"220[ -]\S", line))


def reads_like_one(lines: list[str]) -> bool:
    """A command and a reply at least."""
    has_reply = any(re.match(r"[2-5]\d\d[ -]", line) for line in lines)
    return has_reply and any(octets_of(line.split(" ")[0].upper()) in VERBS for line in lines)


def matches_s_client(line: str) -> bool:
    return bool(_PREAMBLE.match(line)) or line.startswith(("SSL handshake has read", *_SESSION))


def read(lines: list[str]) -> Iterator[Piece]:
    in_content = False
    for number, line in enumerate(lines, 1):
        if not in_content and (told := _told(line, number)):
            yield told
            continue
        reply = None if in_content else read_reply_line(octets_of(line))
        if reply:
            in_content = reply.code == 354
            yield piece("server", line, number)
            continue
        yield piece("client", line, number)
        in_content = in_content and line != "."


def _told(line: str, number: int) -> Piece | None:
    if _LOST.match(line):
        return event(number, line, "No connection", "The server could not be reached.", "lost")
    if _BEFORE.match(line):
        if line.startswith("Connect"):
            why = "The connection stands; the server speaks first."
            return event(number, line, "Connected", why, "connected")
        return piece("event", line, number)
    if _AFTER.match(line):
        return event(number, line, "The connection ends", "Nothing more was said.", "closed")
    return None


def read_s_client(lines: list[str]) -> Iterator[Piece]:
    """The certificate and the session in front are one event each line; then as `read`."""
    in_content = in_preamble = has_spoken = False
    is_summed_up = any(_CIPHER.match(line) for line in lines)
    for number, line in enumerate(lines, 1):
        follows = lines[number].strip() if number < len(lines) else ""
        if not in_content and _begins_preamble(line):
            in_preamble = True
        reply = None if in_content else read_reply_line(octets_of(line))
        if reply and not has_spoken and not reply.more and reply.code == 250:
            in_preamble, has_spoken = False, True
            yield _own_ehlo(line, number)
        elif reply:
            in_preamble, has_spoken = False, True
            in_content = reply.code == 354
            yield piece("server", line, number)
        elif in_preamble or _is_own(line):
            yield _of_preamble(line, number, is_summed_up=is_summed_up)
            in_preamble = line.strip() not in ("read R BLOCK", "verify return:1")
        elif follows == "RENEGOTIATING":
            yield event(number, line, *_RENEGOTIATING, "swallowed")
        else:
            yield _told(line, number) or piece("client", line, number)
            in_content = in_content and line != "."


def _begins_preamble(line: str) -> bool:
    return bool(_PREAMBLE.match(line)) or line.startswith(_SESSION) or line == "---"


def _is_own(line: str) -> bool:
    return line.strip() in ("RENEGOTIATING", "read R BLOCK", "---") or bool(_ERROR.match(line))


def _of_preamble(line: str, number: int, *, is_summed_up: bool) -> Piece:
    if _CIPHER.match(line) or (line == "verify return:1" and not is_summed_up):
        why = "The handshake succeeded; what follows is encrypted."
        return event(number, line, "TLS stands", why, "tls")
    if line.startswith("verify error"):
        why = "s_client could not check the certificate and goes on all the same; a mail server "
        return event(number, line, "The certificate is not trusted",
                     why + "or program may refuse it.")  # fmt: skip
    return piece("event", line, number)


def _own_ehlo(line: str, number: int) -> Piece:
    return event(
        number,
        line,
        "The end of an answer to s_client itself",
        "With -starttls smtp, s_client says EHLO and STARTTLS by itself; of the answers it shows "
        "only this last line. Under TLS the session starts over, so EHLO is due again.",
    )
