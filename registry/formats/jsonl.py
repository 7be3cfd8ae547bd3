"""JSON Lines: one object a line, its keys the header."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from registry.formats import text
from registry.formats.cells import RowGatherer
from registry.formats.frames import Block, Reading
from registry.formats.headers import OWN_PREFIX, RETURN_COLUMNS, Headers, Layout, check_columns, plain
from registry.formats.limits import Limits
from registry.formats.reasons import FileHeldError, FileRefusedError, too_many_blanks

_IGNORED = -1


class _BadRowError(Exception):
    """A line that is no row, with the reason."""


class JsonLines:
    """One JSON Lines file being read; `blocks` gives its rows."""

    def __init__(
        self,
        pieces: Iterator[bytes],
        *,
        encoding: text.Encoding,
        headers: Headers,
        limits: Limits,
        reading: Reading,
    ) -> None:
        """`pieces`: the file's bytes, decompressed, without the byte order mark."""
        self._pieces = pieces
        self._encoding = encoding
        self._codec = text.row_codec(encoding.name)
        self._headers = headers
        self._limits = limits
        self._reading = reading
        cells = (*headers.kind.columns, *RETURN_COLUMNS.values())
        self._layout = Layout(len(cells), {column: i for i, column in enumerate(cells)}, headers.kind)
        self._place_of: dict[str, int] = {}
        self._seen: Counter[str] = Counter()
        self._objects = 0
        self._no_text = 0
        self._decode = json.JSONDecoder(
            object_pairs_hook=list, parse_int=str, parse_float=_number, parse_constant=_no_number
        ).decode

    def blocks(self) -> Iterator[Block]:
        """The rows.

        Raises:
            FileRefusedError: no line is an object, or no line has a needed column.
            FileHeldError: the encoding is not decided; with the number of rows.
        """
        gathered = RowGatherer(self._layout, self._limits)
        row_no, blanks = 0, []
        for offset, line, size in self._lines():
            row_no += 1
            if not line.strip():
                blanks.append((row_no, line, offset))
                if len(blanks) > self._limits.blank_rows:
                    raise too_many_blanks(self._limits.blank_rows)
                continue
            for number, blank, at in blanks:
                gathered.add_broken(number, "blank_line", blank, offset=at)
            blanks = []
            self._add(gathered, row_no, line, offset=offset, size=size)
            if gathered.full:
                yield gathered.take()
        self._finish(row_no - len(blanks))
        if blanks:
            self._reading.notes.append(f"trailing_blank_lines: {len(blanks)}")
        yield gathered.take()

    def _add(self, gathered: RowGatherer, row_no: int, line: bytes, *, offset: int, size: int) -> None:
        try:
            gathered.add(row_no, self._cells(line, size))
        except _BadRowError as bad:
            kept = text.as_sent(line, self._encoding.name)
            gathered.add_broken(row_no, str(bad), kept, offset=offset, size=size)

    def _cells(self, line: bytes, size: int) -> list[str | None]:
        """The cells of a line, in the order of the layout."""
        if size > self._limits.record_bytes:
            raise _BadRowError("row_too_long")
        cells: list[str | None] = [None] * self._layout.width
        given = set()
        for key, value in self._pairs(line):
            if key in given:
                raise _BadRowError("duplicate_key")
            given.add(key)
            place = self._place_of.get(key)
            if place is None:
                place = self._new_key(key)
            if place == _IGNORED:
                continue
            if cells[place] is not None:
                raise _BadRowError("duplicate_key")
            cells[place] = _cell(value)
        return cells

    def _pairs(self, line: bytes) -> list[tuple[str, Any]]:
        try:
            found = self._decode(line.decode(self._codec))
        except UnicodeDecodeError:
            self._no_text += 1
            raise _BadRowError("utf-8") from None
        except (ValueError, RecursionError):
            raise _BadRowError("nul_byte" if b"\0" in line else "not_json") from None
        if not isinstance(found, list) or not line.lstrip().startswith(b"{"):
            raise _BadRowError("not_an_object")
        self._objects += 1
        return found

    def _new_key(self, key: str) -> int:
        if len(self._place_of) >= self._limits.columns:
            raise FileRefusedError(
                "too_many_columns",
                f"The file's lines have more than {self._limits.columns} keys; the sender must send the table alone.",
            )
        column = self._headers.columns.get(plain(key))
        if column is not None:
            self._seen[column] += 1
        place = _IGNORED if column is None else self._layout.places[RETURN_COLUMNS.get(column, column)]
        self._place_of[key] = place
        return place

    def _finish(self, rows: int) -> None:
        if self._encoding.doubt is not None or text.undecided(self._no_text, rows):
            raise FileHeldError("encoding", self._encoding.undecided, rows=rows)
        if not rows:
            raise FileRefusedError("empty", "The file holds nothing but blank lines; the sender must send it again.")
        if not self._objects:
            raise FileRefusedError(
                "not_a_table", "No line of the file is a JSON object; the sender must send one object a line."
            )
        check_columns(dict.fromkeys(self._seen, 1), self._headers.kind)
        unknown = sum(
            place == _IGNORED and not f"{plain(key)} ".startswith(OWN_PREFIX) for key, place in self._place_of.items()
        )
        if unknown:
            self._reading.notes.append(f"unknown_columns: {unknown}")

    def _lines(self) -> Iterator[tuple[int, bytes, int]]:
        """Offset, bytes and full length of each line; of a line that is too long, only the beginning."""
        codec, room = self._encoding.name, self._limits.record_bytes + 1
        offset, line, size, sent, last = self._encoding.bom, b"", 0, 0, b""
        for piece in text.as_rows(self._pieces, codec):
            for number, part in enumerate(piece.split(b"\n")):
                if number:
                    size -= last == b"\r"
                    yield offset, line[:size], size
                    offset += sent + len(text.as_sent(b"\n", codec))
                    line, size, sent, last = b"", 0, 0, b""
                line += part[: room - len(line)]
                size, sent, last = size + len(part), sent + len(text.as_sent(part, codec)), part[-1:] or last
        if size:
            yield offset, line[:size], size


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        if isinstance(value, str) and not _is_text(value):
            raise _BadRowError("utf-8")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise _BadRowError("nested_value")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(literal: str) -> str:
    """A number as text; a whole one without its `.0`."""
    return literal.removesuffix(".0")


def _no_number(_: str) -> str:
    raise _BadRowError("not_json")
