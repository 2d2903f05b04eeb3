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

from sandbox.listening import doors, listener
from sandbox.live import other_listener
from sandbox.settling import settle


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
        if not settings.SANDBOX_OPEN:
            raise CommandError("SANDBOX_OPEN is off: nobody may connect.")
        with contextlib.ExitStack() as stack:
            try:
                opened = doors.open_doors(self.stderr.write)
            except doors.PortTaken as taken:
                raise CommandError(str(taken)) from taken
            for bound in opened.values():
                stack.enter_context(bound)
            stack.enter_context(marked())
            runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
            runner.run(self.serve(opened))
        self.stdout.write("\nStopped.")

    async def serve(self, opened: dict[doors.Door, socket.socket]) -> None:
        asked_to_stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
        running = await listener.start(opened)
        settle()
        self.stdout.write(f"{doors.announce(opened)}\nCtrl-C ends it.")
        self.stdout.flush()
        await asked_to_stop.wait()
        await running.close()
