"""What the store knows of the persons that are concerned: their forms, the pairs between them, their old ids."""

import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.linkage.clusters import MEMBER_SCHEMA

KNOWN_SCHEMA = pa.schema([("form_id", pa.large_string()), ("person_id", pa.large_string()), *list(MEMBER_SCHEMA)[1:]])
TIE_SCHEMA = pa.schema(
    [
        ("form_a", pa.large_string()),
        ("form_b", pa.large_string()),
        ("weight", pa.float32()),
        ("apart", pa.bool_()),
        ("verdict", pa.large_string()),
    ]
)
#: Where forms stand in the archive, and which person they belong to.
FORM_SCHEMA = pa.schema(
    [
        ("form_id", pa.large_string()),
        ("person_id", pa.large_string()),
        ("sender", pa.large_string()),
        ("load_id", pa.large_string()),
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
    ]
)
_RETIRED_SCHEMA = pa.schema([("old_id", pa.large_string())])


def fetch_known(store: Connection, forms: pa.Table, *, match_weight: float) -> dict[str, pa.Table]:
    """What the store knows of the persons of some forms.

    Persons that a pair of matching weight ties to them, and that something keeps apart, come with them, and so on: what
    is put together anew is whole.

    Args:
        store: in a transaction, which keeps what is read as it is.
        forms: form_id of forms that the store has.
        match_weight: from this weight on a pair ties its forms.

    Returns:
        `known_member` (`KNOWN_SCHEMA`), `known_tie` (`TIE_SCHEMA`) and `retired` (old_id).
    """
    # Keys are looked up in their order, so pages come one after the other; the planner would rather read every form.
    store.exec_driver_sql("SET LOCAL random_page_cost = 0.2")
    store.exec_driver_sql(load_sql("resolve", "create_concerned"))
    hits = copy_in(store, "hit", ["form_id"], forms)
    while hits:
        for table in ("added", "added_form", "added_pair"):
            store.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
            store.exec_driver_sql(load_sql("resolve", f"create_{table}"))
            store.exec_driver_sql(f"ANALYZE {table}")
        store.exec_driver_sql(load_sql("resolve", "note_added"))
        hits = store.execute(text(load_sql("resolve", "hit_tied")), {"weight": match_weight}).rowcount
    found = {
        table: copy_out(store, load_sql("resolve", statement), schema)
        for table, statement, schema in (
            ("known_member", "members", KNOWN_SCHEMA),
            ("known_tie", "ties", TIE_SCHEMA),
            ("retired", "retired", _RETIRED_SCHEMA),
        )
    }
    store.exec_driver_sql("SET LOCAL random_page_cost TO DEFAULT")
    return found
