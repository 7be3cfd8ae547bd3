"""Plain Splink: what an engineer gets out of its own examples' settings, chosen by what a column holds.

Each of theirs is a comparison of its own: names as `NameComparison`, birth dates as `DateOfBirthComparison`, numbers
with one or two slips, all else equal or not, by how common the value is. m by expectation maximisation, u by random
sampling, each column a blocking rule unless it would pair too many.
"""

import contextlib
import io
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import (
    DamerauLevenshteinAtThresholds,
    DateOfBirthComparison,
    ExactMatch,
    NameComparison,
)
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.exceptions import SplinkException

from benchmarks.labelled import Source, texts_of
from registry.forms import NAMES

_NUMBERS = frozenset({"pid", "cmnd_no", "father_id", "mother_id", "spouse_id", "phone"})
#: A blocking rule may pair this many rows a row.
_PAIRS_A_ROW = 200
_SAMPLED_PAIRS = 1e6


@dataclass(frozen=True)
class Column:
    """One of theirs: its name, what it is compared by, and the most pairs that share a value of it."""

    name: str
    comparison: ComparisonCreator
    pairs: int


def best_f1(
    tables: Sequence[pd.DataFrame], sources: Mapping[str, Source], truth: Sequence[str | None], *, linked: bool
) -> dict[str, float]:
    """Links by plain Splink; returns seconds, precision, recall and F1 at the threshold that the truth likes best."""
    start = time.monotonic()
    rows = _table(tables, sources)
    scored = predict(rows, columns_of(rows, sources), linked=linked)
    seconds = time.monotonic() - start
    person = pd.Series(truth, dtype="string")
    left, right = (person.iloc[scored[side]].to_numpy() for side in ("l", "r"))
    true = _true_pairs(person, rows["data_set"], linked=linked)
    order = np.argsort(-scored["weight"].to_numpy(), kind="stable")
    hits = np.cumsum((left == right)[order].astype(bool))
    said = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (said + true)
    best = int(f1.argmax())
    counted = {"precision": hits[best] / said[best], "recall": hits[best] / true, "f1": f1[best]}
    return {"seconds": seconds, "true_pairs": true, **{name: float(value) for name, value in counted.items()}}


def _true_pairs(person: pd.Series, data_set: pd.Series, *, linked: bool) -> int:
    def pairs(sizes: pd.Series) -> int:
        return int((sizes * (sizes - 1) // 2).sum())

    both = pairs(person.groupby(person).size())
    return both - pairs(person.groupby([person, data_set.to_numpy()]).size()) if linked else both


def _table(tables: Sequence[pd.DataFrame], sources: Mapping[str, Source]) -> pd.DataFrame:
    names = list(dict.fromkeys(column for source in sources.values() for column in source.columns))
    made = [
        pd.DataFrame({name: texts_of(table, [name]).to_pandas() for name in names}).assign(data_set=number)
        for number, table in enumerate(tables)
    ]
    return pd.concat(made, ignore_index=True).assign(row=lambda rows: range(len(rows)))


def columns_of(rows: pd.DataFrame, sources: Mapping[str, Source]) -> list[Column]:
    """The comparison of each of their columns, chosen by the column of ours that it stands for."""
    chosen: dict[str, ComparisonCreator] = {}
    for ours, source in sources.items():
        for name in source.columns:
            chosen.setdefault(name, _comparison(ours, name, source.format))
    sizes = {name: rows[name].value_counts() for name in chosen}
    return [
        Column(name, comparison, int((sizes[name] * (sizes[name] - 1) // 2).sum()))
        for name, comparison in chosen.items()
    ]


def _comparison(ours: str, name: str, pattern: str | None) -> ComparisonCreator:
    if ours in NAMES:
        return NameComparison(name)
    if ours == "birth_date":
        return DateOfBirthComparison(name, input_is_string=True, datetime_format=pattern or "%d/%m/%Y")
    if ours in _NUMBERS:
        return DamerauLevenshteinAtThresholds(name, [1, 2])
    return ExactMatch(name).configure(term_frequency_adjustments=True)


def predict(rows: pd.DataFrame, columns: Sequence[Column], *, linked: bool) -> pd.DataFrame:
    """Trains on the rows and scores their pairs; returns l, r (positions of rows) and weight."""
    blocks = [column for column in columns if column.pairs <= _PAIRS_A_ROW * len(rows)] or [
        min(columns, key=lambda column: column.pairs)
    ]
    settings = SettingsCreator(
        link_type="link_only" if linked else "dedupe_only",
        unique_id_column_name="row",
        comparisons=[column.comparison for column in columns],
        blocking_rules_to_generate_predictions=[block_on(column.name) for column in blocks],
    )
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "8GB"})
    api = DuckDBAPI(connection)
    sides = [side for _, side in rows.groupby("data_set")] if linked else [rows]
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        linker = Linker([api.register(pa.Table.from_pandas(side, preserve_index=False)) for side in sides], settings)
        _train(linker, blocks)
        predicted = linker.inference.predict()
    return connection.execute(
        f"SELECT row_l AS l, row_r AS r, match_weight AS weight FROM {predicted.physical_name}"
    ).df()


def _train(linker: Linker, blocks: Iterable[Column]) -> None:
    by_size = sorted(blocks, key=lambda column: column.pairs)
    with contextlib.suppress(SplinkException, ValueError):
        linker.training.estimate_probability_two_random_records_match([block_on(by_size[0].name)], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS * 10, seed=1)
    for column in by_size[:3]:
        # a column without any pair trains nothing
        with contextlib.suppress(SplinkException, ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(column.name))
