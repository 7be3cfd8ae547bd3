"""The rows of all files of a load, in two Parquet files."""

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from registry.formats.frames import Block
from registry.forms import UNREADABLE_SCHEMA
from registry.kinds import FileKind

#: Rows of one row group: small files are gathered, so that a thousand of them cost what one large one does.
_GROUP_ROWS = 131_072
_GROUP_BYTES = 64 * 1024 * 1024


class LoadWriter:
    """Writes blocks of files, one file after the other; the rows of a file that fails can be taken out again."""

    def __init__(self, rows: Path, unreadable: Path, kind: FileKind) -> None:
        """`rows` becomes a file of the kind's rows as read, `unreadable` one of UNREADABLE_SCHEMA."""
        self._tables = (_Table(rows, kind.read), _Table(unreadable, UNREADABLE_SCHEMA))

    def __enter__(self) -> Self:
        """Opens both files."""
        for table in self._tables:
            table.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Writes what is left and closes both files."""
        for table in self._tables:
            table.close(flush=kind is None)

    def write(self, file_no: int, block: Block) -> None:
        """Adds a block of a file."""
        self._tables[0].add(file_no, block.table)
        self._tables[1].add(file_no, block.unreadable)

    def drop(self, file_no: int) -> None:
        """Takes out everything of the file written last."""
        for table in self._tables:
            table.drop(file_no)


class _Table:
    """One Parquet file that is filled row group by row group."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._waiting: list[tuple[int, pa.Table]] = []
        self._rows, self._bytes = 0, 0
        self._written_of: set[int] = set()

    def open(self) -> None:
        self._writer = pq.ParquetWriter(self._path, self._schema, compression="lz4", use_dictionary=_few(self._schema))

    def close(self, *, flush: bool) -> None:
        if flush:
            self._flush()
        self._writer.close()

    def add(self, file_no: int, table: pa.Table) -> None:
        if not table.num_rows:
            return
        self._waiting.append((file_no, table))
        self._rows += table.num_rows
        self._bytes += table.get_total_buffer_size()
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def drop(self, file_no: int) -> None:
        """Rows not yet written are forgotten; for those that are, the file is written again without them."""
        self._waiting = [(number, table) for number, table in self._waiting if number != file_no]
        self._rows = sum(table.num_rows for _, table in self._waiting)
        self._bytes = sum(table.get_total_buffer_size() for _, table in self._waiting)
        if file_no in self._written_of:
            self._rewrite_without(file_no)

    def _flush(self) -> None:
        if not self._waiting:
            return
        tables = [_numbered(table, number, self._schema) for number, table in self._waiting]
        self._writer.write_table(pa.concat_tables(tables), row_group_size=self._rows)
        self._written_of.update(number for number, _ in self._waiting)
        self._waiting, self._rows, self._bytes = [], 0, 0

    def _rewrite_without(self, file_no: int) -> None:
        self._writer.close()
        before = self._path.with_suffix(".before")
        self._path.replace(before)
        self.open()
        with pq.ParquetFile(before) as file:
            for number in range(file.num_row_groups):
                group = file.read_row_group(number)
                group = group.filter(pc.not_equal(group["file_no"], file_no))
                if group.num_rows:
                    self._writer.write_table(group.cast(self._schema))
        before.unlink()
        self._written_of.discard(file_no)


def _few(schema: pa.Schema) -> list[str]:
    """Columns whose values repeat, and are worth a dictionary."""
    return [name for name in _FEW if name in schema.names]


_FEW = (
    "file_no", "form_edition", "declared_on", "verified_by", "birth_date", "sex", "blood_group", "marital_status",
    "ethnicity", "religion", "nationality", "birth_registration_place", "origin_place", "permanent_place",
    "temporary_place", "current_place", "relation_to_head", "household_no", "head_name", "head_id", "death_date",
    "movement", "occurred_on", "residence_kind", "from_place", "to_place", "field", "document_kind", "reason",
)  # fmt: skip


def _numbered(table: pa.Table, file_no: int, schema: pa.Schema) -> pa.Table:
    number = pa.repeat(pa.scalar(file_no, pa.int32()), table.num_rows)
    return pa.table([number, *table.columns], schema=schema)
