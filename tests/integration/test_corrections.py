"""Corrections of values that are no longer there, through the real steps."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.persons import DECIDED_TRUST
from registry.status import read_status
from tasks.judge import part_person, tie_persons
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, land, land_movements, man, movement

FIRST, SECOND, THIRD = dt.date(2021, 6, 30), dt.date(2021, 7, 1), dt.date(2021, 7, 2)


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="corrections") as place:
        yield place


def correction(number: str, field: str, old: str, new: str, **cells: str) -> dict[str, str]:
    return movement(number, "Cải chính", field=field, old_value=old, new_value=new, document_no="12/2021", **cells)


def conflicts(place: Platform) -> list[tuple[str, str, bool, bool]]:
    """(number of the movement, group, in conflict, its person in review) of each correction."""
    rows = ask(
        place,
        "SELECT r.form_no, field_group, conflict_since IS NOT NULL, in_review FROM person_correction"
        " JOIN person USING (person_id) JOIN received_row AS r USING (form_id) ORDER BY r.form_no",
    )
    return [(*row,) for row in rows]


#: Corrected column, its group, what is said to have stood there, what is right; and whether it stood there.
CASES = {
    "what stands there": ("religion", "religion", "Không", "Phật giáo", True),
    "what does not": ("religion", "religion", "Phật giáo", "Công giáo", False),
    "a name with its tone mark elsewhere": ("head_name", "household", "LÊ THỊ HOÀ", "LÊ THỊ HOA", True),
    "another name": ("head_name", "household", "LÊ THỊ HOÁ", "LÊ THỊ HOA", False),
    "nothing, where nothing was": ("blood_group", "blood_group", "", "O", True),
    "nothing, where something was": ("ethnicity", "ethnicity", "", "Tày", False),
    "a commune": ("origin_place", "origin", SENDER, "26050", True),
    "another commune": ("origin_place", "origin", "26053", "26050", False),
}
_HOUSEHOLD = {"household_no": "7", "head_name": "LÊ THỊ HÒA", "relation_to_head": "Con"}


def somebody(number: int) -> dict[str, str]:
    """Who shares nothing with the others but places."""
    name = ("AN", "BÌNH", "CƯỜNG", "DŨNG", "GIANG", "HIẾU", "KHANG", "LONG")[number]
    day = f"{number + 11}/0{number + 1}/19{60 + number}"
    pid = f"0750{60 + number}00155{number}"
    return {"full_name": f"VÕ {name} {name}", "birth_date": day, "pid": pid, "father_name": f"VÕ QUÝ {name}"}


def test_a_correction_of_what_is_not_there_is_a_conflict(place: Platform) -> None:
    forms = [
        man(f"{number}", **somebody(number), religion="Không", mother_name=f"ĐỖ THỊ {number}", **_HOUSEHOLD)
        for number in range(len(CASES))
    ]
    rows = [
        correction(f"BD-{number}", field, old, new, **{**somebody(number), "mother_name": ""}, **_HOUSEHOLD)
        for number, (field, _, old, new, _) in enumerate(CASES.values())
    ]
    land(place, "register.csv", as_csv(forms))
    land_movements(place, "june.csv", rows)
    work_night(FIRST)
    expected = [(f"BD-{n}", group, not stood, not stood) for n, (_, group, _, _, stood) in enumerate(CASES.values())]
    assert conflicts(place) == expected
    assert examine(place).breaches == []
    with place.engine.begin() as store:
        status = read_status(store, date=None, today=SECOND)
    count = sum(not case[-1] for case in CASES.values())
    assert status["correction_conflicts"] == {
        "corrections": count, "tonight": 0, "week": count, "month": 0, "older": 0, "oldest": 1,
    }  # fmt: skip


@pytest.mark.parametrize("order", ["fcs", "scf", "cfs"])
def test_it_does_not_matter_what_comes_first(place: Platform, order: str) -> None:
    """A form of May, a correction of what stood there before it, and the day after one of what that one states."""
    land(place, "register.csv", as_csv([man("1")]))
    nights = {
        "f": lambda: land(place, "may.csv", as_csv([man("2", declared_on="15/05/2021", ethnicity="Thái")])),
        "c": lambda: land_movements(place, "c.csv", [correction("BD-1", "ethnicity", "Kinh", "Tày")]),
        "s": lambda: land_movements(
            place, "s.csv", [correction("BD-2", "ethnicity", "Tày", "Nùng", occurred_on="02/06/2021")]
        ),
    }
    for day, step in enumerate(order):
        nights[step]()
        work_night(FIRST + dt.timedelta(days=day))
    assert conflicts(place) == [("BD-1", "ethnicity", True, True), ("BD-2", "ethnicity", False, True)]
    assert examine(place).breaches == []


def test_a_decision_settles_it(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    land_movements(place, "june.csv", [correction("BD-1", "ethnicity", "Tày", "Nùng")])
    work_night(FIRST)
    assert conflicts(place) == [("BD-1", "ethnicity", True, True)]
    place.sources.trust_of["decision"], place.sources.province_of["decision"] = DECIDED_TRUST, ""
    land(place, "decided.csv", as_csv([man("2", ethnicity="Nùng")]), sender="decision")
    work_night(SECOND)
    assert conflicts(place) == [("BD-1", "ethnicity", False, False)]


def test_a_split_takes_away_what_was_corrected_and_a_merge_brings_it_back(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1"), man("2", ethnicity="", phone="0912000111")]))
    land_movements(place, "june.csv", [correction("BD-1", "ethnicity", "Kinh", "Tày")])
    work_night(FIRST)
    assert conflicts(place) == [("BD-1", "ethnicity", False, False)]
    [(form, person_id)] = ask(
        place,
        "SELECT replace(form_id::text, '-', ''), person_id::text FROM membership"
        " JOIN received_row USING (form_id) WHERE form_no = '1'",
    )
    said = {"reviewer": "a reviewer", "reason": "looked at the papers"}
    part_person(place, person_id, [form], date=SECOND, **said)
    assert [row[1:3] for row in conflicts(place)] == [("ethnicity", True)]
    assert examine(place).breaches == []
    [one, other] = ask(place, "SELECT person_id::text FROM person")
    tie_persons(place, one[0], other[0], date=THIRD, **said)
    assert [row[1:3] for row in conflicts(place)] == [("ethnicity", False)]
    assert ask(place, "SELECT in_review FROM person") == [(False,)]
    assert examine(place).breaches == []
