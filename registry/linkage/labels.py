"""Labels: forms of which somebody who knows has said whose they are."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql

_TEXT = pa.large_string()
#: Labels as they were sent.
LABEL_SCHEMA = pa.schema([("sender", _TEXT), ("form_no", _TEXT), ("person_key", _TEXT)])
_KNOWN_SCHEMA = pa.schema([("form_id", _TEXT), ("person_key", _TEXT)])


def create_labels(
    store: Connection, local: duckdb.DuckDBPyConnection, *, rows: Path, senders: Mapping[int, str]
) -> bool:
    """Creates the table `label` of `registry.linkage.quality`; whether one of the load's new forms is labelled.

    Args:
        store: in the transaction in which `registry.linkage.known.fetch_known` has found the persons concerned.
        local: with the table `decision`.
        rows: the load's `row.parquet`.
        senders: file_no → sender, of the load's files.
    """
    if not store.scalar(text("SELECT EXISTS (SELECT FROM truth_label)")):
        return False
    asked = {"senders": sorted(set(senders.values()))}
    local.register("labels", copy_out(store, load_sql("resolve", "labels"), LABEL_SCHEMA, asked))
    local.register("senders", pa.table({"file_no": list(senders), "sender": list(senders.values())}))
    local.execute(
        f"""
        CREATE TEMP TABLE label AS
        -- Made one after the other: joined at will, every form of a sender met every label of it.
        WITH told AS MATERIALIZED (
            SELECT s.file_no, l.form_no, l.person_key FROM labels AS l JOIN senders AS s USING (sender)
        ), numbered AS MATERIALIZED (
            SELECT d.form_id, d.file_no, r.form_no
              FROM decision AS d JOIN read_parquet('{rows}') AS r USING (file_no, row_no)
        )
        SELECT form_id, person_key, true AS is_new FROM numbered JOIN told USING (file_no, form_no)
        """
    )
    local.unregister("labels")
    local.unregister("senders")
    keys = local.execute("SELECT DISTINCT person_key FROM label").to_arrow_table()
    store.exec_driver_sql("CREATE TEMP TABLE wanted_key (person_key text NOT NULL) ON COMMIT DROP")
    copy_in(store, "wanted_key", ["person_key"], keys)
    local.register("known_label", copy_out(store, load_sql("resolve", "known_labels"), _KNOWN_SCHEMA))
    local.execute("INSERT INTO label SELECT form_id, person_key, false FROM known_label")
    local.unregister("known_label")
    return bool(keys.num_rows)
