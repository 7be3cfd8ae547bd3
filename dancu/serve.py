"""`dancu serve`: Prefect server, worker, deployments and the report site on loopback, until Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http import HTTPStatus

from config.settings import Settings
from dancu.parts import running
from dancu.prefect_server import CODE, PREFECT, Refused, ask, prefect_server
from dancu.report_site import report_site
from registry.database import migrate
from registry.errors import PlatformError, UsageError
from tasks.platform import platform

POOL = "dancu"

#: Runs at a time; after days of standing still, the nights that were due then do not start all at once.
RUNS = 4

#: The worker looks for runs to start so often, in seconds; on loopback that costs nothing.
_SOON = {"PREFECT_WORKER_QUERY_SECONDS": "2"}


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
    print("Prefect is coming up; the first time it makes its database.", flush=True)
    with (
        report_site(settings.report_port),
        prefect_server(settings, environment, port=settings.prefect_port) as (server, wait),
    ):
        wait()
        _make_pool(api)
        # Before the worker: SQLite has been seen to lock both out for a minute when they come at once.
        _deploy(environment)
        _make_automation(api)
        command = [*PREFECT, "worker", "start", "--pool", POOL, "--limit", str(RUNS)]
        with running(command, environment=environment, folder=CODE) as worker:
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


def _make_pool(api: str) -> None:
    """Makes the work pool unless there is one; the worker fills in what a pool of processes has."""
    try:
        ask(f"{api}/work_pools/", {"name": POOL, "type": "process"})
    except Refused as refused:
        if refused.status != HTTPStatus.CONFLICT:
            raise


def _make_automation(api: str) -> None:
    """Makes the automation that hears what the exchange of cards warns of, unless one has its name.

    The one that is there stays as it is: the operator may have added a notification, or switched it off.
    """
    automation = json.loads((CODE / "automation.json").read_bytes())
    if not ask(f"{api}/automations/filter", {"automations": {"name": {"any_": [automation["name"]]}}}):
        ask(f"{api}/automations/", automation)


def _deploy(environment: dict[str, str]) -> None:
    command = [*PREFECT, "--no-prompt", "deploy", "--prefect-file", "deployment.yaml", "--all"]
    done = subprocess.run(command, env=environment, cwd=CODE, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise PlatformError(f"prefect deploy failed: {(done.stderr or done.stdout).strip()[-2000:]}")
