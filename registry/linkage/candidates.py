"""Candidates: pairs of forms that share a key, among the incoming forms and between them and the store's."""

import math
from collections.abc import Sequence
from pathlib import Path

import duckdb

from registry.linkage.evidence import COMPARED, KEYS

#: Keys that are one kind: a form is found by the number that it states and by the one it was known under, and by its
#: given name where another has it as the surname.
KINDS: dict[str, tuple[str, ...]] = {
    **{key: (key,) for key in KEYS if key not in ("known_number_key", "given_key", "first_key")},
    "number_key": ("number_key", "known_number_key"),
    "word_key": ("given_key", "first_key"),
}
#: A form of the store is called by the place of its file among those that were read, and its row there; incoming
#: forms stand behind them all.
INCOMING = 1 << 62
_FILE_BITS = 32


def create_candidates(
    connection: duckdb.DuckDBPyConnection, *, known: Sequence[Path], largest_block: int, most_pairs: float = math.inf
) -> None:
    """Finds the pairs that the model is to look at.

    Args:
        connection: with the table `evidence` of the incoming forms.
        known: files of evidence of the forms that came before; none of their forms is among the incoming ones.
        largest_block: keys that more forms than this share are left out; the forms are found by other keys or not.
        most_pairs: a kind of key that makes more pairs than this stops the search before they are joined: no pair is
            found then. What keys make is known from how often each stands there.

    Creates the tables

    - `candidate`: l, r (nodes, l < r), keys (bits of `KINDS` that they share);
    - `compared`: node, incoming, file (position in `known`, null for incoming forms), file_no, row_no, form_id and
      `COMPARED` of every form in a pair and of every incoming form;
    - `volume`: kind, pairs: what the keys of each kind make, up to the one that stopped the search;
    - `left_out`: kind, forms: how many incoming forms have a key that is shared by too many.
    """
    connection.execute(f"CREATE TEMP VIEW node AS SELECT {INCOMING} + rowid AS node, * FROM evidence")
    connection.execute("CREATE TEMP TABLE shared (l BIGINT, r BIGINT, kind UTINYINT)")
    connection.execute("CREATE TEMP TABLE left_out (kind VARCHAR, forms BIGINT)")
    connection.execute("CREATE TEMP TABLE volume (kind VARCHAR, pairs BIGINT)")
    for number, (kind, columns) in enumerate(KINDS.items()):
        every = _create_keys(connection, kind, columns, known=known, largest_block=largest_block)
        if _note_volume(connection, kind, every) > most_pairs:
            connection.execute("TRUNCATE shared")
            break
        _share(connection, number, every)
    connection.execute(
        "CREATE TEMP TABLE candidate AS SELECT l, r, bit_or(1::INTEGER << kind) AS keys FROM shared GROUP BY l, r"
    )
    connection.execute("DROP TABLE shared")
    _create_compared(connection, known)


def _create_keys(
    connection: duckdb.DuckDBPyConnection, kind: str, columns: Sequence[str], *, known: Sequence[Path],
    largest_block: int,
) -> str:  # fmt: skip
    """Creates the keys of one kind, `fresh_key` and `crowded` among them; returns a query for all of them."""
    fresh = " UNION ALL ".join(
        f"SELECT node, {column} AS key FROM node WHERE {column} IS NOT NULL" for column in columns
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh_key AS {fresh}")
    sides = ["FROM fresh_key"]
    if known:
        stored = " UNION ALL ".join(
            f"SELECT ({NODE}) AS node, {column} AS key FROM {read_files(known)} SEMI JOIN fresh_key ON key = {column}"
            for column in columns
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE stored_key AS {stored}")
        sides.append("FROM stored_key")
    every = " UNION ALL ".join(sides)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT key FROM ({every}) GROUP BY key"
        f" HAVING count(*) > {largest_block}"
    )
    connection.execute(
        f"INSERT INTO left_out SELECT '{kind}', count(DISTINCT node) FROM fresh_key SEMI JOIN crowded USING (key)"
    )
    return every


def _note_volume(connection: duckdb.DuckDBPyConnection, kind: str, every: str) -> int:
    """Notes how many pairs the keys of a kind make, from their counts alone."""
    found = connection.execute(
        "SELECT coalesce(sum(fresh * (fresh - 1) // 2 + fresh * stored), 0)::BIGINT"
        f" FROM (SELECT count(*) FILTER (node >= {INCOMING}) AS fresh, count(*) FILTER (node < {INCOMING}) AS stored"
        f"         FROM ({every}) ANTI JOIN crowded USING (key) GROUP BY key)"
    ).fetchall()
    pairs = int(found[0][0])
    connection.execute("INSERT INTO volume VALUES (?, ?)", [kind, pairs])
    return pairs


def _share(connection: duckdb.DuckDBPyConnection, number: int, every: str) -> None:
    """Adds the pairs that share a key of one kind, of the keys that `_create_keys` made."""
    connection.execute(
        f"INSERT INTO shared SELECT r.node, l.node, {number} FROM (FROM fresh_key ANTI JOIN crowded USING (key)) AS l"
        f" JOIN ({every}) AS r USING (key) WHERE r.node < l.node"
    )


#: SQL: what a form of the store is called.
NODE = f"(file_index::BIGINT << {_FILE_BITS}) + file_row_number"


def read_files(known: Sequence[Path]) -> str:
    """SQL of a relation: the rows of files of evidence, which `NODE` names."""
    return f"read_parquet({[str(path) for path in known]})"


def _create_compared(connection: duckdb.DuckDBPyConnection, known: Sequence[Path]) -> None:
    columns = ", ".join(("file_no", "row_no", "form_id", *COMPARED))
    parts = [f"SELECT node, true AS incoming, NULL::INTEGER AS file, {columns} FROM node"]
    if known:
        parts.append(
            f"SELECT {NODE} AS node, false, file_index::INTEGER, {columns} FROM {read_files(known)}"
            f" WHERE {NODE} IN (SELECT l FROM candidate WHERE l < {INCOMING})"
        )
    connection.execute(f"CREATE TEMP TABLE compared AS {' UNION ALL '.join(parts)}")
