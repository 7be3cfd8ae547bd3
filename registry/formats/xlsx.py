"""Workbooks: the first sheet, row by row, read from the XML itself.

A cell with a formula counts as what Excel last computed for it; without such a result the row is unreadable. Days
become `yyyy-mm-dd`, or what their format shows when it shows no day. Numbers lose `.0`; zeros that Excel took off
the front of a number cannot be had back.
"""

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from registry.formats.limits import Limits
from registry.formats.reasons import FileRefusedError

_CHUNK = 1 << 18
#: Number formats of the standard that show a day; the others that it names show none.
_BUILT_IN_DAYS: dict[int, str] = dict.fromkeys((14, 15, 16, 22, *range(27, 37), *range(50, 59)), "d m y") | {17: "m y"}
_NOT_PATTERN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_EPOCH, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001 - days have no zone
_LAST_DAY = 2_958_465
#: Excel counts a 29 February 1900 that never was; days before it are one off.
_LEAP_SLIP = 61


@dataclass(slots=True)
class SheetRow:
    """A row of a sheet: `number` from 1, its cells by column index, and what is wrong with it, if something is."""

    number: int
    cells: dict[int, str]
    fault: str | None = None


@dataclass(slots=True)
class _Book:
    """What cells refer to: shared texts, formats of cells, the first day."""

    texts: list[str] = field(default_factory=list)
    formats: list[str | None] = field(default_factory=list)
    epoch: dt.datetime = _EPOCH
    sheet: str = ""


def sheet_rows(path: Path, limits: Limits) -> Iterator[SheetRow]:
    """The rows of the first sheet that have cells, in order.

    Raises:
        FileRefusedError: not a workbook, broken, hostile or over a limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, path.stat().st_size, limits)
            book = _open_book(archive, limits)
            parser = _SheetParser(book, limits)
            for _ in _feed(archive, book.sheet, parser.parser):
                yield from parser.taken()
            yield from parser.taken()
    except (
        zipfile.BadZipFile,
        expat.ExpatError,
        KeyError,
        ValueError,
        IndexError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ):
        # RuntimeError and NotImplementedError are how zipfile says: encrypted, packed in a way it does not know
        raise FileRefusedError(
            "broken_workbook",
            "The workbook is damaged, encrypted or no .xlsx; the sender must save it again as .xlsx.",
        ) from None


def _check_archive(archive: zipfile.ZipFile, size: int, limits: Limits) -> None:
    parts = archive.infolist()
    expanded = sum(part.file_size for part in parts)
    bomb = expanded > limits.ratio_from and expanded > size * limits.ratio
    if len(parts) > limits.workbook_parts or expanded > limits.workbook_bytes or bomb:
        raise FileRefusedError(
            "archive_too_large",
            f"The workbook has {len(parts)} parts of {expanded} bytes in all: over the limit; "
            "the sender must split it or send CSV.",
        )


def _feed(archive: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Parses a part piece by piece; stops at a document type, which no workbook has and attacks need."""
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(name) as part:
        while piece := part.read(_CHUNK):
            parser.Parse(piece, False)
            yield
    parser.Parse(b"", True)


def _refuse_doctype(*_: Any) -> None:
    raise ValueError("document type")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _elements(archive: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    """Names and attributes of all elements of a small part."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attrs: found.append(
        (_local(tag), {_local(key): value for key, value in attrs.items()})
    )
    for _ in _feed(archive, name, parser):
        pass
    return found


def _open_book(archive: zipfile.ZipFile, limits: Limits) -> _Book:
    root = _relations(archive, "")
    main = next(target for kind, target in root.values() if kind.endswith("/officeDocument"))
    relations = _relations(archive, main)
    book, first = _Book(), None
    for tag, attrs in _elements(archive, main):
        if tag == "sheet" and first is None:
            first = attrs["id"]
        if tag == "workbookPr" and attrs.get("date1904") in ("1", "true"):
            book.epoch = _EPOCH_1904
    if first is None:
        raise ValueError("no sheet")
    book.sheet = relations[first][1]
    for kind, target in relations.values():
        if kind.endswith("/styles"):
            book.formats = _day_formats(_elements(archive, target))
        if kind.endswith("/sharedStrings"):
            _check_texts(archive.getinfo(target).file_size, limits)
            book.texts = _shared_texts(archive, target)
    return book


def _check_texts(size: int, limits: Limits) -> None:
    if size > limits.workbook_texts_bytes:
        raise FileRefusedError(
            "archive_too_large",
            f"The workbook's texts take {size} bytes: over the limit; the sender must split it or send CSV.",
        )


def _relations(archive: zipfile.ZipFile, owner: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id → (type, part)."""
    folder, name = posixpath.split(owner)
    relations = {}
    for tag, attrs in _elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if tag == "Relationship" and attrs.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attrs["Target"])).lstrip("/")
            relations[attrs["Id"]] = (attrs["Type"], target)
    return relations


def _day_formats(elements: list[tuple[str, dict[str, str]]]) -> list[str | None]:
    """For each cell format: which parts of a day it shows (`d m y`), or `None`."""
    custom = {
        int(attrs["numFmtId"]): _day_parts(attrs.get("formatCode", ""))
        for tag, attrs in elements
        if tag == "numFmt" and "numFmtId" in attrs
    }
    formats: list[str | None] = []
    inside = False
    for tag, attrs in elements:
        if tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        if inside and tag == "xf":
            number = int(attrs.get("numFmtId", "0"))
            formats.append(custom.get(number, _BUILT_IN_DAYS.get(number)))
    return formats


def _day_parts(code: str) -> str | None:
    pattern = _NOT_PATTERN.sub("", code.split(";", maxsplit=1)[0]).lower()
    shown = [part for part in "dmy" if part in pattern]
    return " ".join(shown) if "y" in shown or "d" in shown else None


def _shared_texts(archive: zipfile.ZipFile, name: str) -> list[str]:
    texts: list[str] = []
    parser = _TextParser(texts)
    for _ in _feed(archive, name, parser.parser):
        pass
    return texts


class _TextParser:
    """Collects the texts of `<si>` elements, without the readings that East Asian texts carry along."""

    def __init__(self, texts: list[str]) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self._texts = texts
        self._parts: list[str] = []
        self._reading, self._inside = False, False

    def _start(self, tag: str, _: dict[str, str]) -> None:
        local = _local(tag)
        if local == "si":
            self._parts = []
        elif local == "rPh":
            self._reading = True
        elif local == "t":
            self._inside = not self._reading

    def _end(self, tag: str) -> None:
        local = _local(tag)
        if local == "si":
            self._texts.append(_unescaped("".join(self._parts)))
        elif local == "rPh":
            self._reading = False
        elif local == "t":
            self._inside = False

    def _data(self, data: str) -> None:
        if self._inside:
            self._parts.append(data)


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold stand as `_x000D_` in workbooks."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class _SheetParser:
    """Turns the XML of a sheet into rows."""

    def __init__(self, book: _Book, limits: Limits) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._book, self._limits = book, limits
        self._rows: list[SheetRow] = []
        self._row = SheetRow(0, {})
        self._column = -1
        self._cell: dict[str, str] = {}
        self._parts: list[str] = []
        self._formula = self._valued = self._reading = False

    def taken(self) -> list[SheetRow]:
        """Rows that have come since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        local = _local(tag)
        if local == "c":
            self._open_cell(attrs)
        elif local == "v" or (local == "t" and not self._reading):
            self._valued = True
            self.parser.CharacterDataHandler = self._parts.append
        elif local == "f":
            self._formula = True
        elif local == "rPh":
            self._reading = True
        elif local == "row":
            number = int(attrs.get("r", self._row.number + 1))
            if number <= self._row.number:
                raise ValueError("rows out of order")
            self._row, self._column = SheetRow(number, {}), -1

    def _open_cell(self, attrs: dict[str, str]) -> None:
        self._cell, self._parts = attrs, []
        self._formula = self._valued = False
        self._column += 1
        if "r" in attrs:
            self._column = _column_of(attrs["r"], self._row.number)

    def _end(self, tag: str) -> None:
        local = _local(tag)
        if local in ("v", "t"):
            self.parser.CharacterDataHandler = None
        elif local == "c":
            self._close_cell()
        elif local == "rPh":
            self._reading = False
        elif local == "row" and (self._row.cells or self._row.fault):
            self._rows.append(self._row)

    def _close_cell(self) -> None:
        raw = "".join(self._parts)
        kind = self._cell.get("t", "n")
        if self._formula and not (self._valued and (raw or kind == "str")):
            self._row.fault, value = "formula", ""
        elif kind == "e":
            self._row.fault, value = "cell_error", raw
        else:
            value = self._value(kind, raw)
        if self._column in self._row.cells:
            raise ValueError("two cells in one place")
        if value or self._row.fault:
            self._row.cells[self._column] = value

    def _value(self, kind: str, raw: str) -> str:
        if kind == "s":
            number = int(raw)
            if number < 0:
                raise ValueError("text number")
            return self._book.texts[number]
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
        if kind == "d":
            return raw.removesuffix("T00:00:00")
        if kind in ("inlineStr", "str"):
            return _unescaped(raw)
        return self._number(raw.strip())

    def _number(self, raw: str) -> str:
        style = int(self._cell.get("s", "0"))
        shown = self._book.formats[style] if style < len(self._book.formats) else None
        if not raw or (shown is None and raw.isdigit()):
            return raw
        number = float(raw)
        if shown is not None and 0 < number <= _LAST_DAY:
            return _day(number, self._book.epoch, shown)
        return str(int(number)) if number.is_integer() and abs(number) < 1e16 else raw  # noqa: PLR2004 - exact


def _column_of(reference: str, row: int) -> int:
    found = _REFERENCE.fullmatch(reference)
    if found is None or int(found[2]) != row:
        raise ValueError("cell out of place")
    index = 0
    for letter in found[1]:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _day(number: float, epoch: dt.datetime, shown: str) -> str:
    """A day count as text, in the precision that its format shows."""
    if epoch == _EPOCH and number < _LEAP_SLIP:
        number += 1
    moment = epoch + dt.timedelta(days=number)
    if "d" not in shown:
        return moment.strftime("%m/%Y") if "m" in shown else moment.strftime("%Y")
    moment = (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.date().isoformat() if number == int(number) else moment.isoformat(" ")
