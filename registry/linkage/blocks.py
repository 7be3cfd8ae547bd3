"""Blocks: forms that share a key, and the pairs that they make."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Nodes = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

#: A key and the place of its form are sorted as one number: twenty times as fast as by a table of hashes.
_PLACE_BITS = np.uint64(32)
_PLACE_MASK = np.uint64((1 << 32) - 1)


@dataclass(frozen=True)
class Blocks:
    """What the keys of one kind make.

    Attributes:
        pairs: how many pairs, one that shares several keys several times.
        left_out: how many incoming forms have a key that is shared by too many.
        l: the earlier form of each pair; none where `pairs` are too many.
        r: the later one, which is incoming.
    """

    pairs: int
    left_out: int
    l: Nodes  # noqa: E741 - left and right
    r: Nodes


def find_pairs(
    stored: tuple[Nodes, Keys], incoming: tuple[Nodes, Keys], *, largest_block: int, most_pairs: float
) -> Blocks:
    """Pairs of forms that share a key, of which one is incoming or both are.

    Args:
        stored: node and key of forms of the store; every node is less than those of `incoming`.
        incoming: the same of incoming forms.
        largest_block: keys that more forms than this share are left out.
        most_pairs: more pairs than these are counted and not made.
    """
    node, key = np.concatenate([stored[0], incoming[0]]), np.concatenate([stored[1], incoming[1]])
    order = _in_blocks(np.sort((key.astype(np.uint64) << _PLACE_BITS) | np.arange(len(key), dtype=np.uint64)))
    place = (order & _PLACE_MASK).astype(np.int64)
    first = np.flatnonzero(np.diff(order >> _PLACE_BITS, prepend=np.uint64(1 << 32)))
    size = np.diff(first, append=len(order))
    # in a block the store's forms stand before the incoming ones: each of these makes a pair with all before it
    before = np.arange(len(order)) - np.repeat(first, size)
    is_new, too_large = place >= len(stored[0]), np.repeat(size > largest_block, size)
    left_out = len(np.unique(node[place[is_new & too_large]]))
    before[~is_new | too_large] = 0
    pairs = int(before.sum())
    if pairs > most_pairs:
        before[:] = 0
    r = np.repeat(np.arange(len(order)), before)
    nth = np.arange(len(r)) - np.repeat(np.cumsum(before) - before, before)
    l, r = node[place[r - 1 - nth]], node[place[r]]  # noqa: E741
    return Blocks(pairs, left_out, np.minimum(l, r), np.maximum(l, r))


def _in_blocks(order: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Of sorted keys with places those whose key is there twice or more."""
    key = (order >> _PLACE_BITS).astype(np.uint32)
    again = key[1:] == key[:-1]
    shared = np.zeros(len(order), dtype=bool)
    shared[1:] = again
    shared[:-1] |= again
    return order[shared]
