"""Merge: a resolved load enters the store in one transaction, or not at all."""

import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, Engine, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.errors import PlatformError
from registry.fold import connect, fold_forms
from registry.loads import OUTCOMES, Load
from registry.objects import Objects
from registry.persons import GROUPS, PERSON_COLUMNS
from registry.resolution import KEYS
from tasks.platform import platform
from tasks.verb import note_seconds, verb

#: What a load leaves in the archive: all its rows, what was found in them, and what could not be read.
ARCHIVED = ("standard.parquet", "findings.parquet", "unreadable.parquet")

_PERSON_SCHEMA = pa.schema(
    [
        (
            column,
            pa.int64() if column.endswith("_stamp") else pa.date32() if column.endswith("_from") else pa.large_string(),
        )
        for column in PERSON_COLUMNS
    ]
)


@verb
def merge(load_id: str) -> dict[str, int]:
    """Merges a resolved load into the store; returns its rows by outcome."""
    place = platform()
    folder = place.folder(load_id)
    outcomes = merge_load(place.engine, place.objects, folder)
    for file in Load.open(folder).files:
        (place.spool / file.sha256).unlink(missing_ok=True)
    shutil.rmtree(folder)
    return outcomes


def merge_load(engine: Engine, objects: Objects, folder: Path) -> dict[str, int]:
    """Archives a load's forms, then writes rows, judgements and persons in one transaction.

    Args:
        engine: the store.
        objects: the archive; a load's folder there is complete before the store knows of it.
        folder: the load's scratch folder after `tasks.resolve`.

    Returns:
        Rows by outcome.

    Raises:
        PlatformError: the store has taken another load since this one was resolved; resolve it again.
    """
    start = time.monotonic()
    load = Load.open(folder)
    for name in ARCHIVED:
        objects.put(f"archive/forms/{load.load_id}/{name}", folder / name)
    with connect(spill=str(folder)) as local, engine.begin() as store:
        _check_store(store, folder)
        _read_decisions(local, folder, load)
        load_no = _write_ledger(store, folder, load)
        _write_rows(store, local, load_no)
        _write_persons(store, local, load_no)
        _write_corrections(store, local)
        note_seconds(folder, "merge", start)
        store.execute(
            text("UPDATE load SET seconds = CAST(:seconds AS jsonb) WHERE load_no = :load_no"),
            {"seconds": (folder / "seconds.json").read_text(encoding="utf-8"), "load_no": load_no},
        )
        counted = local.execute("SELECT outcome, count(*) FROM outcome GROUP BY outcome").fetchall()
    return {outcome: dict(counted).get(outcome, 0) for outcome in OUTCOMES}


def _check_store(store: Connection, folder: Path) -> None:
    resolved_against = json.loads((folder / "store.json").read_text(encoding="utf-8"))["last_load"]
    if store.scalar(text("SELECT coalesce(max(load_no), 0) FROM load")) != resolved_against:
        raise PlatformError("the store has moved since this load was resolved: run the night again")


def _read_decisions(local: duckdb.DuckDBPyConnection, folder: Path, load: Load) -> None:
    """Makes the load's Parquet files relations: row, decision, alias, contested, person_node; and `outcome`."""
    for path in folder.glob("*.parquet"):
        local.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
    files = pa.Table.from_pylist(
        [{key: asdict(file)[key] for key in ("file_no", "file_id", "trust")} for file in load.files]
    )
    local.register("files", files)
    local.execute(
        """
        CREATE TABLE outcome AS
        SELECT f.file_id, r.row_no, coalesce(r.outcome, d.outcome, 'duplicate') AS outcome, r.form_id, r.form_no,
               r.rules, r.returned_file, r.returned_row
          FROM row AS r JOIN files AS f USING (file_no) LEFT JOIN decision AS d USING (file_no, row_no)
        UNION ALL
        SELECT f.file_id, u.row_no, CASE u.reason WHEN 'encoding' THEN 'held' ELSE 'unreadable' END,
               NULL, NULL, u.reason, NULL, NULL
          FROM unreadable AS u JOIN files AS f USING (file_no)
        """
    )


def _write_ledger(store: Connection, folder: Path, load: Load) -> int:
    validation = json.loads((folder / "validation.json").read_text(encoding="utf-8"))
    ends = json.loads((folder / "files.json").read_text(encoding="utf-8"))
    load_no = store.scalar(
        text(load_sql("merge", "insert_load")),
        {
            "load_id": load.load_id,
            "business_date": load.business_date,
            "province": load.province,
            "validation": json.dumps(validation),
        },
    )
    files = {file.file_no: file for file in load.files}
    store.execute(
        text(load_sql("merge", "end_file")),
        [
            {
                **end,
                "file_id": files[end["file_no"]].file_id,
                "profile": json.dumps(end["profile"]),
                "load_no": load_no,
                "business_date": load.business_date,
            }
            for end in ends
        ],
    )
    return int(load_no or 0)


def _write_rows(store: Connection, local: duckdb.DuckDBPyConnection, load_no: int) -> None:
    rows = local.execute(
        "SELECT file_id, row_no, outcome, form_id, form_no, rules FROM outcome ORDER BY file_id, row_no"
    ).to_arrow_table()
    copy_in(store, "received_row", rows.column_names, rows)
    judgements = local.execute(
        f"SELECT form_id, person_id, {', '.join(KEYS)}, file_id, row_no, {load_no} AS load_no, rule"
        # In the order of its key, and so of the persons that it makes: both tables' indexes grow page by page.
        " FROM decision JOIN files USING (file_no) ORDER BY form_id"
    ).to_arrow_table()
    copy_in(store, "judgement", judgements.column_names, judgements)


def _write_persons(store: Connection, local: duckdb.DuckDBPyConnection, load_no: int) -> None:
    """Folds the load into persons: those that the store does not know are copied in, the others merged."""
    local.register("absorbed", _tie_persons(store, local, load_no))
    copy_in(store, "person", PERSON_COLUMNS, _fold(local, known=False))
    grown = _fold(local, known=True)
    if grown.num_rows:
        store.exec_driver_sql(load_sql("merge", "create_folded"))
        copy_in(store, "folded", PERSON_COLUMNS, grown)
        store.exec_driver_sql("ANALYZE folded")
        store.exec_driver_sql(load_sql("merge", "merge_persons").format(assignments=_assignments()))
    _mark_disputed(store, local)


def _fold(local: duckdb.DuckDBPyConnection, *, known: bool) -> pa.Table:
    """The load's persons, those that the store knows or those that it does not."""
    which = f"{'SEMI' if known else 'ANTI'} JOIN person_node USING (person_id)"
    forms = f"""(SELECT d.person_id, f.trust, s.*
                   FROM standard AS s JOIN decision AS d USING (file_no, row_no) JOIN files AS f USING (file_no)
                   {which})"""
    return local.execute(fold_forms(forms=forms, persons=f"(FROM absorbed {which})")).to_arrow_table()


def _tie_persons(store: Connection, local: duckdb.DuckDBPyConnection, load_no: int) -> pa.Table:
    """Takes persons that a form tied to another out of the store; returns their rows under the one that stays."""
    tied = local.execute("SELECT old_id, person_id FROM alias").to_arrow_table()
    if not tied.num_rows:
        return _PERSON_SCHEMA.empty_table()
    store.exec_driver_sql(load_sql("merge", "create_tied"))
    copy_in(store, "tied", tied.column_names, tied)
    columns = ", ".join(f"p.{column}" for column in PERSON_COLUMNS[1:])
    query = f"SELECT t.person_id, {columns} FROM tied AS t JOIN person AS p ON p.person_id = t.old_id"
    absorbed = copy_out(store, query, _PERSON_SCHEMA)
    for statement in ("absorb_persons", "point_aliases"):
        store.exec_driver_sql(load_sql("merge", statement))
    store.execute(text(load_sql("merge", "insert_aliases")), {"load_no": load_no})
    return absorbed


def _assignments() -> str:
    """`SET` of the merge: a group's columns from the side with the greater stamp."""
    parts = []
    for group in GROUPS:
        wins = f"s.{group.stamp} >= coalesce(p.{group.stamp}, 0)"
        parts += [f"{column} = CASE WHEN {wins} THEN s.{column} ELSE p.{column} END" for column in group.columns]
        parts.append(f"{group.stamp} = greatest(p.{group.stamp}, s.{group.stamp})")
    return ",\n       ".join(parts)


def _mark_disputed(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    """Puts persons whose number is contested into review, and takes those out that are tied together now."""
    disputed = local.execute("SELECT person_id FROM contested UNION SELECT person_id FROM alias").to_arrow_table()
    if disputed.num_rows:
        store.exec_driver_sql(load_sql("merge", "create_disputed"))
        copy_in(store, "disputed", disputed.column_names, disputed)
        store.exec_driver_sql("ANALYZE disputed")
        store.exec_driver_sql(load_sql("merge", "review_persons"))


def _write_corrections(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    returned = local.execute(
        "SELECT returned_file AS file_id, returned_row AS row_no, file_id AS by_file_id, row_no AS by_row_no"
        " FROM outcome WHERE returned_file IS NOT NULL AND returned_row IS NOT NULL AND outcome <> 'held'"
    ).to_arrow_table()
    if returned.num_rows:
        store.exec_driver_sql(load_sql("merge", "create_returned"))
        copy_in(store, "returned", returned.column_names, returned)
        store.exec_driver_sql(load_sql("merge", "insert_corrections"))
