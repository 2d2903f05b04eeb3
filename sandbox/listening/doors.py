"""The ports that the listener opens, and which ports of the standards they stand for."""

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

BACKLOG = 2048  # who comes before everything runs waits instead of being refused


@dataclass(frozen=True, slots=True)
class Door:
    """`nominal_port` is what the log records; `setting` names the one that says where it opens."""

    nominal_port: int
    setting: str
    profile: str = "modern"
    implicit_tls: bool = False

    @property
    def port(self) -> int:
        return int(getattr(settings, self.setting))


MAIN = Door(25, "SMTP_PORT")
SIDE = (
    Door(587, "SUBMISSION_PORT", profile="submission"),
    Door(465, "SMTPS_PORT", profile="submission", implicit_tls=True),  # RFC 8314 section 3.3
)

# The doors that the listener of this process has open, with their ports.
opened_here: dict[Door, int] = {}


def port_of(door: Door) -> int:
    """0: closed. Where the listener is another process, the setting is all that is known."""
    return opened_here.get(door, 0) if opened_here else door.port


class PortTaken(Exception):
    """The message says which, why, and what to set."""


def bind(port: int, variable: str, host: str) -> socket.socket:
    """A listening socket. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "in use" if error.errno == errno.EADDRINUSE else "not allowed"
        example = port + 10_000 if port < 50_000 else 8010
        raise PortTaken(
            f"Port {port} is {why}: set {variable} to another, for example "
            f"{variable}={example} make run"
        ) from error
    return bound


def open_doors(complain: Callable[[str], object]) -> dict[Door, socket.socket]:
    """The main door has to open; a side door that cannot is named and left out."""
    opened = {MAIN: bind(MAIN.port, MAIN.setting, settings.SMTP_HOST)}
    for door in SIDE:
        if door.port:
            try:
                opened[door] = bind(door.port, door.setting, settings.SMTP_HOST)
            except PortTaken as taken:
                complain(f"{taken}. Goes on without it.")
    return opened


def announce(opened: dict[Door, socket.socket]) -> str:
    about = {25: "", 587: " (submission)", 465: " (TLS from the first octet)"}
    places = [
        f"{settings.SMTP_HOST}:{bound.getsockname()[1]}{about[door.nominal_port]}"
        for door, bound in opened.items()
    ]
    return "SMTP  " + "\n      ".join(places)
