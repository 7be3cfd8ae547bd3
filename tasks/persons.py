"""Persons in the store: who is tied, who is parted, of whom people must decide; for a night's load and for reviewers.

Everything here is part of the caller's transaction, and reads the tables of `registry.linkage.placement` in DuckDB.
"""

from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.allocation import ALLOCATED_SCHEMA, allocated_persons
from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.fold import fold_forms, keep
from registry.linkage.known import FORM_SCHEMA
from registry.persons import PERSON_COLUMNS, PERSON_SCHEMA, VALUES, in_conflict
from tasks.platform import Platform

#: Persons that are folded afresh leave the archive in blocks of this many rows.
_BATCH_ROWS = 50_000


def retire_persons(
    store: Connection, local: duckdb.DuckDBPyConnection, *, load_no: int, verdict_no: int | None = None
) -> None:
    """Takes persons that are tied to others, or parted, out of the table, and notes where their forms belong now.

    Creates `absorbed` in DuckDB: the rows of tied persons under the person that they are part of now.
    """
    tied = local.execute("SELECT old_id, person_id FROM alias").to_arrow_table()
    parted = local.execute("SELECT person_id FROM parted").to_arrow_table()
    revived = local.execute("SELECT person_id FROM revived").to_arrow_table()
    moved = local.execute(
        "SELECT form_id, person_id, before IN (SELECT old_id FROM alias) AS is_tied"
        " FROM placed WHERE before <> person_id"
    ).to_arrow_table()
    if not (tied.num_rows or parted.num_rows or revived.num_rows):
        keep(local, "absorbed", PERSON_SCHEMA.empty_table())
        return
    for table, rows in (("tied", tied), ("parted", parted), ("revived", revived), ("moved", moved)):
        store.exec_driver_sql(load_sql("merge", f"create_{table}"))
        copy_in(store, table, rows.column_names, rows)
    columns = ", ".join(f"p.{column}" for column in PERSON_COLUMNS[1:])
    query = (
        f"SELECT t.person_id, {columns} FROM tied AS t JOIN person AS p ON p.person_id = t.old_id"
        " WHERE t.person_id NOT IN (SELECT person_id FROM parted)"
    )
    keep(local, "absorbed", copy_out(store, query, PERSON_SCHEMA))
    for statement in ("remove_persons", "remove_revived", "point_aliases"):
        store.exec_driver_sql(load_sql("merge", statement))
    store.execute(text(load_sql("merge", "insert_aliases")), {"load_no": load_no})
    store.execute(text(load_sql("merge", "insert_moved")), {"load_no": load_no, "verdict_no": verdict_no})


def write_parted(place: Platform, store: Connection, local: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Folds persons whose forms were parted afresh, from the archive."""
    parted = local.execute("SELECT form_id, person_id FROM placed SEMI JOIN parted USING (person_id)").to_arrow_table()
    if not parted.num_rows:
        return
    store.exec_driver_sql(load_sql("merge", "create_parted_form"))
    copy_in(store, "parted_form", parted.column_names, parted)
    keep(local, "parted_form", copy_out(store, load_sql("merge", "parted_forms"), FORM_SCHEMA))
    archived_forms(place, local, folder, forms="parted_form")
    keep(local, "parted_number", copy_out(store, load_sql("merge", "parted_numbers"), ALLOCATED_SCHEMA))
    folded = fold_forms(forms="archived_form", persons=f"({allocated_persons('parted_number')})")
    local.execute(f"CREATE TABLE parted_person AS {folded}")
    copy_in(store, "person", PERSON_COLUMNS, local.execute("FROM parted_person").to_arrow_reader(_BATCH_ROWS))


def archived_forms(place: Platform, local: duckdb.DuckDBPyConnection, folder: Path, *, forms: str) -> None:
    """Creates `archived_form`: forms as they stand in the archive, with person_id and trust.

    Args:
        place: the installation.
        local: with the relation `forms` (`registry.linkage.known.FORM_SCHEMA`).
        folder: for copies of an archive that is elsewhere.
        forms: name of the relation.
    """
    senders = local.execute(f"SELECT DISTINCT sender FROM {forms}").fetchall()
    trust = pa.table({"sender": [row[0] for row in senders], "trust": [place.sources.trust(row[0]) for row in senders]})
    loads = [row[0] for row in local.execute(f"SELECT DISTINCT load_id FROM {forms}").fetchall()]
    paths = [str(place.archived(load_id, "standard.parquet", folder)) for load_id in loads]
    local.register("sender_trust", trust)
    local.register("load_path", pa.table({"load_id": loads, "path": paths}))
    local.execute(
        f"CREATE OR REPLACE TABLE archived_form AS SELECT f.person_id, t.trust, s.form_id, s.stated_on, s.changes,"
        f" {', '.join(f's.{column}' for column in VALUES)}"
        f" FROM read_parquet({paths}, filename = 'path', union_by_name = true) AS s"
        f" JOIN load_path USING (path) JOIN {forms} AS f USING (load_id, file_no, row_no)"
        f" JOIN sender_trust AS t ON t.sender = f.sender"
    )
    local.unregister("sender_trust")
    local.unregister("load_path")


def settle_reviews(store: Connection, local: duckdb.DuckDBPyConnection, *, doubtful: str) -> None:
    """Puts persons of whom people must decide into review, and takes those out of whom nobody need decide any more.

    Args:
        store: after the persons were written.
        local: with the table `placed`.
        doubtful: query for person_id of persons who may have to go into review.
    """
    concerned = local.execute("SELECT DISTINCT person_id FROM placed WHERE before IS NOT NULL").to_arrow_table()
    for table, rows in (("doubtful", local.execute(doubtful).to_arrow_table()), ("settled", concerned)):
        store.exec_driver_sql(load_sql("merge", f"create_{table}"))
        copy_in(store, table, ["person_id"], rows)
    store.exec_driver_sql(load_sql("merge", "add_doubtful"))
    store.exec_driver_sql(load_sql("merge", "settle_persons").format(in_conflict=in_conflict("p")))


def note_model(store: Connection, place: Platform) -> None:
    """Notes the model that the store is resolved with, once."""
    store.execute(
        text("INSERT INTO linkage_model (version) VALUES (:version) ON CONFLICT DO NOTHING"),
        {"version": place.linkage_model.version},
    )
