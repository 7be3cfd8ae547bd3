"""Scores: Splink weighs each candidate pair by the model."""

import logging
from collections.abc import Mapping
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
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    api = DuckDBAPI(connection)
    linker = Linker(api.register("compared"), settings_of(model), log_level=None)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE blocked AS SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM candidate"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    predicted = linker.inference.predict(warning_mode="never")
    parts = ", ".join(" + ".join(f"p.{column}" for column in columns) for columns in model.weight_columns)
    connection.execute(
        f"CREATE TEMP TABLE scored AS SELECT c.*, p.match_weight AS weight, [{parts}]::REAL[] AS parts"
        f" FROM candidate AS c JOIN {predicted.physical_name} AS p ON p.node_l = c.l AND p.node_r = c.r"
    )
    linker.table_management.delete_tables_created_by_splink_from_db()


def settings_of(model: LinkageModel) -> Mapping[str, Any]:
    """Splink's settings: those of the model, with the prior of its population."""
    return {**model.settings, "probability_two_random_records_match": 1 / model.population}
