"""What is asked of a Prefect server, and what comes of its refusals."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dancu.prefect_server import Refused, ask
from registry.errors import PlatformError


@contextmanager
def _answering(*statuses: int) -> Iterator[tuple[str, Callable[[], int]]]:
    """A server that answers with one status after the other; its address, and how many it has left."""
    left = list(statuses)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(left.pop(0))
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", lambda: len(left)
        finally:
            server.shutdown()


def test_a_server_whose_database_is_locked_is_asked_again() -> None:
    with _answering(503, 503, 201) as (address, left):
        assert ask(address, {}) is True
        assert left() == 0


def test_what_the_server_refuses_is_not_asked_again() -> None:
    with _answering(409, 201) as (address, left):
        with pytest.raises(Refused) as refused:
            ask(address, {})
        assert refused.value.status == 409
        assert left() == 1


def test_a_server_that_is_not_there_does_not_answer() -> None:
    with _answering() as (address, _):
        pass
    with pytest.raises(PlatformError, match="does not answer"):
        ask(address, {})
