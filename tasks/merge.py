"""Merge: a resolved load enters the store in one transaction, or not at all."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
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
from registry.persons import DISPUTABLE, GROUPS, PERSON_COLUMNS, PERSON_SCHEMA, conflict_bit, in_conflict
from registry.resolution import KEYS
from tasks.platform import platform
from tasks.verb import note_seconds, verb

#: What a load leaves in the archive: all its rows, what was found in them, and what could not be read.
ARCHIVED = ("standard.parquet", "findings.parquet", "unreadable.parquet")

#: Rows that go from DuckDB to PostgreSQL at once.
_BATCH_ROWS = 50_000


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
    with connect(spill=str(folder)) as local, engine.begin() as store, ThreadPoolExecutor(1) as beside:
        _check_store(store, folder)
        _read_decisions(local, folder, load)
        _decide_sources(local)
        load_no = _write_ledger(store, folder, load)
        unsettled = _tie_persons(store, local, load_no)
        # DuckDB folds while PostgreSQL takes the rows.
        folded = beside.submit(_fold, local.cursor())
        _write_rows(store, local, load_no)
        folded.result()
        _write_persons(store, local)
        _mark_disputed(store, local, unsettled)
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
    _keep(local, "files", files)
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


def _decide_sources(local: duckdb.DuckDBPyConnection) -> None:
    """Creates `decided`: file_no, row_no, person_id, trust, known (whether the store has the person)."""
    local.execute(
        """
        CREATE TABLE decided AS
        SELECT d.file_no, d.row_no, d.person_id, f.trust, n.person_id IS NOT NULL AS known
          FROM decision AS d JOIN files AS f USING (file_no) LEFT JOIN person_node AS n USING (person_id)
        """
    )


def _keep(local: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Makes an Arrow table one of DuckDB's own, which its other cursors see too."""
    local.register("given", table)
    local.execute(f"CREATE TABLE {name} AS FROM given")
    local.unregister("given")


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


def _write_persons(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    """Persons that the store does not know are copied in, the others merged."""
    copy_in(store, "person", PERSON_COLUMNS, local.execute("FROM fresh_person").to_arrow_reader(_BATCH_ROWS))
    store.exec_driver_sql(load_sql("merge", "create_folded"))
    if copy_in(store, "folded", PERSON_COLUMNS, local.execute("FROM grown_person").to_arrow_reader(_BATCH_ROWS)):
        store.exec_driver_sql("ANALYZE folded")
        store.exec_driver_sql(load_sql("merge", "merge_persons").format(assignments=_assignments()))


def _fold(local: duckdb.DuckDBPyConnection) -> None:
    """Creates `fresh_person` and `grown_person`: the load's persons that the store does not know, and the others.

    Tables, and no results that are read while they are made: DuckDB 1.5.6 has locked itself out over those.
    """
    for name, known in (("fresh_person", False), ("grown_person", True)):
        forms = f"""(SELECT d.person_id, d.trust, NULL::VARCHAR AS changes, s.*
                       FROM standard AS s JOIN decided AS d USING (file_no, row_no) WHERE d.known = {known})"""
        persons = f"(FROM absorbed {'SEMI' if known else 'ANTI'} JOIN person_node USING (person_id))"
        local.execute(f"CREATE TABLE {name} AS {fold_forms(forms=forms, persons=persons)}")


def _tie_persons(store: Connection, local: duckdb.DuckDBPyConnection, load_no: int) -> list[str]:
    """Takes persons that a form tied to another out of the store; their rows, under the one that stays, are `absorbed`.

    Returns:
        The persons that stay, where they or the absorbed ones were in review: that may be settled now.
    """
    tied = local.execute("SELECT old_id, person_id FROM alias").to_arrow_table()
    if not tied.num_rows:
        _keep(local, "absorbed", PERSON_SCHEMA.empty_table())
        return []
    store.exec_driver_sql(load_sql("merge", "create_tied"))
    copy_in(store, "tied", tied.column_names, tied)
    columns = ", ".join(f"p.{column}" for column in PERSON_COLUMNS[1:])
    query = f"SELECT t.person_id, {columns} FROM tied AS t JOIN person AS p ON p.person_id = t.old_id"
    _keep(local, "absorbed", copy_out(store, query, PERSON_SCHEMA))
    unsettled = store.exec_driver_sql(load_sql("merge", "unsettled_persons")).scalars().all()
    for statement in ("absorb_persons", "point_aliases"):
        store.exec_driver_sql(load_sql("merge", statement))
    store.execute(text(load_sql("merge", "insert_aliases")), {"load_no": load_no})
    return [str(person_id) for person_id in unsettled]


def _assignments() -> str:
    """`SET` of the merge: a group's columns from the side with the greater stamp, and conflicts of the two sides."""
    parts = []
    for group in GROUPS:
        wins = f"s.{group.stamp} >= coalesce(p.{group.stamp}, 0)"
        parts += [f"{column} = CASE WHEN {wins} THEN s.{column} ELSE p.{column} END" for column in group.columns]
        parts.append(f"{group.stamp} = greatest(p.{group.stamp}, s.{group.stamp})")
    conflicts = ["p.conflicts", "s.conflicts"]
    for group in DISPUTABLE:
        conflicts.append(f"CASE WHEN p.{group.witness} <> s.{group.witness} THEN {conflict_bit(group)} ELSE 0 END")
        parts.append(f"{group.witness} = least(p.{group.witness}, s.{group.witness})")
    return ",\n       ".join([*parts, f"conflicts = {' | '.join(conflicts)}"])


def _mark_disputed(store: Connection, local: duckdb.DuckDBPyConnection, unsettled: list[str]) -> None:
    """Puts persons with a contested number or an open conflict of sources into review, and takes out who has none now.

    Args:
        store: after the merge.
        local: with `contested` and `fresh_person`.
        unsettled: persons who may be settled because others were tied to them.
    """
    contested, fresh = (
        [row[0] for row in local.execute(query).fetchall()]
        for query in ("SELECT person_id FROM contested", "SELECT person_id FROM fresh_person WHERE conflicts <> 0")
    )
    store.execute(text(load_sql("merge", "contest_persons")), {"persons": contested})
    conflict = in_conflict("p")
    query = load_sql("merge", "conflicting_persons").format(in_conflict=conflict)
    unsettled = [*unsettled, *map(str, store.execute(text(query), {"fresh": fresh}).scalars())]
    if unsettled:
        query = load_sql("merge", "settle_persons").format(in_conflict=conflict)
        store.execute(text(query), {"persons": unsettled})


def _write_corrections(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    returned = local.execute(
        "SELECT returned_file AS file_id, returned_row AS row_no, file_id AS by_file_id, row_no AS by_row_no"
        " FROM outcome WHERE returned_file IS NOT NULL AND returned_row IS NOT NULL AND outcome <> 'held'"
    ).to_arrow_table()
    if returned.num_rows:
        store.exec_driver_sql(load_sql("merge", "create_returned"))
        copy_in(store, "returned", returned.column_names, returned)
        store.exec_driver_sql(load_sql("merge", "insert_corrections"))
