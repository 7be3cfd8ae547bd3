"""What the archive says of a load: its rows with what should have become of them, and the forms that were accepted."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from registry.accepted import accept_forms
from registry.database import load_sql
from registry.fold import connect
from registry.forms import POSITION

#: What a load leaves in the archive; one of forms also its evidence.
PARTS: tuple[str, ...] = ("standard.parquet", "findings.parquet", "unreadable.parquet")
EVIDENCE = "evidence.arrow"

#: A row as the archive has it. `kind`: unreadable, held, quarantined or accepted; `is_first`: the first
#: row of an accepted form of the load.
ROW_SCHEMA = pa.schema(
    [
        ("load_no", pa.int64()),
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("form_id", pa.large_string()),
        ("form_no", pa.large_string()),
        ("rules", pa.large_string()),
        ("kind", pa.large_string()),
        ("returned_file", pa.int64()),
        ("returned_row", pa.int64()),
        ("is_first", pa.bool_()),
    ]
)

_RETURNED = ("returned_file", "returned_row")


def write_rows(parts: dict[str, Path], to: Path, *, load_no: int, held: list[int]) -> None:
    """Writes the load's rows, `ROW_SCHEMA`.

    Args:
        parts: name of `PARTS` → local file.
        to: Parquet file.
        load_no: of the load.
        held: `file_no` of its files that the ledger holds.
    """
    with connect(memory="1GB", spill=str(to.parent)) as local:
        accept_forms(local, standard=parts["standard.parquet"], findings=parts["findings.parquet"], held=held)
        local.execute(
            f"""
            COPY (
                SELECT {load_no}::BIGINT AS load_no, r.file_no, r.row_no, r.form_id, r.form_no, r.rules,
                       coalesce(r.outcome, 'accepted') AS kind, r.returned_file, r.returned_row,
                       f.form_id IS NOT NULL AS is_first
                  FROM row AS r LEFT JOIN form AS f USING (file_no, row_no)
                 UNION ALL
                SELECT {load_no}, file_no, row_no, NULL, NULL, reason,
                       CASE reason WHEN 'encoding' THEN 'held' ELSE 'unreadable' END, NULL, NULL, false
                  FROM read_parquet('{parts["unreadable.parquet"]}')
            ) TO '{to}' (COMPRESSION lz4)
            """
        )


def write_no_rows(to: Path) -> None:
    """The rows of no load, so that a store without loads can be proved like any other."""
    pq.write_table(ROW_SCHEMA.empty_table(), to)


def differing_files(local: duckdb.DuckDBPyConnection, *, read: Path, parts: dict[str, Path]) -> dict[int, int]:
    """Files of a load whose bytes, read again, do not give the rows in the archive: `file_no` → rows that differ.

    Args:
        local: any DuckDB connection.
        read: folder with `read.parquet` and `unreadable.parquet` as they come out of the archived bytes now.
        parts: the load's parts as they were archived.
    """
    names = pq.read_schema(read / "read.parquet").names
    cells = [name for name in names if name not in (*POSITION, *_RETURNED)]
    sent, kept = (", ".join([*(f"{cell}{suffix}" for cell in cells), *_RETURNED]) for suffix in ("", "_raw"))
    query = load_sql("verify", "differing_files").format(
        sent=sent, kept=kept, read=read / "read.parquet", broken=read / "unreadable.parquet",
        standard=parts["standard.parquet"], unreadable=parts["unreadable.parquet"],
    )  # fmt: skip
    return dict(local.execute(query).fetchall())


def show_archive(local: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Shows the files `rows-*.parquet` under `folder` as the schema `archive`.

    - `archive.row`: `ROW_SCHEMA` with file_id and whether it is of a dossier, of the files that the ledger knows;
    - `archive.form`: the accepted forms, each with its first row in the order of the loads;
    - `archive.member`: the forms with `own_id` as judged and `person_id` of today, and the night of their load;
    - `archive.allocated`: the numbers that the register gave, likewise.
    """
    local.execute("CREATE SCHEMA archive")
    local.execute(
        f"CREATE VIEW archive.row AS SELECT f.file_id, f.kind = 'dossiers' AS of_dossier, r.*"
        f" FROM read_parquet('{folder}/rows-*.parquet') AS r"
        " JOIN store.file AS f USING (load_no, file_no)"
    )
    for name in ("form", "member", "allocated"):
        local.execute(f"COPY ({load_sql('verify', f'create_{name}')}) TO '{folder}/{name}.parquet' (COMPRESSION lz4)")
        local.execute(f"CREATE VIEW archive.{name} AS FROM read_parquet('{folder}/{name}.parquet')")
