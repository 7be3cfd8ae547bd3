"""Failed rows go back; what a person mends in the workbook and sends again closes just those rows."""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, text

from registry.objects import put_folder
from registry.status import read_status
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.real_store import installation, work_night

FIRST, SECOND, THIRD = dt.date(2021, 6, 30), dt.date(2021, 7, 1), dt.date(2021, 7, 2)
SENDER = "25993"
HEADER = "form_no,full_name,birth_date,sex,permanent_place,phone"
ROWS = [
    "R-1,HÀ VĂN MỘT,01/02/1971,Nam,25993,",
    "R-2,HÀ VĂN HAI,31/02/1972,Nam,25993,",  # no such day
    "R-3,HÀ VĂN BA,03/02/1973,Nam,25993,",
    "R-4,HÀ VĂN BỐN,04/02/1974",  # cut short
    "R-5,HÀ VĂN NĂM,05/02/1975,không rõ,25993,",  # neither Nam nor Nữ
    *(f"R-{n},HÀ VĂN {'ABCDEGHIKL'[n - 6]},0{n % 9 + 1}/02/1980,Nam,25993," for n in range(6, 16)),
]
RETURN = f"returns/{SENDER}/{FIRST}.xlsx"


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    """A home in which a night has given three rows back."""
    with installation(postgres_server, tmp_path / "home", name="returns") as place:
        place.objects.put_bytes(f"landing/registers/{SENDER}/first.csv", "\n".join([HEADER, *ROWS, ""]).encode())
        outcomes = work_night(FIRST)
        assert (outcomes["quarantined"], outcomes["unreadable"], outcomes["new"]) == (2, 1, 12)
        yield place


def open_rows(place: Platform, today: dt.date) -> dict[str, int]:
    with place.engine.begin() as store:
        status = read_status(store, date=None, today=today)
    return {rows["outcome"]: rows["rows"] for rows in status["open_rows"]}


def corrections(place: Platform) -> list[tuple[int, str]]:
    """Row of the first file → name of the file that mended it."""
    with place.engine.begin() as store:
        rows = store.execute(
            text("SELECT c.row_no, f.name FROM correction AS c JOIN file AS f ON f.file_id = c.by_file_id ORDER BY 1")
        )
        return [(row_no, name) for row_no, name in rows]


class Edited:
    """The returned workbook as a person has it open."""

    def __init__(self, content: bytes) -> None:
        self.book: Workbook = load_workbook(BytesIO(content))
        self.sheet = self.book.worksheets[0]
        self.columns = {str(cell.value): cell.column for cell in self.sheet[1]}

    def lines(self) -> dict[str, int]:
        """dancu_row → line of the sheet."""
        column = self.columns["dancu_row"]
        return {
            str(self.sheet.cell(line, column).value): line
            for line in range(2, self.sheet.max_row + 1)
            if self.sheet.cell(line, column).value is not None
        }

    def mend(self, row: str, **cells: Any) -> None:
        for column, value in cells.items():
            self.sheet.cell(self.lines()[row], self.columns[column]).value = value

    def drop(self, row: str) -> None:
        self.sheet.delete_rows(self.lines()[row])

    def land(self, place: Platform, name: str, folder: Path) -> None:
        path = folder / name / "registers" / SENDER / name
        path.parent.mkdir(parents=True)
        self.book.save(path)
        put_folder(folder / name, place.objects)


def test_a_mended_workbook_closes_its_rows_and_no_others(place: Platform, tmp_path: Path) -> None:
    assert open_rows(place, FIRST) == {"quarantined": 2, "unreadable": 1}
    edited = Edited(place.objects.read_bytes(RETURN))
    assert set(edited.lines()) == {"2", "4", "5"}
    edited.mend("2", birth_date=dt.datetime(1972, 2, 28))  # noqa: DTZ001  a cell has no zone
    edited.mend("4", form_no="R-4", full_name="HÀ VĂN BỐN", birth_date="04/02/1974", sex="Nam", permanent_place=SENDER)
    edited.drop("5")
    edited.land(place, "mended.xlsx", tmp_path)
    outcomes = work_night(SECOND)
    assert outcomes == dict.fromkeys(outcomes, 0) | {"new": 2}
    assert corrections(place) == [(2, "mended.xlsx"), (4, "mended.xlsx")]
    assert open_rows(place, SECOND) == {"quarantined": 1}
    with place.engine.begin() as store:
        born = store.scalars(text("SELECT birth_date FROM person WHERE full_name = 'HÀ VĂN HAI'")).all()
    assert born == ["1972-02-28"]
    assert examine(place).breaches == []


def test_a_row_sent_back_unmended_stays_open_until_it_is_right(place: Platform, tmp_path: Path) -> None:
    edited = Edited(place.objects.read_bytes(RETURN))
    for row in ("2", "4"):
        edited.drop(row)
    edited.land(place, "unmended.xlsx", tmp_path)
    work_night(SECOND)
    assert sum(open_rows(place, SECOND).values()) == 3
    again = Edited(place.objects.read_bytes(f"returns/{SENDER}/{SECOND}.xlsx"))
    [row] = again.lines()
    again.mend(row, sex="Nữ")
    again.land(place, "right.xlsx", tmp_path)
    outcomes = work_night(THIRD)
    assert outcomes == dict.fromkeys(outcomes, 0) | {"new": 1}
    assert sum(open_rows(place, THIRD).values()) == 2
    assert examine(place).breaches == []


def test_the_same_workbook_twice_changes_nothing_more(place: Platform, tmp_path: Path) -> None:
    for name in ("once.xlsx", "twice.xlsx"):
        edited = Edited(place.objects.read_bytes(RETURN))
        edited.mend("2", birth_date="28/02/1972")
        edited.mend("5", sex="Nam")
        edited.drop("4")
        edited.book.properties.title = name  # other bytes, the same rows
        edited.land(place, name, tmp_path)
    outcomes = work_night(SECOND)
    assert outcomes == dict.fromkeys(outcomes, 0) | {"new": 2, "duplicate": 2}
    assert [row for row, _ in corrections(place)] == [2, 5]
    assert open_rows(place, SECOND) == {"unreadable": 1}
