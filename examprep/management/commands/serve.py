"""Web pages, live streams and the SMTP listener in one process and one event loop."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from examprep.maintenance import maintain
from examprep.preparing import prepare
from sandbox.listening import doors, listener
from sandbox.live import hub
from sandbox.settling import settle

HOST = "127.0.0.1"
TICK_SECONDS = 600
GRACE_SECONDS = 2
# So long a page that is being made may keep the event loop, which carries every live line and
# SMTP reply, from going on (benchmarks/mixed.py; CPython's own is ten times as long).
SWITCH_SECONDS = 0.0005

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Prepares what is missing, then serves web and SMTP until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        with contextlib.ExitStack() as stack:
            try:
                web = stack.enter_context(doors.bind(settings.PORT, "PORT", HOST))
                opened = doors.open_doors(self.stderr.write) if settings.SANDBOX_OPEN else {}
            except doors.PortTaken as taken:
                raise CommandError(str(taken)) from taken
            for bound in opened.values():
                stack.enter_context(bound)
            for sentence in prepare():
                self.stdout.write(sentence)
            connection.close()
            runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
            runner.run(self.serve(web, opened))
        self.stdout.write("\nStopped.")

    async def serve(self, web: socket.socket, opened: dict[doors.Door, socket.socket]) -> None:
        config = uvicorn.Config(
            "examprep.asgi:application",  # by name: it reads the static files just collected
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = WebServer(config)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.handle_exit, number, None)
        smtp_server = await listener.start(opened)
        ticker = asyncio.create_task(tick())
        self.announce(opened)
        settle()
        try:
            await server.serve(sockets=[web])
        finally:
            ticker.cancel()
            await smtp_server.close()

    def announce(self, opened: dict[doors.Door, socket.socket]) -> None:
        self.stdout.write(
            f"Web   http://{HOST}:{settings.PORT}/\n"
            f"{doors.announce(opened) if opened else 'SMTP  is off (SANDBOX_OPEN)'}\n"
            f"Authors write at http://{HOST}:{settings.PORT}/admin/; the first one is made with\n"
            "      .venv/bin/python manage.py createsuperuser\n"
            "Ctrl-C ends it."
        )
        self.stdout.flush()


class WebServer(uvicorn.Server):
    """Leaves signals to `serve`, which has more to end than the web side."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        hub.close()  # an open live stream never ends by itself
        await super().shutdown(sockets)


async def tick() -> None:
    while True:
        try:
            await asyncio.to_thread(maintain_and_close)
        except DatabaseError:
            log.exception("maintenance failed")
        await asyncio.sleep(TICK_SECONDS)


def maintain_and_close() -> None:
    try:
        maintain(timezone.now())
    finally:
        connection.close()
