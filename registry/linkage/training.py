"""Training: m by expectation maximisation, u by random sampling, and how common the words of names are.

What comes out keeps the comparisons and the levels of the model that goes in, and each level stays within its bounds: a
level that was hardly seen, or was seen in registers that are like no others, must not become absurd.

The expectation is the model's own weight of each candidate, and levels begin with what the model says of them as if it
had been seen in `TAKEN_FOR_SEEN` pairs. Splink's own training stops where a level of it reaches zero, and the pairs of
a register that agree in a number are so seldom two persons that some do.
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import DuckDBAPI

from registry.database import load_sql
from registry.errors import UsageError
from registry.linkage.candidates import create_candidates
from registry.linkage.model import WORD_SCHEMA, Level, LinkageModel
from registry.linkage.scores import forget, predicted, quiet_linker
from registry.linkage.stored import StoredEvidence

#: Fewer pairs of one person than this say nothing.
FEWEST_PAIRS = 500
#: What the model says of m weighs like this many pairs.
TAKEN_FOR_SEEN = 200
ROUNDS = 5
#: A word that fewer names than this have is left out: it could tell who somebody is.
FEWEST_NAMES = 20
SAMPLED_PAIRS = 2e6
_SEED = 1
#: m and u stay away from never and always, which nobody can have seen.
_LEAST, _MOST = 1e-4, 0.9999


@dataclass(frozen=True)
class Seen:
    """What training had to go by: forms, pairs that were compared, and how many seem to be of one person."""

    forms: int
    pairs: int
    matches: int


def train(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> tuple[LinkageModel, Seen]:
    """Trains a model on the table `evidence`, whose forms are all different.

    Returns:
        The model with other m, u and words, and what it was trained on. Version and day are the caller's to set.

    Raises:
        UsageError: there are too few pairs to learn from.
    """
    create_candidates(connection, known=StoredEvidence([]), largest_block=model.largest_block)
    m, pairs, matches = _learn_m(connection, model)
    if matches < FEWEST_PAIRS:
        raise UsageError(
            f"{matches:.0f} pairs of forms seem to be of one person; {FEWEST_PAIRS} are needed to learn from."
        )
    u = _sample_u(connection, model)
    comparisons = [
        {
            **given,
            "comparison_levels": [
                _bounded(given["output_column_name"], level, m, u, model) for level in given["comparison_levels"]
            ],
        }
        for given in model.settings["comparisons"]
    ]
    forms = (connection.execute("SELECT count(*) FROM evidence").fetchone() or (0,))[0]
    settings = {**model.settings, "comparisons": comparisons}
    return replace(model, settings=settings, words=_words(connection, model)), Seen(forms, pairs, round(matches))


#: By comparison and label.
_Learnt = dict[tuple[str, str], float]


def _learn_m(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> tuple[_Learnt, int, float]:
    """M of every level; how many pairs were looked at, and how many of them are matches."""
    names = model.comparisons
    columns = [f"gamma_{name}" for name in names]
    shown = ", ".join([*columns, "match_weight"])
    # Splink leaves the level of each comparison in its answer only beside what was compared
    telling = replace(model, settings={**model.settings, "retain_matching_columns": True})
    with predicted(connection, telling) as pairs:
        found = connection.execute(f"SELECT {shown} FROM {pairs}").fetchnumpy()
    levels = {
        name: _Levels(found[f"gamma_{name}"].astype(np.int64), [level for of, level in model.levels() if of == name])
        for name in names
    }
    stated = found["match_weight"].astype(np.float64)
    match = _probability(stated)
    for _ in range(ROUNDS):
        shift = sum((one.learn(match) for one in levels.values()), np.zeros(len(stated)))
        match = _probability(stated + shift)
    learnt = {(name, label): share for name, one in levels.items() for label, share in one.shares()}
    return learnt, len(stated), float(match.sum())


def _probability(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp2(-np.clip(weight, -500, 500)))


class _Levels:
    """The levels of one comparison: Splink counts them from the last, 0, and calls an unknown one -1."""

    def __init__(self, gamma: NDArray[np.int64], levels: list[Level]) -> None:
        self._gamma, self._known = gamma, gamma >= 0
        self._labels = [str(level["label_for_charts"]) for level in reversed(levels)]
        self._given = np.array([float(level["m_probability"]) for level in reversed(levels)])
        self._m = self._given

    def learn(self, match: NDArray[np.float64]) -> NDArray[np.float64]:
        """Takes m from how probably each pair is a match; returns what that adds to each pair's weight."""
        seen = np.bincount(self._gamma[self._known], weights=match[self._known], minlength=len(self._given))
        prior = self._given / self._given.sum() * TAKEN_FOR_SEEN
        self._m = (seen + prior) / (seen.sum() + TAKEN_FOR_SEEN)
        shift = np.log2(self._m / self._given)
        return np.where(self._known, shift[np.maximum(self._gamma, 0)], 0.0)

    def shares(self) -> list[tuple[str, float]]:
        """M by label."""
        return list(zip(self._labels, self._m.tolist(), strict=True))


def _sample_u(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> _Learnt:
    """U of the levels that random pairs were seen in."""
    linker = quiet_linker(DuckDBAPI(connection), "compared", model)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=_SEED)
    sampled = linker.misc.save_model_to_json()
    forget(linker)
    return {
        (comparison["output_column_name"], level["label_for_charts"]): level["u_probability"]
        for comparison in sampled["comparisons"]
        for level in comparison["comparison_levels"]
        if isinstance(level.get("u_probability"), float)
    }


def _bounded(name: str, level: Level, m: _Learnt, u: _Learnt, model: LinkageModel) -> Level:
    """A level with what was learnt of it, as far as its bounds allow."""
    if level.get("is_null_level"):
        return level
    label = level["label_for_charts"]
    low, high = model.bounds[name][label]
    seldom = min(max(m[name, label], _LEAST), _MOST)
    by_chance = min(max(u.get((name, label), float(level["u_probability"])), seldom / 2**high), seldom / 2**low)
    if by_chance > _MOST:  # more than always: m gives way, the weight stays
        seldom, by_chance = seldom * _MOST / by_chance, _MOST
    return {**level, "m_probability": _written(seldom), "u_probability": _written(by_chance)}


def _written(share: float) -> float:
    return float(f"{share:.6g}")


def _words(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> pa.Table:
    """How common words are: those of the forms, and of the model where the forms do not have them."""
    connection.register("words_before", model.words)
    words = connection.execute(load_sql("link", "count_words").format(fewest=FEWEST_NAMES)).to_arrow_table()
    connection.unregister("words_before")
    return words.cast(WORD_SCHEMA)
