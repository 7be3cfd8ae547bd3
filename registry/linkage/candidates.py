"""Candidates: pairs of forms that share a key, among the incoming forms and between them and the store's."""

import math
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pyarrow as pa

from registry.fold import keep
from registry.linkage.blocks import Blocks, Keys, Nodes, find_pairs
from registry.linkage.evidence import COMPARED, KEYS
from registry.linkage.stored import AT_ONCE, StoredEvidence, joined

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
        most_pairs: a kind of key that makes more pairs than this stops the search before they are made: no pair is
            found then. What keys make is known from how often each stands there.

    Creates

    - `candidate`: l, r (nodes, l < r), keys (bits of `KINDS` that they share);
    - `stored_form`: node, file (the place of its load in `known`), file_no, row_no, form_id and `COMPARED` of every
      form of the store in a pair;
    - `compared`: the same, and with no file, of these and of every incoming form; incoming;
    - `volume`: kind, pairs: what the keys of each kind make, up to the one that stopped the search;
    - `left_out`: kind, forms: how many incoming forms have a key that is shared by too many.
    """
    connection.execute(f"CREATE TEMP VIEW node AS SELECT {INCOMING} + rowid AS node, * FROM evidence")
    table = connection.execute(f"SELECT node, {', '.join(KEYS)} FROM node").to_arrow_table()
    incoming = {kind: joined([_keys(table, column) for column in columns]) for kind, columns in KINDS.items()}
    stored = known.sharing({column: incoming[kind][1] for kind, columns in KINDS.items() for column in columns})

    def find(kind: str) -> Blocks:
        before = joined([stored[column] for column in KINDS[kind]])
        return find_pairs(before, incoming[kind], largest_block=largest_block, most_pairs=most_pairs)

    blocks: dict[str, Blocks] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for kind, found in zip(KINDS, pool.map(find, KINDS), strict=True):
            blocks[kind] = found
            if found.pairs > most_pairs:
                pool.shutdown(cancel_futures=True)
                break
    _create_found(connection, blocks, too_many=any(found.pairs > most_pairs for found in blocks.values()))
    _create_compared(connection, known)


def _keys(table: pa.Table, column: str) -> tuple[Nodes, Keys]:
    have = table.select(["node", column]).drop_null()
    return have["node"].to_numpy(), have[column].to_numpy()


def _create_found(connection: duckdb.DuckDBPyConnection, blocks: dict[str, Blocks], *, too_many: bool) -> None:
    """Creates `candidate`, empty where there are too many, `volume` and `left_out`."""
    shared = [
        pa.table({"l": found.l, "r": found.r, "kind": np.full(len(found.l), number, np.uint8)})
        for number, found in enumerate(blocks.values())
    ]
    connection.register("shared", pa.concat_tables(shared))
    connection.execute(
        "CREATE TEMP TABLE candidate AS SELECT l, r, bit_or(1::INTEGER << kind) AS keys"
        f" FROM shared WHERE l <> r AND NOT {too_many} GROUP BY l, r"
    )
    connection.unregister("shared")
    kinds = pa.array(blocks, pa.string())
    for table, column, counts in (
        ("volume", "pairs", [found.pairs for found in blocks.values()]),
        ("left_out", "forms", [found.left_out for found in blocks.values()]),
    ):
        keep(connection, table, pa.table({"kind": kinds, column: pa.array(counts, pa.int64())}))


def _create_compared(connection: duckdb.DuckDBPyConnection, known: StoredEvidence) -> None:
    columns = ", ".join(("file_no", "row_no", "form_id", *COMPARED))
    hits = connection.execute(f"SELECT DISTINCT l FROM candidate WHERE l < {INCOMING}").to_arrow_table()["l"]
    keep(connection, "stored_form", known.forms(hits.to_numpy()))
    connection.execute(
        f"CREATE TEMP VIEW compared AS SELECT node, true AS incoming, NULL::INTEGER AS file, {columns} FROM node"
        f" UNION ALL SELECT node, false, file, {columns} FROM stored_form"
    )
