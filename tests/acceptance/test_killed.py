"""A night that is killed ten times, PostgreSQL with it, and then finished, is the night that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests import servers
from tests.acceptance.homes import Home, home_at, outcomes_of

NIGHT = "2021-06-30"
#: Two provinces, so two loads.
PROVINCES = {"75": 1_200, "79": 1_200}
PATIENCE = 120.0

#: Ten stages of the night in their order, so that none is past when its turn comes; each with the one before it.
KILLED_IN = (
    ("receive", "begin_night"), ("read", "receive"), ("standardise", "read"), ("validate", "standardise"),
    ("resolve", "validate"), ("merge", "resolve"), ("merge", "resolve"), ("hand_off", "prove_night"),
    ("give_back", "prove_night"), ("report", "end_night"),
)  # fmt: skip


class Nights:
    """Runs nights that can be killed; see `tests.acceptance.nights`."""

    def __init__(self, home: Home, starter: "subprocess.Popen[str]") -> None:
        assert starter.stdin is not None
        assert starter.stdout is not None
        self.home, self.orders, self.answers = home, starter.stdin, starter.stdout

    def start(self, log: Path, *, until: str) -> int:
        """Starts a night and waits until that stage is done; the number of its process and of its group."""
        log.touch()
        print(log, file=self.orders, flush=True)
        pid = int(self.answers.readline())
        give_up = time.monotonic() + PATIENCE
        while f"Task run '{until}-" not in log.read_text():
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.01)
        return pid

    def end(self) -> int:
        """Waits for the end of the night; its exit code, or the signal that ended it as a negative number."""
        return int(self.answers.readline())

    def kill(self, pid: int, *, server_too: bool) -> int:
        """`kill -9` of all its processes, and of PostgreSQL's."""
        victims = servers.servers_of(self.home.root) if server_too else []
        os.killpg(pid, signal.SIGKILL)
        for process in victims:
            # what PostgreSQL started for one moment is gone by now
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return self.end()


@contextmanager
def nights(home: Home) -> Iterator[Nights]:
    command = [sys.executable, "-m", "tests.acceptance.nights", NIGHT]
    environment = {**home.environment(), "PYTHONPATH": str(servers.REPOSITORY)}
    with subprocess.Popen(
        command, env=environment, cwd=home.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        try:
            yield Nights(home, starter)
        finally:
            starter.kill()


def land(folder: Path, home: Home) -> None:
    for province in PROVINCES:
        home.dancu("put", folder / province)


@dataclass
class Calm:
    """A home in which the night went well, its registers, and the seconds of each stage."""

    home: Home
    registers: Path
    stages: dict[str, float]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Calm]:
    folder = tmp_path_factory.mktemp("calm")
    with home_at(folder / "home", api=prefect_api) as home:
        for province, forms in PROVINCES.items():
            out = folder / "registers" / province
            home.dancu("generate", "--out", out, "--forms", str(forms), "--seed", "8", "--province", province)
        land(folder / "registers", home)
        summary = home.night(NIGHT)
        assert summary["loads"] == len(PROVINCES)
        yield Calm(home, folder / "registers", {"report": 0.5, **summary["stages"]})


def test_ten_kills_leave_no_trace(calm: Calm, home: Home, tmp_path: Path) -> None:
    land(calm.registers, home)
    chance = random.Random(20)
    with nights(home) as runs:
        for number, (stage, before) in enumerate(KILLED_IN):
            pid = runs.start(tmp_path / f"log-{number}", until=before)
            # No more than a moment: the machine may have been busier when the calm night was measured.
            time.sleep(chance.uniform(0, min(calm.stages[stage], 0.4)))
            assert runs.kill(pid, server_too=number % 3 == 2) == -signal.SIGKILL
    home.night(NIGHT)
    home.prove()
    assert home.persons() == calm.home.persons()
    assert home.cards() == calm.home.cards()
    links = home.links()
    assert links == calm.home.links()
    status, calm_status = home.dancu("status"), calm.home.dancu("status")
    for what in ("files", "rows", "persons", "in_review", "cards"):
        assert status[what] == calm_status[what]
    assert set(status["files"]) == {"taken"}
    assert outcomes_of(links)["new"] > sum(PROVINCES.values()) // 2
