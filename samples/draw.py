"""Seeded chance: one independent generator for every named purpose, and weighted draws by table look-up."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Arrays of whole numbers, of fractions, and of yes or no; their widths change from step to step.
Ints = NDArray[Any]
Floats = NDArray[Any]
Flags = NDArray[Any]

#: Cells of a weighted table: a weight is kept to one part in 4,096.
TABLE_SIZE = 4096


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """The generator of one purpose, such as `(seed, province, MAIN, chunk)`: equal purpose, equal draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *purpose])))


def weighted_table(values: Sequence[int], weights: Sequence[float]) -> Ints:
    """A table of `TABLE_SIZE` cells in which each value stands as often as its weight says (int16)."""
    share = np.cumsum(np.asarray(weights, dtype=float))
    middles = (np.arange(TABLE_SIZE) + 0.5) / TABLE_SIZE
    return np.asarray(values, dtype=np.int16)[np.searchsorted(share / share[-1], middles)]


def pick(rng: np.random.Generator, table: Ints, size: int | tuple[int, ...]) -> Ints:
    """Weighted draws from one table."""
    return table[rng.integers(0, TABLE_SIZE, size, dtype=np.uint16)]


def chance(rng: np.random.Generator, probability: Floats | float, size: int | tuple[int, ...]) -> Flags:
    """True with the given probability, drawn for each element apart."""
    return rng.random(size, dtype=np.float32) < probability
