"""Extracts of the store for other programs: links as CSV, golden records as Parquet. Whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from registry.bulk import stream_out
from registry.database import load_sql, reading
from registry.errors import UsageError
from registry.persons import VALUES

if TYPE_CHECKING:
    import psycopg

#: For sorting; PostgreSQL spills above it.
_WORK_MEM = "SET LOCAL work_mem = '256MB'"

#: A golden record: ids as text, days of places as dates, everything else as it stands in the store.
GOLDEN_SCHEMA = pa.schema(
    [
        ("person_id", pa.large_string()),
        ("in_review", pa.bool_()),
        *((column, pa.date32() if column.endswith("_from") else pa.large_string()) for column in VALUES),
    ]
)


def write_links(engine: Engine, out: Path) -> int:
    """Writes one CSV line for each row of a taken or held file, by sender, file and row; how many.

    Columns: sender, file, row_no, form_no, outcome, person_id (of today; empty where no person has the row), weight
    (empty: exact rules have none), rules (`;` between).

    Raises:
        UsageError: `out` can not be written.
    """
    statement = f"COPY ({load_sql('links', 'rows')}) TO STDOUT (FORMAT csv, HEADER)"
    with whole_file(out) as file, reading(engine) as store:
        store.execute(text(_WORK_MEM))
        driver = cast("psycopg.Connection", store.connection.driver_connection)
        with driver.cursor() as cursor:
            with cursor.copy(statement.encode()) as lines:
                for block in lines:
                    file.write(block)
            return cursor.rowcount


def write_persons(engine: Engine, out: Path) -> int:
    """Writes the golden records, `GOLDEN_SCHEMA`, by person id; how many.

    Raises:
        UsageError: `out` can not be written.
    """
    count = 0
    query = f"SELECT {', '.join(GOLDEN_SCHEMA.names)} FROM person ORDER BY person_id"
    with (
        whole_file(out) as file,
        reading(engine) as store,
        pq.ParquetWriter(file, GOLDEN_SCHEMA, compression="zstd") as writer,
    ):
        store.execute(text(_WORK_MEM))
        for batch in stream_out(store, query, GOLDEN_SCHEMA):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when it is written to the end; for its owner alone, it holds persons.

    Raises:
        UsageError: `out` can not be written.
    """
    half = out.with_name(f".{out.name}.part")
    try:
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}): name a file in a folder of yours") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
