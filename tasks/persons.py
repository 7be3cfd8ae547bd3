"""Persons in the store: who is tied, who is parted, of whom people must decide; for a night's load and for reviewers.

Everything here is part of the caller's transaction, and reads the tables of `registry.linkage.placement` in DuckDB.
"""

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.allocation import ALLOCATED_SCHEMA, allocated_persons
from registry.archived import create_archived
from registry.bulk import copy_in, copy_out
from registry.corrections import CORRECTION_SCHEMA, create_corrections
from registry.database import load_sql
from registry.fold import fold_forms, keep
from registry.linkage.known import FORM_SCHEMA
from registry.persons import PERSON_COLUMNS, PERSON_SCHEMA, in_conflict
from tasks.platform import Platform

_FORM = pa.schema([("form_id", pa.large_string())])

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
    archived_forms(place, store, local, folder, forms=parted)
    keep(local, "parted_number", copy_out(store, load_sql("merge", "sought_numbers"), ALLOCATED_SCHEMA))
    folded = fold_forms(forms="archived_form", persons=f"({allocated_persons('parted_number')})")
    local.execute(f"CREATE TABLE parted_person AS {folded}")
    copy_in(store, "person", PERSON_COLUMNS, local.execute("FROM parted_person").to_arrow_reader(_BATCH_ROWS))


def archived_forms(
    place: Platform, store: Connection, local: duckdb.DuckDBPyConnection, folder: Path, *, forms: pa.Table
) -> None:
    """Creates `archived_form` in DuckDB, see `registry.archived.create_archived`.

    Args:
        place: the installation.
        store: see `seek_forms`.
        local: where the table is made.
        folder: for copies of an archive that is elsewhere.
        forms: form_id, person_id; not empty.
    """
    seek_forms(store, local, forms)
    create_archived(
        local,
        forms="sought_form",
        path_of=lambda load_id: place.archived(load_id, "standard.parquet", folder),
        trust_of=place.sources.trust,
    )


def seek_forms(store: Connection, local: duckdb.DuckDBPyConnection, forms: pa.Table) -> None:
    """Creates `sought_form` in DuckDB: where forms stand in the archive (`registry.linkage.known.FORM_SCHEMA`).

    Args:
        store: gets a table of that name, too, for the rest of its transaction.
        local: where the table is made.
        forms: form_id, person_id.
    """
    for statement in ("create_sought_form", "empty_sought_form"):
        store.exec_driver_sql(load_sql("merge", statement))
    copy_in(store, "sought_form", ["form_id", "person_id"], forms)
    keep(local, "sought_form", copy_out(store, load_sql("merge", "sought_forms"), FORM_SCHEMA))


def settle_corrections(
    place: Platform,
    store: Connection,
    local: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    date: dt.date,
    stated: str = "SELECT NULL::VARCHAR AS form_id WHERE false",
) -> None:
    """Decides anew, of the persons concerned, which corrections correct what does not stand there.

    Args:
        place: the installation.
        store: after the forms were written.
        local: with the table `placed`; gets `judged_correction` (`registry.corrections.CORRECTION_SCHEMA`).
        folder: for copies of an archive that is elsewhere.
        date: the business date, since which what is found in conflict is.
        stated: query for form_id of corrections that the store does not know yet.
    """
    forms = _forms_of_corrected(store, local, stated)
    if not forms.num_rows:
        keep(local, "judged_correction", CORRECTION_SCHEMA.empty_table())
        return
    archived_forms(place, store, local, folder, forms=forms)
    create_corrections(local, place.reference.gazetteer)
    judged = local.execute("FROM judged_correction").to_arrow_table()
    store.exec_driver_sql(load_sql("correct", "create_fresh"))
    copy_in(store, "fresh_correction", judged.column_names, judged)
    store.execute(text(load_sql("correct", "upsert")), {"date": date})


def _forms_of_corrected(store: Connection, local: duckdb.DuckDBPyConnection, stated: str) -> pa.Table:
    """The forms (form_id, person_id) of those persons concerned of whom a correction is stated, now or before."""
    keep(local, "corrected_form", local.execute(f"SELECT form_id FROM ({stated})").to_arrow_table())
    if store.scalar(text("SELECT EXISTS (SELECT FROM person_correction)")):
        before = local.execute("SELECT DISTINCT before AS person_id FROM placed WHERE before IS NOT NULL")
        store.exec_driver_sql(load_sql("correct", "create_corrected"))
        copy_in(store, "corrected", ["person_id"], before.to_arrow_table())
        local.register("known", copy_out(store, load_sql("correct", "known"), _FORM))
        local.execute("INSERT INTO corrected_form FROM known")
        local.unregister("known")
    return local.execute(
        "SELECT form_id, person_id FROM placed"
        " SEMI JOIN (FROM placed SEMI JOIN corrected_form USING (form_id)) USING (person_id)"
    ).to_arrow_table()


def settle_reviews(store: Connection, local: duckdb.DuckDBPyConnection, *, doubtful: str) -> None:
    """Puts persons of whom people must decide into review, and takes those out of whom nobody need decide any more.

    Args:
        store: after the persons were written.
        local: with the tables `placed` and `judged_correction`.
        doubtful: query for person_id of persons who may have to go into review.
    """
    concerned = local.execute("SELECT DISTINCT person_id FROM placed WHERE before IS NOT NULL").to_arrow_table()
    doubtful = f"{doubtful} UNION SELECT person_id FROM judged_correction WHERE in_conflict"
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
