"""A production centre that is killed at any point of its work ends as one that nobody disturbed."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from registry.objects_local import LocalObjects
from tests.acceptance.homes import DANCU, PATIENCE
from tests.integration.outbox import CENTRE, Register, lines, parties_at

COUNT = 4_000
ACKS = f"objects/inbox/acks/{CENTRE}"

#: What stands in its folders when it is killed: some of it for a moment only.
POINTS = (
    "centre/state/centre.part",
    "centre/state/centre.duckdb",
    "centre/work/cards.jsonl.age",
    "centre/work/.cards.jsonl.part",
    "centre/work/cards.jsonl",
    "centre/answers/000001-production-0.lines",
    f"{ACKS}/000001-receipt.jsonl",
    f"{ACKS}/000001-receipt.jsonl.sig",
    f"{ACKS}/000004-production.jsonl",
    f"{ACKS}/000005-shipment.jsonl.sig",
)


def centre(folder: Path) -> "subprocess.Popen[bytes]":
    """One run of the program that acts as the centre."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DANCU_")}
    command = [DANCU, "centre", "--home", str(folder / "centre"), "--reject", "0.1", "--qc-fail", "0.1", "--json"]
    return subprocess.Popen(command, env={**environment, "DANCU_HOME": str(folder)}, stdout=subprocess.DEVNULL)


def inbox(folder: Path) -> dict[str, bytes]:
    """What the register sees: not what a killed put left unfinished, which housekeeping clears."""
    objects = LocalObjects(folder / "objects")
    return {info.key.rpartition("/")[2]: objects.read_bytes(info.key) for info in objects.list(f"inbox/acks/{CENTRE}")}


@pytest.fixture(scope="module")
def handed_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two batches in the outbox and a centre that has seen neither."""
    folder = tmp_path_factory.mktemp("handed-off") / "home"
    register, _ = parties_at(folder)
    register.batch(lines(COUNT))
    register.batch(lines(COUNT, start=COUNT))
    return folder


@pytest.fixture(scope="module")
def undisturbed(handed_off: Path) -> dict[str, bytes]:
    folder = handed_off.with_name("undisturbed")
    shutil.copytree(handed_off, folder)
    for _ in range(2):
        assert centre(folder).wait(PATIENCE) == 0
    return inbox(folder)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_centre_ends_with_the_same_bytes(
    handed_off: Path, undisturbed: dict[str, bytes], tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "home"
    shutil.copytree(handed_off, folder)
    process = centre(folder)
    give_up = time.monotonic() + PATIENCE
    while not (folder / point).exists() and process.poll() is None:
        assert time.monotonic() < give_up
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    half_seen = {name for name in inbox(folder) if name.endswith(".jsonl")} if (folder / ACKS).exists() else set()
    assert half_seen <= undisturbed.keys()
    for _ in range(2):
        assert centre(folder).wait(PATIENCE) == 0
    assert inbox(folder) == undisturbed
    for path in (folder / "centre").rglob("*"):
        assert path.is_dir() or b"MAU<<THI" not in path.read_bytes(), path
    assert len(Register(folder, LocalObjects(folder / "objects")).answers()) == len(undisturbed) // 2
