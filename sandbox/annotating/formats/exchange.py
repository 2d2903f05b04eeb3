"""The protocol log of Exchange: `>` is what this server sent, `<` what it received.

So in the log of a Receive connector `<` is the client, in that of a Send connector it is the
server. The marks are those of the vendor's documentation.
"""

import csv
from collections.abc import Iterator

from ..pieces import Piece, event, piece

_FIELDS = (
    "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,"
    "context"
)
_MARKS = frozenset("+-><*")


def matches(line: str) -> bool:
    if line.startswith("#"):
        return "Protocol Log" in line or (_is_heading(line) and "session-id" in line)
    cells = _cells(line)
    return len(cells) >= 8 and cells[6] in _MARKS and cells[3].isdigit()


def read(lines: list[str]) -> Iterator[Piece]:
    """Session by session, as their lines are mixed in the log."""
    names = _FIELDS.split(",")
    is_send: bool | None = None
    sessions: dict[str, list[tuple[int, str, dict[str, str]]]] = {}
    for number, line in enumerate(lines, 1):
        if _is_heading(line):
            names = line.partition(":")[2].strip().split(",")
        if line.startswith("#") or not line.strip():
            if "Log-type" in line and "Protocol Log" in line:
                is_send = "Send" in line
            yield piece("event", line, number)
            continue
        row = dict(zip(names, _cells(line), strict=False))
        if row.get("event") not in _MARKS:
            yield piece("unknown", line, number)
            continue
        sessions.setdefault(row.get("session-id", ""), []).append((number, line, row))
    for rows in sessions.values():
        client = ">" if _is_send(rows) and is_send is not False else "<"
        for number, line, row in rows:
            yield _piece(number, line, row, client if is_send is None else "<>"[is_send])


def _is_send(rows: list[tuple[int, str, dict[str, str]]]) -> bool:
    """A connection of a Send connector is greeted by the other side."""
    for _, _, row in rows:
        if row["event"] in "<>" and row.get("data", "").startswith("220"):
            return row["event"] == "<"
    return False


def _piece(number: int, line: str, row: dict[str, str], client: str) -> Piece:
    data = row.get("data", "")
    match row["event"]:
        case "+":
            why = f"A connection with {row.get('remote-endpoint', 'the other side')}."
            return event(number, line, "A session begins", why, "connected")
        case "-":
            return event(number, line, "The session ends", "The connection was closed.", "closed")
        case "*":
            return _information(number, line, f"{data} {row.get('context', '')}")
        case mark:
            return piece("client" if mark == client else "server", data, number)


def _information(number: int, line: str, told: str) -> Piece:
    if "negotiation succeeded" in told:
        why = "The handshake succeeded; from here on everything is encrypted."
        return event(number, line, "TLS stands", why, "tls")
    return piece("event", line, number)


def _is_heading(line: str) -> bool:
    return line.startswith("#Fields:")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []
