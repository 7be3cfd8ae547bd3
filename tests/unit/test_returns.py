"""The workbook that a sender gets back, read the way a spreadsheet reads it."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from registry import returns
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import read_file
from registry.forms import COLUMNS
from registry.returns import (
    HEADER,
    LONGEST_CELL,
    FailedRow,
    Fault,
    Table,
    fit,
    showable,
    write_returns,
)

DAY = dt.date(2021, 6, 30)
CRITICAL, WARNING = "FFFFC7CE", "FFFFEB9C"

BIRTH = Fault("ROW-BIRTH-FUTURE", True, ("birth_date",), "Ngày sinh ở tương lai.", "Born in the future.")
PHONE = Fault("ROW-PHONE-FORMAT", False, ("phone",), "Số điện thoại sai.", "Wrong phone.")
BLANK = Fault("ROW-NAME-MISSING", True, ("full_name",), "Thiếu họ tên.", "No name.")
QUOTE = Fault("unclosed_quote", True, ("dancu_raw",), "Dấu nháy không đóng", "An open quote")
FAULTS = {fault.rule: fault for fault in (BIRTH, PHONE, BLANK, QUOTE)}


def explain(rules: str) -> list[Fault]:
    return [FAULTS[rule] for rule in rules.split(";")]


def row(rules: str = BIRTH.rule, *, raw: str | None = None, number: int = 1, **cells: str) -> FailedRow:
    return FailedRow(7, number, rules, tuple(cells.get(column) for column in COLUMNS), raw)


def written(folder: Path, *rows: FailedRow, tables: tuple[Table, ...] = ()) -> Path:
    [(path, count)] = write_returns(folder, rows=rows, tables=tables, explain=explain, day=DAY)
    assert count == len(rows)
    return path


def first_sheet(path: Path) -> Worksheet:
    return load_workbook(path).worksheets[0]


def cell(sheet: Worksheet, column: str, line: int = 2):
    return sheet.cell(line, HEADER.index(column) + 1)


def test_the_first_line_is_the_contract_between_identity_and_reasons(tmp_path: Path) -> None:
    sheet = first_sheet(written(tmp_path, row(form_no="1")))
    assert [found.value for found in sheet[1]] == list(HEADER)
    assert HEADER[2:-3] == COLUMNS
    assert (cell(sheet, "dancu_file").value, cell(sheet, "dancu_row").value) == ("7", "1")
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:AP2"
    assert sheet.max_row == 2


@pytest.mark.parametrize(
    "text",
    [
        "079",
        "0901234567",
        "=1+1",
        "+84",
        "-1",
        "@sum",
        "\tx",
        "1e5",
        "http://a.b",
        "TRUE",
        " hai  dấu cách ",
        "'x",
        "a\nb",
    ],
)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    found = cell(first_sheet(written(tmp_path, row(full_name=text))), "full_name")
    assert (found.value, found.data_type, found.number_format) == (text, "s", "@")
    assert found.quotePrefix
    assert found.hyperlink is None


def test_what_people_type_into_empty_cells_stays_text_too(tmp_path: Path) -> None:
    sheet = first_sheet(written(tmp_path, row()))
    assert sheet.column_dimensions["C"].number_format == "@"


def test_failing_cells_are_marked_with_the_message_in_both_languages(tmp_path: Path) -> None:
    failed = row("ROW-BIRTH-FUTURE;ROW-PHONE-FORMAT", birth_date="2099", phone="12", sex="Nam")
    sheet = first_sheet(written(tmp_path, failed))
    birth, phone, sex = cell(sheet, "birth_date"), cell(sheet, "phone"), cell(sheet, "sex")
    assert (birth.value, birth.fill.fgColor.rgb) == ("2099", CRITICAL)
    assert (phone.value, phone.fill.fgColor.rgb) == ("12", WARNING)
    assert sex.fill.fill_type is None
    assert birth.comment is not None
    assert birth.comment.text == "Ngày sinh ở tương lai.\nBorn in the future."
    assert sex.comment is None
    assert cell(sheet, "dancu_reason_vi").value == (
        "Ngày sinh ở tương lai. [ROW-BIRTH-FUTURE]\nLưu ý: Số điện thoại sai. [ROW-PHONE-FORMAT]"
    )
    assert cell(sheet, "dancu_reason_en").value == (
        "Born in the future. [ROW-BIRTH-FUTURE]\nNote: Wrong phone. [ROW-PHONE-FORMAT]"
    )


def test_a_missing_cell_is_marked_where_it_should_be(tmp_path: Path) -> None:
    found = cell(first_sheet(written(tmp_path, row(BLANK.rule))), "full_name")
    assert found.value is None
    assert found.fill.fgColor.rgb == CRITICAL
    assert found.comment is not None


def test_an_unreadable_row_shows_its_text_and_no_field(tmp_path: Path) -> None:
    sheet = first_sheet(written(tmp_path, row(QUOTE.rule, raw='=1,"a')))
    assert cell(sheet, "dancu_raw").value == '=1,"a'
    assert cell(sheet, "dancu_raw").fill.fgColor.rgb == CRITICAL
    assert all(cell(sheet, column).value is None for column in COLUMNS)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_every_text_comes_back_as_it_was_sent(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    sheet = first_sheet(written(tmp_path_factory.mktemp("books"), row(full_name=text)))
    value = cell(sheet, "full_name").value
    assert isinstance(value, str)
    assert unescape(value) == text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), min_size=1, max_size=4))
def test_our_own_reader_takes_the_workbook_as_it_is(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    cells = dict(zip(("full_name", "pid", "phone", "head_name"), texts, strict=False))
    sent = [row(form_no="007", **cells), row(PHONE.rule, number=2, form_no="=1")]
    path = written(tmp_path_factory.mktemp("books"), *sent)
    found = read_file(path, name="x.xlsx", encoding=None, headers=header_names(()), limits=Limits())
    kept = [one for one in sent if not any("\0" in cell for cell in one.cells if cell)]
    assert found.rows == len(sent)
    assert found.notes == ()
    assert [tuple(line[column] for column in COLUMNS) for line in found.table.to_pylist()] == [
        one.cells for one in kept
    ]
    assert found.table["returned_file"].to_pylist() == [one.file_id for one in kept]
    assert found.table["returned_row"].to_pylist() == [one.row_no for one in kept]


def test_a_cell_over_the_limit_is_cut_and_the_sender_is_told(tmp_path: Path) -> None:
    sheet = first_sheet(written(tmp_path, row(full_name="ă" * 40_000, other_name="b" * LONGEST_CELL)))
    assert cell(sheet, "full_name").value == "ă" * LONGEST_CELL
    assert cell(sheet, "other_name").value == "b" * LONGEST_CELL
    assert "bị cắt" in str(cell(sheet, "dancu_reason_vi").value)
    assert "cut" in str(cell(sheet, "dancu_reason_en").value)


def test_fit_counts_as_excel_does() -> None:
    assert fit("𠀀" * 20_000) == "𠀀" * (LONGEST_CELL // 2)


def test_bytes_are_shown_in_their_encoding_without_control_characters() -> None:
    assert showable("Nguyễn\0\x07Văn\r\n\tA".encode("utf-16-le"), "utf-16-le") == "Nguyễn  Văn \n\tA"
    assert showable(b"L\xea\xff,1", "utf-8") == "L��,1"
    assert showable("Lê".encode(), "no such encoding") == "Lê"
    assert showable("Lê".encode(), None) == "Lê"
    assert len(showable(b"x" * 100_000, None)) == LONGEST_CELL


def test_the_same_content_makes_the_same_bytes(tmp_path: Path) -> None:
    table = Table("Tệp - Files", "title", (("a", 10), ("b", 10)), [("=x", 3), (None, 4)])
    digests = set()
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        path = written(folder, row(form_no="1"), row(PHONE.rule, phone="2"), tables=(table,))
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_tables_follow_the_rows(tmp_path: Path) -> None:
    table = Table("Tệp - Files", "title", (("a", 10), ("b", 10)), [("=x", 3), (None, 4)])
    book = load_workbook(written(tmp_path, tables=(table,)))
    rows, files = book.worksheets
    assert [found.value for found in rows[1]] == list(HEADER)
    assert [[found.value for found in line] for line in files.iter_rows()] == [
        ["title", None],
        ["a", "b"],
        ["=x", 3],
        [None, 4],
    ]
    assert files["A3"].data_type == "s"


def test_very_many_rows_go_into_several_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "ROWS_A_WORKBOOK", 2)
    monkeypatch.setattr(returns, "NOTES_A_WORKBOOK", 1)
    table = Table("Tệp - Files", "title", (("a", 10),), [])
    rows = [row(number=number, form_no=f"{number}", birth_date="2099") for number in range(1, 6)]
    books = list(write_returns(tmp_path, rows=rows, tables=[table], explain=explain, day=DAY))
    assert [count for _, count in books] == [2, 2, 1]
    opened = [load_workbook(path) for path, _ in books]
    assert [len(book.worksheets) for book in opened] == [2, 1, 1]
    numbers = [cell(book.worksheets[0], "form_no", line).value for book in opened for line in (2, 3)]
    assert numbers == ["1", "2", "3", "4", "5", None]
    notes = [cell(opened[0].worksheets[0], "birth_date", line).comment for line in (2, 3)]
    assert [note is None for note in notes] == [False, True]
