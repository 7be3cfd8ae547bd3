"""Personal numbers and old card numbers, unique without remembering any.

The serials of each cell (province, century and sex, year of birth) are shared out among the batches of
persons before anything is drawn: batch k may use block k of the cell and nothing else. Inside its block a
batch counts upwards, and a fixed permutation scatters the serials so that neighbours do not look alike. A
person for whom the block has no serial left simply has no number yet.
"""

import numpy as np

from samples.draw import Flags, Ints

NO_NUMBER = -1
_PID_SERIALS = 10**6
_CMND_SERIALS = 10**7
#: Odd and no multiple of 5, so that multiplying permutes the serials of a power of ten.
_SCATTER = 617_353

#: First two digits of nine-digit card numbers, by province number: each police force of before 1991 had one,
#: and the provinces it was later split into went on sharing it (Đồng Nai and Bà Rịa-Vũng Tàu: 27).
_CMND_PREFIXES = {
    1: 1, 79: 2, 31: 3, 11: 4, 12: 4, 14: 5, 15: 6, 10: 6, 8: 7, 2: 7, 20: 8, 4: 8, 19: 9, 6: 9, 22: 10,
    17: 11, 24: 12, 27: 12, 25: 13, 26: 13, 30: 14, 33: 14, 34: 15, 36: 16, 35: 16, 37: 16, 38: 17, 40: 18,
    42: 18, 44: 19, 45: 19, 46: 19, 49: 20, 48: 20, 51: 21, 52: 21, 56: 22, 54: 22, 64: 23, 62: 23, 66: 24,
    67: 24, 68: 25, 58: 26, 60: 26, 75: 27, 77: 27, 74: 28, 70: 28, 72: 29, 80: 30, 82: 31, 83: 32, 86: 33,
    84: 33, 87: 34, 89: 35, 92: 36, 93: 36, 94: 36, 91: 37, 96: 38, 95: 38,
}  # fmt: skip
_PREFIX_OF_PROVINCE = np.zeros(100, dtype=np.int64)
_PREFIX_OF_PROVINCE[list(_CMND_PREFIXES)] = list(_CMND_PREFIXES.values())


def _rank_in_cell(cells: Ints) -> Ints:
    """For each element, how many elements of the same cell stand before it."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    sizes = np.diff(starts, append=ordered.size)
    ranks = np.empty(cells.size, dtype=np.int64)
    ranks[order] = np.arange(ordered.size) - np.repeat(starts, sizes)
    return ranks


def _serials(cells: Ints, *, block: int, blocks: int, space: int) -> Ints:
    """Serials of the batch that owns block `block` of `blocks`; `NO_NUMBER` where its block is used up."""
    size = space // blocks
    ranks = _rank_in_cell(cells)
    scattered = ((block * size + ranks) * _SCATTER + cells * 7_919) % space
    return np.where(ranks < size, scattered, NO_NUMBER)


def personal_numbers(*, province: Ints, male: Flags, birth_year: Ints, has: Flags, block: int, blocks: int) -> Ints:
    """Personal numbers `PPP G YY NNNNNN` as integers, `NO_NUMBER` for those without (int64).

    PPP: province of birth registration; G: century and sex, 0/1 for men/women born 1900–1999, 2/3 for
    2000–2099; YY: year of birth; N: serial (Decree 137/2015/NĐ-CP art. 13, Circular 07/2016/TT-BCA annex 1).
    """
    century_and_sex = 2 * (birth_year // 100 - 19) + np.where(male, 0, 1)
    cells = (province.astype(np.int64) * 10 + century_and_sex) * 100 + birth_year % 100
    numbers = np.full(cells.size, NO_NUMBER, dtype=np.int64)
    serials = _serials(cells[has], block=block, blocks=blocks, space=_PID_SERIALS)
    numbers[has] = np.where(serials >= 0, cells[has] * _PID_SERIALS + serials, NO_NUMBER)
    return numbers


def card_numbers(*, province: Ints, has: Flags, block: int, blocks: int) -> Ints:
    """Nine-digit numbers of old cards as integers, `NO_NUMBER` for those without (int64)."""
    cells = _PREFIX_OF_PROVINCE[province]
    numbers = np.full(cells.size, NO_NUMBER, dtype=np.int64)
    serials = _serials(cells[has], block=block, blocks=blocks, space=_CMND_SERIALS)
    numbers[has] = np.where(serials >= 0, cells[has] * _CMND_SERIALS + serials, NO_NUMBER)
    return numbers
