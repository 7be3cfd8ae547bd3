"""Placement: forms and the pairs between them become persons with names that stay.

A person's id is that of its first form (see `registry.persons`). When persons are tied, the oldest id stays and the
others lead to it; when a person is parted, the larger part keeps the id, and the rest is called after its own first
form, or as it was called before it was tied.
"""

import duckdb
import numpy as np
import pyarrow as pa

from registry.database import load_sql
from registry.linkage.clusters import MEMBER_SCHEMA, PAIR_SCHEMA, cluster_forms

#: What a placement leaves, a table each.
PLACED: tuple[str, ...] = ("placed", "alias", "revived", "parted", "open_person")


def place_forms(connection: duckdb.DuckDBPyConnection, *, night: str, match_weight: float) -> None:
    """Decides which person each form belongs to, and what each person is called.

    Args:
        connection: with the tables
            `member`: form_id (32 hex digits), person_id (null for a form that the store does not know yet) and the
            columns of `registry.linkage.clusters.MEMBER_SCHEMA`, of all forms of the persons concerned;
            `tie`: form_a, form_b, weight, apart, verdict (null where nobody spoke) of all pairs of these forms;
            `retired`: old_id, of ids that lead to these persons.
        night: the business date in eight digits, the head of new persons' ids.
        match_weight: from this weight on a pair ties its forms.

    Creates the tables

    - `placed`: form_id, person_id, before (null for a new form), is_founder (the person is new, and called after it);
    - `alias`: old_id, person_id of persons that are tied to another; `revived`: person_id of old ids that live again;
    - `parted`: person_id of the persons whose forms are no union of persons of before: they are folded afresh;
    - `open_person`: person_id of the persons of which people must decide.
    """
    # Most new forms are in no pair: nothing is to be decided of them.
    connection.execute(
        "CREATE TEMP TABLE concerned AS FROM member"
        " WHERE person_id IS NOT NULL OR form_id IN (SELECT form_a FROM tie UNION ALL SELECT form_b FROM tie)"
    )
    members = connection.execute(
        f"SELECT {', '.join(MEMBER_SCHEMA.names)} FROM concerned ORDER BY rowid"
    ).to_arrow_table()
    pairs = connection.execute(
        "SELECT a.rowid AS a, b.rowid AS b, t.weight, t.verdict FROM tie AS t"
        " JOIN concerned AS a ON a.form_id = t.form_a JOIN concerned AS b ON b.form_id = t.form_b"
    ).to_arrow_table()
    labels = cluster_forms(members.cast(MEMBER_SCHEMA), pairs.cast(PAIR_SCHEMA), match_weight=match_weight)
    connection.register("label_table", pa.table({"spot": np.arange(len(labels)), "label": labels}))
    connection.execute(
        "CREATE TEMP TABLE labelled AS SELECT form_id, person_id, label"
        " FROM concerned JOIN label_table ON spot = concerned.rowid"
    )
    connection.unregister("label_table")
    digits = " || '-' || ".join(f"form[{first}:{last}]" for first, last in ((1, 4), (5, 8), (9, 12), (13, 24)))
    connection.execute(f"CREATE OR REPLACE TEMP MACRO founded_by(form) AS '{night}-' || {digits}")
    connection.execute(load_sql("link", "create_named"))
    for table in PLACED:
        connection.execute(load_sql("link", f"create_{table}"))
