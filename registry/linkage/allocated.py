"""Numbers that the register gave: a form that states one is compared with its holder's first form as if it did."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.linkage.candidates import KINDS, NODE, read_files
from registry.linkage.evidence import COMPARED

#: Numbers that the register gave, and the first 24 hex digits of the form that their holder is called after.
ALLOCATED_SCHEMA = pa.schema([("number", pa.large_string()), ("founder", pa.large_string())])

#: What is added to a node for its likeness that states the number.
_LIKENESS = -(1 << 62)


def add_allocated(connection: duckdb.DuckDBPyConnection, given: pa.Table, *, known: Sequence[Path]) -> None:
    """Adds pairs of incoming forms that state a number which the register gave, with likenesses of its holder's form.

    Only who states the number is compared so: what others agree on with its holder does not change by the number.

    Args:
        connection: with the tables `candidate` and `compared`.
        given: `ALLOCATED_SCHEMA`, of the numbers that incoming forms state.
        known: files of evidence of the store's forms.
    """
    if not given.num_rows:
        return
    connection.register("given", given)
    columns = ("file_no", "row_no", "form_id", *COMPARED)
    likeness = ", ".join("g.number AS pid" if column == "pid" else f"f.{column}" for column in columns)
    sides = ["SELECT node, file, {0} FROM compared AS f JOIN given AS g ON g.founder = f.form_id[:24]"]
    if known:
        sides.append(
            f"SELECT {NODE} AS node, file_index::INTEGER, {{0}} FROM {read_files(known)} AS f"
            " JOIN given AS g ON g.founder = f.form_id[:24]"
        )
    every = " UNION ALL ".join(side.format(likeness) for side in sides)
    connection.execute(
        f"CREATE TEMP TABLE likeness AS SELECT DISTINCT ON (form_id) node + {_LIKENESS} AS node, file,"
        f" {', '.join(columns)} FROM ({every})"
    )
    connection.execute("INSERT INTO compared BY NAME SELECT *, false AS incoming FROM likeness")
    bit = 1 << list(KINDS).index("number_key")
    connection.execute(
        f"INSERT INTO candidate SELECT h.node, n.node, {bit} FROM likeness AS h"
        " JOIN compared AS n ON n.incoming AND n.pid = h.pid AND n.form_id <> h.form_id"
    )
    connection.unregister("given")
