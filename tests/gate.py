"""A gate in front of a store: a request of one kind stops there, or goes wrong there as on a bad network."""

import http.client
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Fault(Enum):
    """How a request goes wrong."""

    #: Answered with 503, and nothing is done.
    BUSY = auto()
    #: Answered with 500, and nothing is done.
    ILL = auto()
    #: The connection is cut when half of what is put is with the server.
    CUT_INSIDE = auto()
    #: It is done, and the connection is cut before the answer.
    CUT_AFTER = auto()
    #: The connection is cut when half of the answer has come back.
    CUT_ANSWER = auto()
    #: Nobody ever answers, and nothing is done.
    SILENT = auto()
    #: Stops until the gate opens, and is not done any more then.
    STOPPED_BEFORE = auto()
    #: It is done; the answer stops until the gate opens, and does not come any more then.
    STOPPED_AFTER = auto()


@dataclass
class _Rule:
    """Which requests go wrong; `left`: how many still, `every`: each n-th of those that fit."""

    fault: Fault
    method: re.Pattern[str]
    target: re.Pattern[str]
    left: int
    every: int
    seen: int = 0

    def takes(self, method: str, target: str) -> bool:
        if not (self.left and self.method.fullmatch(method) and self.target.search(target)):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Gate:
    """Passes requests on to an HTTP server, but for those that are to go wrong.

    Attributes:
        address: where it is to be asked in place of the server.
        reached: a request that is to stop has come to where it stops.
        failed: how many requests went wrong since `fail`.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = str(urlsplit(upstream).netloc)
        self.address = ""
        self._rule: _Rule | None = None
        self._lock = threading.Lock()
        self._opened = threading.Event()
        self.reached = threading.Event()
        self.failed = 0

    @classmethod
    @contextmanager
    def before(cls, upstream: str) -> Iterator["Gate"]:
        """A gate before that server, gone afterwards."""
        gate = cls(upstream)
        server = _Server(("127.0.0.1", 0), _handler(gate))
        gate.address = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        try:
            yield gate
        finally:
            gate.open()
            server.shutdown()
            serving.join()
            server.server_close()

    def fail(self, fault: Fault, method: str, target: str, *, times: int = 1_000_000, every: int = 1) -> None:
        """Lets requests go wrong from now on, until there were so many.

        Args:
            fault: how.
            method: pattern of their methods.
            target: pattern that is found in their path or query.
            times: how many.
            every: only each n-th of those that fit.
        """
        self.reached.clear()
        self._opened.clear()
        with self._lock:
            self.failed = 0
            self._rule = _Rule(fault, re.compile(method), re.compile(target), times, every)

    def shut(self, method: str, target: str, *, after: bool) -> None:
        """Stops every request of a method whose target the pattern is found in, until the gate opens."""
        self.fail(Fault.STOPPED_AFTER if after else Fault.STOPPED_BEFORE, method, target)

    def open(self) -> None:
        """Lets everything pass; what was stopped is over."""
        with self._lock:
            self._rule = None
        self._opened.set()

    def fault_of(self, method: str, target: str) -> Fault | None:
        """How this request goes wrong, if it does."""
        with self._lock:
            if self._rule is None or not self._rule.takes(method, target):
                return None
            self.failed += 1
            return self._rule.fault

    def stop(self) -> None:
        self.reached.set()
        self._opened.wait()

    def pass_on(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> _Answer:
        """What the server says to a request. With less of a body than the headers say, the connection is cut then."""
        upstream = http.client.HTTPConnection(self._upstream)
        try:
            upstream.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                upstream.putheader(name, value)
            upstream.endheaders(body or None)
            if len(body) < int(dict(headers).get("Content-Length", 0)):
                return _Answer(0, [], b"")
            answer = upstream.getresponse()
            return _Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            upstream.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or was killed, is what this is for."""


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or each answer waits for the client to confirm its head

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def _pass(self) -> None:
            fault = gate.fault_of(self.command, self.path)
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(size // 2 if fault is Fault.CUT_INSIDE else size)
            if fault in (Fault.STOPPED_BEFORE, Fault.SILENT):
                gate.stop()
                self.close_connection = True
                return
            if fault in (Fault.BUSY, Fault.ILL):
                self._answer(_Answer(503 if fault is Fault.BUSY else 500, [], b""))
                return
            # The gate itself says that a body may come: to the server it comes at once.
            headers = [(name, value) for name, value in self.headers.items() if name != "Expect"]
            answer = gate.pass_on(self.command, self.path, headers, body)
            if fault is Fault.STOPPED_AFTER:
                gate.stop()
            if fault in (Fault.CUT_INSIDE, Fault.CUT_AFTER, Fault.STOPPED_AFTER):
                self.close_connection = True
                return
            self._answer(answer, cut=fault is Fault.CUT_ANSWER)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815

        def _answer(self, answer: _Answer, *, cut: bool = False) -> None:
            self.send_response_only(answer.status)
            size = dict(answer.headers).get("Content-Length", "0") if self.command == "HEAD" else str(len(answer.body))
            for name, value in answer.headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", size)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            self.close_connection = self.close_connection or cut

    return Handler
