"""Scores: Splink weighs each candidate pair by the model."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from registry.linkage.bounds import most_weight
from registry.linkage.model import LinkageModel


def score_candidates(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Weighs the candidates that may come to something.

    Args:
        connection: with the tables `candidate` and `compared` of `registry.linkage.candidates`.
        model: the weights.

    Creates the table `scored`: l, r, keys, weight (log2 of the odds that both forms are of one person), parts (of
    the weight, one a comparison, in the order of `LinkageModel.comparisons`). A candidate that cannot reach
    `review_weight` and shares no number is not in it.
    """
    connection.execute(
        "CREATE TEMP TABLE promising AS SELECT c.* FROM candidate AS c"
        " JOIN compared AS a ON a.node = c.l JOIN (FROM compared WHERE incoming) AS b ON b.node = c.r"
        f" WHERE {most_weight(model)} >= {model.review_weight - _ROUNDING}"
        " OR a.pid = b.pid OR a.pid = b.known_pid OR a.known_pid = b.pid"
    )
    parts = ", ".join(" + ".join(f"p.{column}" for column in columns) for columns in model.weight_columns)
    with predicted(connection, model, pairs="promising") as found:
        connection.execute(
            f"CREATE TEMP TABLE scored AS SELECT c.*, p.match_weight AS weight, [{parts}]::REAL[] AS parts"
            f" FROM promising AS c JOIN {found} AS p ON p.node_l = c.l AND p.node_r = c.r"
        )
    connection.execute("DROP TABLE promising")


#: Two sums of the same parts may differ in their last digits.
_ROUNDING = 1e-6


@contextmanager
def predicted(connection: duckdb.DuckDBPyConnection, model: LinkageModel, *, pairs: str = "candidate") -> Iterator[str]:
    """What Splink says of every pair of a table: the name of its own table, which is gone afterwards."""
    api = DuckDBAPI(connection)
    linker = quiet_linker(api, "compared", model)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE blocked AS"
        f" SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM {pairs}"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    yield str(linker.inference.predict(warning_mode="never").physical_name)
    forget(linker)


def quiet_linker(api: DuckDBAPI, table: str, model: LinkageModel) -> Linker:
    """A linker on a table, with the prior of the model's population, that writes nothing anywhere: it could quote.

    It does not look through the settings either: that takes it a second, and all that comes of it is written.
    """
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    return Linker(api.register(table), settings_of(model), log_level=None, validate_settings=False)


def forget(linker: Linker) -> None:
    """Drops whatever Splink created."""
    linker.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]


def settings_of(model: LinkageModel) -> dict[str, Any]:
    """Splink's settings: those of the model, with the prior of its population."""
    return {**model.settings, "probability_two_random_records_match": 1 / model.population}
