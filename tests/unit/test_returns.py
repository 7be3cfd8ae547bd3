"""The workbook that a sender gets back, read the way a spreadsheet reads it."""

import datetime as dt
import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from registry import returns, workbooks
from registry.fold import connect
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import read_file
from registry.forms import COLUMNS, STANDARD_SCHEMA
from registry.kinds import REGISTERS
from registry.returns import (
    Fault,
    Written,
    create_failed,
    header_of,
    join_names,
    marked_columns,
    showable,
    understood,
    write_returns,
)
from registry.workbooks import LONGEST_CELL, Table, column_letters

HEADER = header_of(REGISTERS)
CRITICAL, WARNING = "FFFFC7CE", "FFFFEB9C"

BIRTH = Fault("ROW-BIRTH-FUTURE", True, ("birth_date",), "Ngày sinh ở tương lai.", "Born in the future.")
PHONE = Fault("ROW-PHONE-FORMAT", False, ("phone",), "Số điện thoại sai.", "Wrong phone.")
BLANK = Fault("ROW-NAME-MISSING", True, ("full_name",), "Thiếu họ tên.", "No name.")
QUOTE = Fault("unclosed_quote", True, ("dancu_raw",), "Dấu nháy không đóng", "An open quote")
FAILED = pa.schema(
    [
        *((name, pa.int64()) for name in ("file_id", "row_no")),
        *((name, pa.string()) for name in ("sender", "rules", *COLUMNS, "raw")),
        *((name, pa.list_(pa.string())) for name in ("understood_vi", "understood_en")),
    ]
)
FAULTS = {fault.rule: fault for fault in (BIRTH, PHONE, BLANK, QUOTE)}


def explain(rules: str) -> list[Fault]:
    return [FAULTS[rule] for rule in rules.split(";")]


def row(
    rules: str = BIRTH.rule,
    *,
    raw: str | None = None,
    number: int = 1,
    sender: str = "26734",
    file: int = 7,
    **cells: str,
) -> dict[str, object]:
    known = {"sender": sender, "file_id": file, "row_no": number, "rules": rules, "raw": raw}
    return {**known, **{column: cells.get(column) for column in COLUMNS}}


def books(folder: Path, rows: list[dict[str, object]], tables: dict[str, list[Table]]) -> list[Written]:
    with connect() as local:
        create_failed(local)
        local.register("given", pa.Table.from_pylist(rows or [row()], schema=FAILED).slice(0, len(rows)))
        local.execute("INSERT INTO failed BY NAME FROM given")
        return list(write_returns(local, folder, tables=tables, explain=explain))


def written(folder: Path, *rows: dict[str, object], tables: tuple[Table, ...] = ()) -> Path:
    [book] = books(folder, list(rows), {"26734": list(tables)})
    assert (book.sender, book.number, book.rows) == ("26734", 1, len(rows))
    return book.path


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


def test_a_reason_says_what_was_understood_of_the_cells_that_it_marks(tmp_path: Path) -> None:
    told = {
        "understood_vi": [
            f"{column} = <{column}>".replace("<", "&lt;") if column != "phone" else None for column in COLUMNS
        ],
        "understood_en": [f"{column} = understood" if column != "phone" else None for column in COLUMNS],
    }
    failed = row("ROW-BIRTH-FUTURE;ROW-PHONE-FORMAT", birth_date="2099", phone=None, sex="Nam") | told
    sheet = first_sheet(written(tmp_path, failed, row(number=2, birth_date="2099")))
    assert str(cell(sheet, "dancu_reason_vi").value).split("\n")[-1] == "Đã hiểu: birth_date = <birth_date>"
    assert str(cell(sheet, "dancu_reason_en").value).split("\n")[-1] == "Understood: birth_date = understood"
    note = cell(sheet, "birth_date").comment
    assert note is not None
    assert note.text.split("\n")[-2:] == ["Đã hiểu: birth_date = <birth_date>", "Understood: birth_date = understood"]
    phone = cell(sheet, "phone").comment
    assert phone is not None
    assert "Đã hiểu" not in phone.text
    assert "Đã hiểu" not in str(cell(sheet, "dancu_reason_vi", 3).value)


STANDARD = {
    "birth_date": "1960-05",
    "declared_on": dt.date(2021, 5, 1),
    "sex": "F",
    "ethnicity": None,
    "permanent_place": "26068",
    "permanent_place_from": dt.date(1900, 1, 1),
    "full_name": "A <B> & _x0041",
}


MARKED = [column for column in COLUMNS if column != "religion"]


def test_what_was_understood_is_told_in_words() -> None:
    raw = {f"{name}_raw": "?" for name in (*STANDARD, "religion")}
    given = dict.fromkeys(STANDARD_SCHEMA.names) | STANDARD | raw
    with connect() as local:
        schema = pa.schema(field for field in STANDARD_SCHEMA)
        local.register("s", pa.Table.from_pylist([{name: given[name] for name in schema.names}], schema=schema))
        local.register("word", pa.table({"list": ["sex"], "code": ["F"], "vi": ["Nữ"], "en": ["Female"]}))
        days = pa.array([dt.date(1900, 1, 1)])
        local.register("place_name", pa.table({"code": ["26068"], "valid_from": days, "path": ["Phường A"]}))
        local.register("marked", marked_columns(["all"], lambda _: [Fault("all", True, tuple(MARKED), "", "")]))
        query = f"SELECT [{understood('vi')}], [{understood('en')}] FROM s JOIN marked ON true {join_names()}"
        vi, en = local.execute(query).fetchall()[0]
    assert [dict(zip(COLUMNS, told, strict=True))["birth_date"] for told in (vi, en)] == [
        "birth_date = 05/1960 (chỉ có tháng và năm)",
        "birth_date = 05/1960 (month and year only)",
    ]
    assert {told for told in vi if told and not told.startswith("birth_date")} == {
        "declared_on = 01/05/2021",
        "sex = Nữ",
        "ethnicity = không hiểu",
        "permanent_place = 26068 Phường A",
        "full_name = A &lt;B&gt; &amp; _0041",
    }
    assert sum(told is None for told in en) == len(COLUMNS) - 6


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


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ESCAPES = st.text("_x0041F\r\n<&> =", min_size=1, max_size=20)


@settings(max_examples=8, deadline=None)
@given(st.lists(ANY_TEXT | ESCAPES, min_size=1, max_size=40))
def test_every_text_comes_back_as_it_was_sent(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    sent = [row(number=number, form_no="007", full_name=text) for number, text in enumerate(texts, start=1)]
    path = written(tmp_path_factory.mktemp("books"), *sent)
    sheet = first_sheet(path)
    assert [unescape(str(cell(sheet, "full_name", line).value)) for line in range(2, len(texts) + 2)] == texts

    found = read_file(path, name="x.xlsx", encoding=None, headers=header_names(()), limits=Limits())
    kept = [one for one in sent if "\0" not in str(one["full_name"])]
    assert found.rows == len(sent)
    assert found.notes == ()
    lines = found.table.to_pylist()
    assert [{column: line[column] for column in COLUMNS} for line in lines] == [
        {column: one[column] for column in COLUMNS} for one in kept
    ]
    assert [(line["returned_file"], line["returned_row"]) for line in lines] == [
        (one["file_id"], one["row_no"]) for one in kept
    ]


def test_a_cell_over_the_limit_is_cut_and_the_sender_is_told(tmp_path: Path) -> None:
    sheet = first_sheet(
        written(tmp_path, row(full_name="ă" * 40_000, other_name="b" * LONGEST_CELL, pid="𠀀" * 40_000))
    )
    assert cell(sheet, "full_name").value == "ă" * LONGEST_CELL
    assert cell(sheet, "other_name").value == "b" * LONGEST_CELL
    assert len(str(cell(sheet, "pid").value).encode("utf-16-le")) // 2 <= 32_767
    assert "bị cắt" in str(cell(sheet, "dancu_reason_vi").value)
    assert "cut" in str(cell(sheet, "dancu_reason_en").value)


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


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
        path = written(folder, row(form_no="1"), row(PHONE.rule, number=2, phone="2"), tables=(table,))
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
    monkeypatch.setattr(workbooks, "MOST_NOTES", 1)
    table = Table("Tệp - Files", "title", (("a", 10),), [])
    rows = [row(number=number, form_no=f"{number}", birth_date="2099") for number in range(5, 0, -1)]
    found = books(tmp_path, rows, {"26734": [table]})
    assert [(book.number, book.rows) for book in found] == [(1, 2), (2, 2), (3, 1)]
    opened = [load_workbook(book.path) for book in found]
    assert [len(book.worksheets) for book in opened] == [2, 1, 1]
    numbers = [cell(book.worksheets[0], "form_no", line).value for book in opened for line in (2, 3)]
    assert numbers == ["1", "2", "3", "4", "5", None]
    notes = [cell(opened[0].worksheets[0], "birth_date", line).comment for line in (2, 3)]
    assert [note is None for note in notes] == [False, True]


def test_rows_go_to_their_sender_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "_ROWS_A_PIECE", 2)
    rows = [
        row(number=number, sender=sender, file=ord(sender), pid=sender) for number in range(1, 6) for sender in "ab"
    ]
    found = books(tmp_path, rows, {"b": [], "a": [], "c": []})
    assert [(book.sender, book.rows) for book in found] == [("a", 5), ("b", 5), ("c", 0)]
    for book in found:
        sheet = first_sheet(book.path)
        lines = range(2, book.rows + 2)
        assert [cell(sheet, "dancu_row", line).value for line in lines] == [str(line - 1) for line in lines]
        assert {cell(sheet, "pid", line).value for line in lines} <= {book.sender}
        assert all(cell(sheet, "birth_date", line).comment for line in lines)
        assert sheet.max_row == book.rows + 1
