"""The few words of Dovecot's authentication protocol that Postfix needs to check a password."""

import base64
import binascii
import contextlib
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

GREETING = (
    "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n"
    "SPID\t1\nCUID\t1\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n"
)
PROMPTS = {"PLAIN": ("",), "LOGIN": ("Username:", "Password:")}


class _Answering(socketserver.StreamRequestHandler):
    """AUTH opens a request, CONT goes on with it; OK, FAIL or CONT is the answer."""

    server: "_Listening"

    def handle(self) -> None:
        self.wfile.write(GREETING.encode())
        requests: dict[str, tuple[str, list[bytes]]] = {}
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            if words[0] == "AUTH":
                requests[words[1]] = (words[2].upper(), [])
                given = [word[5:] for word in words[3:] if word.startswith("resp=")]
            elif words[0] == "CONT":
                given = words[2:3]
            else:
                continue
            self.wfile.write(self._answer(words[1], *requests[words[1]], given).encode())

    def _answer(self, number: str, mechanism: str, responses: list[bytes], given: list[str]) -> str:
        try:
            responses += [base64.b64decode(text, validate=True) for text in given]
        except binascii.Error:
            return f"FAIL\t{number}\treason=Invalid base64 data\n"
        prompts = PROMPTS[mechanism]
        if len(responses) < len(prompts):
            prompt = base64.b64encode(prompts[len(responses)].encode()).decode()
            return f"CONT\t{number}\t{prompt}\n"
        pair = responses[0].split(b"\0")[1:] if mechanism == "PLAIN" else responses
        if pair == self.server.login:
            return f"OK\t{number}\tuser={self.server.login[0].decode()}\n"
        return f"FAIL\t{number}\n"


class _Listening(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, user: str, password: str) -> None:
        self.login = [user.encode(), password.encode()]
        super().__init__(str(path), _Answering)
        path.chmod(0o666)


@contextlib.contextmanager
def answering(path: Path, user: str, password: str) -> Iterator[None]:
    with _Listening(path, user, password) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
