"""`dancu keys` and `dancu centre` as an operator calls them; nothing private is ever said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dancu.cli import main
from tasks.platform import platform


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("DANCU_OBJECTS_URL", "DANCU_KEYS", "DANCU_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DANCU_HOME", str(tmp_path / "home"))
    platform.cache_clear()
    yield tmp_path / "home"
    platform.cache_clear()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Everything that the commands of a test have said: no private half is in it."""
    lines: list[str] = []
    yield lines
    text = "".join(lines) + capsys.readouterr().out
    assert "AGE-SECRET" not in text
    assert "PRIVATE" not in text


def dancu(capsys: pytest.CaptureFixture[str], said: list[str], *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    with pytest.raises(SystemExit) as end:
        main([*map(str, arguments), "--json"])
    output = capsys.readouterr()
    said += [output.out, output.err]
    assert end.value.code == code, output.err
    answer: dict[str, Any] = json.loads(output.out.splitlines()[-1])
    return answer


def test_keys_are_made_once_rotated_and_retired(
    home: Path, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    dancu(capsys, said, "keys", "rotate", code=2)
    first = dancu(capsys, said, "keys", "make")
    dancu(capsys, said, "keys", "make", code=2)
    second = dancu(capsys, said, "keys", "rotate")
    assert [key["state"] for key in dancu(capsys, said, "keys", "list")["keys"]] == ["retiring", "active"]
    assert dancu(capsys, said, "keys", "retire", first["key_id"])["state"] == "retired"
    dancu(capsys, said, "keys", "retire", "0" * 16, code=2)
    assert [(key["key_id"], key["state"]) for key in dancu(capsys, said, "keys", "list")["keys"]] == [
        (first["key_id"], "retired"), (second["key_id"], "active"),
    ]  # fmt: skip
    assert {path.stat().st_mode & 0o077 for path in (home / "keys").iterdir()} == {0}


def test_the_escrow_key_is_taken_away(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    dancu(capsys, said, "keys", "make", "--purpose", "escrow", code=2)
    dancu(capsys, said, "keys", "make", "--out", tmp_path / "away", code=2)
    key = dancu(capsys, said, "keys", "make", "--purpose", "escrow", "--out", tmp_path / "away")
    assert (key["owner"], key["purpose"]) == ("escrow", "sealing")
    assert list(tmp_path.rglob("*.key")) == [tmp_path / "away" / f"{key['key_id']}.key"]
    assert home.exists()


def test_register_and_centre_hand_each_other_their_keys(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    ours = dancu(capsys, said, "keys", "make")
    public = home / "keys" / "public" / f"{ours['key_id']}.json"
    first = dancu(capsys, said, "centre", "--home", tmp_path / "centre", "--trust", public)
    assert first["batches"] == 0
    imported = dancu(capsys, said, "keys", "import", *first["keys"])["keys"]
    assert [(key["owner"], key["purpose"]) for key in imported] == [("national", "sealing"), ("national", "signing")]
    assert dancu(capsys, said, "keys", "import", *first["keys"])["keys"] == imported
    assert dancu(capsys, said, "centre", "--home", tmp_path / "centre")["keys"] == first["keys"]
    dancu(capsys, said, "keys", "import", public, code=2)
    dancu(capsys, said, "centre", "--home", tmp_path / "centre", "--trust", first["keys"][0], code=2)


def test_a_key_that_was_retired_here_stays_so(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    centre = dancu(capsys, said, "centre", "--home", tmp_path / "centre")
    key = dancu(capsys, said, "keys", "import", centre["keys"][1])["keys"][0]
    dancu(capsys, said, "keys", "retire", key["key_id"])
    dancu(capsys, said, "keys", "import", centre["keys"][1], code=2)
    assert home.exists()


@pytest.mark.parametrize(
    "arguments",
    [("keys", "import"), ("keys", "retire"), ("keys", "make", "--purpose", "other"), ("centre",),
     ("centre", "--home", "c", "--reject", "2"), ("centre", "--home", "c", "--slow", "-1")],
)  # fmt: skip
def test_wrong_use_ends_with_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], said: list[str]) -> None:
    dancu(capsys, said, *arguments, code=2)
