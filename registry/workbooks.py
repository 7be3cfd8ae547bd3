"""A workbook as a zip of its parts: what spreadsheets need to open it, and no more.

A night gives thousands of small workbooks back. The parts of a sheet's rows are made set-based in DuckDB (see
`registry.returns`); a library that writes cell by cell took 22 ms a workbook where this takes 2. The same content
makes the same bytes.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

#: Characters that a cell may have: half of Excel's limit in UTF-16 units, so that they fit whatever they are.
LONGEST_CELL = 16_383

#: Styles of cells: places in `cellXfs` of `templates/workbook/styles.xml`.
HEADER, TEXT, IDENTITY, CRITICAL, WARNING, REASON, TITLE, PROSE, NUMBER, ANSWER, BAND = range(1, 12)

#: Height of a line of text, in points.
LINE_POINTS = 15

#: Notes of one sheet: a block of ids of VML shapes. Excel opens many notes slowly.
MOST_NOTES = 1_000

_TEMPLATES = Path(__file__).with_name("templates") / "workbook"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
#: What XML 1.0 cannot hold, and the carriage return, which it does not keep.
NO_XML = "\x00-\x08\x0b-\x1f\ufffe\uffff"
_NO_XML = re.compile(f"[{NO_XML}]")


@dataclass(frozen=True)
class Sheet:
    """A sheet.

    Attributes:
        name: at most 31 characters, without the marks that paths have.
        widths: of its columns, in characters.
        rows: XML of its rows, in order, in pieces of any size.
        style: of its empty cells.
        frozen: cell at the left upper corner of what scrolls.
        filtered: cells under the filter's buttons, as `A1:C9`.
        comments, shapes: XML of its notes: their texts, and where they stand.
        hidden: places of columns that are there for us alone.
        choices: cells with a list to choose from, as `A2:A9`, and what it offers; 255 letters at most.
        locked: only cells of the style ANSWER can be typed in.
    """

    name: str
    widths: Sequence[float]
    rows: Iterable[str]
    frozen: str
    filtered: str
    style: int = 0
    comments: str = ""
    shapes: str = ""
    hidden: Sequence[int] = ()
    choices: tuple[str, Sequence[str]] | None = None
    locked: bool = False


@dataclass(frozen=True)
class Table:
    """A sheet for reading: headers with their widths, and rows; numbers stay numbers here."""

    name: str
    title: str
    headers: tuple[tuple[str, int], ...]
    rows: Sequence[tuple[str | int | None, ...]]


def column_letters(place: int) -> str:
    """Letters of a column, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def xml_text(text: str) -> str:
    """Text as it stands in a cell's XML; what XML cannot hold becomes `_xHHHH_`."""
    text = escape(text[:LONGEST_CELL].replace("_x", "_x005F_x"))
    return _NO_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def text_cell(place: int, line: int, text: str, style: int) -> str:
    """A cell with text, never a number, never a formula."""
    start = f'<c r="{column_letters(place)}{line}" s="{style}" t="inlineStr">'
    return f'{start}<is><t xml:space="preserve">{xml_text(text)}</t></is></c>'


def number_cell(place: int, line: int, number: int) -> str:
    """A cell with a number."""
    return f'<c r="{column_letters(place)}{line}" s="{NUMBER}"><v>{number}</v></c>'


def row_of(line: int, cells: Iterable[str], *, lines_of_text: int = 1) -> str:
    """A row of cells, as high as its text needs: Excel fits a row to wrapped text by itself, other programs do not."""
    height = f' ht="{LINE_POINTS * lines_of_text}" customHeight="1"' if lines_of_text > 1 else ""
    return f'<row r="{line}"{height}>{"".join(cells)}</row>'


def table_sheet(table: Table) -> Sheet:
    """A table as a sheet: its title, its headers, its rows."""
    header = [text_cell(n, 2, name, HEADER) for n, (name, _) in enumerate(table.headers)]
    lines = [row_of(1, [text_cell(0, 1, table.title, TITLE)]), row_of(2, header)]
    lines += [row_of(line, _table_cells(line, row)) for line, row in enumerate(table.rows, start=3)]
    last = f"{column_letters(len(table.headers) - 1)}{max(len(table.rows), 1) + 2}"
    widths = [width for _, width in table.headers]
    return Sheet(name=table.name, widths=widths, rows=lines, frozen="A3", filtered=f"A2:{last}")


def _table_cells(line: int, row: Sequence[str | int | None]) -> Iterator[str]:
    return (
        number_cell(place, line, cell) if isinstance(cell, int) else text_cell(place, line, cell, PROSE)
        for place, cell in enumerate(row)
        if cell is not None
    )


def write_workbook(to: Path | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Writes a workbook; only the first sheet may have notes."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as book:
        noted = bool(sheets[0].comments)
        _add(book, "[Content_Types].xml", _content_types(len(sheets), noted))
        _add(book, "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        _add(book, "xl/workbook.xml", _workbook(sheets))
        parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        _add(book, "xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        _add(book, "xl/styles.xml", _template("styles.xml"))
        for number, sheet in enumerate(sheets, start=1):
            _add_sheet(book, f"xl/worksheets/sheet{number}.xml", sheet)
        if noted:
            notes = [("vmlDrawing", "../drawings/vmlDrawing1.vml"), ("comments", "../comments1.xml")]
            _add(book, "xl/worksheets/_rels/sheet1.xml.rels", _relations(notes))
            _add(book, "xl/comments1.xml", _template("comments.xml").replace("{comments}", sheets[0].comments))
            _add(book, "xl/drawings/vmlDrawing1.vml", _template("notes.vml").replace("{shapes}", sheets[0].shapes))


def _add(book: zipfile.ZipFile, name: str, content: str) -> None:
    book.writestr(_part(name), content.encode())


def _part(name: str) -> zipfile.ZipInfo:
    # The day of every part is that of the format's beginning: bytes follow from the content alone.
    part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _add_sheet(book: zipfile.ZipFile, name: str, sheet: Sheet) -> None:
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" style="{sheet.style}" customWidth="1"'
        f"{_HIDDEN if number - 1 in sheet.hidden else ''}/>"
        for number, width in enumerate(sheet.widths, start=1)
    )
    pane = _pane(sheet.frozen)
    with book.open(_part(name), "w") as part:
        part.write(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheetViews>'
            f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'.encode()
        )
        for rows in sheet.rows:
            part.write(rows.encode())
        lock = _LOCK if sheet.locked else ""
        notes = '<legacyDrawing r:id="rId1"/>' if sheet.comments else ""
        part.write(
            f'</sheetData>{lock}<autoFilter ref="{sheet.filtered}"/>{_choices(sheet)}'
            '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            f'<ignoredErrors><ignoredError sqref="{sheet.filtered}" numberStoredAsText="1"/></ignoredErrors>'
            f"{notes}</worksheet>".encode()
        )


_HIDDEN = ' hidden="1"'

#: What a locked sheet still allows: to make columns wider, to filter.
_LOCK = '<sheetProtection sheet="1" formatColumns="0" formatRows="0" autoFilter="0"/>'


def _choices(sheet: Sheet) -> str:
    if sheet.choices is None:
        return ""
    cells, offered = sheet.choices
    return (
        '<dataValidations count="1"><dataValidation type="list" allowBlank="1" showErrorMessage="1"'
        f' sqref="{cells}"><formula1>"{escape(",".join(offered))}"</formula1></dataValidation></dataValidations>'
    )


@cache
def _pane(frozen: str) -> str:
    letters, line = re.fullmatch(r"([A-Z]+)([0-9]+)", frozen).groups()  # type: ignore[union-attr]
    left = next(place for place in range(702) if column_letters(place) == letters)
    active = "bottomRight" if left else "bottomLeft"
    across = f'xSplit="{left}" ' if left else ""
    return f'<pane {across}ySplit="{int(line) - 1}" topLeftCell="{frozen}" activePane="{active}" state="frozen"/>'


@cache
def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _content_types(sheets: int, noted: bool) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1)]
    if noted:
        parts.append(("/xl/comments1.xml", "comments"))
    named = "".join(f'<Override PartName="{name}" ContentType="{kind}.{what}+xml"/>' for name, what in parts)
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
        f"{named}</Types>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _fixed(cells: str) -> str:
    """`A1:C9` as `$A$1:$C$9`."""
    return re.sub("([A-Z]+)([0-9]+)", r"$\1$\2", cells)


def _workbook(sheets: Sequence[Sheet]) -> str:
    listed = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
        f"'{escape(sheet.name)}'!{_fixed(sheet.filtered)}</definedName>"
        for number, sheet in enumerate(sheets)
    )
    return (
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets><definedNames>{filters}</definedNames></workbook>"
    )
