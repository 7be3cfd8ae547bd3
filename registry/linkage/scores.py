"""Scores: Splink weighs each candidate pair by the model."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from registry.linkage.model import LinkageModel


def score_candidates(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Weighs every candidate.

    Args:
        connection: with the tables `candidate` and `compared` of `registry.linkage.candidates`.
        model: the weights.

    Creates the table `scored`: l, r, keys, weight (log2 of the odds that both forms are of one person), parts (of
    the weight, one a comparison, in the order of `LinkageModel.comparisons`).
    """
    parts = ", ".join(" + ".join(f"p.{column}" for column in columns) for columns in model.weight_columns)
    with predicted(connection, model) as pairs:
        connection.execute(
            f"CREATE TEMP TABLE scored AS SELECT c.*, p.match_weight AS weight, [{parts}]::REAL[] AS parts"
            f" FROM candidate AS c JOIN {pairs} AS p ON p.node_l = c.l AND p.node_r = c.r"
        )


@contextmanager
def predicted(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> Iterator[str]:
    """What Splink says of every candidate: the name of its table, which is gone afterwards."""
    api = DuckDBAPI(connection)
    linker = quiet_linker(api, "compared", model)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE blocked AS"
        " SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM candidate"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    yield str(linker.inference.predict(warning_mode="never").physical_name)
    forget(linker)


def quiet_linker(api: DuckDBAPI, table: str, model: LinkageModel) -> Linker:
    """A linker on a table, with the prior of the model's population, that writes nothing anywhere: it could quote."""
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    return Linker(api.register(table), settings_of(model), log_level=None)


def forget(linker: Linker) -> None:
    """Drops whatever Splink created."""
    linker.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]


def settings_of(model: LinkageModel) -> dict[str, Any]:
    """Splink's settings: those of the model, with the prior of its population."""
    return {**model.settings, "probability_two_random_records_match": 1 / model.population}
