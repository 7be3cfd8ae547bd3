"""Who must have a card and has no dossier: counted without naming anybody, listed into a file of the operator's."""

import csv
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dancu.show_progress import outreach_lines
from registry.database import close_database
from registry.errors import UsageError
from registry.progress.outreach import Outreach, find_waiting
from tasks.platform import Platform
from tests.integration.a_night import platform_of

DAY = dt.date(2021, 7, 1)
FIRST = dt.date(1900, 1, 1)
TAN_MAI, HOA_AN, LONG_KHANH, HANOI = "26026", "26068", "26074", "00001"
LODGING = "Nhà trọ Thử Nghiệm, tổ 4"


@pytest.fixture
def place(store: Engine, tmp_path: Path) -> Iterator[Platform]:
    place = platform_of(store, tmp_path)
    yield place
    close_database(place.engine)


def person(place: Platform, home: str = TAN_MAI, **values: Any) -> str:
    """A made-up person with all that a card needs."""
    person_id = str(uuid.uuid4())
    row = {
        "person_id": person_id, "full_name": "LÝ VĂN THỬ", "birth_date": "1990-02-03", "sex": "M", "in_review": False,
        "pid": "075090001557", "permanent_place": home, "permanent_place_from": FIRST, "permanent_address": "Số 1",
        **values,
    }  # fmt: skip
    insert(place, "person", row)
    return person_id


def lodger(place: Platform, address: str = LODGING, **values: Any) -> str:
    lodging = {"temporary_place": HOA_AN, "temporary_place_from": FIRST, "temporary_address": address}
    return person(place, HANOI, **lodging, **values)


def dossier(place: Platform, person_id: str, *, state: str = "captured", **values: Any) -> None:
    dossier_id = str(uuid.uuid4())
    row = {
        "dossier_id": dossier_id, "station": "75", "number": dossier_id, "person_id": person_id, "attempt": 1,
        "captured_at": "2021-06-28T08:00:00+07:00", "mode": "station", "applicant": "permanent", "reason": "first",
        "place": TAN_MAI, "place_from": FIRST, "file_id": 1, "row_no": 1, "load_no": 1, **values,
    }  # fmt: skip
    insert(place, "dossier", row)
    insert(place, "card", {"dossier_id": dossier_id, "state": state, "attempt": 1, "since": row["captured_at"]})


def insert(place: Platform, table: str, row: dict[str, Any]) -> None:
    binds = ", ".join(f":{name}" for name in row)
    with place.engine.begin() as store:
        store.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({binds})"), row)


def waiting(place: Platform, *, within: str = "VN", out: Path | None = None, date: dt.date = DAY) -> Outreach:
    with place.engine.begin() as store:
        return find_waiting(store, place.reference.gazetteer, date=date, within=within, out=out)


def listed(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "lacks",
    [
        {"birth_date": "2007-07-02"},  # 14 tomorrow
        {"birth_date": "1990"},
        {"full_name": None},
        {"sex": None},
        {"pid": None},
        {"nationality": "LA"},
        {"permanent_place": None},
        {"death_date": "2021-01-01"},
        {"in_review": True},
    ],
)
def test_who_cannot_have_a_card_yet_does_not_wait(place: Platform, lacks: dict[str, Any]) -> None:
    person(place, birth_date="2007-07-01")
    person(place, **lacks)
    assert waiting(place).persons == 1


def test_a_dossier_that_may_come_to_a_card_ends_the_waiting_and_one_that_cannot_does_not(place: Platform) -> None:
    for state in ("captured", "rejected", "delivered", "returned", "cancelled", "purged"):
        dossier(place, person(place), state=state)
    assert waiting(place).persons == 3


def test_a_dossier_counts_for_the_person_that_its_person_is_today(place: Platform) -> None:
    today, before = person(place), str(uuid.uuid4())
    insert(place, "person_alias", {"old_id": before, "person_id": today, "load_no": 1})
    dossier(place, before)
    assert waiting(place).persons == 0


def test_lodgers_are_counted_with_the_company_whose_workers_lodge_there(place: Platform) -> None:
    visit = {"mode": "company_visit", "company": "Công ty Thử"}
    dossier(place, lodger(place), **visit)
    dossier(place, lodger(place), **visit)
    dossier(place, lodger(place), mode="company_visit", company="Công ty Khác")
    for _ in range(6):
        lodger(place)
    for _ in range(5):
        lodger(place, "Nhà trọ khác")
    assert waiting(place).groups == [
        {"code": HOA_AN, "name": "Phường Hóa An", "within": "Thành phố Biên Hòa, Tỉnh Đồng Nai",
         "company": "Công ty Thử", "persons": 6},
        {"code": HOA_AN, "name": "Phường Hóa An", "within": "Thành phố Biên Hòa, Tỉnh Đồng Nai",
         "company": "", "persons": 5},
    ]  # fmt: skip


def test_a_few_are_not_told_apart(place: Platform) -> None:
    dossier(place, lodger(place), mode="company_visit", company="Công ty Thử")
    for _ in range(4):
        lodger(place)
    found = waiting(place)
    assert [(group["company"], group["persons"]) for group in found.groups] == [("", None)]
    assert found.persons == 4
    said = "\n".join(outreach_lines({"out": None, **found.as_json()}))
    assert "< 5" in said
    assert "Công ty" not in said + json.dumps(found.as_json())


def test_the_list_names_those_of_a_place_for_its_owner_alone(place: Platform, tmp_path: Path) -> None:
    person(place, full_name="LÝ THỊ XA", permanent_place=HANOI)
    person(place, full_name="LÝ THỊ GẦN", phone="0900000000")
    lodger(place, full_name="LÝ THỊ TRỌ")
    out = tmp_path / "list.csv"
    found = waiting(place, within="731", out=out)
    assert found.listed == found.persons == 2
    rows = listed(out)
    assert [(row["commune"], row["full_name"], row["address"]) for row in rows] == [
        ("Phường Tân Mai", "LÝ THỊ GẦN", "Số 1"),
        ("Phường Hóa An", "LÝ THỊ TRỌ", LODGING),
    ]
    assert out.stat().st_mode & 0o777 == 0o600
    assert "LÝ" not in json.dumps(found.as_json(), ensure_ascii=False)


def test_a_place_of_today_has_those_who_stated_its_old_codes(place: Platform) -> None:
    person(place, HOA_AN)
    person(place, LONG_KHANH)
    in_2026 = dt.date(2026, 6, 1)
    assert waiting(place, within="26068", date=in_2026).persons == 1
    assert waiting(place, within="75", date=in_2026).persons == 2
    with pytest.raises(UsageError, match="no place"):
        waiting(place, within="731", date=in_2026)
