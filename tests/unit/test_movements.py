"""Movements as forms: what each kind states of its person, and who that is."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from registry.forms import COLUMNS
from registry.kinds import MOVEMENTS
from registry.movements import GROUP_OF, MOVEMENT_COLUMNS, OWN_COLUMNS
from registry.persons import GROUPS
from registry.reference import Reference
from tasks.standardise import FileStamp, standardise_load

REFERENCE = Reference.load(Path(config.__file__).parent)
STAMPS = [FileStamp(0, "75", date(2022, 5, 1)), FileStamp(1, "26068", date(2026, 5, 1))]

#: A made-up woman, as the register knows her.
WOMAN = {
    "movement_no": "BD-1", "occurred_on": "17/8/2021", "declared_on": "20/08/2021", "full_name": "Lý Thị Mẫu",
    "birth_date": "2/3/1990", "sex": "Nữ", "pid": "075 190 000 001", "cmnd_no": "271000001",
    "father_name": "Lý Văn Cha", "mother_name": "Lê Thị Mẹ",
}  # fmt: skip
GROUP_NAMES = [group.name for group in GROUPS]


def standardised(folder: Path, *rows: dict[str, str | int | None]) -> list[dict[str, object]]:
    """Movements as they stand after the step; `file_no` 0 and a `row_no` are given to those without."""
    full = [
        dict.fromkeys(MOVEMENTS.read.names) | {"file_no": 0, "row_no": place} | row
        for place, row in enumerate(rows, start=1)
    ]
    pq.write_table(pa.Table.from_pylist(full, schema=MOVEMENTS.read), folder / "read.parquet", row_group_size=2)
    assert standardise_load(folder, files=STAMPS, reference=REFERENCE, kind=MOVEMENTS) == len(rows)
    done = pq.read_table(folder / "standard.parquet")
    assert done.schema.equals(MOVEMENTS.standard)
    return done.to_pylist()


def stated(folder: Path, movement: str, **cells: str) -> dict[str, object]:
    """A movement of WOMAN; everything but what is null and what is raw."""
    (row,) = standardised(folder, WOMAN | {"movement": movement} | cells)
    return {name: value for name, value in row.items() if value is not None and not name.endswith("_raw")}


def test_the_columns_are_those_of_forms_and_own_ones() -> None:
    assert set(MOVEMENT_COLUMNS) - set(COLUMNS) == set(OWN_COLUMNS)
    assert "form_no" not in MOVEMENT_COLUMNS


def test_every_movement_says_who_and_when(tmp_path: Path) -> None:
    row = stated(tmp_path, "Khai tử")
    expected = {
        "form_no": "BD-1", "sender": "75", "movement": "death", "occurred_on": date(2021, 8, 17),
        "stated_on": date(2021, 8, 17), "declared_on": date(2021, 8, 20), "sent_on": date(2022, 5, 1),
        "full_name": "LÝ THỊ MẪU", "full_name_key": "LY THI MAU", "birth_date": "1990-03-02", "sex": "F",
        "pid": "075190000001", "cmnd_no": "271000001", "father_name_key": "LY VAN CHA", "mother_name_key": "LE THI ME",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert not any(name.startswith("known_") for name in row)


def test_a_death(tmp_path: Path) -> None:
    row = stated(tmp_path, "death")
    assert (row["changes"], row["death_date"]) == ("death", "2021-08-17")


def test_a_birth_is_a_form_of_the_child(tmp_path: Path) -> None:
    cells = {
        "full_name": "Lý Văn Con", "birth_date": "", "sex": "Nam", "pid": "", "cmnd_no": "", "to_place": "26068",
        "birth_registration_place": "26068", "household_no": "H1", "relation_to_head": "Con", "ethnicity": "Kinh",
    }  # fmt: skip
    (row,) = standardised(tmp_path, WOMAN | {"movement": "Khai sinh"} | {k: v or None for k, v in cells.items()})
    expected = {
        "changes": None, "full_name": "LÝ VĂN CON", "birth_date": "2021-08-17", "sex": "M", "pid": None,
        "father_name": "LÝ VĂN CHA", "birth_registration_place": "26068", "permanent_place": "26068",
        "current_place": "26068", "temporary_place": None, "household_no": "H1", "relation_to_head": "CHILD",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_birth_date_that_is_not_understood_is_not_made_up(tmp_path: Path) -> None:
    assert "birth_date" not in stated(tmp_path, "birth", birth_date="31/2/2021")


@pytest.mark.parametrize(
    ("kind", "changes", "places"),
    [
        ("Thường trú", "permanent;current", ("permanent", "current")),
        ("tạm trú", "temporary;current", ("temporary", "current")),
        ("Tạm vắng", "current", ("current",)),
    ],
)
def test_a_move_in(tmp_path: Path, kind: str, changes: str, places: tuple[str, ...]) -> None:
    row = stated(tmp_path, "move_in", residence_kind=kind, from_place="25993", to_place="26068", to_address="Số 1")
    assert row["changes"] == changes
    found = {name.removesuffix("_place") for name in row if name.endswith("_place")} - {"from", "to"}
    assert found == set(places)
    assert {(row[f"{place}_place"], row[f"{place}_address"]) for place in places} == {("26068", "Số 1")}
    assert (row["from_place"], row["to_place"]) == ("25993", "26068")


def test_a_move_in_brings_its_household(tmp_path: Path) -> None:
    row = stated(tmp_path, "move_in", residence_kind="permanent", to_place="26068", household_no="H2")
    assert (row["changes"], row["household_no"]) == ("permanent;current;household", "H2")


@pytest.mark.parametrize(
    ("kind", "to_place", "changes", "current"),
    [
        ("temporary", None, "temporary", None),
        ("temporary", "26068", "temporary", None),
        ("permanent", None, "permanent", None),
        ("permanent", "26068", "", None),
        ("permanent", "Hoa Kỳ", "permanent", None),
        ("absence", None, "current", None),
        ("absence", "26068", "current", "26068"),
    ],
)
def test_a_move_out(tmp_path: Path, kind: str, to_place: str | None, changes: str, current: str | None) -> None:
    (row,) = standardised(
        tmp_path, WOMAN | {"movement": "move_out", "residence_kind": kind, "from_place": "25993", "to_place": to_place}
    )
    assert (row["changes"], row["current_place"]) == (changes, current)
    assert row["permanent_place"] is row["temporary_place"] is None


def test_a_marriage(tmp_path: Path) -> None:
    row = stated(tmp_path, "Kết hôn", spouse_name="Đỗ Văn Chồng", spouse_id="075088000001")
    expected = {
        "changes": "marital_status;spouse", "marital_status": "MARRIED", "spouse_name": "ĐỖ VĂN CHỒNG",
        "spouse_id": "075088000001",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("sent", "column", "understood"),
    [
        (("Họ và tên", "Lý Thị Mẫu", "Lý  thị Mậu"), "full_name", ("LÝ THỊ MẪU", "LÝ THỊ MẬU")),
        (("birth_date", "2/3/1990", "3/2/1990"), "birth_date", ("1990-03-02", "1990-02-03")),
        (("birth_date", "2/3/90", "3/2/90"), "birth_date", ("1990-03-02", "1990-02-03")),
        (("Giới tính", "Nữ", "Nam"), "sex", ("F", "M")),
        (("Nơi thường trú", "26068", "25993"), "permanent_place", ("26068", "25993")),
        (("ethnicity", "Tày", "Kinh"), "ethnicity", ("02", "01")),
        (("phone", "+84 912345678", "0912345679"), "phone", ("0912345678", "0912345679")),
        (("father_name", "Lý Văn Cha", "Lý Văn Bố"), "father_name", ("LÝ VĂN CHA", "LÝ VĂN BỐ")),
        (("death_date", "2020", "2021"), "death_date", ("2020", "2021")),
    ],
)
def test_a_correction(tmp_path: Path, sent: tuple[str, str, str], column: str, understood: tuple[str, str]) -> None:
    cells = dict(zip(("field", "old_value", "new_value"), sent, strict=True))
    row = stated(tmp_path, "Cải chính", **cells, document_kind="Giấy khai sinh", document_no="12/2021")
    assert (row["field"], row["corrected_from"], row["new_value"]) == (column, *understood)
    assert (row[column], row["document"]) == (row["new_value"], "Giấy khai sinh 12/2021")
    assert row["changes"] == GROUP_OF[column]


def test_a_corrected_name_is_looked_for_under_the_known_one(tmp_path: Path) -> None:
    row = stated(tmp_path, "correction", field="full_name", new_value="Lý Thị Mới")
    assert (row["full_name"], row["known_full_name"]) == ("LÝ THỊ MỚI", "LÝ THỊ MẪU")
    assert row["full_name_key"] == "LY THI MAU"
    assert not {"known_birth_date", "known_sex", "known_pid"} & row.keys()


def test_a_corrected_birth_date_and_sex_keep_the_known_ones(tmp_path: Path) -> None:
    row = stated(tmp_path, "correction", field="birth_date", new_value="1991")
    assert (row["birth_date"], row["known_birth_date"], row["full_name_key"]) == ("1991", "1990-03-02", "LY THI MAU")
    assert stated(tmp_path, "correction", field="sex", new_value="Nam")["known_sex"] == "F"


def test_a_corrected_father_is_compared_by_the_known_one(tmp_path: Path) -> None:
    row = stated(tmp_path, "correction", field="father_name", new_value="Lý Văn Bố")
    assert row["father_name_key"] == "LY VAN CHA"
    (row,) = standardised(
        tmp_path,
        WOMAN | {"movement": "correction", "field": "father_name", "old_value": "Lý Văn Ba", "father_name": None},
    )
    assert row["father_name_key"] == "LY VAN BA"


def test_a_corrected_address_stands_in_its_place(tmp_path: Path) -> None:
    row = stated(tmp_path, "correction", field="permanent_address", new_value="Số 2", to_place="26068")
    assert (row["changes"], row["permanent_place"], row["permanent_address"]) == ("permanent", "26068", "Số 2")
    assert "current_place" not in row


def test_the_personal_number_is_no_field_of_a_correction(tmp_path: Path) -> None:
    assert "field" not in stated(tmp_path, "correction", field="Số định danh cá nhân", new_value="075190000002")


def test_a_field_of_what_is_no_correction_means_nothing(tmp_path: Path) -> None:
    row = stated(tmp_path, "death", field="full_name", new_value="Lý Thị Mới")
    assert row["full_name"] == "LÝ THỊ MẪU"
    assert not {"field", "new_value", "known_full_name"} & row.keys()


def test_a_change_of_number(tmp_path: Path) -> None:
    row = stated(tmp_path, "Xác lập lại số định danh", new_pid="075190000002")
    assert (row["changes"], row["pid"], row["known_pid"]) == ("pid", "075190000002", "075190000001")


def test_a_cancellation_of_number(tmp_path: Path) -> None:
    row = stated(tmp_path, "Huỷ số định danh")
    assert (row["changes"], row.get("pid"), row["known_pid"]) == ("pid", None, "075190000001")


def test_a_kind_that_is_not_understood_changes_nothing(tmp_path: Path) -> None:
    row = stated(tmp_path, "xyz")
    assert (row["changes"], row.get("movement")) == ("", None)


def test_the_day_of_the_event_dates_a_movement_and_the_day_declared_its_places(tmp_path: Path) -> None:
    move = WOMAN | {"movement": "move_in", "residence_kind": "permanent", "to_place": "26068", "file_no": 1}
    rows = standardised(
        tmp_path,
        move | {"occurred_on": "17/8/2020"},
        move | {"occurred_on": "?"},
        move | {"occurred_on": None, "declared_on": None},
        move | {"occurred_on": "17/8/2021", "declared_on": "1/8/2025"},
    )
    days = [date(2020, 8, 17), date(2021, 8, 20), date(2026, 5, 1), date(2021, 8, 17)]
    assert [row["stated_on"] for row in rows] == days
    old, new = date(1900, 1, 1), date(2025, 7, 1)
    assert [row["permanent_place_from"] for row in rows] == [old, old, new, new]


def test_cells_stay_as_they_were_sent(tmp_path: Path) -> None:
    sent = {column: f" {column}? " for column in MOVEMENT_COLUMNS}
    (row,) = standardised(tmp_path, sent)
    assert {column: row[f"{column}_raw"] for column in MOVEMENT_COLUMNS} == sent
    assert {row[f"{column}_raw"] for column in set(COLUMNS) - set(MOVEMENT_COLUMNS)} == {None}


def test_an_empty_load_has_the_schema(tmp_path: Path) -> None:
    assert standardised(tmp_path) == []


CELLS = st.one_of(st.none(), st.text(min_size=1, max_size=8), st.sampled_from(sorted(WOMAN.values())))
ROWS = st.fixed_dictionaries(
    {"movement": st.sampled_from(["correction", "move_in", "move_out", "number_change", "birth", "?"])},
    optional={column: CELLS for column in MOVEMENT_COLUMNS if column != "movement"}
    | {
        "field": st.sampled_from(sorted(GROUP_OF)),
        "residence_kind": st.sampled_from(["permanent", "temporary", "absence"]),
    },
)
IN_PLACE = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@IN_PLACE
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_any_cells_come_through_row_by_row(tmp_path: Path, rows: list[dict[str, str | int | None]]) -> None:
    together = standardised(tmp_path, *rows)
    alone = [standardised(tmp_path, row | {"row_no": n})[0] for n, row in enumerate(rows, start=1)]
    assert alone == together
    for row in together:
        changes = (str(row["changes"]).split(";") if row["changes"] else []) if row["changes"] is not None else []
        assert changes == [name for name in GROUP_NAMES if name in changes]
        assert row["movement"] == "birth" or row["changes"] is not None


@IN_PLACE
@given(ROWS, st.sampled_from(MOVEMENT_COLUMNS))
def test_a_movement_is_known_by_all_that_it_says(tmp_path: Path, row: dict[str, str | int | None], column: str) -> None:
    other = row | {column: f"{row.get(column) or ''}x"}
    first, again, changed = standardised(tmp_path, row, row, other)
    assert first["form_id"] == again["form_id"] != changed["form_id"]
