"""Resolve: who is who. Reads the store, decides in DuckDB, writes the decisions beside the load; changes nothing."""

import json
import time
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Engine, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.fold import connect
from registry.loads import Load
from registry.resolution import KEYS, Neighbours, resolve_forms
from tasks.platform import platform
from tasks.verb import note_seconds, verb

_KNOWN = pa.schema([("form_id", pa.large_string())])
_MEMBERS = pa.schema([("person_id", pa.large_string()), *((key, pa.int64()) for key in KEYS)])

#: What the merge needs of the decisions, a Parquet file each in the load's folder.
RESULTS = ("decision", "alias", "contested", "person_node")


@verb
def resolve(load_id: str) -> None:
    """Decides for every accepted form of a load which person it belongs to."""
    place, start = platform(), time.monotonic()
    folder = place.folder(load_id)
    resolve_load(place.engine, folder)
    note_seconds(folder, "resolve", start)


def resolve_load(engine: Engine, folder: Path) -> None:
    """Resolves a validated load against the store as it is now.

    Args:
        engine: the store.
        folder: the load's scratch folder with `load.json` and `form.parquet`.

    Writes `<result>.parquet` for each of `RESULTS` (see `registry.resolution`), and `store.json` with the last load
    that the store held: the merge refuses decisions that were made against another store.
    """
    load = Load.open(folder)
    with connect(spill=str(folder)) as local:
        local.execute(f"CREATE TEMP TABLE form AS FROM read_parquet('{folder / 'form.parquet'}')")
        last_load = _fetch_neighbours(engine, local)
        resolve_forms(local, neighbours=Neighbours("known", "members"), night=f"{load.business_date:%Y%m%d}")
        for result in RESULTS:
            local.execute(f"COPY {result} TO '{folder / result}.parquet' (COMPRESSION lz4)")
    (folder / "store.json").write_text(json.dumps({"last_load": last_load}), encoding="utf-8")


def _fetch_neighbours(engine: Engine, local: duckdb.DuckDBPyConnection) -> int:
    """Brings what the store knows of the load's keys into the tables `known` and `members`."""
    incoming = local.execute("SELECT form_id, number_key, card_key, kin_key FROM form").to_arrow_table()
    with engine.begin() as store:
        store.exec_driver_sql(load_sql("resolve", "create_incoming"))
        copy_in(store, "incoming", incoming.column_names, incoming)
        store.exec_driver_sql("ANALYZE incoming")
        known = copy_out(store, load_sql("resolve", "known_forms"), _KNOWN)
        members = copy_out(store, load_sql("resolve", "members"), _MEMBERS)
        last_load = store.scalar(text("SELECT coalesce(max(load_no), 0) FROM load"))
    for name, table in (("known", known), ("members", members)):
        local.register("fetched", table)
        local.execute(f"CREATE TEMP TABLE {name} AS FROM fetched")
        local.unregister("fetched")
    return int(last_load or 0)
