"""The workbook that goes back to a sender: its failed rows as sent, the cells to mend marked, and why.

The first sheet is what a reader of registers takes: one line of headers with the contract's names, between
`dancu_file`, `dancu_row` (which row this is, so that the corrected one closes it) and the reasons. Every cell
is text: no number loses its zeros, and nothing that begins with `=`, `+`, `-` or `@` is ever run as a formula.
The same content makes the same bytes.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from registry.forms import COLUMNS

IDENTITY = ("dancu_file", "dancu_row")
REASONS = ("dancu_reason_vi", "dancu_reason_en", "dancu_raw")
HEADER: tuple[str, ...] = (*IDENTITY, *COLUMNS, *REASONS)

#: Rows of one workbook; more go into a second one. People scroll through them, and it is made in memory.
ROWS_A_WORKBOOK = 50_000

#: Notes of one sheet; the reasons stand in their columns as well, and Excel opens many notes slowly.
NOTES_A_WORKBOOK = 5_000

#: What Excel takes in a cell, in UTF-16 code units.
LONGEST_CELL = 32_767

#: Height of a line of text, in points.
_LINE_POINTS = 15
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_WIDTHS = {"dancu_file": 11, "dancu_row": 10, "dancu_reason_vi": 75, "dancu_reason_en": 75, "dancu_raw": 40}
_CUT_VI = "Ô dài hơn giới hạn của Excel nên bị cắt ở cuối: ghi lại đầy đủ."
_CUT_EN = "The cell is longer than Excel takes and is cut at its end: give it in full again."


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
class FailedRow:
    """A row to be given back.

    Attributes:
        file_id, row_no: which row it is.
        rules: what failed, `;` between.
        cells: as sent, in the order of `registry.forms.COLUMNS`; all null for an unreadable row.
        raw: text of an unreadable row.
    """

    file_id: int
    row_no: int
    rules: str
    cells: tuple[str | None, ...]
    raw: str | None


@dataclass(frozen=True)
class Table:
    """A sheet for reading: headers with their widths, and rows; numbers stay numbers here."""

    name: str
    title: str
    headers: tuple[tuple[str, int], ...]
    rows: Sequence[tuple[str | int | None, ...]]


#: What a row's rules mean: `rules` of a row → its faults, the critical ones first.
Explain = Callable[[str], Sequence[Fault]]


def write_returns(
    folder: Path, *, rows: Iterable[FailedRow], tables: Sequence[Table], explain: Explain, day: dt.date
) -> Iterator[tuple[Path, int]]:
    """Writes a sender's failed rows into one workbook, or more where they are very many.

    Args:
        folder: where the workbooks are written, as `1.xlsx`, `2.xlsx` …
        rows: in the order in which they are shown.
        tables: further sheets of the first workbook.
        explain: what a row's rules mean; asked once for each distinct text.
        day: the business date, the only date that the workbook holds.

    Yields:
        Path and number of rows of each workbook; at least one.
    """
    rest = iter(rows)
    number = 1
    first: FailedRow | None = next(rest, None)
    while first or number == 1:
        path = folder / f"{number}.xlsx"
        part = islice(chain([first] if first else [], rest), ROWS_A_WORKBOOK)
        yield path, _write_workbook(path, part, tables if number == 1 else (), explain, day)
        first = next(rest, None)
        number += 1


def _write_workbook(
    path: Path, rows: Iterable[FailedRow], tables: Sequence[Table], explain: Explain, day: dt.date
) -> int:
    # Options that turn text into anything else are off: a cell is what was sent.
    plain = {
        "in_memory": True,
        "strings_to_urls": False,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), plain) as workbook:
        workbook.set_properties(
            {"created": dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC), "author": "dancu"}
        )
        look = _Look.of(workbook)
        sheet = workbook.add_worksheet("Dòng lỗi - Rows")
        count = _RowSheet(sheet, look, explain).write(rows)
        for table in tables:
            _write_table(workbook.add_worksheet(table.name), look, table)
    return count


@dataclass(frozen=True)
class _Look:
    """Formats of a workbook."""

    header: Format
    text: Format
    identity: Format
    critical: Format
    warning: Format
    reason: Format
    title: Format
    prose: Format
    number: Format

    @classmethod
    def of(cls, workbook: xlsxwriter.Workbook) -> "_Look":
        # quote_prefix is Excel's leading apostrophe: the cell is text whatever it begins with.
        text = {"num_format": "@", "quote_prefix": True, "valign": "top"}
        add = workbook.add_format
        return cls(
            header=add({"num_format": "@", "bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"}),
            text=add(text),
            identity=add({**text, "font_color": "#8A8A8A"}),
            critical=add({**text, "bg_color": "#FFC7CE", "border": 1, "border_color": "#C00000"}),
            warning=add({**text, "bg_color": "#FFEB9C", "border": 1, "border_color": "#BF8F00"}),
            reason=add({**text, "text_wrap": True}),
            title=add({"bold": True, "font_size": 12}),
            prose=add({"valign": "top", "text_wrap": True}),
            number=add({"valign": "top", "num_format": "#,##0", "align": "center"}),
        )


@dataclass(frozen=True)
class _Meaning:
    """Faults as a sheet shows them: column → format and note, and the two reasons."""

    marks: dict[int, tuple[Format, str]]
    reason_vi: str
    reason_en: str

    @property
    def lines(self) -> int:
        """Lines that the longer reason takes in its column."""
        width = _WIDTHS["dancu_reason_vi"]
        return max(
            sum(-(-len(part) // width) for part in reason.split("\n")) for reason in (self.reason_vi, self.reason_en)
        )


class _RowSheet:
    """The first sheet."""

    def __init__(self, sheet: Worksheet, look: _Look, explain: Explain) -> None:
        self._sheet, self._look, self._explain = sheet, look, explain
        self._meaning = cache(self._explained)
        self._notes = 0

    def write(self, rows: Iterable[FailedRow]) -> int:
        """Writes headers and rows; returns how many."""
        sheet, look = self._sheet, self._look
        for place, name in enumerate(HEADER):
            # The column's own format keeps what people type in as text, too.
            sheet.set_column(place, place, _WIDTHS.get(name, _width(name)), look.text)
            sheet.write_string(0, place, name, look.header)
        line = 0
        for line, row in enumerate(rows, start=1):
            self._write_row(line, row)
        sheet.freeze_panes(1, len(IDENTITY))
        sheet.autofilter(0, 0, max(line, 1), len(HEADER) - 1)
        return line

    def _write_row(self, line: int, row: FailedRow) -> None:
        write, look = self._sheet.write_string, self._look
        meaning = self._meaning(row.rules)
        marks = meaning.marks
        write(line, 0, str(row.file_id), look.identity)
        write(line, 1, str(row.row_no), look.identity)
        if meaning.lines > 1:
            # Excel fits a row to wrapped text by itself, other programs do not.
            self._sheet.set_row(line, _LINE_POINTS * meaning.lines)
        cut = False
        for place, cell in enumerate((*row.cells, None, None, row.raw), start=len(IDENTITY)):
            if place in marks:
                self._mark(line, place, cell, *marks[place])
            elif cell is not None:
                write(line, place, fit(cell), look.text)
            cut = cut or (cell is not None and place != len(HEADER) - 1 and len(fit(cell)) < len(cell))
        vi, en = meaning.reason_vi, meaning.reason_en
        write(line, len(HEADER) - 3, f"{vi}\n{_CUT_VI}" if cut else vi, look.reason)
        write(line, len(HEADER) - 2, f"{en}\n{_CUT_EN}" if cut else en, look.reason)

    def _mark(self, line: int, place: int, cell: str | None, form: Format, note: str) -> None:
        if cell is None:
            self._sheet.write_blank(line, place, None, form)
        else:
            self._sheet.write_string(line, place, fit(cell), form)
        if self._notes < NOTES_A_WORKBOOK:
            self._sheet.write_comment(line, place, note, {"x_scale": 2.2, "y_scale": 1.3, "author": "dancu"})
            self._notes += 1

    def _explained(self, rules: str) -> _Meaning:
        faults = self._explain(rules)
        marks: dict[int, tuple[Format, str]] = {}
        for fault in faults:
            for column in fault.columns:
                place = HEADER.index(column)
                form, before = marks.get(place, (self._look.critical if fault.critical else self._look.warning, ""))
                note = f"{fault.message_vi}\n{fault.message_en}"
                marks[place] = (form, f"{before}\n\n{note}" if before else note)
        return _Meaning(
            marks,
            "\n".join(_reason(fault, fault.message_vi, "Lưu ý: ") for fault in faults),
            "\n".join(_reason(fault, fault.message_en, "Note: ") for fault in faults),
        )


def _reason(fault: Fault, message: str, mild: str) -> str:
    return f"{'' if fault.critical else mild}{message} [{fault.rule}]"


def _width(column: str) -> int:
    return 28 if column.endswith(("_name", "_place", "_address")) else max(14, len(column) + 3)


def fit(text: str) -> str:
    """The text as far as a cell of Excel holds it."""
    if 2 * len(text) <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return text if len(units) <= 2 * LONGEST_CELL else units[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")


def showable(content: bytes, encoding: str | None) -> str:
    """Bytes of an unreadable row as text for people: what is no text is replaced, control characters go."""
    try:
        text = content.decode(encoding or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return fit(_CONTROL.sub(" ", text))


def _write_table(sheet: Worksheet, look: _Look, table: Table) -> None:
    sheet.write_string(0, 0, table.title, look.title)
    for place, (name, width) in enumerate(table.headers):
        sheet.set_column(place, place, width)
        sheet.write_string(1, place, name, look.header)
    for line, row in enumerate(table.rows, start=2):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(line, place, cell, look.number)
            elif cell is not None:
                sheet.write_string(line, place, fit(cell), look.prose)
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, max(len(table.rows) + 1, 2), len(table.headers) - 1)


__all__ = ["HEADER", "FailedRow", "Fault", "Table", "fit", "showable", "write_returns"]
