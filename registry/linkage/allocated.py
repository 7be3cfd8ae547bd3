"""Numbers that the register gave: a form that states one is compared with its holder's first form as if it did."""

import duckdb
import pyarrow as pa

from registry.linkage.candidates import KINDS
from registry.linkage.evidence import COMPARED
from registry.linkage.stored import StoredEvidence

#: Numbers that the register gave, and the first 24 hex digits of the form that their holder is called after.
ALLOCATED_SCHEMA = pa.schema([("number", pa.large_string()), ("founder", pa.large_string())])

#: What is added to a node for its likeness that states the number.
_LIKENESS = -(1 << 62)


def add_allocated(connection: duckdb.DuckDBPyConnection, given: pa.Table, *, known: StoredEvidence) -> None:
    """Adds pairs of incoming forms that state a number which the register gave, with likenesses of its holder's form.

    Only who states the number is compared so: what others agree on with its holder does not change by the number.

    Args:
        connection: with `candidate`, `stored_form` and `compared`.
        given: `ALLOCATED_SCHEMA`, of the numbers that incoming forms state.
        known: the store's forms.
    """
    if not given.num_rows:
        return
    connection.register("given", given)
    columns = ("file_no", "row_no", "form_id", *COMPARED)
    likeness = ", ".join("g.number AS pid" if column == "pid" else f"f.{column}" for column in columns)
    connection.register("founder", known.founders(given["founder"]))
    every = " UNION ALL ".join(
        f"SELECT node, file, {likeness} FROM {forms} AS f JOIN given AS g ON g.founder = f.form_id[:24]"
        for forms in ("compared", "founder")
    )
    connection.execute(
        f"CREATE TEMP TABLE likeness AS SELECT DISTINCT ON (form_id) node + {_LIKENESS} AS node, file,"
        f" {', '.join(columns)} FROM ({every})"
    )
    connection.execute("INSERT INTO stored_form BY NAME FROM likeness")
    bit = 1 << list(KINDS).index("number_key")
    connection.execute(
        f"INSERT INTO candidate SELECT h.node, n.node, {bit} FROM likeness AS h"
        " JOIN compared AS n ON n.incoming AND n.pid = h.pid AND n.form_id <> h.form_id"
    )
    connection.unregister("given")
    connection.unregister("founder")
