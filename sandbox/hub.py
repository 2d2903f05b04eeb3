"""The hub of one process: hands what happens to the pages that watch, without a thread or a
database connection for any of them. Topics are names; a frame is (id, encoded event)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

Frame = tuple[int, bytes]
Poll = Callable[["Topic"], Awaitable[None]]

FRAMES_KEPT = 1000  # a page that lags further behind is cut off and comes back by itself
POLL_SECONDS = 2.0
PULSE_SECONDS = 15.0
SLOWEST_READ_SECONDS = 30.0


class Watcher:
    """One open stream. Among its frames stand END after the last one, CUT when it has to stop,
    GONE when what was shown does not exist, PULSE when nothing else happens.

    `leave` is called where the page does not take what it is sent; `writing_since` says since
    when it has not.
    """

    END: Frame = (-1, b"")
    CUT: Frame = (-2, b"")
    GONE: Frame = (-3, b"")
    PULSE: Frame = (-4, b"")

    __slots__ = ("_frames", "_loop", "_waiting", "leave", "topic", "writing_since")

    def __init__(self, topic: "Topic", leave: Callable[[], object]) -> None:
        self.topic = topic
        self.leave = leave
        self.writing_since: float | None = None
        self._loop = asyncio.get_running_loop()  # asked once: it costs a system call
        self._frames: list[Frame] = []
        self._waiting: asyncio.Future[None] | None = None

    def put(self, frames: Sequence[Frame]) -> None:
        if len(self._frames) + len(frames) > FRAMES_KEPT:
            self._frames = [self.CUT]
        else:
            self._frames += frames
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def take(self) -> list[Frame]:
        """What has come since the last time; waits for it."""
        if not self._frames:
            self._waiting = self._loop.create_future()
            await self._waiting
        frames, self._frames = self._frames, []
        return frames


class Topic:
    """`last`: the id up to which a poll has looked."""

    def __init__(self, name: str, last: int) -> None:
        self.name = name
        self.last = last
        self.watchers: set[Watcher] = set()
        self.poller: asyncio.Task[None] | None = None


class Hub:
    def __init__(self) -> None:
        self._topics: dict[str, Topic] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pulse: asyncio.TimerHandle | None = None

    def watch(
        self, name: str, leave: Callable[[], object], *, after: int, poll: Poll | None
    ) -> Watcher:
        """`poll` looks for what other processes wrote, once for all who watch; None: nobody else
        writes."""
        self._loop = asyncio.get_running_loop()
        if self._pulse is None:
            self._pulse = self._loop.call_later(PULSE_SECONDS, self._beat)
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = Topic(name, after)
            if poll:
                topic.poller = self._loop.create_task(_keep_polling(topic, poll))
        watcher = Watcher(topic, leave)
        topic.watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: Watcher) -> None:
        topic = watcher.topic
        topic.watchers.discard(watcher)
        if not topic.watchers:
            if topic.poller:
                topic.poller.cancel()
            if self._topics.get(topic.name) is topic:
                del self._topics[topic.name]

    def is_watched(self, name: str) -> bool:
        """From any thread. Who comes later finds the rows stored, or among the unstored ones."""
        return name in self._topics

    def publish(self, name: str, frames: Sequence[Frame]) -> None:
        """From any thread."""
        if self._loop and self.is_watched(name):
            self._loop.call_soon_threadsafe(self.deliver, name, frames)

    def deliver(self, name: str, frames: Sequence[Frame]) -> None:
        topic = self._topics.get(name)
        if topic is None:
            return
        topic.last = max([topic.last, *(number for number, _ in frames)])
        for watcher in topic.watchers:
            watcher.put(frames)

    def close(self) -> None:
        """Ends every stream, from any thread; a server must do so before it waits for them."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_all, [Watcher.CUT])

    def _tell_all(self, frames: Sequence[Frame]) -> None:
        for topic in self._topics.values():
            for watcher in topic.watchers:
                watcher.put(frames)

    def _beat(self) -> None:
        """One timer for all: shows intermediaries that the streams stand, lets go of pages that
        do not read."""
        loop = asyncio.get_running_loop()
        latest = time.monotonic() - SLOWEST_READ_SECONDS
        for topic in self._topics.values():
            for watcher in topic.watchers:
                if watcher.writing_since is None:
                    watcher.put([Watcher.PULSE])
                elif watcher.writing_since < latest:
                    watcher.leave()
        self._pulse = loop.call_later(PULSE_SECONDS, self._beat) if self._topics else None


async def _keep_polling(topic: Topic, poll: Poll) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        await poll(topic)
