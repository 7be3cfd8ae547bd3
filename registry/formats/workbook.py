"""From a sheet's rows to blocks: the header, blank rows, cells beside the table."""

from collections.abc import Iterator
from dataclasses import replace

from registry.formats.cells import RowGatherer, as_line
from registry.formats.frames import Block, Reading
from registry.formats.headers import Headers, Layout, layout_of
from registry.formats.limits import Limits
from registry.formats.reasons import FileRefusedError, too_many_blanks
from registry.formats.xlsx import SheetRow


def workbook_blocks(rows: Iterator[SheetRow], *, headers: Headers, limits: Limits, reading: Reading) -> Iterator[Block]:
    """The rows below the header, which is the first row with cells.

    A row's number counts from the header, blank rows too; those between rows are unreadable, as in text files.

    Raises:
        FileRefusedError: no rows, no header, or too many blank rows.
    """
    header = next(rows, None)
    if header is None:
        raise FileRefusedError("empty", "The first sheet is empty; the sender must put the table there.")
    layout = _layout(header, headers, limits)
    reading.notes.extend(layout.notes)
    gathered, at, blanks = RowGatherer(layout, limits), 0, 0
    for row in rows:
        row_no = row.number - header.number
        blanks += row_no - at - 1
        if blanks > limits.blank_rows:
            raise too_many_blanks(limits.blank_rows)
        for number in range(at + 1, row_no):
            gathered.add_broken(number, "blank_line", b"")
        at = row_no
        _add(gathered, row_no, row, layout.width)
        if gathered.full:
            yield gathered.take()
    yield gathered.take()


def _layout(header: SheetRow, headers: Headers, limits: Limits) -> Layout:
    if header.fault is not None:
        raise FileRefusedError("header", "A header's cell is a formula or an error; the sender must type the header.")
    width = max(header.cells) + 1
    if width > limits.columns:
        return layout_of([""] * width, headers, max_columns=limits.columns)
    labels = [header.cells.get(i, "") for i in range(width)]
    layout = layout_of([label for label in labels if label], headers, max_columns=limits.columns)
    filled = [i for i, label in enumerate(labels) if label]
    return replace(layout, width=width, places={name: filled[i] for name, i in layout.places.items()})


def _add(gathered: RowGatherer, row_no: int, row: SheetRow, width: int) -> None:
    last = max(row.cells)
    if row.fault is None and last < width:
        gathered.add(row_no, [row.cells.get(i) for i in range(width)])
        return
    kept = as_line(row.cells.get(i) for i in range(min(last + 1, width + 1)))
    gathered.add_broken(row_no, row.fault or "too_many_fields", kept)
