"""Who sends how many forms: a province's communes, cut into chunks that are made one at a time.

A chunk is at most `CHUNK_ROWS` forms of one commune. Everything in it can be made from the seed and its
number alone, movers included: each chunk knows from which chunks its newcomers come, and makes those few
persons afresh.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from registry.errors import UsageError
from samples.draw import Ints, stream

CHUNK_ROWS = 20_000
#: A commune takes part from about this many forms on, so that few forms do not end in hundreds of tiny files.
_FORMS_A_COMMUNE = 4_000
_LEAST_COMMUNES = 3
#: No commune sends more than this share, so that newcomers can always come from another one.
_LARGEST_SHARE = 0.4
#: From this size on a chunk is sent as two files: the bulk, and later the rest with forms sent once more.
_TWO_FILES_FROM = 3_000
_LATE_SHARE = 0.12

#: Persons in households of which somebody is registered in a second commune, as a share of all forms; about a
#: third of them move, so that second forms are about 2.7 % of all.
_MOVER_POOL = 0.085
#: The part of a chunk that may belong to one lane's pool.
_LARGEST_POOL = 0.12
_LANES = 3
#: Small chunks have their newcomers from one other chunk only: each lane costs the same whatever its size.
_ROWS_FOR_A_LANE = 4_000
_LARGEST_COMMUNE = 9_999_999

LAYOUT = 1


@dataclass(frozen=True)
class Chunk:
    """Up to `CHUNK_ROWS` forms of one commune.

    Attributes:
        number: position among the province's chunks.
        commune: position in `Places`.
        part: position among the commune's chunks, from 0.
        first: forms of the commune in earlier chunks.
        rows: physical rows, forms sent twice counted twice.
    """

    number: int
    commune: int
    part: int
    first: int
    rows: int

    @property
    def late_rows(self) -> int:
        """Rows that are sent in a second file, about; 0: all are sent in one."""
        return int(self.rows * _LATE_SHARE) if self.rows >= _TWO_FILES_FROM else 0

    def sequences(self) -> range:
        """Numbers of the chunk's files among those of the commune."""
        return range(2 * self.part + 1, 2 * self.part + 2 + (self.late_rows > 0))


@dataclass(frozen=True)
class Move:
    """Households of `home` of which somebody is registered again in `arrival`: `persons` members in all."""

    home: Chunk
    arrival: Chunk
    lane: int
    persons: int


@dataclass(frozen=True)
class Layout:
    """All chunks of a province, and who moves between them."""

    chunks: tuple[Chunk, ...]
    forms: int

    @property
    def lanes(self) -> tuple[int, ...]:
        """How many chunks further back the newcomers of a chunk come from, one number a lane."""
        count = len(self.chunks)
        lanes = 1 + min(_LANES - 1, self.forms // count // _ROWS_FOR_A_LANE)
        wanted = dict.fromkeys((count // 2, count // 3, max(1, count // 5)))
        return tuple(shift for shift in wanted if 0 < shift < count)[:lanes]

    @property
    def blocks(self) -> int:
        """Batches of persons that share the serials of the numbers: for each chunk its own and one a lane."""
        return len(self.chunks) * (1 + _LANES)

    def arrivals(self, chunk: Chunk) -> list[Move]:
        """The moves that end in a chunk."""
        homes = (self.chunks[chunk.number - shift] for shift in self.lanes)
        return [self._move(home, chunk, lane) for lane, home in enumerate(homes)]

    def departures(self, chunk: Chunk) -> list[Move]:
        """The moves that begin in a chunk."""
        count = len(self.chunks)
        ends = (self.chunks[(chunk.number + shift) % count] for shift in self.lanes)
        return [self._move(chunk, arrival, lane) for lane, arrival in enumerate(ends)]

    def _move(self, home: Chunk, arrival: Chunk, lane: int) -> Move:
        if home.commune == arrival.commune:
            return Move(home, arrival, lane, 0)
        mean = self.forms / len(self.chunks)
        pool = min(_MOVER_POOL / len(self.lanes) * mean, _LARGEST_POOL * min(home.rows, arrival.rows))
        return Move(home, arrival, lane, int(pool))


def lay_out(forms: int, *, communes: Ints, seed: int, province: int) -> Layout:
    """Shares `forms` out among communes, skewed as real ones are, and cuts them into chunks.

    Raises:
        UsageError: `forms` is no positive number, or more than the province's communes can number.
    """
    if forms < 1:
        raise UsageError(f"--forms must be at least 1, not {forms}.")
    rng = stream(seed, province, LAYOUT)
    wanted = min(len(communes), forms, max(_LEAST_COMMUNES, forms // _FORMS_A_COMMUNE))
    chosen = np.sort(rng.permutation(communes)[:wanted])
    sizes = _sizes(rng, forms, wanted)
    if sizes.max() > _LARGEST_COMMUNE:
        raise UsageError(f"--forms {forms} is more than this province's {len(communes)} communes can number.")
    chunks: list[Chunk] = []
    for commune, size in zip(chosen.tolist(), sizes.tolist(), strict=True):
        bounds = np.linspace(0, size, ceil(size / CHUNK_ROWS) + 1).astype(int).tolist()
        for part, (first, end) in enumerate(pairwise(bounds)):
            chunks.append(Chunk(number=len(chunks), commune=commune, part=part, first=first, rows=end - first))
    return Layout(tuple(chunks), forms)


def _sizes(rng: np.random.Generator, forms: int, communes: int) -> Ints:
    """Sizes of at least 1 that add up to `forms`; the largest a few times the smallest."""
    weights = np.clip(rng.lognormal(0, 0.45, communes), 0.5, 3.0)
    if communes > 2:
        weights = np.minimum(weights, _LARGEST_SHARE * weights.sum())
    spare = forms - communes
    ends = np.floor(np.cumsum(weights) / weights.sum() * spare + 0.5).astype(np.int64)
    ends[-1] = spare
    sizes: Ints = 1 + np.diff(ends, prepend=0)
    return sizes
