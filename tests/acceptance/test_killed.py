"""A night that is killed ten times, PostgreSQL with it, and then finished, is the night that nobody disturbed."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyarrow as pa

from tests import servers
from tests.acceptance.homes import Home, home_at, outcomes_of

NIGHT = "2021-06-30"
#: Three provinces, so three loads.
PROVINCES = {"75": 1_200, "79": 1_200, "01": 1_200}
KILLS = 10
BEGUN = b"Beginning flow run"


def registers(folder: Path, home: Home) -> Path:
    for province, forms in PROVINCES.items():
        home.dancu(
            "generate", "--out", folder / province, "--forms", str(forms), "--seed", "8", "--province", province
        )  # fmt: skip
    return folder


def land(folder: Path, home: Home) -> None:
    for province in PROVINCES:
        home.dancu("put", folder / province)


def start_night(home: Home, log: Path) -> "servers.subprocess.Popen[bytes]":
    """Starts the night, and waits until it works."""
    run = home.start("nightly", "--date", NIGHT, log=log)
    while BEGUN not in log.read_bytes():
        assert run.poll() is None, log.read_text()
        time.sleep(0.05)
    return run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[tuple[Home, Path, float]]:
    """A home in which the night went well, its registers, and how long it worked in seconds."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with home_at(folder / "home", api=prefect_api) as home:
        land(registers(folder / "registers", home), home)
        run = start_night(home, folder / "log")
        start = time.monotonic()
        assert run.wait() == 0
        yield home, folder / "registers", time.monotonic() - start


def kill(run: "servers.subprocess.Popen[bytes]", home: Home, *, server_too: bool) -> None:
    victims = servers.servers_of(home.root) if server_too else []
    os.killpg(run.pid, signal.SIGKILL)
    for process in victims:
        process.kill()
    run.wait()


def without_moment(table: pa.Table) -> list[dict[str, object]]:
    return table.to_pylist()


def test_ten_kills_leave_no_trace(undisturbed: tuple[Home, Path, float], home: Home, tmp_path: Path) -> None:
    calm, folder, seconds = undisturbed
    land(folder, home)
    moments = random.Random(20).sample([seconds * (n + 0.5) / KILLS for n in range(KILLS)], KILLS)
    for number, moment in enumerate(moments):
        run = start_night(home, tmp_path / f"log-{number}")
        time.sleep(moment)
        kill(run, home, server_too=number % 3 == 2)
    home.night(NIGHT)
    home.prove()
    assert home.persons() == calm.persons()
    assert home.cards() == calm.cards()
    links = home.links()
    assert links == calm.links()
    status, calm_status = home.dancu("status"), calm.dancu("status")
    for what in ("files", "rows", "persons", "in_review", "cards"):
        assert status[what] == calm_status[what]
    assert set(status["files"]) == {"taken"}
    assert outcomes_of(links)["new"] > sum(PROVINCES.values()) // 2
