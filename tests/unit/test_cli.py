import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dancu import faults
from dancu.cli import main
from dancu.show import night_lines, table
from registry.errors import InvariantBreach, PlatformError, SenderError, UsageError
from tasks.platform import platform

COMMANDS = (
    "init",
    "generate",
    "put",
    "nightly",
    "status",
    "verify",
    "links",
    "persons",
    "person",
    "serve",
    "keys",
    "centre",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DANCU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DANCU_DATABASE_URL", raising=False)
    monkeypatch.delenv("DANCU_OBJECTS_URL", raising=False)
    platform.cache_clear()
    yield tmp_path / "home"
    platform.cache_clear()


def code_of(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


@pytest.mark.parametrize(
    "arguments",
    [
        ("unheard-of",),
        ("generate", "--out", "x"),
        ("generate", "--out", "x", "--forms", "0"),
        ("generate", "--out", "x", "--forms", "9", "--province", "00"),
        ("generate", "--out", "x", "--forms", "9", "--clean-share", "2"),
        ("put", "no-such-folder"),
        ("nightly", "--date", "30/06/2021"),
        ("nightly", "--province", "7"),
        ("nightly", "--province", "00"),
        ("links",),
        ("persons", "--out", "."),
        ("person",),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*arguments) == 2
    assert capsys.readouterr().err.strip()


def test_help_and_version_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--help") == 0
    said = capsys.readouterr().out
    for command in COMMANDS:
        assert f"  {command} " in said
    assert code_of("--version") == 0


def test_put_lands_a_folder_and_says_how_many(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in" / "registers" / "26734").mkdir(parents=True)
    (tmp_path / "in" / "registers" / "26734" / "a.csv").write_text("form_no\n")
    assert code_of("put", str(tmp_path / "in"), "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"files": 1}
    assert (home / "objects" / "landing" / "registers" / "26734" / "a.csv").exists()


def test_generate_ends_with_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("generate", "--out", str(tmp_path / "out"), "--forms", "50", "--seed", "2", "--json") == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["forms"], answer["files"] > 0) == (50, True)


def fail(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvariantBreach("a gate is shut"), 1),
        (UsageError("no such date"), 2),
        (SenderError("no table"), 2),
        (click.UsageError("no such option"), 2),
        (PlatformError("the disk is full"), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_whose_fault_it_is_makes_the_exit_code(error: BaseException, code: int) -> None:
    assert faults.run(lambda: fail(error), as_json=False) == code


def test_a_fault_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert faults.run(lambda: fail(UsageError("no such date")), as_json=True) == 2
    assert json.loads(capsys.readouterr().out) == {"error": "no such date", "exit_code": 2}


def test_what_nobody_foresaw_shows_no_value(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        try:
            fail(KeyError("NGUYỄN THỊ MẪU"))
        except KeyError as error:
            raise ValueError("079185001234 is no number") from error

    assert faults.run(work, as_json=True) == 3
    said = capsys.readouterr()
    log = (home / "logs" / "dancu.log").read_text()
    assert "ValueError" in said.err
    assert str(home / "logs") in said.err
    assert "test_cli.py" in log
    assert "KeyError" in log
    for value in ("079185001234", "MẪU", "Traceback"):
        assert value not in said.out + said.err + log


def test_a_setting_that_cannot_be_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DANCU_REPORT_PORT", "secret")
    assert code_of("put", ".") == 2
    said = capsys.readouterr().err
    assert "DANCU_REPORT_PORT" in said
    assert "secret" not in said


def test_tables_align_figures_to_the_right() -> None:
    assert list(table(("state", "files"), [("taken", 1200), ("held", 3)])) == [
        "state  files",
        "-----  -----",
        "taken  1,200",
        "held       3",
    ]
    assert list(table(("state", "files"), [])) == ["state  files", "-----  -----"]


def test_a_night_says_whether_its_sums_close() -> None:
    summary = {"date": "2021-06-30", "files": 1, "loads": 1, "cards": {}, "held_loads": {}, "seconds": 1.0}
    assert "The sums close." in list(night_lines({**summary, "rows": {"read": 3, "new": 2, "held": 1}}))
    assert "The sums do not close: 2 rows have an outcome." in list(
        night_lines({**summary, "rows": {"read": 3, "new": 2}})
    )
    assert list(night_lines({"skipped": "another night is being run"})) == ["Nothing done: another night is being run."]
