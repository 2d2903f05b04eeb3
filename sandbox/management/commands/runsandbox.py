"""The SMTP listener alone, for installations that serve their pages elsewhere."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sandbox import listener
from sandbox.live import other_listener

HOST = "127.0.0.1"


@contextlib.contextmanager
def marked() -> Iterator[None]:
    """Tells the web processes on this machine to look for rows that they have not written."""
    other_listener().write_text(str(os.getpid()))
    try:
        yield
    finally:
        other_listener().unlink(missing_ok=True)


class Command(BaseCommand):
    help = "Takes SMTP connections and records them until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                bound.bind((HOST, settings.SMTP_PORT))
            except OSError as error:
                raise CommandError(
                    f"Port {settings.SMTP_PORT} cannot be used ({error.strerror}): "
                    "set SMTP_PORT to another."
                ) from error
            with marked(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self.serve(bound))
        self.stdout.write("\nStopped.")

    async def serve(self, bound: socket.socket) -> None:
        asked_to_stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
        running = await listener.start(bound)
        self.stdout.write(f"SMTP  {HOST}:{settings.SMTP_PORT}\nCtrl-C ends it.")
        self.stdout.flush()
        await asked_to_stop.wait()
        await running.close()
