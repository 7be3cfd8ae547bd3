"""`dancu serve`: Prefect server, worker, deployments and the report site on loopback, until Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from config.settings import Settings
from registry.database import migrate
from registry.errors import PlatformError
from tasks.platform import platform

CODE = Path(__file__).parents[1]
POOL = "dancu"

#: How long the server may take to come up, in seconds.
PATIENCE = 90.0


def serve(settings: Settings) -> None:
    """Brings everything up and keeps it up; ends with whichever part ends first.

    Raises:
        PlatformError: the server did not come up, or a part ended by itself.
    """
    api = f"http://127.0.0.1:{settings.prefect_port}/api"
    environment = {**os.environ, "PREFECT_API_URL": api, "DANCU_CODE": str(CODE), "DANCU_HOME": str(settings.root)}
    # The embedded server stays up as long as someone uses it: the runs below join it, none has to start it.
    migrate(platform().engine)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as parts:
        server = parts.enter_context(_running(["server", "start", "--port", str(settings.prefect_port)], environment))
        _wait_for(f"{api}/health", server)
        _prefect(["work-pool", "create", POOL, "--type", "process", "--overwrite"], environment)
        _prefect(["--no-prompt", "deploy", "--prefect-file", "deployment.yaml", "--all"], environment)
        worker = parts.enter_context(_running(["worker", "start", "--pool", POOL], environment))
        parts.enter_context(_report_site(settings))
        print(f"Prefect  http://127.0.0.1:{settings.prefect_port}\nReports  {settings.report_site}\nCtrl-C ends both.")
        sys.stdout.flush()
        while server.poll() is None and worker.poll() is None:
            time.sleep(0.5)
    raise PlatformError("the Prefect server or its worker ended by itself; its own log above says why")


def _program(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "prefect", *arguments]


@contextlib.contextmanager
def _running(arguments: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A part of Prefect in the background; stopped, with its children, on the way out."""
    process = subprocess.Popen(_program(arguments), env=environment, cwd=CODE, start_new_session=True)  # noqa: S603
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _prefect(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603
        _program(arguments), env=environment, cwd=CODE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PlatformError(f"prefect {' '.join(arguments[:2])} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310
            return
        time.sleep(0.3)
    raise PlatformError(f"the Prefect server did not come up at {address}: is its port taken?")


class _Reports(SimpleHTTPRequestHandler):
    """The reports of the object store, read only."""

    def do_GET(self) -> None:
        key = "reports/" + self.path.split("?")[0].lstrip("/")
        self._send(key + "index.html" if key.endswith("/") else key)

    do_HEAD = do_GET  # noqa: N815 - the name is the library's

    def _send(self, key: str) -> None:
        try:
            content = platform().objects.read_bytes(key)
        except Exception:  # noqa: BLE001 - whatever the store says, a reader gets a plain answer
            self.send_error(404, "No such report")
            return
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(key))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", "default-src 'self' 'unsafe-inline' data:")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Keeps quiet: an address is nobody's business."""


@contextlib.contextmanager
def _report_site(settings: Settings) -> Iterator[None]:
    site = ThreadingHTTPServer(("127.0.0.1", settings.report_port), partial(_Reports, directory="/nonexistent"))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        site.shutdown()
