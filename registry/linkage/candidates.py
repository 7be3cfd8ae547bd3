"""Candidates: pairs of forms that share a key, among the incoming forms and between them and the store's."""

import math
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from registry.linkage.evidence import COMPARED, KEYS
from registry.linkage.stored import StoredEvidence

#: Keys that are one kind: a form is found by the number that it states and by the one it was known under, and by its
#: given name where another has it as the surname.
KINDS: dict[str, tuple[str, ...]] = {
    **{key: (key,) for key in KEYS if key not in ("known_number_key", "given_key", "first_key")},
    "number_key": ("number_key", "known_number_key"),
    "word_key": ("given_key", "first_key"),
}
#: Incoming forms stand behind all those of the store.
INCOMING = 1 << 62


def create_candidates(
    connection: duckdb.DuckDBPyConnection, *, known: StoredEvidence, largest_block: int, most_pairs: float = math.inf
) -> None:
    """Finds the pairs that the model is to look at.

    Args:
        connection: with the table `evidence` of the incoming forms.
        known: the forms that came before; none of them is among the incoming ones.
        largest_block: keys that more forms than this share are left out; the forms are found by other keys or not.
        most_pairs: a kind of key that makes more pairs than this stops the search before they are joined: no pair is
            found then. What keys make is known from how often each stands there.

    Creates the tables

    - `candidate`: l, r (nodes, l < r), keys (bits of `KINDS` that they share);
    - `compared`: node, incoming, file (the place of its load in `known`, null for incoming forms), file_no, row_no,
      form_id and `COMPARED` of every form in a pair and of every incoming form;
    - `volume`: kind, pairs: what the keys of each kind make, up to the one that stopped the search;
    - `left_out`: kind, forms: how many incoming forms have a key that is shared by too many.
    """
    connection.execute(f"CREATE TEMP VIEW node AS SELECT {INCOMING} + rowid AS node, * FROM evidence")
    connection.execute("CREATE TEMP TABLE shared (l BIGINT, r BIGINT, kind UTINYINT)")
    connection.execute("CREATE TEMP TABLE left_out (kind VARCHAR, forms BIGINT)")
    connection.execute("CREATE TEMP TABLE volume (kind VARCHAR, pairs BIGINT)")
    for number, (kind, columns) in enumerate(KINDS.items()):
        _create_keys(connection, columns, known)
        if _note_volume(connection, kind, largest_block) > most_pairs:
            connection.execute("TRUNCATE shared")
            break
        _share(connection, number, largest_block)
    connection.execute(
        "CREATE TEMP TABLE candidate AS SELECT l, r, bit_or(1::INTEGER << kind) AS keys FROM shared GROUP BY l, r"
    )
    connection.execute("DROP TABLE shared")
    _create_compared(connection, known)


def _create_keys(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], known: StoredEvidence) -> None:
    """Creates, of one kind, `key`: node and key; and `block`: what two forms or more share, and how many do."""
    fresh = " UNION ALL ".join(
        f"SELECT node, {column} AS key FROM node WHERE {column} IS NOT NULL" for column in columns
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE key AS {fresh}")
    sought = connection.execute("SELECT DISTINCT key FROM key").to_arrow_table()["key"]
    connection.register("sharing", pa.concat_tables([known.sharing(column, sought) for column in columns]))
    connection.execute("INSERT INTO key SELECT node, key FROM sharing WHERE key IN (SELECT key FROM key)")
    connection.unregister("sharing")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE block AS SELECT key, count(*) FILTER (node >= {INCOMING}) AS fresh,"
        f" count(*) FILTER (node < {INCOMING}) AS stored FROM key GROUP BY key HAVING count(*) > 1"
    )


def _note_volume(connection: duckdb.DuckDBPyConnection, kind: str, largest_block: int) -> int:
    """Notes how many pairs the keys of a kind make, from their counts alone, and how many forms are left out."""
    found = connection.execute(
        "SELECT coalesce(sum(fresh * (fresh - 1) // 2 + fresh * stored), 0)::BIGINT FROM block"
        f" WHERE fresh + stored <= {largest_block}"
    ).fetchall()
    pairs = int(found[0][0])
    connection.execute("INSERT INTO volume VALUES (?, ?)", [kind, pairs])
    connection.execute(
        f"INSERT INTO left_out SELECT '{kind}', count(DISTINCT node) FROM key JOIN block USING (key)"
        f" WHERE node >= {INCOMING} AND fresh + stored > {largest_block}"
    )
    return pairs


def _share(connection: duckdb.DuckDBPyConnection, number: int, largest_block: int) -> None:
    """Adds the pairs that share a key of one kind."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE joint AS FROM key"
        f" SEMI JOIN (FROM block WHERE fresh + stored <= {largest_block}) USING (key)"
    )
    connection.execute(
        f"INSERT INTO shared SELECT l.node, r.node, {number} FROM joint AS l JOIN joint AS r USING (key)"
        f" WHERE l.node < r.node AND r.node >= {INCOMING}"
    )


def _create_compared(connection: duckdb.DuckDBPyConnection, known: StoredEvidence) -> None:
    columns = ", ".join(("file_no", "row_no", "form_id", *COMPARED))
    hits = connection.execute(f"SELECT DISTINCT l FROM candidate WHERE l < {INCOMING}").to_arrow_table()["l"]
    connection.register("hit", known.forms(hits))
    connection.execute(
        f"CREATE TEMP TABLE compared AS SELECT node, true AS incoming, NULL::INTEGER AS file, {columns} FROM node"
        f" UNION ALL SELECT node, false, file, {columns} FROM hit"
    )
    connection.unregister("hit")
