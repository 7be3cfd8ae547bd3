"""The store as it is at one moment, in Parquet files: a night that goes on meanwhile does not disturb the proof."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from registry.bulk import stream_out
from registry.persons import PERSON_COLUMNS
from registry.resolution import KEYS

_TEXT, _WHOLE, _REAL, _DAY, _FLAG = pa.large_string(), pa.int64(), pa.float64(), pa.date32(), pa.bool_()


def _seconds(column: str) -> str:
    return f"extract(epoch FROM {column})::float8"


def _form(column: str = "form_id") -> str:
    return f"replace({column}::text, '-', '')"


def _person_type(column: str) -> pa.DataType:
    if column.endswith("_stamp"):
        return _WHOLE
    return _DAY if column.endswith("_from") else _TEXT


#: Table → its columns: name, type, and the expression where that is more than the name.
TABLES: dict[str, tuple[tuple[str, pa.DataType, str], ...]] = {
    "night_run": (
        ("run_id", _WHOLE, ""),
        ("business_date", _DAY, ""),
        ("started_at", _REAL, _seconds("started_at")),
        ("ended_at", _REAL, _seconds("ended_at")),
        ("file_states", _TEXT, "(summary -> 'file_states')::text"),
    ),
    "load": (
        ("load_no", _WHOLE, ""),
        ("load_id", _TEXT, ""),
        ("business_date", _DAY, ""),
        ("merged_at", _REAL, _seconds("merged_at")),
    ),
    "file": (
        ("file_id", _WHOLE, ""),
        ("sender", _TEXT, ""),
        ("name", _TEXT, ""),
        ("sha256", _TEXT, ""),
        ("encoding", _TEXT, "sidecar ->> 'encoding'"),
        ("state", _TEXT, "state::text"),
        ("business_date", _DAY, ""),
        ("load_no", _WHOLE, ""),
        ("file_no", _WHOLE, ""),
        ("rows", _WHOLE, ""),
        ("received_at", _REAL, _seconds("received_at")),
        ("ended_at", _REAL, _seconds("ended_at")),
        ("left_landing", _FLAG, ""),
    ),
    "received_row": (
        ("file_id", _WHOLE, ""),
        ("row_no", _WHOLE, ""),
        ("outcome", _TEXT, "outcome::text"),
        ("form_id", _TEXT, _form()),
        ("form_no", _TEXT, ""),
        ("rules", _TEXT, ""),
    ),
    "correction": tuple((column, _WHOLE, "") for column in ("file_id", "row_no", "by_file_id", "by_row_no")),
    "judgement": (
        ("form_id", _TEXT, _form()),
        ("person_id", _TEXT, ""),
        *((key, _WHOLE, "") for key in KEYS),
        ("file_id", _WHOLE, ""),
        ("row_no", _WHOLE, ""),
        ("load_no", _WHOLE, ""),
        ("rule", _TEXT, ""),
    ),
    "person_alias": (("old_id", _TEXT, ""), ("person_id", _TEXT, ""), ("load_no", _WHOLE, "")),
    "person": (
        ("in_review", _FLAG, ""),
        *((column, _person_type(column), "") for column in PERSON_COLUMNS),
    ),
    "card_batch": (
        ("sequence", _WHOLE, ""),
        ("business_date", _DAY, ""),
        ("cards", _WHOLE, ""),
        ("up_to_load", _WHOLE, ""),
        ("sha256", _TEXT, ""),
        ("published", _FLAG, "published_at IS NOT NULL"),
    ),
    "card": (("person_id", _TEXT, ""), ("sequence", _WHOLE, "")),
}


def take_snapshot(engine: Engine, local: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Copies the store into `<folder>/<table>.parquet`, of one moment, and shows it as the schema `store`."""
    local.execute("CREATE SCHEMA store")
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as store, store.begin():
        for table, columns in TABLES.items():
            path = folder / f"{table}.parquet"
            schema = pa.schema([(name, kind) for name, kind, _ in columns])
            expressions = ", ".join(f"{expression or name} AS {name}" for name, _, expression in columns)
            with pq.ParquetWriter(path, schema, compression="lz4") as writer:
                for batch in stream_out(store, f"SELECT {expressions} FROM {table}", schema):
                    writer.write_batch(batch)
            local.execute(f"CREATE VIEW store.{table} AS FROM read_parquet('{path}')")
