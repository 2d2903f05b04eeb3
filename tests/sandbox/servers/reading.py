"""Scenarios: short dialogues that the engine and real servers are both put through."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# What is said in front of a scenario, by the name of its start. On the way every reply must be a
# 2xx or 3xx.
_PLAIN = ["EHLO client.example"]
_TLS = [*_PLAIN, "STARTTLS", {"tls": True}, *_PLAIN]
_CASEY = "AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy"
_SENDER = "MAIL FROM:<casey@lab.example>"
_RECIPIENT = "RCPT TO:<robin@lab.example>"
STARTS = {
    "greeting": [],
    "helo": ["HELO client.example"],
    "ehlo": _PLAIN,
    "mail": [*_PLAIN, _SENDER],
    "rcpt": [*_PLAIN, _SENDER, _RECIPIENT],
    "data": [*_PLAIN, _SENDER, _RECIPIENT, "DATA"],
    "tls": _TLS,
    "login": [*_TLS, _CASEY],
}

_REPEAT = re.compile(rb"\{([^{}*]+)\*(\d+)\}")
_ESCAPE = re.compile(rb"\\(r|n|0|\\|x[0-9a-f]{2})")
_ESCAPED = {b"r": b"\r", b"n": b"\n", b"0": b"\0", b"\\": b"\\"}


@dataclass(frozen=True, slots=True)
class Write:
    """One write; `times` repeats it, each time waiting for the reply."""

    notation: str
    octets: bytes
    times: int = 1


@dataclass(frozen=True, slots=True)
class Handshake:
    notation: str = "(TLS handshake)"


@dataclass(frozen=True, slots=True)
class Scenario:
    slug: str
    start: str
    opening: tuple[Write | Handshake, ...]
    steps: tuple[Write | Handshake, ...]


def read_scenarios() -> tuple[Scenario, ...]:
    """Raises ValueError for a slug used twice, KeyError for a start that does not exist."""
    found: dict[str, Scenario] = {}
    for path in sorted((HERE / "scenarios").glob("*.toml")):
        for slug, row in tomllib.loads(path.read_text()).items():
            if slug in found:
                raise ValueError(f"{path.name}: {slug} is there already")
            opening = read_opening(row["start"])
            found[slug] = Scenario(slug, row["start"], opening, tuple(map(_step, row["say"])))
    return tuple(found.values())


def read_opening(start: str) -> tuple[Write | Handshake, ...]:
    return tuple(map(_step, STARTS[start]))


def _step(written: str | list[str] | dict) -> Write | Handshake:
    """A line, lines in one write, or a table: exact octets, a line many times, a handshake."""
    match written:
        case str():
            return _write(written + r"\r\n")
        case list():
            return _write("".join(line + r"\r\n" for line in written))
        case {"octets": str(octets)}:
            return _write(octets)
        case {"line": str(line), "times": int(times)}:
            return _write(line + r"\r\n", times)
        case {"tls": True}:
            return Handshake()
    raise ValueError(f"no step: {written!r}")


def _write(notation: str, times: int = 1) -> Write:
    octets = _REPEAT.sub(lambda found: found[1] * int(found[2]), notation.encode())
    return Write(notation, _ESCAPE.sub(_unescape, octets), times)


def _unescape(found: re.Match[bytes]) -> bytes:
    name = found[1]
    return bytes.fromhex(name[1:].decode()) if name[:1] == b"x" else _ESCAPED[name]
