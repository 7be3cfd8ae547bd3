"""The workbook that goes back to a sender: its failed rows as sent, the cells to mend marked, and why.

The first sheet is what a reader of landed files takes: one line of headers with the contract's names, between
`dancu_file`, `dancu_row` (which row this is, so that the corrected one closes it) and the reasons. Every cell
is text: no number loses its zeros, and nothing that begins with `=`, `+`, `-` or `@` is ever run as a formula.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

import registry.encodings  # noqa: F401 (registers the codecs that `showable` needs)
from registry import workbooks
from registry.cards.dossiers import HOURS_BEFORE_UTC
from registry.codes import ALL_CODED
from registry.database import load_sql
from registry.kinds import REGISTERS, FileKind
from registry.workbooks import Sheet, Table, column_letters, row_of, table_sheet, text_cell, write_workbook, xml_text

IDENTITY = ("dancu_file", "dancu_row")
REASONS = ("dancu_reason_vi", "dancu_reason_en", "dancu_raw")

#: Rows of one workbook; more go into a second one. People scroll through them.
ROWS_A_WORKBOOK = 50_000

#: What is told of a cell beside its reason, in the two languages.
_WORDS = {
    "vi": ("không hiểu", "(chỉ có năm)", "(chỉ có tháng và năm)"),
    "en": ("not understood", "(the year only)", "(month and year only)"),
}
_DATES = ("birth_date", "death_date")
_DAYS = ("declared_on", "occurred_on")
_TIMES = ("captured_at",)
_UNDERSTOOD_VI, _UNDERSTOOD_EN = "Đã hiểu: ", "Understood: "
#: Letters of a value that are shown beside the cell that has it whole.
_SHOWN = 100

_ROWS_A_PIECE = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_WIDTHS = {"dancu_file": 11, "dancu_row": 10, "dancu_reason_vi": 75, "dancu_reason_en": 75, "dancu_raw": 40}
#: Texts that stand in XML in another way, see `registry.workbooks.xml_text`.
_ODD = r"[&<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x"
_CUT_VI = "Có ô quá dài nên bị cắt ở cuối: ghi lại đầy đủ."
_CUT_EN = "A cell is too long for this sheet and is cut at its end: give it in full again."

_MEANING = pa.schema(
    [
        ("rules", pa.string()),
        ("styles", pa.list_(pa.string())),
        ("height", pa.string()),
        ("reason_vi", pa.string()),
        ("reason_en", pa.string()),
        ("marked", pa.list_(pa.int32())),
    ]
)
_MARK = pa.schema([("rules", pa.string()), ("place", pa.int32()), ("letters", pa.string()), ("note", pa.string())])


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row.

    Attributes:
        rule: id of the rule, or reason of an unreadable row.
        critical: it stopped the row; otherwise a warning.
        columns: cells to mark.
        message_vi, message_en: what the sender mends.
    """

    rule: str
    critical: bool
    columns: tuple[str, ...]
    message_vi: str
    message_en: str


@dataclass(frozen=True)
class Written:
    """A workbook: whose, its number among the sender's (from 1), where it lies, and its rows."""

    sender: str
    number: int
    path: Path
    rows: int


#: What a row's rules mean: `rules` of a row → its faults, the critical ones first.
Explain = Callable[[str], Sequence[Fault]]


def header_of(kind: FileKind) -> tuple[str, ...]:
    """The first line of a workbook: the contract's columns between which row it is and the reasons."""
    return (*IDENTITY, *kind.columns, *REASONS)


def create_failed(connection: duckdb.DuckDBPyConnection, kind: FileKind = REGISTERS) -> None:
    """Creates the empty table `failed`: sender, file_id, row_no, rules (`;` between), cells as sent, raw, understood.

    `raw` is the text of an unreadable row (see `showable`), whose cells are null. `understood_vi` and `understood_en`
    say of each of the kind's columns, in their order, what was read in its cell; null where it is empty (see
    `understood`).
    """
    cells = ", ".join(f"{column} VARCHAR" for column in (*kind.columns, "raw"))
    told = "understood_vi VARCHAR[], understood_en VARCHAR[]"
    connection.execute(
        f"CREATE TABLE failed (sender VARCHAR, file_id BIGINT, row_no BIGINT, rules VARCHAR, {cells}, {told})"
    )


def understood(language: str, kind: FileKind = REGISTERS) -> str:
    """SQL of what was understood of the cells of a standard row `s`, as XML has it: `birth_date = 1960 (…)`.

    Only of cells that hold something and that `marked` (a flag a column, see `marked_columns`) says are to mend: the
    others are null. It reads the tables that `join_names` joins. Personal values: they go to the row's sender only.
    """
    nothing = _WORDS[language][0]
    return ", ".join(
        f"CASE WHEN marked.{column} AND s.{column}_raw IS NOT NULL"
        f" THEN concat('{column} = ', coalesce({_shown(column, language)}, '{nothing}')) END"
        for column in kind.columns
    )


def marked_columns(rules: Sequence[str], explain: Explain, kind: FileKind = REGISTERS) -> pa.Table:
    """Which cells are marked: `rules` of a row, and a flag for each of the kind's columns."""
    faults = {text: {column for fault in explain(text) for column in fault.columns} for text in rules}
    flags = {column: pa.array([column in marks for marks in faults.values()], pa.bool_()) for column in kind.columns}
    return pa.table({"rules": pa.array(list(faults), pa.string()), **flags})


def join_names(kind: FileKind = REGISTERS) -> str:
    """SQL that joins `word` (list, code, vi, en) and `place_name` (code, valid_from, path) for `understood`."""
    words = [
        f"LEFT JOIN word AS {column}_word ON {column}_word.list = '{column}' AND {column}_word.code = s.{column}"
        for column in ALL_CODED
        if column in kind.columns
    ]
    places = [
        f"LEFT JOIN place_name AS {place}_at ON {place}_at.code = s.{place} AND {place}_at.valid_from = s.{place}_from"
        for place in kind.places
    ]
    return "\n  ".join([*words, *places])


def _shown(column: str, language: str) -> str:
    """SQL of a cell's standard value for people; null where nothing was understood."""
    value = f"s.{column}"
    if column in _DATES:
        _, year, month = _WORDS[language]
        return (
            f"CASE length({value}) WHEN 4 THEN {value} || ' {year}'"
            f" WHEN 7 THEN right({value}, 2) || '/' || left({value}, 4) || ' {month}'"
            f" ELSE right({value}, 2) || '/' || {value}[6:7] || '/' || left({value}, 4) END"
        )
    if column in _DAYS:
        return f"strftime({value}, '%d/%m/%Y')"
    if column in _TIMES:
        return f"strftime({value} + to_hours({HOURS_BEFORE_UTC}), '%d/%m/%Y %H:%M')"
    if column in ALL_CODED:
        return f"{column}_word.{language}"
    if column.endswith("_place"):
        return f"{value} || coalesce(' ' || {column}_at.path, '')"
    plain = f"regexp_replace(left({value}, {_SHOWN}), '[\\x{{fffe}}\\x{{ffff}}]|_x', '_', 'g')"
    return f"replace(replace(replace({plain}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"


def write_returns(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    tables: dict[str, Sequence[Table]],
    explain: Explain,
    kind: FileKind = REGISTERS,
) -> Iterator[Written]:
    """Writes a workbook, or several where rows are very many, for each sender.

    Args:
        connection: a DuckDB with the table `failed`, filled.
        folder: where the workbooks are written.
        tables: for each sender, with failed rows or without, the further sheets of its first workbook.
        explain: what a row's rules mean; asked once for each distinct text.
        kind: of the files that the rows are from; one `failed` has rows of one kind.

    Yields:
        Each workbook once it is complete.
    """
    _create_meanings(connection, explain, kind)
    _escape_cells(connection, kind)
    connection.execute(load_sql("give_back", "create_sheet_row").format(rows_a_workbook=ROWS_A_WORKBOOK))
    connection.execute(load_sql("give_back", "create_sheet_note").format(**_note()))
    cursor = connection.execute(
        load_sql("give_back", "sheet_rows").format(rows_a_piece=_ROWS_A_PIECE, cells=_cells(kind))
    )
    written, seen = 0, set()
    pieces = chain.from_iterable(iter(lambda: cursor.fetchmany(16), []))
    for (sender, part), mine in groupby(pieces, key=lambda piece: (str(piece[0]), int(piece[1]))):
        seen.add(sender)
        written += 1
        path = folder / f"{written}.xlsx"
        yield Written(sender, part + 1, path, _write(path, mine, () if part else tables[sender], kind))
    for sender in tables.keys() - seen:
        written += 1
        path = folder / f"{written}.xlsx"
        yield Written(sender, 1, path, _write(path, iter(()), tables[sender], kind))


def _write(path: Path, pieces: Iterator[tuple[Any, ...]], tables: Sequence[Table], kind: FileKind) -> int:
    """Writes one workbook from its pieces, the rows of `sheet_rows.sql`; returns how many rows it has."""
    first = next(pieces, None)
    _, _, _, count, xml, comments, shapes = first or (None, None, None, 0, "", None, None)
    header = header_of(kind)
    last = column_letters(len(header) - 1)
    rows = Sheet(
        name="Dòng lỗi - Rows",
        widths=[_width(name) for name in header],
        rows=chain([_header_row(header), xml], (piece[4] for piece in pieces)),
        frozen=f"{column_letters(len(IDENTITY))}2",
        filtered=f"A1:{last}{max(count, 1) + 1}",
        # The columns' own style keeps what people type in as text, too.
        style=workbooks.TEXT,
        comments=comments or "",
        shapes=shapes or "",
    )
    write_workbook(path, [rows, *map(table_sheet, tables)])
    return int(count)


def _width(column: str) -> int:
    wide = 28 if column.endswith(("_name", "_place", "_address")) else max(14, len(column) + 3)
    return _WIDTHS.get(column, wide)


def _header_row(header: Sequence[str]) -> str:
    return row_of(1, (text_cell(n, 1, name, workbooks.HEADER) for n, name in enumerate(header)))


# -- the rows, set-based --------------------------------------------------------------------------------


def _create_meanings(connection: duckdb.DuckDBPyConnection, explain: Explain, kind: FileKind) -> None:
    """Creates `meaning` (styles by column, reasons) and `mark` (notes), one entry for each distinct `rules`."""
    texts = [text for (text,) in connection.execute("SELECT DISTINCT rules FROM failed ORDER BY ALL").fetchall()]
    faults, header = {text: explain(text) for text in texts}, header_of(kind)
    meanings = [{"rules": text, **_meaning(found, header)} for text, found in faults.items()]
    marks = [
        {"rules": text, "place": place, "letters": column_letters(place), "note": xml_text(note)}
        for text, found in faults.items()
        for place, (_, note) in _marks(found, header).items()
    ]
    for name, rows, schema in (("meaning", meanings, _MEANING), ("mark", marks, _MARK)):
        connection.register("made", pa.Table.from_pylist(rows, schema=schema))
        connection.execute(f"CREATE TABLE {name} AS FROM made")
        connection.unregister("made")


def _escape_cells(connection: duckdb.DuckDBPyConnection, kind: FileKind) -> None:
    """Writes the cells of `failed` as XML has them, and marks the rows of which one is cut (`cut`).

    Few texts have anything to escape: each distinct one is done once, in the columns where there is one.
    """
    too_long = f"coalesce(greatest({', '.join(f'length({column})' for column in kind.columns)}), 0)"
    connection.execute("ALTER TABLE failed ADD COLUMN cut BOOLEAN DEFAULT false")
    connection.execute(f"UPDATE failed SET cut = true WHERE {too_long} > {workbooks.LONGEST_CELL}")
    for column in (*kind.columns, "raw"):
        odd = f"regexp_matches({column}, '{_ODD}') OR length({column}) > {workbooks.LONGEST_CELL}"
        found = connection.execute(f"SELECT DISTINCT {column} FROM failed WHERE {odd}").fetchall()
        if found:
            texts = [text for (text,) in found]
            connection.register("odd", pa.table({"sent": texts, "xml": list(map(xml_text, texts))}))
            connection.execute(f"UPDATE failed SET {column} = odd.xml FROM odd WHERE {column} = odd.sent")
            connection.unregister("odd")


def _marks(faults: Sequence[Fault], header: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Column → style and note."""
    marks: dict[int, tuple[int, str]] = {}
    for fault in faults:
        note = f"{fault.message_vi}\n{fault.message_en}"
        for place in map(header.index, fault.columns):
            style, before = marks.get(place, (workbooks.CRITICAL if fault.critical else workbooks.WARNING, ""))
            marks[place] = (style, f"{before}\n\n{note}" if before else note)
    return marks


def _meaning(faults: Sequence[Fault], header: Sequence[str]) -> dict[str, Any]:
    marks = _marks(faults, header)
    reasons = [
        "\n".join(f"{'' if fault.critical else mild}{message(fault)} [{fault.rule}]" for fault in faults)
        for mild, message in (("Lưu ý: ", _in_vietnamese), ("Note: ", _in_english))
    ]
    width = _WIDTHS["dancu_reason_vi"]
    marked = [place - len(IDENTITY) + 1 for place in sorted(marks) if header[place] not in REASONS]
    lines = max(sum(-(-len(part) // width) for part in reason.split("\n")) for reason in reasons) + bool(marked)
    return {
        "styles": [str(marks[place][0]) if place in marks else None for place in range(len(header))],
        # Excel fits a row to wrapped text by itself, other programs do not.
        "height": f' ht="{workbooks.LINE_POINTS * lines}" customHeight="1"' if lines > 1 else "",
        "reason_vi": xml_text(reasons[0]),
        "reason_en": xml_text(reasons[1]),
        "marked": marked,
    }


def _in_vietnamese(fault: Fault) -> str:
    return fault.message_vi


def _in_english(fault: Fault) -> str:
    return fault.message_en


def _cells(kind: FileKind) -> str:
    """SQL of a row's cells as XML, over `sheet_row` r, `failed` f and `meaning` m."""
    cells = [_cell(0, "f.file_id::VARCHAR", workbooks.IDENTITY), _cell(1, "f.row_no::VARCHAR", workbooks.IDENTITY)]
    cells += [_sent_cell(place, column) for place, column in enumerate(kind.columns, start=len(IDENTITY))]
    vi, en, raw = (header_of(kind).index(column) for column in REASONS)
    for place, language, told, cut in ((vi, "vi", _UNDERSTOOD_VI, _CUT_VI), (en, "en", _UNDERSTOOD_EN, _CUT_EN)):
        read = f"list_aggregate(list_select(f.understood_{language}, m.marked), 'string_agg', '; ')"
        reason = f"m.reason_{language}, chr(10) || '{told}' || {read}, CASE WHEN f.cut THEN chr(10) || '{cut}' END"
        cells.append(_cell(place, reason, workbooks.REASON))
    return ", ".join([*cells, _sent_cell(raw, "raw")])


def _cell(place: int, text: str, style: int) -> str:
    start = f'\'<c r="{column_letters(place)}\', r.line, \'" s="{style}" t="inlineStr">'
    return f"{start}<is><t xml:space=\"preserve\">', {text}, '</t></is></c>'"


def _note() -> dict[str, object]:
    """What `create_sheet_note.sql` is filled with: a note says what was understood of its own cell."""
    at = f"[n.place - {len(IDENTITY) - 1}]"
    read = (
        f"chr(10) || '{_UNDERSTOOD_VI}' || f.understood_vi{at} || chr(10) || '{_UNDERSTOOD_EN}' || f.understood_en{at}"
    )
    return {"most_notes": workbooks.MOST_NOTES, "read": read}


def _sent_cell(place: int, column: str) -> str:
    """A cell as it was sent; an empty one only where it is marked."""
    reference, style = f"'<c r=\"{column_letters(place)}', r.line, '\" s=\"'", f"m.styles[{place + 1}]"
    filled = f"""concat({reference}, coalesce({style}, '{workbooks.TEXT}'), '" t="inlineStr"><is>\
<t xml:space="preserve">', f.{column}, '</t></is></c>')"""
    blank = f"concat({reference}, {style}, '\"/>')"
    return f"CASE WHEN f.{column} IS NOT NULL THEN {filled} WHEN {style} IS NOT NULL THEN {blank} END"


def showable(content: bytes, encoding: str | None) -> str:
    """Bytes of an unreadable row as text for people: what is no text is replaced, control characters go."""
    try:
        text = content.decode(encoding or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return _CONTROL.sub(" ", text[: workbooks.LONGEST_CELL])
