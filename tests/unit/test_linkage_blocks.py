"""Blocks: every pair that shares a key is found, and none else."""

import math
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from registry.linkage.blocks import Keys, Nodes, find_pairs

#: Few keys, so that many are shared; the largest that there can be.
KEYS = st.lists(st.sampled_from([1, 2, 3, 2**32 - 1]), max_size=12)


def side(keys: list[int], start: int) -> tuple[Nodes, Keys]:
    return np.arange(start, start + len(keys), dtype=np.int64), np.array(keys, np.uint32)


@given(KEYS, KEYS, st.integers(2, 8))
def test_pairs_are_those_that_share_a_key(stored: list[int], incoming: list[int], largest: int) -> None:
    found = find_pairs(side(stored, 0), side(incoming, 100), largest_block=largest, most_pairs=math.inf)
    every = [*enumerate(stored), *enumerate(incoming, 100)]
    small = {key for _, key in every if sum(key == other for _, other in every) <= largest}
    pairs = {(a, b) for (a, x), (b, y) in combinations(every, 2) if x == y and b >= 100 and x in small}
    assert sorted(zip(found.l.tolist(), found.r.tolist(), strict=True)) == sorted(pairs)
    assert found.pairs == len(pairs)
    assert found.left_out == sum(key not in small for key in incoming)


def test_too_many_pairs_are_counted_and_not_made() -> None:
    found = find_pairs(side([7] * 10, 0), side([7] * 10, 100), largest_block=300, most_pairs=144)
    assert (found.pairs, len(found.l), len(found.r)) == (145, 0, 0)
    assert len(find_pairs(side([7] * 10, 0), side([7] * 10, 100), largest_block=300, most_pairs=145).l) == 145
