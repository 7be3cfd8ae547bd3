"""DuckDB as this register opens it."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from registry.fold import connect


def test_another_file_of_the_same_name_is_read_anew(tmp_path: Path) -> None:
    """With the inode, the size and the second of the one before, by which DuckDB knows again what it has read."""
    path = tmp_path / "read.parquet"
    told = []
    with connect() as local:
        for row in ({"a": "long" * 10, "b": "short"}, {"a": "short", "b": "long" * 10}):
            pq.write_table(pa.Table.from_pylist([row]), path, use_dictionary=False, write_statistics=False)
            os.utime(path, (1_625_000_000, 1_625_000_000))
            known = path.stat()
            told.append((known.st_ino, known.st_size, known.st_mtime))
            assert local.execute(f"FROM read_parquet('{path}')").to_arrow_table().to_pylist() == [row]
    assert told[0] == told[1]
