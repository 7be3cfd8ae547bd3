"""A name and a birth date that thousands share: the night neither drowns in pairs nor drops anybody unsaid."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.status import read_status
from tasks.platform import Platform
from tests.integration.real_store import installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, land

NIGHT = dt.date(2021, 6, 30)
WOMEN = 10_000


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="namesakes") as place:
        yield place


def woman(number: int) -> dict[str, str]:
    """One of the made-up women of whom hardly anything is known; two of them state one number."""
    return {
        "form_no": f"N-{number}", "declared_on": "01/03/2021", "full_name": "TRẦN THỊ B", "birth_date": "01/01/1950",
        "sex": "Nữ", "permanent_place": SENDER, "pid": "075150001557" if number < 2 else "",
    }  # fmt: skip


def test_ten_thousand_women_of_one_name_and_day_stay_so_many_and_are_told(place: Platform) -> None:
    land(place, "women.csv", as_csv([woman(number) for number in range(WOMEN)]))
    outcomes = work_night(NIGHT)
    assert (outcomes["new"] + outcomes["review"], outcomes["matched"]) == (WOMEN - 1, 1)
    ((linkage,),) = ask(place, "SELECT linkage FROM load")
    assert linkage["candidates"] < WOMEN
    told = {key for key, found in linkage["narrowed"].items() if found["narrowed"] + found["without"] == WOMEN}
    assert "name_origin_key" in told
    assert linkage["narrowed"]["name_origin_key"]["without"] == WOMEN
    with place.engine.begin() as store:
        keys = {row["key"]: row for row in read_status(store, date=NIGHT, today=NIGHT)["linkage"]["keys"]}
    assert keys["name_origin_key"]["without"] == WOMEN
