"""The hub of one process: hands what happens to the pages that watch, without a thread or a
database connection for any of them. Topics are names; a frame is (id, encoded event)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

Frame = tuple[int, bytes]
Poll = Callable[["Topic"], Awaitable[None]]

QUEUE_FRAMES = 1000  # a page that lags further behind is cut off and comes back by itself
POLL_SECONDS = 2.0


class Watcher:
    """One open stream. `queue` holds frames; END after the last one, CUT when it has to stop, GONE
    when what was shown does not exist."""

    END: Frame = (-1, b"")
    CUT: Frame = (-2, b"")
    GONE: Frame = (-3, b"")

    def __init__(self, topic: "Topic") -> None:
        self.topic = topic
        self.queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUE_FRAMES)

    def put(self, frame: Frame) -> None:
        if self.queue.full():
            self.cut()
        else:
            self.queue.put_nowait(frame)

    def cut(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(self.CUT)


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

    def watch(self, name: str, *, after: int, poll: Poll | None) -> Watcher:
        """`poll` looks for what other processes wrote, once for all who watch; None: nobody else
        writes."""
        self._loop = asyncio.get_running_loop()
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = Topic(name, after)
            if poll:
                topic.poller = self._loop.create_task(_keep_polling(topic, poll))
        watcher = Watcher(topic)
        topic.watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
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
            for frame in frames:
                watcher.put(frame)

    def close(self) -> None:
        """Ends every stream, from any thread; a server must do so before it waits for them."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        for topic in self._topics.values():
            for watcher in topic.watchers:
                watcher.cut()


async def _keep_polling(topic: Topic, poll: Poll) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        await poll(topic)
