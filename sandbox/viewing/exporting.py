"""A session to take away: as a dialogue in the notation of RFCs, and as the rows of the log."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..models import SandboxEvent, SandboxSession


def as_dialogue(session: SandboxSession, rows: Iterable[SandboxEvent]) -> str:
    """Below a heading, in the notation of proofs: `C:` and `S:` lines, `E:` for what happened
    beside them; octets that are not text are written `\\xNN`."""
    head = [
        f"# SMTP session of {session.started_at:%Y-%m-%d %H:%M:%S} UTC",
        f"# server: {session.profile}, port {session.nominal_port}"
        + (f", planned fault: {session.fault_plan}" if session.fault_plan else ""),
    ]
    return "\n".join([*head, *_lines(rows)]) + "\n"


def _lines(rows: Iterable[SandboxEvent]) -> Iterator[str]:
    for row in rows:
        octets, data = bytes(row.octets), row.data
        match row.direction, data["event"]:
            case "in", _:
                yield from _spoken("C", octets)
            case "out", _:
                yield from _spoken("S", octets)
            case "fact", "tls" if data.get("version"):
                yield "E: tls-ok"
            case "fact", "clock":
                yield f"E: wait={data['seconds']}"
            case "note", "close":
                yield "E: close"


def _spoken(side: str, octets: bytes) -> Iterator[str]:
    lines = octets.split(b"\r\n")
    ended = lines[:-1] + [lines[-1]] * bool(lines[-1])
    for line in ended:
        yield f"{side}: {escaped(line)}".rstrip(" ")


def escaped(octets: bytes) -> str:
    """UTF-8 stays; controls, a backslash in front of x and what is no UTF-8 become `\\xNN`."""
    text = octets.replace(b"\\x", b"\\x5cx").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == "\t" else _hex(c) for c in text)


def _hex(character: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in character.encode())


def as_objects(session: SandboxSession, rows: Iterable[SandboxEvent]) -> dict[str, Any]:
    """Octets as text in which `\\xNN` stands for what is not printable."""
    return {
        "session": str(session.uuid),
        "started": session.started_at.isoformat(),
        "ended": session.ended_at.isoformat() if session.ended_at else None,
        "channel": session.channel,
        "profile": session.profile,
        "fault_plan": session.fault_plan,
        "nominal_port": session.nominal_port,
        "engine": session.engine_version,
        "rows": [
            {
                "seq": row.seq,
                "direction": row.direction,
                "at_us": row.at_us,
                "octets": escaped(bytes(row.octets)),
                **row.data,
            }
            for row in rows
        ],
    }
