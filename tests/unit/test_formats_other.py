"""Workbooks, Parquet and JSON Lines; and the rows of a load."""

import datetime as dt
import json
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.headers import header_labels
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import ReadFile, read_file
from registry.formats.reasons import FileHeldError, FileRefusedError
from registry.forms import READ_SCHEMA, UNREADABLE_SCHEMA
from tasks.read import FileToRead, read_load

HEADER = ["form_no", "full_name", "birth_date", "sex", "current_place"]
GOOD = ["1", "Đào", "1960", "Nam", "26041"]
IN_PLACE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, name: str, limits: Limits | None = None) -> ReadFile:
    names = header_names(header_labels())
    return read_file(path, name=name, encoding=None, headers=names, limits=limits or Limits())


def rows_of(told: ReadFile) -> dict[int, list[str | None]]:
    rows = zip(*(told.table[column].to_pylist() for column in ["row_no", *HEADER]), strict=True)
    return {row_no: cells for row_no, *cells in rows}


def reasons_of(told: ReadFile) -> dict[int, str]:
    return dict(zip(told.unreadable["row_no"].to_pylist(), told.unreadable["reason"].to_pylist(), strict=True))


# --- workbooks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path):
    """A sheet that `fill(sheet, book)` writes, as a path."""

    def made(fill, header=HEADER, **options) -> Path:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path, options) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, header)
            fill(sheet, book)
        return path

    return made


def test_cells_of_a_workbook_are_read_as_they_show(workbook):
    def fill(sheet, book):
        day, month, year, money = (
            book.add_format({"num_format": f}) for f in ("dd/mm/yyyy", "mm/yyyy", "yyyy", '0 "d"')
        )
        for i, form in enumerate((day, month, year), 1):
            sheet.write_row(i, 0, [75199000123, "Đào"])
            sheet.write_datetime(i, 2, dt.date(1960, 5, 17), form)
            sheet.write_row(i, 3, ["Nam", 26041.0])
        sheet.write_row(4, 0, ["5", "_x0041_"])
        sheet.write_number(4, 2, 1960, money)
        sheet.write_rich_string(4, 3, "N", book.add_format({"bold": True}), "am")
        sheet.write_boolean(4, 4, True)
        sheet.write_formula(5, 0, "=1+5", None, 6)
        sheet.write_row(5, 1, GOOD[1:])

    assert rows_of(read(workbook(fill), "a.xlsx")) == {
        1: ["75199000123", "Đào", "1960-05-17", "Nam", "26041"],
        2: ["75199000123", "Đào", "05/1960", "Nam", "26041"],
        3: ["75199000123", "Đào", "1960", "Nam", "26041"],
        4: ["5", "_x0041_", "1960", "Nam", "TRUE"],
        5: ["6", *GOOD[1:]],
    }


def test_rows_of_a_workbook_that_are_no_rows(workbook, tmp_path):
    def fill(sheet, _):
        sheet.write_row(1, 0, GOOD)
        sheet.write_row(3, 0, [*GOOD, "beside"])
        sheet.write_row(4, 0, GOOD)
        sheet.write_formula(4, 1, '=IF(1,"x","y")', None, "")
        sheet.write_formula(5, 2, "=NA()", None, "#N/A")
        sheet.write_row(6, 0, ["a" * 30_000, *GOOD[1:]])
        sheet.write_row(7, 0, GOOD[:2])

    path = workbook(fill)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new", "w") as new:
        for part in old.namelist():
            data = old.read(part)
            if part.endswith("sheet1.xml"):
                data = re.sub(rb"(</f>)<v></v>", rb"\1", data)
            new.writestr(part, data)
    told = read(tmp_path / "new", "a.XLSX", Limits(field_bytes=1000))
    wrong = {2: "blank_line", 3: "too_many_fields", 4: "formula", 5: "cell_error", 6: "field_too_long"}
    assert reasons_of(told) == wrong
    assert told.unreadable["bytes"][1].as_py() == "1,Đào,1960,Nam,26041,beside".encode()
    assert rows_of(told) == {1: GOOD, 7: [*GOOD[:2], None, None, None]}
    assert told.rows == 7


@IN_PLACE
@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)] * 5
        ),
        max_size=5,
    )
)
def test_any_texts_of_a_workbook_read_back(tmp_path, rows):
    rows = [row for row in rows if any(row)]
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([HEADER, *rows]):
            for j, cell in enumerate(row):
                sheet.write_string(i, j, cell)
    assert list(rows_of(read(path, "a.xlsx")).values()) == [[cell or None for cell in row] for row in rows]


HOSTILE = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c SYSTEM "file:///etc/hostname">]><a>&b;&c;</a>'
)


def test_a_hostile_or_damaged_workbook_is_refused(workbook, tmp_path):
    path = workbook(lambda sheet, _: sheet.write_row(1, 0, GOOD))
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "hostile", "w") as new:
        for part in old.namelist():
            new.writestr(part, HOSTILE if part.endswith("sharedStrings.xml") else old.read(part))
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text").write_bytes(b"form_no,full_name\n")
    with zipfile.ZipFile(tmp_path / "zip", "w") as other:
        other.writestr("a.txt", "no workbook")
    for name in ("hostile", "cut", "text", "zip"):
        with pytest.raises(FileRefusedError) as refused:
            read(tmp_path / name, "a.xlsx")
        assert refused.value.reason == "broken_workbook"


def test_limits_of_a_workbook(workbook, tmp_path):
    path = workbook(lambda sheet, _: sheet.write_row(20_000, 0, GOOD))
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b" " * (70 << 20))
    for book, limits, reason in (
        (path, Limits(), "blank_rows"),
        (path, Limits(workbook_parts=3), "archive_too_large"),
        (path, Limits(workbook_texts_bytes=10), "archive_too_large"),
        (path, Limits(columns=3), "too_many_columns"),
        (tmp_path / "bomb", Limits(), "archive_too_large"),
    ):
        with pytest.raises(FileRefusedError) as refused:
            read(book, "a.xlsx", limits)
        assert refused.value.reason == reason


# --- Parquet --------------------------------------------------------------------------------------------------------


def test_columns_of_parquet_become_text(tmp_path):
    columns = {
        "form_no": pa.array([1, 2, None]),
        "full_name": pa.array(["Đào", "", "x"]).dictionary_encode(),
        "birth_date": pa.array([dt.date(1960, 5, 17), None, dt.date(1961, 1, 1)]),
        "sex": pa.array([1.0, 2.0, 1.5]),
        "Nơi ở hiện tại": pa.array([b"26041", b"\xff", b"1"], pa.binary()),
        "declared_on": pa.array(["2021-01-02", None, "2021-01-02 03:00"]).cast(pa.timestamp("us")),
        "phone": pa.array(["1", "2", "a\0"], pa.large_string()),
        "unknown": pa.array([[1], [2], [3]]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a")
    told = read(tmp_path / "a", "a.parquet")
    assert rows_of(told) == {1: ["1", "Đào", "1960-05-17", "1", "26041"]}
    assert told.table["declared_on"].to_pylist() == ["2021-01-02"]
    assert reasons_of(told) == {2: "utf-8", 3: "nul_byte"}
    assert told.notes == ("unknown_columns: 1",)


def test_parquet_that_is_refused(tmp_path):
    table = pa.table({name: ["1"] * 10 for name in HEADER})
    pq.write_table(table, tmp_path / "good")
    (tmp_path / "cut").write_bytes((tmp_path / "good").read_bytes()[:-20])
    pq.write_table(table.set_column(0, "form_no", pa.array([["1"]] * 10)), tmp_path / "nested")
    bomb = pa.array(["x" * 60_000] * 3000).dictionary_encode()
    pq.write_table(pa.table(dict.fromkeys(HEADER, bomb)), tmp_path / "bomb")
    for name, limits, reason in (
        ("good", Limits(rows=9), "too_many_rows"),
        ("cut", Limits(), "broken_file"),
        ("nested", Limits(), "nested_column"),
        ("bomb", Limits(expanded_bytes=1 << 20), "archive_too_large"),
    ):
        with pytest.raises(FileRefusedError) as refused:
            read(tmp_path / name, "a.parquet", limits)
        assert refused.value.reason == reason


# --- JSON Lines -----------------------------------------------------------------------------------------------------


def line(**changed) -> str:
    return json.dumps(dict(zip(HEADER, GOOD, strict=True)) | changed, ensure_ascii=False)


@pytest.mark.parametrize("block", [10, 1 << 20])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_lines_of_json(tmp_path, block, codec):
    lines = [
        line(),
        line(form_no=75199000123, sex=None, birth_date=1960.0, own=True),
        '{"form_no": 1, "form_no": 2}',
        '{"form_no": 1, "FORM NO": 2}',
        line(form_no=[1]),
        "[1, 2]",
        "no json",
        "",
        line(form_no="a\0b"),
        line(form_no=float("nan")),
        line(full_name="x" * 500),
        '{"form_no": "\\ud800"}',
        line(full_name="y" * 5000),
        line(),
        "",
        "",
    ]
    data = "\r\n".join(lines).encode(codec)
    (tmp_path / "a").write_bytes(data)
    told = read(tmp_path / "a", "a.jsonl", Limits(block_bytes=block, field_bytes=400, record_bytes=2000))
    assert rows_of(told) == {1: GOOD, 2: ["75199000123", "Đào", "1960", None, "26041"], 14: GOOD}
    assert list(reasons_of(told).values()) == [
        "duplicate_key", "duplicate_key", "nested_value", "not_an_object", "not_json", "blank_line",
        "nul_byte", "not_json", "field_too_long", "utf-8", "row_too_long",
    ]  # fmt: skip
    for offset, kept in zip(told.unreadable["offset"].to_pylist(), told.unreadable["bytes"].to_pylist(), strict=True):
        assert offset is None or data[offset:].startswith(kept)
    assert told.notes == ("unknown_columns: 1", "trailing_blank_lines: 1")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\n\n", "empty"),
        (b"a,b\n1,2\n", "not_a_table"),
        (b'{"form_no": "1"}\n', "missing_column"),
        (b'{"a": "1"}\n', "header"),
        (("{" + ",".join(f'"k{i}":1' for i in range(500)) + "}\n").encode(), "too_many_columns"),
    ],
)
def test_json_lines_that_are_refused(tmp_path, data, reason):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path / "a", "a.jsonl")
    assert refused.value.reason == reason


def test_json_lines_in_another_encoding_are_held(tmp_path):
    (tmp_path / "a").write_bytes(
        line().encode("cp1258", "replace").replace(b"?", b"\xd4") * 1 + b"\n" + b'{"a":"\xd4"}\n' * 9
    )
    with pytest.raises(FileHeldError) as held:
        read(tmp_path / "a", "a.jsonl")
    assert held.value.rows == 10


# --- a load ---------------------------------------------------------------------------------------------------------


def test_a_load_holds_the_rows_of_good_files_alone(tmp_path):
    head, row = ",".join(HEADER) + "\n", ",".join(GOOD) + "\n"
    texts = {
        "good.csv": (head + row * 3 + "short\n").encode(),
        "many.csv": (head + row * 140_000).encode() + b"\n" * 9,
        "late.csv": (head + row * 200_000).encode() + b"\n".join([b"1,\xff,1960,Nam,1"] * 300_000),
        "empty.csv": b"",
        "last.csv": (head + "\n" + row).encode(),
    }
    files = []
    for number, (name, data) in enumerate(texts.items()):
        (tmp_path / str(number)).write_bytes(data)
        files.append(FileToRead(number, tmp_path / str(number), name, None))
    told = read_load(files, tmp_path)
    assert [(file.rows, file.unreadable, file.failure, file.code) for file in told] == [
        (4, 1, None, None),
        (140_000, 0, None, None),
        (500_000, 500_000, "held", "encoding"),
        (0, 0, "refused", "empty"),
        (2, 1, None, None),
    ]
    rows, broken = pq.read_table(tmp_path / "read.parquet"), pq.read_table(tmp_path / "unreadable.parquet")
    assert (rows.schema, broken.schema) == (READ_SCHEMA, UNREADABLE_SCHEMA)
    counts = rows.group_by("file_no").aggregate([("row_no", "count")]).sort_by("file_no").to_pylist()
    assert [(row["file_no"], row["row_no_count"]) for row in counts] == [(0, 3), (1, 140_000), (4, 1)]
    lines = (
        broken.group_by("file_no").aggregate([("row_no", "count"), ("row_no", "max")]).sort_by("file_no").to_pylist()
    )
    assert [tuple(line.values()) for line in lines] == [(0, 1, 4), (2, 500_000, 500_000), (4, 1, 1)]
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["read.parquet", "unreadable.parquet"]


def test_every_label_of_the_header_table_is_a_column_of_ours():
    names = header_names(header_labels()).columns
    assert names["ho chu dem va ten khai sinh"] == "full_name"
    with pytest.raises(ValueError, match="two columns"):
        header_names([("Ngày sinh", "birth_date"), ("NGAY SINH", "sex")])
    with pytest.raises(ValueError, match="no column"):
        header_names([("Ngày sinh", "birthday")])
