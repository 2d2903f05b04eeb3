import asyncio
import socket
import ssl
import threading

import pytest
import uvloop

from sandbox import live
from sandbox.hub import Hub
from sandbox.listening import listener
from sandbox.listening.doors import MAIN, SIDE
from tests.sandbox.streaming import Recorder, Streams


class Running:
    """The listener in an event loop of its own, as in the server."""

    def __init__(self, loop_factory):
        self.doors = {door: socket.create_server(("127.0.0.1", 0)) for door in (MAIN, *SIDE)}
        ports = [bound.getsockname()[1] for bound in self.doors.values()]
        self.port, self.submission_port, self.smtps_port = ports
        self.loop = loop_factory()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.listener = self.call(listener.start(self.doors))
        self.stopped = False

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=10)

    def stop(self):
        if not self.stopped:
            self.stopped = True
            self.call(self.listener.close())
            self.call(self.loop.shutdown_default_executor())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()
            for bound in self.doors.values():
                bound.close()


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def smtp(request, transactional_db, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(listener, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(listener, "LEAVE_SECONDS", 0.2)
    running = Running(request.param)
    yield running
    running.stop()


@pytest.fixture
def dial(smtp):
    """Opens connections to the listener; each is a file of the session's octets."""
    opened = []

    def connect(port=None):
        dialled = Dialled(socket.create_connection(("127.0.0.1", port or smtp.port), timeout=5))
        opened.append(dialled)
        return dialled

    yield connect
    for dialled in opened:
        dialled.leave()


class Dialled:
    def __init__(self, connection):
        self.socket = connection
        self.file = connection.makefile("rb")

    def encrypt(self):
        self.file.close()
        self.socket = ssl._create_unverified_context().wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")

    def say(self, octets):
        self.socket.sendall(octets)

    def hear(self):
        """One whole reply, b"" at the end."""
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            lines.append(self.file.readline())
        return b"".join(lines)

    def codes_to_end(self):
        codes = [line[:3] for line in self.file.read().splitlines()]
        self.leave()
        return codes

    def ends_without_a_word(self):
        try:
            return self.file.read() == b""
        except ConnectionResetError:
            return True

    def leave(self):
        self.file.close()
        self.socket.close()


@pytest.fixture(scope="session")
def stream_server():
    running = Streams()
    yield running
    running.stop()


@pytest.fixture
def streams(stream_server, transactional_db, monkeypatch, settings, tmp_path):
    """As where `serve` runs alone."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(live, "hub", Hub())
    monkeypatch.setattr(live, "recorders", {Recorder()})
    yield stream_server
    stream_server.end_all()
