"""A whole exchange with the centre, as an operator runs it: every card delivered, and no person where none belongs."""

import json
import re
from pathlib import Path

import pytest

from tests.acceptance.homes import Home

NIGHTS = ("2021-06-30", "2021-07-01", "2021-07-02")

#: What may hold persons: what landed, the archive, the returns; the store; what this test made and wrote out.
OWN = (
    "objects/landing",
    "objects/archive",
    "objects/returns",
    "objects/biometrics",
    "postgres/data",
    "keys",
    "registers",
    "persons.parquet",
)


def test_a_whole_exchange_leaves_no_person_behind(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = home.root
    out = root / "registers"
    home.dancu("generate", "--out", out, "--forms", "400", "--dossiers", "0.6", "--seed", "8", "--province", "75")
    home.dancu("put", out)
    own = home.dancu("keys", "make")
    home.dancu("keys", "make", "--purpose", "escrow", "--out", root.with_name("escrow"))
    trusted = root / "keys/public" / f"{key_id(own)}.json"
    (public, *more) = home.dancu("centre", "--home", root.with_name("centre"), "--trust", trusted)["keys"]
    home.dancu("keys", "import", public, *more)
    asked = 0
    for date in NIGHTS:
        asked += home.night(date)["cards"].get("cards", 0)
        home.dancu(
            "centre", "--home", root.with_name("centre"), "--deliver", "1", "--reject", "0.1", "--qc-fail", "0.1"
        )
    assert asked > 50
    home.dancu("cards", "run", "--date", NIGHTS[-1])
    home.prove()
    numbers = personal_numbers(home)
    assert len(numbers) > asked / 2
    assert any(holds(path, numbers) for path in out.rglob("*") if path.is_file())
    prefect = list(tmp_path_factory.getbasetemp().glob("prefect*/prefect.db*"))
    assert prefect
    assert [path for path in [*private_files(root), *prefect] if holds(path, numbers)] == []
    assert [path for path in (root / "scratch").rglob("*") if path.is_file()] == []
    for said in home.said:
        assert not numbers & set(re.findall(rb"\d{12}", said.encode()))


def key_id(answer: dict[str, object]) -> str:
    return re.search(r'"key_id": "(\w{16})"', json.dumps(answer))[1]  # type: ignore[index]


def personal_numbers(home: Home) -> set[bytes]:
    column = home.persons()["pid"]
    return {number.encode() for number in column.to_pylist() if number}


def private_files(root: Path) -> list[Path]:
    """All files of the register and the centre, but for those that are there to hold persons."""
    own = tuple(str(root / name) for name in OWN)
    found = [path for folder in (root, root.with_name("centre")) for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if not str(path).startswith(own)]


def holds(path: Path, numbers: set[bytes]) -> bool:
    return bool(numbers & set(re.findall(rb"(?<!\d)\d{12}(?!\d)", path.read_bytes())))
