"""A Prefect server on loopback: the one that `dancu serve` keeps up, or one for a single night."""

import atexit
import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3

from config.settings import Settings
from dancu.parts import Part, running
from registry.errors import PlatformError

CODE = Path(__file__).parents[1]
PREFECT = (sys.executable, "-m", "prefect")

#: How long the server may take to come up, in seconds; making its database takes most of them, once.
PATIENCE = 180.0

#: Schedules belong to a server that stays up.
_BARE = ("--no-scheduler", "--no-late-runs")

#: While its SQLite is locked by another request the server has done nothing, says 503, and is to be asked again.
_LOCKED = urllib3.Retry(total=10, connect=0, read=0, status_forcelist=[503], allowed_methods=None, backoff_factor=0.2)


class Refused(PlatformError):
    """The Prefect server refuses a request; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@contextlib.contextmanager
def prefect_server(
    settings: Settings, environment: dict[str, str], *options: str, port: int
) -> Iterator[tuple[Part, Callable[[], None]]]:
    """A server that is coming up, and what waits until it answers; its log is a file under `home`.

    Raises:
        PlatformError: from the waiting, when it did not come up.
    """
    log = settings.root / "logs" / "prefect-server.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), *options]
    with running(command, environment=environment, folder=CODE, log=log) as server:
        yield server, lambda: _wait_for(f"http://127.0.0.1:{port}/api/health", server, log)


def server_for_a_night(settings: Settings) -> Callable[[], None]:
    """Has the server that PREFECT_API_URL names, or one of our own until this process ends.

    Call it before Prefect is imported, which reads the address then; the server comes up meanwhile. Call what it
    returns before the first run.
    """
    if os.environ.get("PREFECT_API_URL"):
        return lambda: None
    port = _free_port()
    server = contextlib.ExitStack()
    _, wait = server.enter_context(prefect_server(settings, dict(os.environ), *_BARE, port=port))
    # The first to be registered is the last to be called: Prefect's own senders empty their queues before.
    atexit.register(server.close)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    return wait


def ask(address: str, body: Any = None, *, method: str = "POST") -> Any:
    """What the server answers.

    Raises:
        Refused: it refuses.
        PlatformError: it cannot be reached, or its database stays locked.
    """
    try:
        answer = urllib3.request(method, address, json=body, retries=_LOCKED, timeout=30)
    except urllib3.exceptions.HTTPError:
        raise PlatformError(f"the Prefect server does not answer {method} {address}") from None
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise Refused(f"the Prefect server refuses {method} {address}: HTTP {answer.status}", answer.status)
    return answer.json() if answer.data else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: Part, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(PlatformError):
            ask(address, method="GET")
            return
        time.sleep(0.05)
    raise PlatformError(f"the Prefect server did not come up; {log} says why")
