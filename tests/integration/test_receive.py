"""Receive, on a real store: each landed file is looked at once, and the ledger says what became of it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tasks.platform import Platform
from tasks.receive import receive
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import as_csv, ask, files, land, man, persons

FIRST, SECOND = dt.date(2021, 6, 30), dt.date(2021, 7, 1)
ONE = as_csv([man("1")])
#: A man of another family; a twin of the first would be a case for reviewers.
OTHER = as_csv(
    [
        man(
            "2",
            full_name="TRỊNH VĂN KHÁC",
            pid="075071009558",
            birth_date="07/08/1971",
            father_name="TRỊNH VĂN BÁC",
            mother_name="VŨ THỊ BÁC",
            permanent_address="8C tổ 2",
        )
    ]
)


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="receive") as place:
        yield place


def landed(place: Platform) -> list[str]:
    return [info.key for info in place.objects.list("landing/")]


def test_the_same_bytes_later_under_another_name_are_a_repeat(place: Platform) -> None:
    land(place, "one.csv", ONE)
    assert work_night(FIRST)["new"] == 1
    land(place, "another-name.csv", ONE)
    land(place, "one.csv", ONE)
    assert sum(work_night(SECOND).values()) == 0
    assert files(place) == [
        ("one.csv", "taken", None),
        ("another-name.csv", "repeat", "repeat"),
        ("one.csv", "repeat", "repeat"),
    ]
    assert landed(place) == []


def test_of_the_same_bytes_twice_in_a_night_one_is_taken(place: Platform) -> None:
    land(place, "b.csv", ONE)
    land(place, "a.csv", ONE, {"rows": 7, "sha256": "0" * 64})
    assert work_night(FIRST) | {"new": 0} == dict.fromkeys(work_night(FIRST), 0)
    assert sorted(files(place)) == [("a.csv", "repeat", "repeat"), ("b.csv", "taken", None)]


@pytest.mark.parametrize(
    "sidecar", [{"rows": 2}, {"sha256": "0" * 64}, {"sent_at": "yesterday"}], ids=["rows", "sha256", "no day"]
)
def test_a_file_that_its_sidecar_contradicts_is_held_and_may_come_again(place: Platform, sidecar: object) -> None:
    land(place, "one.csv", ONE, sidecar)
    outcomes = work_night(FIRST)
    assert outcomes == dict.fromkeys(outcomes, 0) | {"held": 1}
    assert files(place)[0][1] == "held"
    assert persons(place) == []
    land(place, "one.csv", ONE, {"rows": 1})
    assert work_night(SECOND)["new"] == 1
    assert [state for _, state, _ in files(place)] == ["held", "taken"]
    assert examine(place).breaches == []


def test_a_file_put_in_the_place_of_one_that_a_killed_run_had_received(place: Platform) -> None:
    land(place, "register.csv", ONE)
    receive.fn(FIRST, [], None)
    # A run that was killed before it cleared landing; meanwhile the sender has put another file there.
    ask(place, "UPDATE file SET left_landing = false RETURNING 1")
    land(place, "register.csv", OTHER)
    assert work_night(FIRST)["new"] == 2
    assert files(place) == [("register.csv", "taken", None)] * 2
    assert len(persons(place)) == 2
    assert examine(place).breaches == []


def test_a_file_that_a_killed_run_had_received_and_left_is_taken_once(place: Platform) -> None:
    land(place, "register.csv", ONE)
    receive.fn(FIRST, [], None)
    ask(place, "UPDATE file SET left_landing = false RETURNING 1")
    land(place, "register.csv", ONE)
    assert work_night(FIRST)["new"] == 1
    assert files(place) == [("register.csv", "taken", None)]
    assert landed(place) == []


def test_a_partial_name_waits_and_is_taken_under_its_whole_name(place: Platform) -> None:
    land(place, "register.csv.part", ONE)
    assert sum(work_night(FIRST).values()) == 0
    assert files(place) == [("register.csv.part", "waiting", "writing")]
    place.objects.delete("landing/registers/25993/register.csv.part")
    land(place, "register.csv", ONE)
    assert work_night(SECOND)["new"] == 1


@pytest.mark.parametrize(
    ("name", "sidecar", "state"),
    [
        ("a\nb%s:x'\".csv", None, "taken"),
        ("sổ hộ khẩu (2).CSV", None, "taken"),
        ("deeper/folder/register.csv", None, "taken"),
        ("register.docx", None, "refused"),
        ("register", None, "refused"),
        ("register.csv", {"encoding": "klingon"}, "held"),
    ],
)
def test_no_name_and_no_encoding_stops_a_night(place: Platform, name: str, sidecar: object, state: str) -> None:
    land(place, name, ONE, sidecar)
    land(place, "good.csv", OTHER)
    assert work_night(FIRST)["new"] == (2 if state == "taken" else 1)
    assert {file: found for file, found, _ in files(place)} == {name: state, "good.csv": "taken"}
    assert examine(place).breaches == []
