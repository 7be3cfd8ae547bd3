"""Made-up households: who lives together, of which sex and age.

A batch of households is a set of matrices of shape (households, `SLOTS`): one row a household, one column a
place in the family. A slot that nobody fills still has a sex, a birth day and (in `people`) a name: it is the
relative who died or lives elsewhere, and whom the others name as father or mother.
"""

from dataclasses import dataclass

import numpy as np

from samples.draw import Flags, Floats, Ints, chance, pick, weighted_table

HEAD, SPOUSE, FATHER, MOTHER = 0, 1, 2, 3
CHILDREN = slice(4, 8)
ELDEST, IN_LAW, SIBLING = 4, 8, 11
GRANDCHILDREN = slice(9, 11)
SLOTS = 12

#: Persons a household, on average; only sizes the first draw.
_MEAN_SIZE = 3.4

_HEAD_AGES = weighted_table(
    range(22, 90),
    [*np.linspace(2, 12, 12), *np.linspace(12, 11, 22), *np.linspace(11, 4, 18), *np.linspace(4, 0.4, 16)],
)
_CHILDREN_BORN = weighted_table(range(5), [10, 22, 45, 17, 6])


@dataclass
class Households:
    """Families as matrices of shape (households, SLOTS).

    Attributes:
        present: who lives there (slot 0, the head, always).
        male: sex.
        age: years on the base day, with a fraction; also of those absent.
        married: has a living spouse.
        widowed, divorced: what a former marriage ended in.
    """

    present: Flags
    male: Flags
    age: Floats
    married: Flags
    widowed: Flags
    divorced: Flags

    def __len__(self) -> int:
        return len(self.present)


def draw_households(rng: np.random.Generator, persons: int) -> Households:
    """Households with exactly `persons` members in all; the last one may be cut short, never its head."""
    count = int(persons / _MEAN_SIZE) + 40
    while True:
        households = _draw(rng, count)
        sizes = np.cumsum(households.present.sum(axis=1))
        if sizes[-1] >= persons:
            return _cut(households, sizes, persons)
        count *= 2


def _cut(households: Households, sizes: Ints, persons: int) -> Households:
    last = int(np.searchsorted(sizes, persons))
    kept = Households(**{name: matrix[: last + 1] for name, matrix in vars(households).items()})
    room = persons - (int(sizes[last - 1]) if last else 0)
    kept.present[-1] &= np.cumsum(kept.present[-1]) <= room
    return kept


def _draw(rng: np.random.Generator, count: int) -> Households:
    shape = (count, SLOTS)
    h = Households(
        present=np.zeros(shape, dtype=np.bool_),
        male=chance(rng, 0.51, shape),
        age=np.zeros(shape, dtype=np.float32),
        married=np.zeros(shape, dtype=np.bool_),
        widowed=np.zeros(shape, dtype=np.bool_),
        divorced=np.zeros(shape, dtype=np.bool_),
    )
    _couple(rng, h)
    _parents(rng, h)
    _children(rng, h)
    _eldest_family(rng, h)
    h.present &= (h.age >= 0) & (h.age < 104)
    return h


def _spread(rng: np.random.Generator, low: float, high: float, size: int | tuple[int, ...]) -> Floats:
    return low + (high - low) * rng.random(size, dtype=np.float32)


def _couple(rng: np.random.Generator, h: Households) -> None:
    """The head, and the partner who is there, has died, has left, or never was."""
    count = len(h)
    age = pick(rng, _HEAD_AGES, count) + rng.random(count, dtype=np.float32)
    male = chance(rng, 0.72, count)
    gap = np.clip(rng.normal(2.6, 3.0, count), -6, 14).astype(np.float32)
    h.male[:, HEAD], h.male[:, SPOUSE] = male, ~male
    h.age[:, HEAD] = age
    h.age[:, SPOUSE] = np.maximum(age - np.where(male, gap, -gap), 19.5)
    married = chance(rng, np.select([age < 26, age < 65], [0.45, 0.85], 0.6), count)
    former = ~married & chance(rng, np.clip((age - 24) / 30, 0, 0.9), count)
    widowed = former & chance(rng, np.clip((age - 30) / 40, 0.05, 0.95), count)
    h.present[:, HEAD], h.present[:, SPOUSE] = True, married
    h.married[:, HEAD] = h.married[:, SPOUSE] = married
    h.widowed[:, HEAD], h.divorced[:, HEAD] = widowed, former & ~widowed


def _parents(rng: np.random.Generator, h: Households) -> None:
    """The head's father and mother, the grandparents of the house, and now and then a brother or sister."""
    count, age = len(h), h.age[:, HEAD]
    mother = age + _spread(rng, 19, 36, count)
    father = np.maximum(mother + np.clip(rng.normal(2.6, 3.0, count), -5, 14), age + 18).astype(np.float32)
    h.age[:, MOTHER], h.age[:, FATHER] = mother, father
    h.male[:, MOTHER], h.male[:, FATHER] = False, True
    shared = chance(rng, np.where(age < 62, 0.16, 0.02), count)
    h.present[:, MOTHER] = shared & chance(rng, 0.88, count) & (mother < 98)
    h.present[:, FATHER] = shared & chance(rng, 0.62, count) & (father < 95)
    both = h.present[:, MOTHER] & h.present[:, FATHER]
    h.married[:, MOTHER] = h.married[:, FATHER] = both
    h.widowed[:, MOTHER], h.widowed[:, FATHER] = ~both, ~both
    h.age[:, SIBLING] = np.minimum(np.maximum(age + _spread(rng, -12, 8, count), 1), mother - 17)
    h.present[:, SIBLING] = chance(rng, np.where(age < 50, 0.04, 0.005), count) & (h.age[:, SIBLING] > 15)


def _children(rng: np.random.Generator, h: Households) -> None:
    """Up to four children of the head's couple; the grown ones have mostly left."""
    count = len(h)
    mother = np.where(h.male[:, HEAD], h.age[:, SPOUSE], h.age[:, HEAD])
    gaps = _spread(rng, 1.2, 5.5, (count, 4))
    gaps[:, 0] = _spread(rng, 19.5, 31, count)
    after = np.cumsum(gaps, axis=1)
    ages = mother[:, None] - after
    partnered = h.married[:, HEAD] | h.widowed[:, HEAD] | (h.divorced[:, HEAD] & chance(rng, 0.6, count))
    born = (np.arange(4) < pick(rng, _CHILDREN_BORN, count)[:, None]) & (ages >= 0) & (after < 45)
    stays = np.select([ages < 18, ages < 25, ages < 33], [0.97, 0.66, 0.34], 0.14)
    h.age[:, CHILDREN] = ages
    h.present[:, CHILDREN] = born & partnered[:, None] & chance(rng, stays, (count, 4))


def _eldest_family(rng: np.random.Generator, h: Households) -> None:
    """A grown eldest child who lives with the parents may have brought a spouse and children."""
    count, age = len(h), h.age[:, ELDEST]
    wed = h.present[:, ELDEST] & (age > 22.5) & chance(rng, 0.5, count)
    gap = np.clip(rng.normal(2.0, 2.5, count), -3, 9).astype(np.float32)
    h.male[:, IN_LAW] = ~h.male[:, ELDEST]
    h.age[:, IN_LAW] = np.maximum(age - np.where(h.male[:, ELDEST], gap, -gap), 19.5)
    h.present[:, IN_LAW] = h.married[:, IN_LAW] = h.married[:, ELDEST] = wed
    mother = np.where(h.male[:, ELDEST], h.age[:, IN_LAW], age)
    after = np.cumsum(_spread(rng, 1.5, 5, (count, 2)), axis=1) + 18
    h.age[:, GRANDCHILDREN] = mother[:, None] - after
    h.present[:, GRANDCHILDREN] = wed[:, None] & (h.age[:, GRANDCHILDREN] >= 0) & chance(rng, 0.75, (count, 2))
