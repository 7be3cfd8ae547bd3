"""What the store knows of dossiers before they are taken: whom they are about, and what has become of their cards.

Set-based: the keys of a load go into a temporary table, and the answers come back by indexes. The time grows with the
dossiers; with those that are found by a form, also with the forms that its sender has sent.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from registry.bulk import copy_in, copy_out
from registry.cards.life import ENDED
from registry.database import load_sql
from registry.forms import PLACES
from registry.names import accented_keys, name_keys
from registry.writing import TEXT

#: What is asked by; `form_no` is the number of the DC01 form.
_SOUGHT = ("file_no", "row_no", "dossier_id", "pid", "form_sender", "form_no", "cmnd_no", "birth_date")

#: What is known of a person, as `store_<column>`.
_PLACES_KNOWN = tuple(place for place in PLACES if place != "current_place")
_KNOWN = (
    "full_name", "birth_date", "sex", "nationality", "pid", "death_date", "permanent_address", "temporary_address",
)  # fmt: skip

#: Persons that dossiers are about, several rows where several fit one dossier.
PERSON_SCHEMA = pa.schema(
    [
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("way", TEXT),
        ("person_id", TEXT),
        ("store_in_review", pa.bool_()),
        *((f"store_{column}", TEXT) for column in (*_KNOWN, *_PLACES_KNOWN)),
        *((f"store_{place}_from", pa.date32()) for place in _PLACES_KNOWN),
    ]
)

#: The person that each dossier is about; where several fit, no one of them. `persons`: how many.
FOUND_SCHEMA = pa.schema([*(field for field in PERSON_SCHEMA if field.name != "way"),
                          ("store_full_name_accents", TEXT), ("persons", pa.int64())])  # fmt: skip

#: Dossiers of these persons; `ended`: the person may have another one.
CARD_SCHEMA = pa.schema([("person_id", TEXT), ("dossier_id", TEXT), ("ended", pa.bool_()), ("delivered", pa.bool_())])

#: Those of the load's own dossiers that were taken before; `content`: the `form_id` of the row that was taken last.
KNOWN_SCHEMA = pa.schema([("dossier_id", TEXT), ("attempt", pa.int16()), ("state", TEXT), ("content", TEXT)])


def look_up(store: Connection, local: duckdb.DuckDBPyConnection, *, standard: str) -> None:
    """Creates the tables `found` (FOUND_SCHEMA), `cards` (CARD_SCHEMA) and `known` (KNOWN_SCHEMA) for a load.

    Args:
        store: in a transaction, in which this is asked once.
        local: where the tables are made.
        standard: a relation of `registry.cards.dossiers.DOSSIER_SCHEMA`.
    """
    columns = ", ".join("known_form_no AS form_no" if name == "form_no" else name for name in _SOUGHT)
    sought = local.execute(f"SELECT {columns} FROM {standard}").to_arrow_table()
    names = local.execute(f"SELECT file_no, row_no, full_name_key FROM {standard}").to_arrow_table()
    _fill(store, "sought", sought)
    found = _one_each(local, _named_so(local, _persons(store), names))
    _fill(store, "sought_person", pa.table({"person_id": found["person_id"].unique().drop_null()}))
    _keep(local, "found", found, FOUND_SCHEMA)
    _keep(local, "cards", _cards(store), CARD_SCHEMA)
    known = copy_out(store, load_sql("dossier", "find_known"), KNOWN_SCHEMA)
    _keep(local, "known", _bare(known, "dossier_id", "content"), KNOWN_SCHEMA)


def _fill(store: Connection, table: str, rows: pa.Table) -> None:
    store.exec_driver_sql(load_sql("dossier", f"create_{table}"))
    copy_in(store, table, rows.column_names, rows)
    store.exec_driver_sql(f"ANALYZE {table}")


def _keep(local: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, schema: pa.Schema) -> None:
    local.register("given", rows.select(schema.names).cast(schema))
    local.execute(f"CREATE TABLE {name} AS FROM given")
    local.unregister("given")


def _persons(store: Connection) -> pa.Table:
    columns = ", ".join(
        f"p.{name.removeprefix('store_')}" for name in PERSON_SCHEMA.names if name not in ("file_no", "row_no", "way")
    )
    return copy_out(store, load_sql("dossier", "find_persons").format(columns=columns), PERSON_SCHEMA)


def _named_so(local: duckdb.DuckDBPyConnection, persons: pa.Table, names: pa.Table) -> pa.Table:
    """Of those who were found by an old card number only who bears the name, too: numbers were given out twice."""
    written = persons["store_full_name"].combine_chunks().dictionary_encode()
    for column, keys in (("key", name_keys), ("store_full_name_accents", accented_keys)):
        persons = persons.append_column(column, keys(written.dictionary.cast(TEXT)).take(written.indices))
    local.register("persons", persons)
    local.register("names", names)
    kept = local.execute(
        "SELECT p.* EXCLUDE (key, way) FROM persons AS p JOIN names AS n USING (file_no, row_no)"
        " WHERE way <> 'card' OR key = full_name_key"
    ).to_arrow_table()
    local.unregister("persons")
    local.unregister("names")
    return kept


def _one_each(local: duckdb.DuckDBPyConnection, persons: pa.Table) -> pa.Table:
    """One row a dossier: what is known of the person where there is one."""
    facts = [name for name in persons.column_names if name not in ("file_no", "row_no")]
    only = ", ".join(f"CASE WHEN count(*) = 1 THEN any_value({name}) END AS {name}" for name in facts)
    local.register("persons", persons)
    found = local.execute(
        f"SELECT file_no, row_no, count(*) AS persons, {only} FROM persons GROUP BY file_no, row_no"
    ).to_arrow_table()
    local.unregister("persons")
    return found


def _cards(store: Connection) -> pa.Table:
    schema = pa.schema([("person_id", TEXT), ("dossier_id", TEXT), ("state", TEXT)])
    rows = _bare(copy_out(store, load_sql("dossier", "find_cards"), schema), "dossier_id")
    # A dossier whose card is not known is taken for a live one.
    state = pc.fill_null(rows["state"], "")
    return pa.table(
        {
            "person_id": rows["person_id"],
            "dossier_id": rows["dossier_id"],
            "ended": pc.is_in(state, value_set=pa.array(ENDED, TEXT)),
            "delivered": pc.equal(state, "delivered"),
        }
    )


def _bare(rows: pa.Table, *columns: str) -> pa.Table:
    """Ids as we write them, 32 hex digits."""
    for column in columns:
        rows = rows.set_column(rows.column_names.index(column), column, pc.replace_substring(rows[column], "-", ""))
    return rows
