"""A home of a test's own, and the program run in it as an operator runs it: a process a command."""

import contextlib
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests import servers

DANCU = str(Path(sys.executable).with_name("dancu"))

#: Longer than any command on a busy machine.
PATIENCE = 300.0


@dataclass
class Home:
    """A home, and everything that its commands have said.

    Attributes:
        root: `DANCU_HOME`.
        api: address of a Prefect server that runs anyway; empty: each night brings up its own, as on a laptop.
        said: standard output and error of every command.
    """

    root: Path
    api: str = ""
    said: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DANCU_", "PREFECT_"))}
        return {**clean, "DANCU_HOME": str(self.root), **({"PREFECT_API_URL": self.api} if self.api else {})}

    def dancu(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        """Runs a command with `--json`; its answer. The exit code must be `code`."""
        done = subprocess.run(
            [DANCU, *map(str, arguments), "--json"], env=self.environment(), cwd=self.root, capture_output=True,
            text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, f"dancu {arguments[0]}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def night(self, date: str, *more: str) -> dict[str, Any]:
        """A night that ends well and whose sums close."""
        summary = self.dancu("nightly", "--date", date, *more)
        rows = dict(summary["rows"])
        assert rows.pop("read") == sum(rows.values())
        return summary

    def prove(self) -> None:
        """`dancu verify` finds nothing."""
        assert self.dancu("verify")["breaches"] == []

    def links(self) -> list[dict[str, str]]:
        path = self.root / "links.csv"
        self.dancu("links", "--out", path)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def persons(self) -> pa.Table:
        path = self.root / "persons.parquet"
        self.dancu("persons", "--out", path)
        return pq.read_table(path)

    @property
    def landing(self) -> Path:
        return self.root / "objects/landing/registers"

    def cards(self) -> dict[str, bytes]:
        """The hand-off files by their path in the outbox."""
        outbox = self.root / "objects/outbox/cards"
        return {str(path.relative_to(outbox)): path.read_bytes() for path in sorted(outbox.rglob("*.json*"))}


@contextlib.contextmanager
def home_at(root: Path, *, api: str = "") -> Iterator[Home]:
    """A home under `root` whose PostgreSQL need not survive a power cut; its server is gone afterwards."""
    for folder in (root, root / "postgres"):
        folder.mkdir(mode=0o700, exist_ok=True)
    conf = root / "postgres/local.conf"
    conf.write_text(servers.TEST_SETTINGS)
    conf.chmod(0o600)
    home = Home(root, api)
    try:
        yield home
    finally:
        left = servers.servers_of(root)
        for process in left:
            process.kill()
    assert left == [], f"a server outlived its users; the last of them said: {home.said[-2:]}"


@contextlib.contextmanager
def prefect_server(folder: Path) -> Iterator[str]:
    """A Prefect server of one's own; the address of its API. Its database is `<folder>/prefect.db`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PREFECT_HOME": str(folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)], env=environment, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", server)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310
            return
        time.sleep(0.3)
    raise RuntimeError("the Prefect server did not come up")


def outcomes_of(lines: list[dict[str, str]]) -> Counter[str]:
    """How many lines of `dancu links` have each outcome."""
    return Counter(line["outcome"] for line in lines)
