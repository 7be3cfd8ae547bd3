"""A gate in front of a store: a request of one kind stops there, so that whoever asked can be killed right then."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
_CHUNK = 256 * 1024


class Gate:
    """Passes bytes on to an HTTP server, until it is shut for a request.

    Attributes:
        reached: the request has come; with `after`, the server has done what it asks for, and its answer is kept back.
    """

    def __init__(self, upstream: str) -> None:
        place = urlsplit(upstream)
        self._upstream = (str(place.hostname), int(place.port or 80))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._shut: tuple[bytes, re.Pattern[bytes], bool] | None = None
        self.reached = threading.Event()
        self._opened = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @classmethod
    @contextmanager
    def before(cls, upstream: str) -> Iterator["Gate"]:
        """A gate before that server, gone afterwards."""
        gate = cls(upstream)
        try:
            yield gate
        finally:
            gate.open()
            gate._listening.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def shut(self, method: str, target: str, *, after: bool) -> None:
        """Stops the next request whose target the pattern is found in."""
        self.reached.clear()
        self._opened.clear()
        self._shut = (method.encode(), re.compile(target.encode()), after)

    def open(self) -> None:
        """Lets everything pass, what was stopped too."""
        self._shut = None
        self._opened.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        muted = threading.Event()
        with client, socket.create_connection(self._upstream) as server, suppress(OSError):
            threading.Thread(target=self._answer, args=(server, client, muted), daemon=True).start()
            while data := client.recv(_CHUNK):
                after = self._stops(data)
                if after is False:
                    self.reached.set()
                    self._opened.wait()
                if after:
                    muted.set()
                server.sendall(data)

    def _answer(self, server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                if muted.is_set():
                    self.reached.set()
                    self._opened.wait()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _stops(self, data: bytes) -> bool | None:
        """Whether a request stops after it was answered (True), before it is passed on (False), or not at all."""
        request = _REQUEST.match(data)
        if self._shut is None or request is None:
            return None
        method, target, after = self._shut
        return after if request[1] == method and target.search(request[2]) else None
