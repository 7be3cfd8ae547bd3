"""CSV: what a strict reader must tell, against a slow reader that is plain to check."""

import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import ReadFile, read_file
from registry.formats.reasons import FileHeldError, FileRefusedError

HEADER = ["form_no", "full_name", "birth_date", "sex", "current_place"]
NAMES = header_names([("Họ tên", "full_name")])
IN_PLACE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(
    tmp_path: Path, data: bytes, *, name: str = "a.csv", limits: Limits | None = None, encoding: str | None = None
) -> ReadFile:
    path = tmp_path / "copy"
    path.write_bytes(data)
    return read_file(path, name=name, encoding=encoding, headers=NAMES, limits=limits or Limits())


def rows_of(told: ReadFile) -> list[tuple]:
    return list(zip(*(told.table[column].to_pylist() for column in ["row_no", *HEADER]), strict=True))


def broken_of(told: ReadFile) -> list[tuple]:
    columns = ["row_no", "offset", "reason", "bytes"]
    return list(zip(*(told.unreadable[column].to_pylist() for column in columns), strict=True))


# --- the slow reader ------------------------------------------------------------------------------------------------


def slow_lines(data: bytes) -> list[tuple[int, bytes]]:
    lines = [(m.start(), m[1]) for m in re.finditer(rb"([^\r\n]*)(\r\n|\r|\n|\Z)", data)]
    return lines[:-1] if lines and lines[-1] == (len(data), b"") else lines


def slow_cells(record: bytes, mark: bytes) -> list[bytes] | None:
    cells, rest = [], record
    while True:
        found = re.match(
            rb'"((?:[^"]|"")*)"(?!")' if rest.startswith(b'"') else rb'([^"' + re.escape(mark) + rb"]*)", rest
        )
        if not found:
            return None
        cells.append(found[1].replace(b'""', b'"'))
        rest = rest[found.end() :]
        if not rest:
            return cells
        if not rest.startswith(mark):
            return None
        rest = rest[len(mark) :]


def slow_reason(record: bytes, mark: bytes, limits: Limits) -> str | None:  # noqa: PLR0911 - one for each reason
    cells = slow_cells(record, mark)
    if not record:
        return "blank_line"
    if len(record) > limits.record_bytes:
        return "row_too_long"
    if b"\0" in record:
        return "nul_byte"
    if cells is None:
        if record.count(b'"') % 2 and slow_cells(record + b'"', mark) is not None:
            return "unclosed_quote"
        return "stray_quote"
    if len(cells) != len(HEADER):
        return "too_few_fields" if len(cells) < len(HEADER) else "too_many_fields"
    try:
        record.decode()
    except UnicodeDecodeError:
        return "utf-8"
    return None


def slow_read(data: bytes, mark: bytes, base: int, limits: Limits) -> tuple[list[tuple], list[tuple]]:
    lines, good, bad, at, row_no = slow_lines(data), [], [], 0, 0
    while at < len(lines):
        row_no += 1
        start, record = lines[at]
        taken = 1
        if record.count(b'"') % 2:
            more = next((i for i in range(at + 1, len(lines)) if lines[i][1].count(b'"') % 2), None)
            if more is not None:
                joined = data[start : lines[more][0] + len(lines[more][1])]
                cells = slow_cells(joined, mark)
                like = [line.count(mark) >= len(HEADER) - 1 for _, line in lines[at : more + 1]]
                fits = cells is not None and len(joined) <= limits.record_bytes
                if fits and (sum(like) < 2 if len(cells) == len(HEADER) else not any(like[1:])):
                    record, taken = joined, more + 1 - at
        at += taken
        reason = slow_reason(record, mark, limits)
        if reason:
            bad.append((row_no, base + start, reason, record[: limits.kept_bytes]))
        else:
            good.append((row_no, *((cell.decode() or None) for cell in slow_cells(record, mark))))
    while bad and bad[-1][2] == "blank_line" and (not good or bad[-1][0] > good[-1][0]):
        bad.pop()
    return good, bad


PIECES = st.sampled_from(
    [
        b",",
        b'"',
        b"\n",
        b"\r\n",
        b"\r",
        b"a",
        b'""',
        b'","',
        b"\xc4\x91",
        b"\0",
        b"1,b,c,d,e\n",
        b'2,"b\nb",c,d,e\n',
        b'\n3,"b',
        b"\n\n",
        b"x" * 45,
    ]
)


@IN_PLACE
@given(st.lists(PIECES, max_size=30), st.sampled_from([5, 16, 64, 4096]), st.booleans())
@example([b'1,"b,c,d,e\n', b'2,b",c,d,e\n'], 5, True)
@example([b"a,b\r", b"\n"], 5, False)
def test_any_bytes_are_told_as_the_slow_reader_tells_them(tmp_path, pieces, block, short):
    data = b"".join(pieces)
    limits = Limits(block_bytes=block, record_bytes=60 if short else 4096, kept_bytes=60)
    head = ",".join(HEADER).encode() + b"\n"
    told = read(tmp_path, head + data, limits=limits)
    good, bad = slow_read(data, b",", len(head), limits)
    assert (rows_of(told), broken_of(told)) == (good, bad)
    assert told.rows == len(good) + len(bad)


CELL = st.text(st.sampled_from('ab Đà,;|\t"\n\r0'), max_size=6).filter(lambda s: all(s.count(c) < 4 for c in ",;|\t"))


@st.composite
def written_tables(draw):
    """A table, and its text with the delimiter, line end and amount of quoting that somebody chose."""
    rows = draw(st.lists(st.tuples(*[CELL] * 5), max_size=12))
    mark, line_end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    always = draw(st.booleans())

    def cell(value: str) -> str:
        doubled = value.replace('"', '""')
        return f'"{doubled}"' if always or set(value) & {mark, '"', "\r", "\n"} else value

    def believable(row: tuple[str, ...]) -> bool:
        """Not more than one line of it looks like a whole row."""
        return sum(line.count(mark) >= 4 for line in re.split("[\r\n]", mark.join(map(cell, row)))) < 2

    rows = [row for row in rows if believable(row)]
    return rows, line_end.join(mark.join(map(cell, row)) for row in [HEADER, *rows]) + line_end


@IN_PLACE
@given(
    written_tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.booleans(),
    st.sampled_from([7, 64, 4096]),
)
def test_any_table_reads_back_the_same(tmp_path, written, codec, zipped, block):
    rows, text = written
    data = text.encode(codec)
    if zipped:
        data = gzip.compress(data[:50]) + gzip.compress(data[50:])
    told = read(tmp_path, data, name="a.csv.gz" if zipped else "A.CSV", limits=Limits(block_bytes=block))
    assert not told.unreadable.num_rows
    assert rows_of(told) == [(i, *(cell or None for cell in row)) for i, row in enumerate(rows, 1)]
    assert told.encoding[:5] == codec[:5]


@IN_PLACE
@given(
    st.integers(0, 500),
    st.sampled_from([b"", b",", b'"', b"\n", b"\r", b"\0", b"\xff", b"x", b'",', b'\n"']),
    st.booleans(),
)
def test_a_changed_byte_spoils_no_row_but_those_it_touches(tmp_path, at, change, quoted):
    out = io.StringIO()
    rows = [[f"{i:03d}", f"Nguyễn, {i}", "1960", "Nam", f"Tổ {i}"] for i in range(12)]
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    data, head = out.getvalue().encode(), ",".join(HEADER).encode() + b"\n"
    at %= len(data)
    changed = data[:at] + change + data[at + 1 :]
    told = read(tmp_path, head + changed)
    seen = {row[1:] for row in rows_of(told)}
    hurt = data.count(b"\n", 0, at)
    assert all(tuple(row) in seen for i, row in enumerate(rows) if i not in (hurt, hurt + 1))
    kept = [part for *_, part in broken_of(told)] + ["".join(filter(None, row[1:])).encode() for row in rows_of(told)]
    marks = b'",\r\n'
    assert sorted(b"".join(kept).translate(None, marks)) == sorted(changed.translate(None, marks))


GOOD = b"1,A,1960,Nam,26041\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2,A,1960,Nam", "too_few_fields"),
        (b"2,A,1960,Nam,26041,", "too_many_fields"),
        (b'2,"A,1960,Nam,26041', "unclosed_quote"),
        (b'2,A"B,1960,Nam,26041', "stray_quote"),
        (b'2,"A"B,1960,Nam,26041', "stray_quote"),
        (b"2,A\0,1960,Nam,26041", "nul_byte"),
        (b"2,A\xff,1960,Nam,26041", "utf-8"),
        (b"2,A,1960,Nam,26041\xff", "utf-8"),
        (b"", "blank_line"),
        (b"2," + b"A" * 70_000 + b",1960,Nam,26041", "field_too_long"),
        (b"2," + b"A" * 3_000_000 + b",1960,Nam,26041", "row_too_long"),
    ],
)
@pytest.mark.parametrize("block", [1000, 1 << 22])
def test_a_broken_row_is_kept_and_spoils_no_other(tmp_path, row, reason, block):
    head = ",".join(HEADER).encode() + b"\n"
    told = read(tmp_path, head + GOOD + row + b"\n" + GOOD, limits=Limits(block_bytes=block))
    assert [number for number, *_ in rows_of(told)] == [1, 3]
    assert broken_of(told) == [(2, len(head + GOOD), reason, row[: 1 << 20])]
    detail = told.unreadable["detail"][0].as_py() or ""
    assert (f"bytes={len(row)}" in detail) == (len(row) > 1 << 20)


def test_two_rows_with_an_open_quote_are_never_one(tmp_path):
    data = ",".join(HEADER).encode() + b'\n1,"A,1960,Nam,1\n2,B,1961,Nam,2\n3,C",1962,Nam,3\n4,D,1963,Nam,4\n'
    told = read(tmp_path, data)
    assert [number for number, *_ in rows_of(told)] == [2, 4]
    assert [(number, reason) for number, _, reason, _ in broken_of(told)] == [(1, "unclosed_quote"), (3, "stray_quote")]


def test_positions_and_bytes_of_utf16_are_those_of_the_file(tmp_path):
    text = ",".join(HEADER) + "\nĐ,A,1960,Nam,1\nĐào,B\n3,C,1960,Nam,1\n\ud800,D,1960,Nam,1\n"
    data = b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")
    told = read(tmp_path, data, limits=Limits(block_bytes=50))
    assert [reason for _, _, reason, _ in broken_of(told)] == ["too_few_fields", "utf-8"]
    for _, offset, _, kept in broken_of(told):
        assert data[offset : offset + len(kept)] == kept


def test_trailing_blank_lines_are_no_rows(tmp_path):
    told = read(tmp_path, ",".join(HEADER).encode() + b"\n" + GOOD + b"\n\r\n\n")
    assert (told.rows, told.notes) == (1, ("trailing_blank_lines: 3",))


def test_a_header_alone_is_an_empty_night(tmp_path):
    assert read(tmp_path, ",".join(HEADER).encode()).rows == 0


def test_labels_in_any_writing_and_order(tmp_path):
    data = (
        "\ufeffGiới tính;HỌ  TÊN;Quê_Quán;ma_rieng;Form No;current_place;birth-date;dancu_row;dancu_file;dancu_note\n"
    )
    data += "Nam;Đào;26041;x;7;26041;1960; 12 ;abc;y\n"
    path = tmp_path / "copy"
    path.write_text(data, encoding="utf-8")
    names = header_names([("Họ tên", "full_name"), ("Giới tính", "sex"), ("Quê quán", "origin_place")])
    told = read_file(path, name="a.csv", encoding="UTF-8", headers=names, limits=Limits())
    row = told.table.to_pylist()[0]
    assert (row["form_no"], row["full_name"], row["sex"], row["origin_place"]) == ("7", "Đào", "Nam", "26041")
    assert (row["returned_file"], row["returned_row"]) == (None, 12)
    assert told.notes == ("unknown_columns: 1 (ma_rieng)",)


BOMB = gzip.compress(b"\0" * (80 << 20), 9)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.csv", "empty"),
        (b"\n\n\r\n", "a.csv", "empty"),
        (gzip.compress(b""), "a.csv.gz", "empty"),
        (b"x", "a.txt", "unknown_format"),
        (b"PK\x03\x04 and so on", "a.csv", "not_a_table"),
        (",".join(HEADER).encode() + b"\n" * 20_000, "a.csv", "blank_rows"),
        (b"hello\nworld\n", "a.csv", "header"),
        (b"form_no,full_name,birth_date,sex\n", "a.csv", "missing_column"),
        (b"form_no,full_name,FORM NO,birth_date,sex,current_place\n", "a.csv", "duplicate_column"),
        (",".join([*HEADER, *(f"c{i}" for i in range(5000))]).encode(), "a.csv", "too_many_columns"),
        (BOMB, "a.csv.gz", "header"),
        (gzip.compress(",".join(HEADER).encode() + b"\n" + b"," * (80 << 20)), "a.csv.gz", "archive_too_large"),
        (gzip.compress(GOOD * 1000)[:-9], "a.csv.gz", "broken_archive"),
        (gzip.compress(GOOD * 1000)[:100] + b"xxxx" + gzip.compress(GOOD * 1000)[104:], "a.csv.gz", "broken_archive"),
        (b"no gzip", "a.csv.gz", "broken_archive"),
    ],
    ids=lambda value: "data" if isinstance(value, bytes) else value,  # gzip writes the time into its bytes
)
def test_a_file_without_rows_is_refused(tmp_path, data, name, reason):
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path, data, name=name)
    assert refused.value.reason == reason
    assert "sender" in str(refused.value)


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [(GOOD * 10, Limits(file_bytes=100), "file_too_large"), (GOOD * 10, Limits(rows=9), "too_many_rows")],
)
def test_limits_of_a_file(tmp_path, data, limits, reason):
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path, ",".join(HEADER).encode() + b"\n" + data, limits=limits)
    assert refused.value.reason == reason


@pytest.mark.parametrize("encoding", [None, "klingon", "utf-16"])
def test_an_undecided_encoding_holds_the_file_with_its_rows_counted(tmp_path, encoding):
    head = b"form_no,full_name,birth_date,sex,current_place\n"
    body = b"1,Nguy\xd4n,1960,Nam,26041\n" * 50
    data = b"\xef\xbb\xbf" + head + body if encoding == "utf-16" else head + body
    with pytest.raises(FileHeldError) as held:
        read(tmp_path, data + b"\n", encoding=encoding, limits=Limits(block_bytes=100))
    assert (held.value.reason, held.value.rows) == ("encoding", 50)


def test_labels_in_an_unknown_encoding_hold_the_file(tmp_path):
    with pytest.raises(FileHeldError) as held:
        read(tmp_path, "Họ tên;Ngày sinh\nA;1960\nB;1961".encode("cp1258", "replace") + b"\xd4")
    assert held.value.rows == 2
