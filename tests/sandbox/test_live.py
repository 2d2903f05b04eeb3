import asyncio
import os
import smtplib
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.db import connection

from sandbox import hub as hubs
from sandbox import live, streaming
from sandbox.conversing import load
from sandbox.hub import Hub, Topic, Watcher
from sandbox.models import SandboxSession
from sandbox.recording import open_console, send_lines
from tests.factories import LearnerFactory, SandboxEventFactory, SandboxSessionFactory
from tests.sandbox.streaming import Recorder


@pytest.fixture
def another_process(streams, monkeypatch):
    """A listener of its own runs beside."""
    monkeypatch.setattr(hubs, "POLL_SECONDS", 0.02)
    live.other_listener().write_text("1")


@pytest.fixture
def console(streams):
    return open_console(LearnerFactory())


def url_of(session, after=0):
    return live.session_url(session, session.learner, after=after)


def test_stream_tells_what_was_said_and_what_is_said_next(streams, console):
    stream = streams.open(url_of(console))
    assert [(name, number) for name, number, _ in stream.events(1)] == [("line", "1")]

    send_lines(console, "MAIL FROM:<casey@lab.example>")

    (_, _, said), (_, number, answer) = stream.events(2)
    assert (said["side"], said["text"]) == ("client", "MAIL FROM:<casey@lab.example>")
    assert number == "3"
    assert (answer["seq"], answer["dir"], answer["code"], answer["enhanced"]) == (
        3,
        "out",
        503,
        "5.5.1",
    )
    assert answer["rule"] == "mail.order"
    assert answer["refs"][0] == {
        "label": "RFC 5321 §4.1.4",
        "url": "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4",
    }
    assert answer["state"] == ["GREETED", "GREETED"]
    assert answer["why"]


@pytest.mark.parametrize("while_watching", [False, True])
def test_stream_of_a_closed_book_tells_no_reasons(streams, console, while_watching):
    if not while_watching:
        send_lines(console, "MAIL FROM:<casey@lab.example>")
    url = live.session_url(console, console.learner, after=1, is_explained=False)
    stream = streams.open(url)
    if while_watching:
        send_lines(console, "MAIL FROM:<casey@lab.example>")

    (_, _, said), (name, number, answer) = stream.events(2)

    assert (name, number, said["text"]) == ("line", "3", "MAIL FROM:<casey@lab.example>")
    assert (answer["code"], answer["enhanced"]) == (503, "5.5.1")
    told = ("why", "title", "refs", "note", "misreading", "choice", "status")
    assert [answer[name] for name in told] == ["", "", [], "", "", False, None]


def test_stream_is_an_event_stream_that_nobody_keeps(streams, console):
    stream = streams.open(url_of(console))

    headers = stream.response.headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    assert stream.block() == ["retry: 2000"]


def test_reconnecting_anywhere_gives_each_row_once(streams, console, monkeypatch):
    monkeypatch.setattr(streaming, "ROWS_PER_READ", 2)  # so that one stream takes several reads
    send_lines(console, "EHLO laptop.example\nNOOP\nQUIT")  # rows 1 to 8

    for seen in range(8):
        rest = streams.open(url_of(console), last_event_id=seen).to_the_end()

        numbers = [block[0] for block in rest[1:-1]]
        assert numbers == [f"id: {number}" for number in range(seen + 1, 9)]
        assert rest[-1] == ["event: end"]


def test_the_larger_of_address_and_header_counts(streams, console):
    send_lines(console, "QUIT")  # rows 2 to 4

    assert len(streams.open(url_of(console, after=3), last_event_id=1).to_the_end()) == 3
    assert len(streams.open(url_of(console, after=1), last_event_id=3).to_the_end()) == 3


def test_ended_session_with_nothing_left_stops_the_reconnecting(streams, console):
    send_lines(console, "QUIT")

    assert streams.open(url_of(console, after=4)).status == 204


def test_end_is_told_to_who_waits(streams, console):
    stream = streams.open(url_of(console, after=1))

    send_lines(console, "QUIT")

    assert [name for name, _, _ in stream.events(4)] == ["line", "line", "note", "end"]
    assert stream.block() == []


def tokenless(session):
    return f"/live/sandbox/{session.uuid}/events"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url, other: url[:-20],
        lambda url, other: urlsplit(url).path,
        lambda url, other: f"{tokenless(other)}?{urlsplit(url).query}",
        lambda url, other: f"/live/sandbox/events?{urlsplit(url).query}",
        lambda url, other: url.replace("/events", "/events/"),
        lambda url, other: url.replace("sandbox", "x"),
    ],
)
def test_wrong_address_or_token_is_not_found(streams, console, spoil):
    other = open_console(LearnerFactory())

    refused = streams.open(spoil(live.session_url(console, None, after=0), other))

    assert (refused.status, refused.response.read()) == (404, b"")


def test_old_token_is_not_found(streams, console, monkeypatch):
    url = url_of(console)
    monkeypatch.setattr(streaming, "TOKEN_SECONDS", -1)

    assert streams.open(url).status == 404


def test_deleted_session_is_not_found(streams, console):
    url = url_of(console)
    console.delete()

    assert streams.open(url).status == 404


def test_lobby_is_for_a_site_at_home(streams, settings):
    settings.LOCAL_MODE = False

    assert streams.open(live.lobby_url(None, after=0)).status == 404


def test_lobby_announces_a_program_and_its_lines_follow(streams, smtp):
    before = SandboxSessionFactory()
    lobby = streams.open(live.lobby_url(None, after=before.pk))
    assert lobby.block() == ["retry: 2000"]

    with smtplib.SMTP("127.0.0.1", smtp.port, local_hostname="laptop.example", timeout=5) as client:
        [(name, number, announced)] = lobby.events(1)
        session = SandboxSession.objects.get(pk=number)
        stream = streams.open(live.session_url(session, None, after=0))
        assert [data["code"] for _, _, data in stream.events(1)] == [220]

        client.ehlo()

        assert [data["text"][:19] for _, _, data in stream.events(2)] == [
            "ehlo laptop.example",
            "250-mx.lab.example ",
        ]
    assert (name, announced["url"], announced["state"]) == (
        "session",
        f"/sandbox/sessions/{session.uuid}/",
        "open",
    )
    assert [name for name, _, _ in stream.events(4)] == ["line", "line", "note", "end"]
    [(name, number, news)] = lobby.events(1)
    assert (name, number, news["url"], news["state"]) == (
        "session",
        None,
        announced["url"],
        "ended",
    )


def test_rows_of_another_process_are_found_by_polling(streams, console, another_process):
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]

    SandboxEventFactory(session=console, seq=2)
    assert [number for _, number, _ in stream.events(1)] == ["2"]

    SandboxSessionFactory()  # no business of this stream
    SandboxEventFactory(session=console, seq=3)
    SandboxSession.objects.filter(pk=console.pk).update(ended_at=console.started_at)
    assert [(name, number) for name, number, _ in stream.events(2)] == [
        ("line", "3"),
        ("end", None),
    ]


def test_lobby_finds_sessions_of_another_process_by_polling(streams, another_process):
    lobby = streams.open(live.lobby_url(None, after=0))

    SandboxSessionFactory(peer="203.0.113.9")
    open_console(LearnerFactory())
    seen = SandboxSessionFactory()

    assert [number for _, number, _ in lobby.events(1)] == [str(seen.pk)]


def test_page_learns_that_its_session_was_deleted(streams, console, another_process):
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]

    console.delete()

    assert [name for name, _, _ in stream.events(1)] == ["gone"]


@pytest.mark.parametrize(
    ("recorders", "elsewhere", "is_sole"),
    [({Recorder()}, False, True), ({Recorder()}, True, False), (set(), False, False)],
)
def test_process_is_sole_writer_while_no_other_listens(
    settings, tmp_path, monkeypatch, recorders, elsewhere, is_sole
):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(live, "recorders", recorders)
    if elsewhere:
        (tmp_path / "runsandbox.pid").write_text("1")

    assert live.is_sole_writer() is (is_sole and connection.vendor == "sqlite")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one process")
def test_nothing_is_polled_for_while_one_process_writes_all(streams, console):
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]

    SandboxEventFactory(session=console, seq=2)  # stored, told to nobody
    live.publish_rows(console.uuid, [SandboxEventFactory(session=console, seq=3)], ended=False)

    # Nobody looked for row 2 by itself; row 3 shows that it is missing.
    assert live.hub._topics[str(console.uuid)].poller is None
    assert [number for _, number, _ in stream.events(2)] == ["2", "3"]


def test_rows_handed_over_in_the_wrong_order_arrive_in_the_right_one(streams, console):
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]
    second, third = (SandboxEventFactory(session=console, seq=seq) for seq in (2, 3))

    live.publish_rows(console.uuid, [third], ended=False)
    live.publish_rows(console.uuid, [second], ended=False)
    live.publish_rows(console.uuid, [SandboxEventFactory(session=console, seq=4)], ended=False)

    assert [number for _, number, _ in stream.events(3)] == ["2", "3", "4"]


def test_waiting_stream_says_so(streams, console, monkeypatch):
    monkeypatch.setattr(hubs, "PULSE_SECONDS", 0.01)
    stream = streams.open(url_of(console, after=1))

    assert [stream.block() for _ in range(3)] == [["retry: 2000"], [": waiting"], [": waiting"]]


def test_stream_is_renewed_with_an_address_that_goes_on(streams, console, monkeypatch):
    monkeypatch.setattr(streaming, "RENEW_SECONDS", 0)
    [_, (name, number, data)] = streams.open(url_of(console)).events(2)
    send_lines(console, "QUIT")

    assert (name, number) == ("renew", None)
    assert streams.open(data["url"]).events(1)[0][1] == "2"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="counts the open files of SQLite")
def test_waiting_stream_holds_no_database_connection(streams, console):
    connection.close()
    viewers = [streams.open(url_of(console, after=1)) for _ in range(3)]
    for viewer in viewers:
        assert viewer.block() == ["retry: 2000"]

    assert open_database_files() == []


def open_database_files():
    paths = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            paths.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        except FileNotFoundError:
            continue
    return [path for path in paths if path.endswith("test.sqlite3")]


def test_closing_the_hub_ends_every_stream(streams, console):
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]

    live.hub.close()

    assert stream.block() == []


def test_page_that_lags_too_far_behind_is_cut_off():
    async def lag():
        watcher = Watcher(Topic("session", 0), leave=None)
        watcher.put([(number, b"") for number in range(1, hubs.FRAMES_KEPT + 1)])
        taken = await watcher.take()
        for number in range(1, hubs.FRAMES_KEPT + 2):
            watcher.put([(number, b"")])
        return len(taken), await watcher.take()

    assert asyncio.run(lag()) == (1000, [Watcher.CUT])


def test_page_that_does_not_read_is_let_go(monkeypatch):
    async def watch():
        hub, left = Hub(), []
        reading, stuck = (
            hub.watch("topic", partial(left.append, name), after=0, poll=None)
            for name in ("reading", "stuck")
        )
        stuck.writing_since = asyncio.get_running_loop().time() - 31
        hub._beat()
        assert await reading.take() == [Watcher.PULSE]
        return left

    assert asyncio.run(watch()) == ["stuck"]


def test_all_who_watch_get_the_same_frames(streams, console):
    viewers = [streams.open(url_of(console, after=1)) for _ in range(3)]
    for viewer in viewers:
        assert viewer.block() == ["retry: 2000"]

    send_lines(console, "NOOP")

    assert [[number for _, number, _ in viewer.events(2)] for viewer in viewers] == [["2", "3"]] * 3
    assert load(console).last_seq == 3


def test_learner_may_have_so_many_streams_and_no_more(streams, console, settings):
    settings.SANDBOX_STREAMS = 1
    other = open_console(LearnerFactory())
    stream = streams.open(url_of(console, after=1))
    assert stream.block() == ["retry: 2000"]

    assert streams.open(url_of(console)).status == 429
    assert streams.open(url_of(other)).status == 200
    live.hub.close()
    assert stream.block() == []
    while streaming._n_streams[console.learner.pk]:
        pass
    assert streams.open(url_of(console)).status == 200
