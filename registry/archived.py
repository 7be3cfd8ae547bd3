"""Forms as they stand in the archive, for what is folded or looked at again."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.persons import VALUES

#: What a movement says beyond the values of a person, and what only movement files have of it.
_MOVEMENT = ("movement", "occurred_on", "corrected_from", "declared_on")
_OWN = ("field VARCHAR", "new_value VARCHAR", "sent_on DATE")


def create_archived(
    local: duckdb.DuckDBPyConnection, *, forms: str, path_of: Callable[[str], Path], trust_of: Callable[[str], int]
) -> None:
    """Creates `archived_form`: forms as they stand in the archive, with person_id and trust.

    Args:
        local: with the relation `forms` (`registry.linkage.known.FORM_SCHEMA`), not empty.
        forms: name of the relation.
        path_of: load_id → its archived forms as a local file.
        trust_of: sender → trust.
    """
    senders = [row[0] for row in local.execute(f"SELECT DISTINCT sender FROM {forms}").fetchall()]
    loads = [row[0] for row in local.execute(f"SELECT DISTINCT load_id FROM {forms}").fetchall()]
    paths = [str(path_of(load_id)) for load_id in loads]
    local.register("sender_trust", pa.table({"sender": senders, "trust": [trust_of(sender) for sender in senders]}))
    local.register("load_path", pa.table({"load_id": loads, "path": paths}))
    local.execute(
        f"CREATE OR REPLACE TABLE archived_form AS SELECT f.person_id, t.trust, {archived_columns('s')}"
        f" FROM {read_archived(paths)} AS s"
        f" JOIN load_path USING (path) JOIN {forms} AS f USING (load_id, file_no, row_no)"
        f" JOIN sender_trust AS t ON t.sender = f.sender"
    )
    local.unregister("sender_trust")
    local.unregister("load_path")


def archived_columns(alias: str) -> str:
    """SQL for the columns of a form that a fold, a correction or a dossier needs."""
    own = (column.split()[0] for column in _OWN)
    return ", ".join(f"{alias}.{column}" for column in ("form_id", "stated_on", "changes", *VALUES, *_MOVEMENT, *own))


def read_archived(paths: list[str]) -> str:
    """SQL of all rows of archived loads, with `path`; columns that only movements have are null for registers."""
    nothing = ", ".join(f"NULL::{kind} AS {column}" for column, kind in map(str.split, _OWN))
    return (
        f"(FROM read_parquet({paths}, filename = 'path', union_by_name = true)"
        f" UNION ALL BY NAME SELECT {nothing} WHERE false)"
    )
