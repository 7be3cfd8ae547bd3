"""The commands that ask the store, on a store that the real steps have made."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from dancu.cli import main
from tasks.platform import Platform
from tests.integration import real_store
from tests.integration.conftest import Worked
from tests.servers import EMPTY, S3Server

HEADER = "sender,file,row_no,form_no,outcome,person_id,weight,rules"


@pytest.fixture(scope="module")
def place(worked: Worked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with worked(tmp_path_factory.mktemp("questions") / "home", "questions") as place:
        yield place


@pytest.fixture(scope="module")
def lines(place: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The links, read as any other program would."""
    assert place
    out = tmp_path_factory.mktemp("links") / "links.csv"
    with pytest.raises(SystemExit):
        main(["links", "--out", str(out)])
    with out.open(encoding="utf-8", newline="") as file:
        assert file.readline() == HEADER + "\n"
        file.seek(0)
        return list(csv.DictReader(file))


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, dict[str, Any]]:
    """Exit code, and the JSON object on the last line."""
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return end.value.code, answer


def test_links_have_one_line_a_row(lines: list[dict[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    _, status = ask(capsys, "status")
    assert Counter(line["outcome"] for line in lines) == Counter(
        {outcome: count for outcome, count in status["rows"].items() if count and outcome != "read"}
    )
    assert len(lines) == status["rows"]["read"] > 600
    keys = [(line["sender"], line["file"], int(line["row_no"])) for line in lines]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_links_name_a_person_for_accepted_rows_alone(lines: list[dict[str, str]]) -> None:
    for line in lines:
        assert bool(line["person_id"]) == (line["outcome"] in ("duplicate", "review", "new", "matched"))
    # A dossier names its person: nobody weighs it.
    for line in (line for line in lines if not line["file"].endswith(".jsonl")):
        assert bool(line["weight"]) == (line["outcome"] in ("matched", "review")) or line["outcome"] == "duplicate"
    assert all(line["rules"] for line in lines if line["outcome"] == "quarantined")


def test_links_lead_to_the_person_of_today(lines: list[dict[str, str]], tmp_path: Path) -> None:
    out = tmp_path / "persons.parquet"
    with pytest.raises(SystemExit):
        main(["persons", "--out", str(out)])
    persons = pq.read_table(out)
    assert persons.column_names[:3] == ["person_id", "in_review", "full_name"]
    assert persons.num_rows == len({line["person_id"] for line in lines} - {""})
    assert set(persons["person_id"].to_pylist()) == {line["person_id"] for line in lines} - {""}
    tied = {line["person_id"] for line in lines if line["form_no"].startswith("W-") and line["person_id"]}
    assert len(tied) == 1
    assert oct(out.stat().st_mode)[-3:] == "600"


def test_a_person_with_sources_history_and_old_ids(
    lines: list[dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = next(line for line in lines if line["form_no"] == "W-3")
    code, person = ask(capsys, "person", whole["person_id"])
    fields = {field["column"]: field for field in person["fields"]}
    assert code == 0
    assert fields["full_name"]["value"] == real_store.WHOLE["full_name"]
    assert fields["birth_date"]["value"] == "1962-12-05"
    assert {field["source"]["stated_on"] for field in fields.values()} == {"2021-03-01"}
    assert {field["source"]["form_no"] for field in fields.values()} <= {"W-1", "W-2", "W-3"}
    assert [form["form_no"] for form in person["forms"]][-1] == "W-3"
    history = {(entry["column"], entry["number"]): entry for entry in person["numbers"]}
    assert list(history) == [(column, real_store.WHOLE[column]) for column in ("pid", "cmnd_no")]
    for (column, _), entry in history.items():
        assert entry["in_force"]
        assert (entry["first_stated"], entry["last_stated"]) == ("2021-03-01", "2021-03-01")
        assert {form["form_no"] for form in entry["stated_by"]} == {"W-3", {"pid": "W-1", "cmnd_no": "W-2"}[column]}
    assert len(person["forms"]) == 3
    (old,) = person["old_ids"]
    code, again = ask(capsys, "person", old["old_id"])
    assert (code, again["person_id"], again["asked_for"]) == (0, person["person_id"], old["old_id"])
    with pytest.raises(SystemExit):
        main(["person", old["old_id"]])
    said = capsys.readouterr().out
    assert real_store.WHOLE["full_name"] in said
    assert "an old id" in said
    assert f"{real_store.WHOLE['pid']}  personal number  yes" in said


@pytest.mark.parametrize("unknown", ["nobody", "20210630-0000-0000-0000-000000000000"])
def test_an_id_that_nobody_has_is_wrong_input(
    place: Platform, unknown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place
    code, answer = ask(capsys, "person", unknown)
    assert (code, answer["exit_code"]) == (2, 2)


def test_the_status_of_a_night_and_of_all(place: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert place
    _, overall = ask(capsys, "status")
    _, first = ask(capsys, "status", "--date", str(real_store.FIRST))
    _, second = ask(capsys, "status", "--date", str(real_store.SECOND))
    for key, count in overall["rows"].items():
        assert count == first["rows"][key] + second["rows"][key]
    assert overall["files"]["repeat"] == 1
    assert {reason["reason_code"] for reason in overall["file_reasons"]} == {"empty", "repeat", "sender", "sidecar"}
    assert overall["cards"]["cards"] == first["cards"]["cards"] + second["cards"]["cards"] > 0
    assert sum(overall["cards"]["states"].values()) > 0
    assert overall["cards"]["parked"] == 1
    assert overall["persons"] > 500
    failed = sum(rows["rows"] for rows in overall["open_rows"] if rows["outcome"] in ("quarantined", "unreadable"))
    assert failed == overall["rows"]["quarantined"] + overall["rows"]["unreadable"] - 1
    with pytest.raises(SystemExit):
        main(["status"])
    assert "The sums close." in capsys.readouterr().out


def test_verify_ends_with_0_or_with_1_and_the_breach(place: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "verify")[0] == 0
    place.objects.put_bytes("outbox/cards/national/000009/manifest.json", b"{}")
    code, answer = ask(capsys, "verify")
    place.objects.delete("outbox/cards/national/000009/manifest.json")
    assert code == 1
    assert not answer["holds"]
    assert [breach["invariant"] for breach in answer["breaches"]] == ["I3"]


def test_an_empty_store_has_empty_answers(
    postgres_server: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with real_store.installation(postgres_server, tmp_path / "home", name="nothing", template=EMPTY):
        assert ask(capsys, "links", "--out", str(tmp_path / "links.csv"))[0] == 0
        assert (tmp_path / "links.csv").read_text() == HEADER + "\n"
        assert ask(capsys, "status")[1]["rows"]["read"] == 0
        assert ask(capsys, "persons", "--out", str(tmp_path / "p.parquet"))[1]["persons"] == 0
        assert ask(capsys, "verify")[0] == 0
        assert ask(capsys, "init")[0] == 0


def test_a_store_on_s3_holds_too(
    postgres_server: Engine,
    s3_moto: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DANCU_OBJECTS_URL", f"{s3_moto.url}/questions")
    monkeypatch.setenv("DANCU_S3_ENDPOINT_URL", s3_moto.endpoint_url)
    with real_store.installation(postgres_server, tmp_path / "home", name="on_s3") as place:
        real_store.two_nights(place, tmp_path / "registers")
        code, answer = ask(capsys, "verify")
        assert (code, answer["breaches"]) == (0, [])
        assert answer["proved"]["cards"] > 0
