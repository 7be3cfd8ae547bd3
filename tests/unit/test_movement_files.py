"""Files of movements in every format: the readers of registers, with the columns of movements."""

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from config.headers import header_labels, movement_labels
from registry.encodings import TCVN3
from registry.formats.headers import header_names
from registry.kinds import KINDS, MOVEMENTS, REGISTERS
from registry.movements import MOVEMENT_COLUMNS
from tasks.read import FileToRead, read_load
from tasks.standardise import FileStamp, standardise_load
from tests.unit.test_movements import REFERENCE, STAMPS

HEADER = ("Số biến động", "movement", "NGÀY XẢY RA", "Họ và tên", "Nơi đến", "new_pid")
ROWS = [
    ("BD-1", "Khai tử", "01/06/2021", "LÝ VĂN CỤ", None, None),
    ("BD-2", "Chuyển đến", "02/06/2021", "ĐỖ THỊ MẪU", "26068", None),
    ("BD-3", "number_change", "03/06/2021", "LÊ VĂN XA", None, "075062000002"),
]
COLUMNS = ("movement_no", "movement", "occurred_on", "full_name", "to_place", "new_pid")


def as_csv(encoding: str = "utf-8", header: tuple[str, ...] = HEADER) -> bytes:
    return "".join(";".join(cell or "" for cell in row) + "\n" for row in (header, *ROWS)).encode(encoding)


def as_workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate((HEADER, *ROWS)):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell or "")
    return content.getvalue()


def as_parquet() -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({name: [row[n] for row in ROWS] for n, name in enumerate(HEADER)}), content)
    return content.getvalue()


def as_lines() -> bytes:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in ROWS).encode()


FILES = {
    "a.csv": as_csv(), "a.csv.gz": gzip.compress(as_csv("utf-16")), "a.xlsx": as_workbook(),
    "a.parquet": as_parquet(), "a.jsonl": as_lines(),
}  # fmt: skip


def told(folder: Path, name: str, content: bytes, encoding: str | None = None) -> list[tuple[str | None, ...]]:
    """The cells of COLUMNS, row by row, after reading."""
    (folder / "copy").write_bytes(content)
    [file] = read_load([FileToRead(0, folder / "copy", name, encoding)], folder, kind=MOVEMENTS)
    assert (file.failure, file.unreadable) == (None, 0)
    table = pq.read_table(folder / "read.parquet")
    assert table.schema == MOVEMENTS.read
    return list(zip(*(table[column].to_pylist() for column in COLUMNS), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_movements_are_read_from_every_format(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, name, FILES[name]) == ROWS


def test_movements_are_read_in_an_old_encoding(tmp_path: Path) -> None:
    names = ["LÊ VĂN XA"] * 3
    header = "movement_no;movement;occurred_on;full_name\n"
    lines = [f"BD-{n};Khai tử;01/06/2021;{name.title()}\n" for n, name in enumerate(names)]
    content = "".join([header, *lines]).encode(TCVN3)
    rows = told(tmp_path, "a.csv", content, "tcvn3")
    assert [(row[1], str(row[3]).upper()) for row in rows] == [("Khai tử", name) for name in names]


@pytest.mark.parametrize("missing", MOVEMENTS.needed)
def test_a_file_without_a_needed_column_is_refused(tmp_path: Path, missing: str) -> None:
    header = tuple("x" if column == missing else column for column in COLUMNS)
    (tmp_path / "copy").write_bytes(as_csv(header=header))
    [file] = read_load([FileToRead(0, tmp_path / "copy", "a.csv", None)], tmp_path, kind=MOVEMENTS)
    assert (file.failure, file.code) == ("refused", "missing_column")
    assert missing in str(file.reason)


def test_a_register_is_no_file_of_movements_and_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(as_csv())
    [file] = read_load([FileToRead(0, tmp_path / "copy", "a.csv", None)], tmp_path, kind=REGISTERS)
    assert (file.failure, file.code) == ("refused", "missing_column")
    (tmp_path / "copy").write_bytes(b"form_no,full_name,birth_date,sex,current_place\n1,A,1960,Nam,26068\n")
    [file] = read_load([FileToRead(0, tmp_path / "copy", "a.csv", None)], tmp_path, kind=MOVEMENTS)
    assert (file.failure, file.code) == ("refused", "missing_column")


def test_old_text_in_a_cell_of_movements_is_mended(tmp_path: Path) -> None:
    cells = ["Hång ®êi míi", "NguyÔn ThÞ §µo", "TrÇn V¨n H¶i", "Ph¹m ThÞ Hång", "§ç Quèc Viªt"] * 3
    names = ["Hồng đời mới", "Nguyễn Thị Đào", "Trần Văn Hải", "Phạm Thị Hồng", "Đỗ Quốc Viêt"] * 3
    lines = ["movement_no,movement,occurred_on,full_name,field,new_value"]
    lines += [f"{n},correction,1/6/2021,LE A,full_name,{cell}" for n, cell in enumerate(cells)]
    (tmp_path / "copy").write_bytes("\n".join(lines).encode())
    [file] = read_load([FileToRead(0, tmp_path / "copy", "a.csv", None)], tmp_path, kind=MOVEMENTS)
    assert "new_value" in file.old_text
    stamp = FileStamp(0, "75", STAMPS[0].sent_on, file.old_text)
    standardise_load(tmp_path, files=[stamp], reference=REFERENCE, kind=MOVEMENTS)
    done = pq.read_table(tmp_path / "standard.parquet")
    assert done["full_name"].to_pylist() == [name.upper() for name in names]
    assert done["new_value_raw"].to_pylist() == cells


def test_every_label_is_a_column_of_movements() -> None:
    shared = [pair for pair in header_labels() if pair[1] in MOVEMENT_COLUMNS]
    names = header_names([*movement_labels(), *shared], MOVEMENTS)
    assert names.columns["so bien dong"] == names.columns["so phieu"] == "movement_no"
    assert set(names.columns.values()) >= set(MOVEMENT_COLUMNS)
    assert {column for _, column in movement_labels()} <= set(MOVEMENT_COLUMNS)


def test_the_kinds_are_read_in_their_order() -> None:
    assert list(KINDS) == ["registers", "movements", "dossiers"]
