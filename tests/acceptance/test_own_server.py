"""A night without a Prefect server brings up its own, and takes it along even when it is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.acceptance.homes import DANCU, PATIENCE, Home, home_at


def servers_of(home: Home) -> list[psutil.Process]:
    """Prefect servers whose database lies in the home."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        line, environment = process.info["cmdline"] or [], process.info["environ"] or {}
        if "server" in line and environment.get("PREFECT_HOME") == str(home.root / "prefect"):
            found.append(process)
    return found


def test_the_server_of_a_night_ends_with_it(tmp_path: Path) -> None:
    with home_at(tmp_path) as home:
        home.night("2021-06-30")
        assert servers_of(home) == []
        killed = subprocess.Popen(
            [DANCU, "nightly"], env=home.environment(), cwd=home.root, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _until(lambda: bool(servers_of(home)))
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        _until(lambda: not servers_of(home))


def _until(done: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < give_up
        time.sleep(0.1)
