"""`dancu serve`: Prefect server, worker, deployments and the report site on loopback, until Ctrl-C."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from config.settings import Settings
from dancu.parts import Part, running
from dancu.report_site import report_site
from registry.database import migrate
from registry.errors import PlatformError, UsageError
from tasks.platform import platform

CODE = Path(__file__).parents[1]
POOL = "dancu"

#: How long the server may take to come up, in seconds; making its database takes most of them, once.
PATIENCE = 180.0

#: Runs at a time; after days of standing still, the nights that were due then do not start all at once.
RUNS = 4

#: The worker looks for runs to start so often, in seconds; on loopback that costs nothing.
_SOON = {"PREFECT_WORKER_QUERY_SECONDS": "2"}

_PREFECT = (sys.executable, "-m", "prefect")


def serve(settings: Settings) -> None:
    """Brings everything up and keeps it up until SIGINT or SIGTERM.

    Raises:
        SystemExit: it was told to end, and has ended with all its parts.
        UsageError: a port is taken.
        PlatformError: the server did not come up, or a part ended by itself.
    """
    # Set here, both signals also reach the parts where whoever started us ignores them, as `nohup` and `&` do.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    _check_port(settings.prefect_port, "DANCU_PREFECT_PORT")
    _check_port(settings.report_port, "DANCU_REPORT_PORT")
    # The embedded server stays up as long as someone uses it: the runs below join it, none has to start it.
    migrate(platform().engine)
    api = f"http://127.0.0.1:{settings.prefect_port}/api"
    environment = {**_SOON, **os.environ, **settings.as_environment(), "PREFECT_API_URL": api, "DANCU_CODE": str(CODE)}
    with report_site(settings.report_port), _prefect_server(settings, environment) as server:
        _make_pool(api)
        # Before the worker: SQLite has been seen to lock both out for a minute when they come at once.
        _deploy(environment)
        with _part("worker", "start", "--pool", POOL, "--limit", str(RUNS), environment=environment) as worker:
            print(
                f"Prefect  {api.removesuffix('/api')}\nReports  {settings.report_site}\nCtrl-C ends both.", flush=True
            )
            while server.poll() is None and worker.poll() is None:
                time.sleep(0.5)
    raise PlatformError("the Prefect server or its worker ended by itself; the log of the one or the other says why")


def _check_port(port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UsageError(
                f"port {port} is taken, maybe by another `dancu serve`: end what listens there, or set {setting}"
            ) from None


# -- Prefect -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _prefect_server(settings: Settings, environment: dict[str, str]) -> Iterator[Part]:
    """The server, when it answers; its log is a file, for nobody reads it while all is well."""
    log = settings.root / "logs" / "prefect-server.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    print("Prefect is coming up; the first time it makes its database.", flush=True)
    address = ("--host", "127.0.0.1", "--port", str(settings.prefect_port))
    with _part("server", "start", *address, environment=environment, log=log) as server:
        _wait_for(f"{environment['PREFECT_API_URL']}/health", server, log)
        yield server


def _wait_for(address: str, server: Part, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310
            return
        time.sleep(0.3)
    raise PlatformError(f"the Prefect server did not come up; {log} says why")


def _make_pool(api: str) -> None:
    """Makes the work pool unless there is one; the worker fills in what a pool of processes has."""
    pool = json.dumps({"name": POOL, "type": "process"}).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{api}/work_pools/", data=pool, headers={"Content-Type": "application/json"}
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.CONFLICT:
            raise PlatformError(f"the Prefect server did not make the work pool: HTTP {error.code}") from None


def _deploy(environment: dict[str, str]) -> None:
    command = [*_PREFECT, "--no-prompt", "deploy", "--prefect-file", "deployment.yaml", "--all"]
    done = subprocess.run(command, env=environment, cwd=CODE, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise PlatformError(f"prefect deploy failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _part(
    *arguments: str, environment: dict[str, str], log: Path | None = None
) -> contextlib.AbstractContextManager[Part]:
    return running([*_PREFECT, *arguments], environment=environment, folder=CODE, log=log)
