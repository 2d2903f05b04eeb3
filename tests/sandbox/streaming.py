"""The live streams as a browser gets them."""

import http.client
import json
import socket
import threading
import time

import uvicorn

from sandbox import live, streaming


class Streams:
    """The stream application behind a real server; `open` gives a stream or a refusal."""

    def __init__(self):
        self.bound = socket.socket()
        self.bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(streaming.stream, lifespan="off", log_config=None)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.bound]})
        self.thread.start()
        while not self.server.started:
            time.sleep(0.001)
        self.opened = []

    def open(self, url, last_event_id=None):
        client = http.client.HTTPConnection(*self.bound.getsockname(), timeout=5)
        self.opened.append(client)
        headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        client.request("GET", url, headers=headers)
        return Stream(client, client.getresponse())

    def end_all(self):
        live.hub.close()
        for client in self.opened:
            client.close()
        self.opened.clear()
        while live.hub._topics:
            time.sleep(0.001)

    def stop(self):
        self.server.should_exit = True
        self.thread.join()
        self.bound.close()


class Stream:
    def __init__(self, client, response):
        self.client = client
        self.response = response
        self.status = response.status

    def close(self):
        """The page goes away."""
        self.response.close()
        self.client.close()

    def block(self):
        """The lines of one event, or of a comment; empty when the server has closed."""
        lines = []
        while line := self.response.readline():
            if line == b"\n":
                break
            lines.append(line.decode().rstrip("\n"))
        return lines

    def events(self, n):
        """The next n events as (name, id, data), without comments and retry."""
        found = []
        while len(found) < n:
            fields = dict(line.split(": ", 1) for line in self.block())
            assert fields, f"the stream ended after {found}"
            if "event" in fields:
                data = json.loads(fields["data"])
                found.append((fields["event"], fields.get("id"), data))
        return found

    def to_the_end(self):
        found = []
        while block := self.block():
            found.append([line for line in block if not line.startswith("data:")])
        return found


class Recorder:
    """Of the listener in this process, when everything is stored."""

    def __init__(self, *entries):
        self.entries = entries

    def unstored(self, session):
        return self.entries
