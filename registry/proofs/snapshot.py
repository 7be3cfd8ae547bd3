"""The store as it is at one moment, in Parquet files: a night that goes on meanwhile does not disturb the proof."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine

from registry.bulk import stream_out
from registry.cards.life import CARDS, EVENTS
from registry.database import reading
from registry.persons import PERSON_SCHEMA

_TEXT, _WHOLE, _REAL, _DAY, _FLAG = pa.large_string(), pa.int64(), pa.float64(), pa.date32(), pa.bool_()


def _seconds(column: str) -> str:
    return f"extract(epoch FROM {column})::float8"


def _form(column: str = "form_id") -> str:
    return f"replace({column}::text, '-', '')"


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
        ("kind", _TEXT, "split_part(key, '/', 2)"),
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
        ("judged_no", _WHOLE, ""),
        ("file_id", _WHOLE, ""),
        ("row_no", _WHOLE, ""),
        ("load_no", _WHOLE, ""),
        ("rule", _TEXT, ""),
        ("number", _WHOLE, ""),
        ("number_holds", _FLAG, ""),
        ("known_number", _WHOLE, ""),
        ("name", _WHOLE, ""),
        ("register", _WHOLE, ""),
        ("member", _WHOLE, ""),
    ),
    "pair": (
        ("form_a", _TEXT, _form("form_a")),
        ("form_b", _TEXT, _form("form_b")),
        ("weight", pa.float32(), ""),
        ("apart", _FLAG, ""),
        ("load_no", _WHOLE, ""),
    ),
    "holding_verdict": (
        ("form_a", _TEXT, _form("form_a")),
        ("form_b", _TEXT, _form("form_b")),
        ("verdict", _TEXT, ""),
    ),
    "person_alias": (("old_id", _TEXT, ""), ("person_id", _TEXT, ""), ("load_no", _WHOLE, "")),
    "person": (
        ("in_review", _FLAG, ""),
        *((field.name, field.type, "") for field in PERSON_SCHEMA),
    ),
    "person_correction": (
        ("form_id", _TEXT, _form()),
        ("person_id", _TEXT, ""),
        ("field_group", _TEXT, ""),
        ("in_conflict", _FLAG, "conflict_since IS NOT NULL"),
    ),
    "number_range": (("prefix", _TEXT, ""), ("next", _WHOLE, "")),
    "allocated_number": (
        ("number", _TEXT, ""),
        ("person_id", _TEXT, ""),
        ("business_date", _DAY, ""),
        ("member", _WHOLE, ""),
    ),
    "dossier": (
        ("dossier_id", _TEXT, ""),
        ("station", _TEXT, ""),
        ("number", _TEXT, ""),
        ("person_id", _TEXT, ""),
        ("attempt", _WHOLE, ""),
        ("file_id", _WHOLE, ""),
        ("row_no", _WHOLE, ""),
    ),
    "card_batch": (
        ("batch_no", _WHOLE, ""),
        ("centre", _TEXT, ""),
        ("sequence", _WHOLE, ""),
        ("dossiers", _WHOLE, ""),
        ("hash_total", _TEXT, ""),
        ("sealed_sha256", _TEXT, ""),
        ("manifest", _TEXT, ""),
        ("manifest_sha256", _TEXT, ""),
        ("signature", _TEXT, ""),
        ("published", _FLAG, "published_at IS NOT NULL"),
    ),
    "card_event": tuple((field.name, field.type, "") for field in EVENTS),
    "card": (
        *((field.name, field.type, "") for field in CARDS),
        ("counted", _TEXT, "array_to_string(counted, ' ')"),
    ),
    "card_count": (
        ("place", _TEXT, ""),
        ("place_from", _DAY, ""),
        ("applicant", _TEXT, ""),
        ("state", _TEXT, ""),
        ("cards", _WHOLE, ""),
    ),
    "form_count": (("place", _TEXT, ""), ("place_from", _DAY, ""), ("forms", _WHOLE, "")),
    "parked": (("event_no", _WHOLE, ""), ("is_done", _FLAG, "done_at IS NOT NULL")),
}


_GROUP_ROWS = 100_000


def take_snapshot(engine: Engine, local: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Copies the store into `<folder>/<table>.parquet`, all of one moment, and shows it as the schema `store`."""
    local.execute("CREATE SCHEMA store")
    with reading(engine) as store:
        _copy(store, folder)
    for table in TABLES:
        local.execute(f"CREATE VIEW store.{table} AS FROM read_parquet('{folder / table}.parquet')")


def _copy(store: Connection, folder: Path) -> None:
    for table, columns in TABLES.items():
        schema = pa.schema([(name, kind) for name, kind, _ in columns])
        expressions = ", ".join(f"{expression or name} AS {name}" for name, _, expression in columns)
        path = folder / f"{table}.parquet"
        with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False) as writer:
            for group in _groups(stream_out(store, f"SELECT {expressions} FROM {table}", schema)):
                writer.write_table(group)


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches in tables of `_GROUP_ROWS` rows or a little more."""
    gathered: list[pa.RecordBatch] = []
    for batch in batches:
        gathered.append(batch)
        if sum(part.num_rows for part in gathered) >= _GROUP_ROWS:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)
