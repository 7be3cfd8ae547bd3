"""How large a file, a row and a cell may be before it is refused or set aside."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read; over a bound of the file it is refused, over a bound of a row the row is set aside.

    Attributes:
        file_bytes: size of the file as it was sent.
        expanded_bytes: size after decompression.
        ratio: expanded size over sent size, looked at once `ratio_from` bytes have come out. Registers
            compress 5 to 20 times; a gzip bomb does so a thousand times.
        ratio_from: bytes that may come out of any archive before its ratio is judged.
        rows: data rows of one file.
        columns: columns of one file. A register has 37.
        record_bytes: one row; a longer one is unreadable.
        field_bytes: one cell; a row with a longer one is unreadable.
        kept_bytes: how much of an unreadable row is kept.
        block_bytes: how much text is worked on at once.
        workbook_bytes: all parts of a workbook together, unpacked.
        workbook_texts_bytes: the part of a workbook that holds its shared texts; it has to be kept in memory.
        workbook_parts: files inside a workbook.
        blank_rows: blank rows one after the other; in a workbook, between all of its rows.
    """

    file_bytes: int = 4 * GIB
    expanded_bytes: int = 8 * GIB
    ratio: int = 200
    ratio_from: int = 64 * MIB
    rows: int = 20_000_000
    columns: int = 400
    record_bytes: int = MIB
    field_bytes: int = 64 * KIB
    kept_bytes: int = MIB
    block_bytes: int = 4 * MIB
    workbook_bytes: int = 2 * GIB
    workbook_texts_bytes: int = 256 * MIB
    workbook_parts: int = 1000
    blank_rows: int = 10_000
