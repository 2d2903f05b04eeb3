"""When replies leave, with real sockets."""

import asyncio
import socket

import pytest
import uvloop

from sandbox.listening.outbox import Outbox
from sandbox.smtp import PROFILES, Reply, Session, lab_facts


class Client:
    """The far end of an outbox; `said` counts how often everything had been said."""

    def __init__(self):
        self.socket, self.near = socket.socketpair()
        self.socket.setblocking(False)
        self.n_said = 0

    async def connect(self):
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, self.near)
        self.outbox = Outbox(self.transport, asyncio.get_running_loop(), self.count)

    def count(self):
        self.n_said += 1

    def hears(self):
        try:
            return self.socket.recv(1000)
        except BlockingIOError:
            return b""


@pytest.fixture
def greeting():
    (reply,) = (
        event
        for event in Session(PROFILES["modern"], lab_facts()).open(at=0)
        if isinstance(event, Reply)
    )
    return reply


def with_clients(n, act):
    async def run():
        clients = [Client() for _ in range(n)]
        for client in clients:
            await client.connect()
        try:
            await act(*clients)
        finally:
            for client in clients:
                client.outbox.drop()
                client.transport.abort()
                client.socket.close()

    uvloop.run(run())


def test_replies_of_one_turn_leave_at_its_end(greeting):
    async def greet_both(one, other):
        for client in (one, other):
            client.outbox.add(greeting)
            client.outbox.pump()

        assert (one.hears(), other.hears()) == (b"", b"")
        assert (one.n_said, other.n_said) == (0, 0)
        await asyncio.sleep(0)
        assert one.hears() == b"220 mx.lab.example ESMTP ready\r\n"
        assert other.hears() == b"220 mx.lab.example ESMTP ready\r\n"
        assert (one.n_said, other.n_said) == (1, 1)

    with_clients(2, greet_both)


def test_not_all_is_said_where_octets_came_before_the_reply_left(greeting):
    async def talk_over(client):
        client.transport.pause_reading()
        client.outbox.add(greeting)
        client.outbox.pump()
        client.socket.send(b"EHLO")

        await asyncio.sleep(0)

        assert client.hears() == b"220 mx.lab.example ESMTP ready\r\n"
        assert client.n_said == 0

    with_clients(1, talk_over)


def test_octets_leave_in_the_order_in_which_they_were_given(greeting):
    async def mix(client):
        client.outbox.add(greeting)
        client.outbox.pump()
        client.outbox.send(b"a handshake")

        client.outbox.hang_up()

        assert client.hears() == b"220 mx.lab.example ESMTP ready\r\na handshake"

    with_clients(1, mix)
