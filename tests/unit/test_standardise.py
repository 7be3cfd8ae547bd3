import hashlib
import unicodedata
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from registry.errors import PlatformError
from registry.forms import COLUMNS, READ_SCHEMA, STANDARD_SCHEMA
from registry.reference import Reference
from tasks import standardise as module
from tasks.standardise import FileStamp, standardise_load

REFERENCE = Reference.load(Path(config.__file__).parent)
STAMPS = [FileStamp(0, "75", date(2022, 5, 1)), FileStamp(1, "26068", date(2026, 5, 1))]
FORM = {
    "form_no": "DC-1",
    "declared_on": "1/7/2021",
    "full_name": "nguyễn thị  đào",
    "birth_date": "1960",
    "sex": "Nữ",
    "ethnicity": "Kinh",
    "permanent_place": "26068",
    "permanent_address": " 12/3,  Tổ 4",
    "pid": "075 160 000 001",
    "father_name": "Không rõ",
    "relation_to_head": "Chủ hộ",
    "phone": "+84 912345678",
}


def standardised(folder: Path, *forms: dict[str, str | int | None], group: int = 1000) -> list[dict[str, object]]:
    """Forms as they stand after the step; `file_no` 0 and a `row_no` are given to those without."""
    rows = [
        dict.fromkeys(READ_SCHEMA.names) | {"file_no": 0, "row_no": place} | form
        for place, form in enumerate(forms, start=1)
    ]
    table = pa.Table.from_pylist(rows, schema=READ_SCHEMA)
    pq.write_table(table, folder / "read.parquet", row_group_size=group)
    assert standardise_load(folder, files=STAMPS, reference=REFERENCE) == len(rows)
    done = pq.read_table(folder / "standard.parquet")
    assert done.schema.equals(STANDARD_SCHEMA)
    assert done.select([f"{column}_raw" for column in COLUMNS]).rename_columns(COLUMNS).equals(table.select(COLUMNS))
    assert done["row_no"].equals(table["row_no"])
    return done.to_pylist()


def test_a_form_is_standardised(tmp_path: Path) -> None:
    (row,) = standardised(tmp_path, FORM)
    expected = {
        "sender": "75",
        "form_no": "DC-1",
        "declared_on": date(2021, 7, 1),
        "stated_on": date(2021, 7, 1),
        "full_name": "NGUYỄN THỊ ĐÀO",
        "full_name_key": "NGUYEN THI DAO",
        "father_name": "KHÔNG RÕ",
        "father_name_key": None,
        "birth_date": "1960",
        "sex": "F",
        "ethnicity": "01",
        "nationality": None,
        "permanent_place": "26068",
        "permanent_place_from": date(1900, 1, 1),
        "permanent_address": "12/3, Tổ 4",
        "pid": "075160000001",
        "phone": "0912345678",
        "relation_to_head": "HEAD",
    }
    assert {name: row[name] for name in expected} == expected


def test_what_is_not_understood_is_null_beside_its_raw_cell(tmp_path: Path) -> None:
    wrong = dict.fromkeys(
        ("declared_on", "birth_date", "sex", "religion", "permanent_place", "pid", "phone", "death_date"), "xyz"
    )
    (row,) = standardised(tmp_path, FORM | wrong)
    assert {row[column] for column in wrong} == {None}
    assert {row[f"{column}_raw"] for column in wrong} == {"xyz"}
    assert row["stated_on"] == date(2022, 5, 1)


def test_a_text_that_may_mean_several_communes_is_told_from_an_unknown_one(tmp_path: Path) -> None:
    several, unknown = "Phường 1, TP.HCM", "xyz"
    places = [(several, unknown), (unknown, several), (several, several), (unknown, None), ("26068", several)]
    forms = [FORM | {"permanent_place": one, "origin_place": other} for one, other in places]
    rows = standardised(tmp_path, *forms, group=2)
    assert [row["ambiguous_places"] for row in rows] == [
        "permanent_place",
        "origin_place",
        "origin_place;permanent_place",
        None,
        "origin_place",
    ]
    assert [row["permanent_place"] for row in rows] == [None, None, None, None, "26068"]


def test_the_file_dates_a_row_that_does_not_date_itself(tmp_path: Path) -> None:
    undated = FORM | {"declared_on": None}
    first, second, third = standardised(tmp_path, undated, undated | {"file_no": 1}, FORM | {"file_no": 1})
    assert [row["permanent_place_from"] for row in (first, second, third)] == [
        date(1900, 1, 1),
        date(2025, 7, 1),
        date(1900, 1, 1),
    ]
    assert [row["sender"] for row in (first, second, third)] == ["75", "26068", "26068"]


def _form_id(sender: str, form: dict[str, str]) -> str:
    cells = [unicodedata.normalize("NFC", form.get(column) or "").strip() for column in COLUMNS]
    return hashlib.sha256("\x1f".join([sender, *cells]).encode()).hexdigest()[:32]


def test_a_form_is_known_by_its_content(tmp_path: Path) -> None:
    decomposed = {column: f" {unicodedata.normalize('NFD', text)}\u00a0" for column, text in FORM.items()}
    other = FORM | {"sex": "F"}
    rows = standardised(tmp_path, FORM, decomposed, other, FORM | {"file_no": 1}, group=2)
    ids = [row["form_id"] for row in rows]
    assert ids == [_form_id("75", FORM)] * 2 + [_form_id("75", other), _form_id("26068", FORM)]


CELLS = st.one_of(st.none(), st.text(min_size=1, max_size=8), st.sampled_from(sorted(FORM.values())))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=3))
def test_any_cells_come_through_and_blocks_change_nothing(tmp_path: Path, forms: list[dict[str, str | None]]) -> None:
    together = standardised(tmp_path, *forms)
    alone = [
        standardised(tmp_path, form | {"row_no": row["row_no"]})[0] for form, row in zip(forms, together, strict=True)
    ]
    assert alone == together
    assert [row["form_id"] for row in together] == [_form_id("75", form) for form in forms]


def test_rows_stay_in_order_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_ROWS", 7)
    forms = [FORM | {"form_no": f"DC-{number}"} for number in range(100)]
    rows = standardised(tmp_path, *forms, group=30)
    assert [row["form_no"] for row in rows] == [form["form_no"] for form in forms]


def test_an_empty_load_has_the_schema(tmp_path: Path) -> None:
    assert standardised(tmp_path) == []


def test_a_file_without_a_stamp_stops_the_step_and_leaves_no_frame(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="without a stamp"):
        standardised(tmp_path, FORM | {"file_no": 5})
    assert not (tmp_path / "standard.parquet").exists()
