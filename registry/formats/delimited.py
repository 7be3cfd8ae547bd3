"""CSV: records found on the bytes, whole ones parsed by pyarrow, and the two held against each other."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from registry.formats import frames, lines, text
from registry.formats.frames import Block, Reading
from registry.formats.headers import Headers, Layout, known_count, layout_of
from registry.formats.limits import Limits
from registry.formats.reasons import FileHeldError, FileRefusedError, code_of, too_many_blanks
from registry.formats.scan import Records, scan

DELIMITERS = (b",", b";", b"\t", b"|")

_TEXT = pa.large_string()
_NO_VALUES = [""]
_PARSED_AT_ONCE = 4 * 1024 * 1024
_WORTH_THREADS = 1024 * 1024


class Delimited:
    """One CSV file being read; `blocks` gives its rows.

    Rows are found in the bytes that `text.as_rows` gives. Positions (`_offset`) are counted in the file's own.
    """

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
        self._pieces = lines.with_last(text.as_rows(pieces, encoding.name))
        self._encoding = encoding
        self._headers = headers
        self._limits = limits
        self._reading = reading
        self._delimiter = b","
        self._layout = Layout(0, {}, headers.kind)
        self._offset = encoding.bom
        self._row_no = 0
        self._no_text = 0
        self._blank: list[pa.Table] = []
        self._blanks = 0

    def blocks(self) -> Iterator[Block]:
        """The rows.

        Raises:
            FileRefusedError: no header, or not ours.
            FileHeldError: the encoding is not decided; with the number of rows.
        """
        buffer, final = self._read_header()
        while True:
            records = scan(
                buffer,
                delimiter=self._delimiter[0],
                width=self._layout.width,
                limits=self._limits,
                final=final,
            )
            if records.start.size:
                yield from self._block(buffer, records)
            self._offset += self._sent(buffer[: records.used])
            buffer = buffer[records.used :]
            if final:
                break
            if len(buffer) > self._limits.record_bytes:
                long_row, buffer, final = self._skip_long(buffer)
                yield from self._hold_back(long_row, rows=1, blanks=0)
            else:
                piece, final = next(self._pieces)
                buffer += piece
        self._finish()

    # --- header -------------------------------------------------------------------------------------------------

    def _read_header(self) -> tuple[bytes, bool]:
        """Reads as far as the header's end: the bytes behind it, and whether they are the file's last."""
        buffer, final = b"", False
        end: tuple[int, int] | None = None
        while end is None and not final and len(buffer) <= self._limits.record_bytes:
            piece, final = next(self._pieces, (b"", True))
            buffer += piece
            end = lines.record_end(buffer, final=final)
        if not buffer.strip():
            raise FileRefusedError("empty", "The file holds nothing but blank lines; the sender must send it again.")
        if end is None:
            raise FileRefusedError("header", "The first line has no end; the sender must put the header there.")
        try:
            self._delimiter, self._layout = self._understand(buffer[: end[0]])
        except FileRefusedError:
            if self._encoding.doubt is None and text.is_text(buffer[: end[0]], self._encoding.name):
                raise
            self._raise_undecided(buffer, final=final)
        self._reading.notes.extend(self._layout.notes)
        self._offset += self._sent(buffer[: end[1]])
        return buffer[end[1] :], final

    def _understand(self, line: bytes) -> tuple[bytes, Layout]:
        header = line.decode(text.row_codec(self._encoding.name), "replace")
        splits = {mark: lines.split_record(header, mark.decode()) or [] for mark in DELIMITERS}
        best = max(splits, key=lambda mark: known_count(splits[mark], self._headers))
        if line.count(best) >= self._limits.columns:
            splits[best] = splits[best] or header.split(best.decode())
        return best, layout_of(splits[best], self._headers, max_columns=self._limits.columns)

    def _raise_undecided(self, buffer: bytes, *, final: bool) -> None:
        """Holds a file whose header is in an encoding that we do not know; its lines are counted as rows."""
        count, last = buffer.count(b"\n"), buffer[-1:]
        while not final:
            piece, final = next(self._pieces)
            count, last = count + piece.count(b"\n"), piece[-1:]
        raise FileHeldError("encoding", self._encoding.undecided, rows=max(count - (last == b"\n"), 0))

    # --- rows ---------------------------------------------------------------------------------------------------

    def _block(self, buffer: bytes, records: Records) -> Iterator[Block]:
        count, blanks = records.start.size, self._check_blanks(records)
        self._mark_no_text(buffer, records)
        row_no = np.arange(self._row_no + 1, self._row_no + count + 1, dtype=np.int64)
        self._row_no += count
        table, broken = frames.no_rows(self._layout.kind), frames.none_broken()
        if not self._undecided():
            table = self._proved_rows(buffer, records, row_no)
            broken = self._broken(buffer, records, row_no)
        yield from self._hold_back(Block(table, broken), rows=count, blanks=blanks)

    def _check_blanks(self, records: Records) -> int:
        """How many blank records end the block; refuses a file in which too many stand together."""
        filled = np.flatnonzero(records.reason != code_of("blank_line"))
        gaps = np.diff(np.concatenate(([-1 - self._blanks], filled, [records.start.size]))) - 1
        if gaps.max() > self._limits.blank_rows:
            raise too_many_blanks(self._limits.blank_rows)
        return int(gaps[-1]) if filled.size else records.start.size

    def _mark_no_text(self, buffer: bytes, records: Records) -> None:
        """Gives records that are no text in the file's encoding their reason, unless they have one."""
        part = memoryview(buffer)[: records.used]
        if text.is_text(part, self._encoding.name):
            return
        at = np.searchsorted(records.start, text.no_text_at(bytes(part), self._encoding.name), side="right") - 1
        at = np.unique(at)
        self._no_text += at.size
        records.reason[at[records.reason[at] == 0]] = code_of("utf-8")

    def _undecided(self) -> bool:
        return self._encoding.doubt is not None or text.undecided(self._no_text, self._row_no)

    def _proved_rows(self, buffer: bytes, records: Records, row_no: npt.NDArray[np.int64]) -> pa.Table:
        """The whole records as a table; those that two readers see differently get the reason `unproved`."""
        kept = np.flatnonzero(records.reason == 0)
        if not kept.size:
            return frames.no_rows(self._layout.kind)
        sent = lines.gathered(buffer, start=records.start, end=records.end, kept=kept)
        whole = text.to_utf8(sent, self._encoding.name)
        parsed = self._parse(whole, multiline=records.multiline)
        agreed = parsed.num_rows == kept.size and parsed.num_columns == self._layout.width
        cell_bytes = int(records.cells[kept].sum()) + len(whole) - len(sent)  # what is not in cells is ASCII
        if agreed and sum(map(frames.text_bytes, parsed.columns)) == cell_bytes:
            return frames.rows_table(row_no[kept], self._named(parsed.columns), self._layout.kind)
        return self._slow_rows(buffer, records, kept, row_no)

    def _named(self, columns: list[pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
        return {column: columns[place] for column, place in self._layout.places.items()}

    def _parse(self, whole: bytes | memoryview, *, multiline: bool) -> pa.Table:
        names = [str(i) for i in range(self._layout.width)]
        return pa_csv.read_csv(
            pa.BufferReader(whole),
            read_options=pa_csv.ReadOptions(
                column_names=names,
                block_size=max(_PARSED_AT_ONCE, 2 * self._limits.record_bytes),
                use_threads=len(whole) > _WORTH_THREADS,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._delimiter.decode(),
                newlines_in_values=multiline,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, _TEXT),
                null_values=_NO_VALUES,
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _slow_rows(
        self, buffer: bytes, records: Records, kept: npt.NDArray[np.int64], row_no: npt.NDArray[np.int64]
    ) -> pa.Table:
        """Row by row, for a block on which the two readers do not agree."""
        rows: list[list[str | None]] = []
        proved = []
        for record in kept.tolist():
            line = buffer[records.start[record] : records.end[record]].decode(text.row_codec(self._encoding.name))
            cells = lines.split_record(line, self._delimiter.decode())
            if cells is None or len(cells) != self._layout.width:
                records.reason[record] = code_of("unproved")
                continue
            proved.append(record)
            rows.append([cell or None for cell in cells])
        columns = [pa.chunked_array([pa.array(column, _TEXT)]) for column in zip(*rows, strict=True)]
        kind = self._layout.kind
        return frames.rows_table(row_no[proved], self._named(columns), kind) if rows else frames.no_rows(kind)

    def _broken(self, buffer: bytes, records: Records, row_no: npt.NDArray[np.int64]) -> pa.Table:
        bad = np.flatnonzero(records.reason)
        if not bad.size:
            return frames.none_broken()
        start, size = records.start[bad], (records.end - records.start)[bad]
        shown = np.minimum(size, self._limits.kept_bytes)
        kept = [buffer[a : a + n] for a, n in zip(start.tolist(), shown.tolist(), strict=True)]
        offset = self._offset + start
        if self._encoding.name != "utf-8":
            cuts = [0, *start.tolist()]
            gaps = [self._sent(buffer[a:b]) for a, b in pairwise(cuts)]
            offset = self._offset + np.cumsum(gaps)
            kept = [text.as_sent(line, self._encoding.name) for line in kept]
        return frames.broken_table(
            row_no[bad],
            records.reason[bad],
            offset=offset,
            detail=self._details(records, bad, size),
            kept=kept,
        )

    def _details(self, records: Records, bad: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> list[str | None]:
        """How many cells a row has when the number is wrong; its size when not all of it is kept."""
        details: list[str | None] = []
        counted = (code_of("too_few_fields"), code_of("too_many_fields"))
        for reason, fields, length in zip(
            records.reason[bad].tolist(), records.fields[bad].tolist(), size.tolist(), strict=True
        ):
            parts = [f"fields={fields} expected={self._layout.width}"] if reason in counted else []
            parts += [f"bytes={length}"] if length > self._limits.kept_bytes else []
            details.append(" ".join(parts) or None)
        return details

    def _skip_long(self, head: bytes) -> tuple[Block, bytes, bool]:
        """Passes over a row too long to be kept: what is kept, the bytes behind it, and whether they are the last."""
        size, sent, rest, final = len(head), self._sent(head), b"", False
        end: tuple[int, int] | None = None
        while end is None:
            piece, final = next(self._pieces)
            rest += piece
            end = lines.line_end(rest, final=final)
            if end is None:
                gone = len(rest) - rest.endswith(b"\r")
                size, sent, rest = size + gone, sent + self._sent(rest[:gone]), rest[gone:]
        self._row_no += 1
        broken = frames.broken_table(
            np.array([self._row_no]),
            np.array([code_of("row_too_long")], np.uint8),
            offset=[self._offset],
            detail=[f"bytes={size + end[0]}"],
            kept=[text.as_sent(head[: self._limits.kept_bytes], self._encoding.name)],
        )
        self._offset += sent + self._sent(rest[: end[1]])
        return Block(frames.no_rows(self._layout.kind), broken), rest[end[1] :], final

    def _sent(self, part: bytes) -> int:
        """How many bytes of the file a part of its UTF-8 is."""
        return len(text.as_sent(part, self._encoding.name))

    # --- end ----------------------------------------------------------------------------------------------------

    def _hold_back(self, block: Block, *, rows: int, blanks: int) -> Iterator[Block]:
        """Hands on a block of `rows` rows; its last `blanks` ones are kept back until a filled row comes."""
        if blanks < rows:
            block = Block(block.table, pa.concat_tables([*self._blank, block.unreadable]))
            self._blank, self._blanks = [], 0
        if blanks:
            keep = max(block.unreadable.num_rows - blanks, 0)
            self._blank.append(block.unreadable.slice(keep))
            self._blanks += blanks
            block = Block(block.table, block.unreadable.slice(0, keep))
        yield block

    def _finish(self) -> None:
        if self._blanks:
            self._reading.notes.append(f"trailing_blank_lines: {self._blanks}")
        if self._undecided():
            raise FileHeldError("encoding", self._encoding.undecided, rows=self._row_no - self._blanks)
