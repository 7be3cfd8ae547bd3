"""Movements through the real steps: landed beside registers, read, judged, and given back where they fail."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from registry.loads import Load
from registry.movements import MOVEMENT_COLUMNS
from registry.status import read_status
from tasks.platform import Platform
from tasks.read import read
from tasks.receive import receive
from tasks.standardise import standardise
from tasks.validate import validate
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, land, man, persons

FIRST, SECOND = dt.date(2021, 6, 30), dt.date(2021, 7, 1)
FOLDER = f"landing/movements/{SENDER}"

#: Made-up movements; the second kind is none, the third has no number that is cancelled, the last is cut short.
HEADER = "Số biến động,Loại biến động,Ngày xảy ra,Họ và tên,Số ĐDCN,Ngày sinh,Loại cư trú,Nơi đến"
ROWS = [
    "BD-1,Khai tử,01/06/2021,LÝ VĂN THỬ,075062001557,05/12/1962,,",
    "BD-2,Lên trời,01/06/2021,LÝ VĂN THỬ,075062001557,05/12/1962,,",
    "BD-3,Hủy số định danh,02/06/2021,LÝ VĂN THỬ,,05/12/1962,,",
    "BD-4,Chuyển đến,03/06/2021,LÝ VĂN KHÁC,075062001558,06/12/1962,Tạm trú,26068",
    "BD-5,Khai tử,01/06/2021",
]


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="movements") as place:
        yield place


def land_movements(place: Platform, name: str = "june.csv", rows: Sequence[str] = ROWS) -> None:
    place.objects.put_bytes(f"{FOLDER}/{name}", "\n".join([HEADER, *rows, ""]).encode())


def prepared(place: Platform) -> list[Path]:
    """The folders of the night's loads after validate, in their order."""
    load_ids = receive.fn(FIRST, [], None)
    for load_id in load_ids:
        for step in (read, standardise, validate):
            step.fn(load_id)
    return [place.folder(load_id) for load_id in load_ids]


def test_a_file_of_movements_is_read_and_judged_after_the_registers(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    land_movements(place)
    registers, movements = prepared(place)
    assert [Load.open(folder).kind.name for folder in (registers, movements)] == ["registers", "movements"]
    assert pq.read_table(registers / "standard.parquet")["movement"].to_pylist() == [None]
    standard = pq.read_table(movements / "standard.parquet").to_pylist()
    assert [(row["form_no"], row["movement"], row["changes"]) for row in standard] == [
        ("BD-1", "death", "death"),
        ("BD-2", None, ""),
        ("BD-3", "number_cancellation", "pid"),
        ("BD-4", "move_in", "temporary;current"),
    ]
    unreadable = pq.read_table(movements / "unreadable.parquet").to_pylist()
    assert [(row["row_no"], row["reason"]) for row in unreadable] == [(5, "too_few_fields")]
    findings = pq.read_table(movements / "findings.parquet").to_pylist()
    assert [(row["row_no"], row["rule"]) for row in findings if row["severity"] == "critical"] == [
        (2, "MOVE-KIND-UNKNOWN"),
        (3, "MOVE-IDENTITY"),
        (3, "MOVE-NUMBER-OLD-MISSING"),
    ]
    rows = pq.read_table(movements / "row.parquet").to_pylist()
    assert [row["outcome"] for row in rows] == [None, "quarantined", "quarantined", None]


def test_who_is_known_by_movements_alone_is_counted_until_a_register_tells_who_it_is(place: Platform) -> None:
    land_movements(place, rows=ROWS[3:4])
    work_night(FIRST)
    assert (ask(place, "SELECT full_name, in_review FROM person"), without_register(place)) == ([(None, False)], 1)
    told = {"full_name": "LÝ VĂN KHÁC", "pid": "075062001558", "birth_date": "06/12/1962"}
    land(place, "register.csv", as_csv([man("1", **told)]))
    work_night(SECOND)
    assert (persons(place), without_register(place)) == ([("LÝ VĂN KHÁC", False)], 0)
    assert examine(place).breaches == []


def without_register(place: Platform) -> int:
    with place.engine.begin() as store:
        return int(read_status(store, date=None, today=SECOND)["without_register"])


def test_a_number_is_cancelled_by_the_number_alone(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    land_movements(place, rows=["BD-1,Hủy số định danh,02/06/2021,LÝ VĂN THỬ,075062001557,05/12/1962,,"])
    work_night(FIRST)
    assert ask(place, "SELECT full_name, pid, in_review FROM person") == [("LÝ VĂN THỬ", None, False)]
    assert examine(place).breaches == []


def failed(place: Platform) -> list[tuple[object, ...]]:
    return ask(
        place,
        "SELECT form_no, outcome::text FROM received_row WHERE outcome IN ('quarantined', 'unreadable')"
        " ORDER BY file_id, row_no",
    )


def returned(place: Platform, night: dt.date) -> list[Mapping[str, object]]:
    """The first sheet of the workbook of movements."""
    content = place.objects.read_bytes(f"returns/{SENDER}/{night}-movements.xlsx")
    header, *rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    assert [name for name in header if not str(name).startswith("dancu_")] == list(MOVEMENT_COLUMNS)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_failed_movements_go_back_as_sent_and_close_when_they_are_mended(place: Platform, tmp_path: Path) -> None:
    land(place, "register.csv", as_csv([man("1"), man("2", sex="?")]))
    land_movements(place)
    work_night(FIRST)
    assert failed(place) == [
        ("2", "quarantined"),
        ("BD-2", "quarantined"),
        ("BD-3", "quarantined"),
        (None, "unreadable"),
    ]
    assert place.objects.exists(f"returns/{SENDER}/{FIRST}.xlsx")
    kind, number, cut = returned(place, FIRST)
    assert (kind["movement"], kind["occurred_on"], kind["dancu_row"]) == ("Lên trời", "01/06/2021", "2")
    assert "MOVE-KIND-UNKNOWN" in str(kind["dancu_reason_en"])
    assert "movement = not understood" in str(kind["dancu_reason_en"])
    assert "MOVE-NUMBER-OLD-MISSING" in str(number["dancu_reason_en"])
    assert cut["dancu_raw"] == ROWS[4]
    _mend(place, tmp_path)
    work_night(SECOND)
    assert ask(place, "SELECT row_no FROM correction ORDER BY 1") == [(2,)]
    assert examine(place).breaches == []


def _mend(place: Platform, folder: Path) -> None:
    """Sends the returned workbook again with the first of its rows put right, and no other row."""
    book = load_workbook(BytesIO(place.objects.read_bytes(f"returns/{SENDER}/{FIRST}-movements.xlsx")))
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["movement"]).value = "Chuyển đi"
    sheet.cell(2, columns["residence_kind"]).value = "Thường trú"
    sheet.delete_rows(3, 2)
    book.save(folder / "mended.xlsx")
    place.objects.put(f"{FOLDER}/mended.xlsx", folder / "mended.xlsx")
