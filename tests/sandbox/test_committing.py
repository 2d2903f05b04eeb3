"""From the byte to the page, while the rows are still on their way to the database."""

import asyncio
import contextlib
import threading

import pytest
from django.db import DatabaseError

from sandbox import live
from sandbox.conversing import new_session
from sandbox.log import committing
from sandbox.log.logbook import Entry
from sandbox.log.storing import Group, store
from sandbox.log.telling import told
from sandbox.models import SandboxSession

NOOP = b"NOOP\r\n"


@pytest.fixture
def gate(monkeypatch):
    """Nothing is stored while it is closed."""
    gate = threading.Event()
    gate.set()

    def store_when_open(group):
        assert gate.wait(10)
        store(group)

    monkeypatch.setattr(committing, "store", store_when_open)
    yield gate
    gate.set()


def greeted(client):
    client.hear()
    while not SandboxSession.objects.filter(events__seq=1).exists():
        pass
    return SandboxSession.objects.get()


def url_of(session):
    return live.session_url(session, None, after=0)


def numbers(stream, n):
    return [int(number) for _, number, _ in stream.events(n)]


def test_row_is_shown_before_it_is_stored(streams, smtp, dial, gate):
    client = dial()
    stream = streams.open(url_of(greeted(client)))
    assert numbers(stream, 1) == [1]
    gate.clear()

    client.say(NOOP)

    assert numbers(stream, 2) == [2, 3]
    assert not SandboxSession.objects.filter(events__seq=2).exists()


def test_who_comes_before_rows_are_stored_gets_them_too_and_once(streams, smtp, dial, gate):
    client = dial()
    session = greeted(client)
    gate.clear()
    client.say(NOOP)
    client.hear()

    stream = streams.open(url_of(session))

    assert numbers(stream, 3) == [1, 2, 3]
    gate.set()
    client.say(NOOP)
    client.hear()
    assert numbers(stream, 2) == [4, 5]


def test_reconnecting_anywhere_while_rows_come_gives_each_once(streams, smtp, dial):
    client = dial()
    session = greeted(client)

    def talk():
        for _ in range(60):
            client.say(NOOP)
            client.hear()

    talking = threading.Thread(target=talk)
    talking.start()
    seen = []
    while len(seen) < 121:
        with contextlib.closing(streams.open(url_of(session), len(seen))) as stream:
            seen += numbers(stream, min(3, 121 - len(seen)))
    talking.join()

    assert seen == list(range(1, 122))


def test_rows_that_cannot_be_stored_end_connection_and_streams(streams, smtp, dial, monkeypatch):
    client = dial()
    session = greeted(client)
    stream = streams.open(url_of(session))
    assert numbers(stream, 1) == [1]

    def fail(group):
        monkeypatch.setattr(committing, "store", store)
        raise DatabaseError("disk full")

    monkeypatch.setattr(committing, "store", fail)
    client.say(NOOP)
    client.hear()

    names = [name for name, _, _ in stream.events(3)]
    assert names == ["line", "line", "gone"]
    with contextlib.suppress(ConnectionResetError):
        assert client.hear() == b""
    smtp.stop()
    session.refresh_from_db()
    assert [event.seq for event in session.events.all()] == [1]
    assert session.ended_at is not None


@pytest.fixture
def stored_groups(monkeypatch):
    """What a committer stores. It waits for others as long as there are any."""
    groups = []
    monkeypatch.setattr(committing, "store", groups.append)
    monkeypatch.setattr(committing, "GROUP_SECONDS", 20)
    monkeypatch.setattr(committing, "JOIN_SECONDS", 20)
    return groups


def with_committer(act):
    async def run():
        committer = committing.Committer(lambda sessions: None)
        await act(committer)
        await committer.close()

    asyncio.run(run())


def begin_two(committer):
    sessions = [new_session("tcp", peer="127.0.0.1") for _ in range(2)]
    for session in sessions:
        committer.begin(session)
    return sessions


def test_who_talks_at_the_same_time_shares_a_commit(stored_groups):
    async def wait_twice(committer):
        begin_two(committer)

        first = committer.stored()
        await asyncio.sleep(0)
        assert not first.done()
        second = committer.stored()
        await asyncio.wait_for(asyncio.gather(first, second), 10)

    with_committer(wait_twice)

    assert [len(group.begun) for group in stored_groups] == [2]


def test_commit_does_not_wait_for_who_is_silent_or_gone(stored_groups):
    async def wait_alone(committer):
        one, other = begin_two(committer)
        rows = [Entry(1, "in", 0, NOOP, told(event="line", verb="NOOP"))]
        for _ in range(2):  # who talked a group ago is expected to go on
            await asyncio.wait_for(asyncio.gather(committer.stored(), committer.stored()), 10)

        committer.append(one, rows)
        await asyncio.wait_for(committer.stored(), 10)
        committer.append(other, rows)
        committer.append(one, rows)
        committer.end(other)
        await asyncio.wait_for(committer.stored(), 10)

    with_committer(wait_alone)

    assert [len(group.batches) for group in stored_groups] == [0, 0, 1, 2]


def test_group_of_any_size_is_stored_whole(db):
    sessions = [new_session("tcp", peer="127.0.0.1") for _ in range(300)]
    rows = [Entry(seq, "in", seq * 10, b"\0\xff", told(event="content")) for seq in range(1, 343)]
    never_begun = new_session("tcp", peer="127.0.0.1")

    store(
        Group(
            begun=sessions,
            batches=[(sessions[0], rows[:200]), (never_begun, rows), (sessions[0], rows[200:])],
            ended=[sessions[0], never_begun],
        )
    )

    first, *others = SandboxSession.objects.order_by("pk")
    keys = [(each.pk, each.uuid) for each in sessions]
    assert [(each.pk, each.uuid) for each in [first, *others]] == keys
    assert (first.ended_at is None, {each.ended_at for each in others}) == (False, {None})
    assert first.events.count() == 342
    last = first.events.last()
    assert (last.seq, last.at_us, bytes(last.octets)) == (342, 3420, b"\0\xff")
    assert last.data == {"event": "content"}


def test_deleted_session_takes_no_other_with_it(transactional_db):
    deleted, alive, fresh = (new_session("tcp", peer="127.0.0.1") for _ in range(3))
    store(Group(begun=[deleted, alive]))
    SandboxSession.objects.filter(pk=deleted.pk).delete()
    rows = [Entry(1, "in", 0, b"NOOP\r\n", told(event="line", verb="NOOP"))]

    lost = committing.store_or_lose(
        Group(
            begun=[fresh],
            batches=[(deleted, rows), (alive, rows), (fresh, rows)],
            ended=[deleted, alive],
        )
    )

    assert lost == {deleted.uuid}
    assert list(SandboxSession.objects.order_by("pk")) == [alive, fresh]
    assert [each.events.count() for each in (alive, fresh)] == [1, 1]
    alive.refresh_from_db()
    assert alive.ended_at is not None
