"""Made-up persons: who each member of a household truly is, before anybody fills in a form.

A `Batch` holds flat arrays, one element a person, in the order of households with the head first. Relatives
are held by value (name and number), so that a member who moves away can be taken out of the batch alone.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from samples import households as hh
from samples import names, numbers
from samples.draw import Flags, Floats, Ints, chance, pick, stream, weighted_table
from samples.places import Places

#: Day 0 of birth and death days.
EPOCH = np.datetime64("1900-01-01")

RELATIONS = (
    "Chủ hộ", "Vợ", "Chồng", "Con", "Cha", "Mẹ", "Cháu", "Anh", "Chị", "Em", "Con dâu", "Con rể",
    "Ở thuê", "Ở nhờ",
)  # fmt: skip
IS_HEAD, LODGER, GUEST = 0, 12, 13
MARITAL_STATUSES = ("Chưa kết hôn", "Đã kết hôn", "Đã ly hôn", "Góa")
RELIGIONS = ("Không", "Phật giáo", "Công giáo", "Tin Lành", "Cao Đài", "Phật giáo Hòa Hảo", "Hồi giáo")
_RELIGION_TABLE = weighted_table(range(7), [72, 9, 15, 1.6, 1, 1, 0.4])
BLOOD_GROUPS = ("O", "B", "A", "AB", "O+", "B+", "A+")
_BLOOD_TABLE = weighted_table(range(7), [30, 22, 16, 5, 12, 9, 6])
NO_GROUP = -1

#: Share of persons who have no personal number yet, and of adults who hold an old card, with and without one.
NO_PID_SHARE = 0.10
CMND_SHARE, CMND_SHARE_WITHOUT_PID, CMND_IS_PID_SHARE = 0.36, 0.85, 0.03

FULL, MONTH, YEAR = 0, 1, 2
NO_DAY = -1


@dataclass
class Batch:
    """Persons as flat arrays of one length.

    Attributes:
        key: the truth: equal for equal persons, over all batches of a province.
        household: number of the household inside the batch.
        birth, death: days since 1900-01-01; `NO_DAY` for no death.
        birth_known: what the person's papers say of the birth date: `FULL`, `MONTH` or `YEAR`.
        age: full years on the base day.
        name, other_name and relatives: name codes of `names`; `…_id`, pid, cmnd: numbers or `NO_NUMBER`.
        birth_place, origin: positions in `Places`.
        house: code of the address at home; phone: subscriber number or `NO_NUMBER`.
    """

    key: Ints
    household: Ints
    male: Flags
    age: Ints
    birth: Ints
    birth_known: Ints
    death: Ints
    name: Ints
    other_name: Ints
    pid: Ints
    cmnd: Ints
    father: Ints
    father_id: Ints
    mother: Ints
    mother_id: Ints
    spouse: Ints
    spouse_id: Ints
    representative: Ints
    representative_id: Ints
    head: Ints
    head_id: Ints
    relation: Ints
    marital: Ints
    ethnicity: Ints
    religion: Ints
    birth_place: Ints
    origin: Ints
    blood: Ints
    house: Ints
    phone: Ints

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Ints | Flags) -> Self:
        """The given persons."""
        return type(self)(**{name: array[rows] for name, array in vars(self).items()})

    @classmethod
    def concat(cls, batches: "list[Batch]") -> "Batch":
        """Batches one after the other; household numbers are not changed."""
        columns = (field.name for field in fields(Batch))
        return Batch(**{name: np.concatenate([getattr(b, name) for b in batches]) for name in columns})


@dataclass(frozen=True)
class Origin:
    """Where a batch of persons is made and which share of the numbers is theirs.

    Attributes:
        purpose: seed of the batch, see `draw.stream`.
        home: position of the commune where the households are registered.
        block, blocks: the batch's number among all batches of the province, and how many there are.
        base_day: last day on which somebody of the batch can have been born, days since 1900-01-01.
        province: its number.
    """

    purpose: tuple[int, ...]
    home: int
    block: int
    blocks: int
    base_day: int
    province: int


def draw_people(persons: int, *, origin: Origin, places: Places) -> Batch:
    """Exactly `persons` made-up persons in households registered in one commune."""
    rng = stream(*origin.purpose)
    h = hh.draw_households(rng, persons)
    family = _Family(rng, h, origin=origin, places=places)
    flat = family.flat
    return Batch(
        key=person_keys(origin, persons),
        household=np.nonzero(h.present)[0].astype(np.int32),
        male=flat(h.male),
        age=flat(family.age_years),
        birth=flat(family.births),
        birth_known=_birth_known(rng, flat(family.age_years)),
        death=_deaths(rng, family, origin),
        name=flat(family.names),
        other_name=family.other_names(),
        pid=flat(family.pids),
        cmnd=_cards(rng, family, origin=origin, places=places),
        **family.relatives(rng),
        relation=flat(family.relations),
        marital=flat(family.marital),
        ethnicity=flat(family.wide(family.ethnicity)),
        religion=flat(family.wide(pick(rng, _RELIGION_TABLE, len(h)))),
        birth_place=flat(family.birth_places),
        origin=flat(family.origins),
        blood=np.where(chance(rng, 0.05, persons), pick(rng, _BLOOD_TABLE, persons), NO_GROUP),
        house=flat(family.wide(rng.integers(0, 2**31 - 1, len(h), dtype=np.int64))),
        phone=_phones(rng, flat(family.age_years)),
    )


def person_keys(origin: Origin, persons: int) -> Ints:
    """Opaque keys, unique in a province for batches of up to 65,536 persons; led by the province's number."""
    ordinals = np.uint64(origin.block << 16) + np.arange(persons, dtype=np.uint64)
    scattered = (ordinals * np.uint64(0x9E3779B97F4A7C15 | 1)) & np.uint64((1 << 40) - 1)
    return np.int64(origin.province * 10**13) + scattered.astype(np.int64)


def _birth_known(rng: np.random.Generator, age: Ints) -> Ints:
    """Elders whose papers name only the year, or the month and year, of birth."""
    draw = rng.random(age.size, dtype=np.float32)
    year_only = np.select([age >= 75, age >= 60, age >= 45], [0.24, 0.10, 0.02], 0.0)
    return np.where(draw < year_only, YEAR, np.where(draw < year_only * 1.15, MONTH, FULL)).astype(np.int8)


def _deaths(rng: np.random.Generator, family: "_Family", origin: Origin) -> Ints:
    """A few elders who had died when their form was sent; never the head, whom the household needs."""
    elder = (family.flat(family.age_years) >= 70) & (family.flat(family.relations) != IS_HEAD)
    days = origin.base_day - rng.integers(0, 60, elder.size)
    return np.where(elder & chance(rng, 0.012, elder.size), days, NO_DAY).astype(np.int32)


def _phones(rng: np.random.Generator, age: Ints) -> Ints:
    """Nine digits after the leading zero, for about six in ten adults."""
    prefixes = np.array([32, 33, 34, 35, 36, 37, 38, 39, 70, 76, 77, 79, 81, 82, 85, 90, 91, 93, 94, 96, 97, 98])
    phones = prefixes[rng.integers(0, prefixes.size, age.size)] * 10**7 + rng.integers(0, 10**7, age.size)
    has = (age >= 16) & chance(rng, np.where(age < 70, 0.62, 0.25), age.size)
    return np.where(has, phones, numbers.NO_NUMBER)


def _cards(rng: np.random.Generator, family: "_Family", *, origin: Origin, places: Places) -> Ints:
    """Old card numbers of adults: nine digits, or for a few the personal number (cards of 2012–2016)."""
    pid, age = family.flat(family.pids), family.flat(family.age_years)
    share = np.where(pid == numbers.NO_NUMBER, CMND_SHARE_WITHOUT_PID, CMND_SHARE)
    has = (age >= 15) & chance(rng, share, age.size)
    issued_in = places.provinces[np.where(chance(rng, 0.6, age.size), origin.home, family.flat(family.birth_places))]
    cards = numbers.card_numbers(province=issued_in, has=has, block=origin.block, blocks=origin.blocks)
    twelve = has & (pid != numbers.NO_NUMBER) & chance(rng, CMND_IS_PID_SHARE, age.size)
    return np.where(twelve, pid, cards)


class _Family:
    """Matrices (households, slots) of what ties the members of a household together."""

    def __init__(self, rng: np.random.Generator, h: hh.Households, *, origin: Origin, places: Places) -> None:
        self._rng, self._h, self._places = rng, h, places
        self.births = (origin.base_day - np.maximum(h.age, 0) * 365.2425).astype(np.int32)
        self.age_years = np.maximum(h.age, 0).astype(np.int16)
        self.ethnicity = pick(rng, names.ETHNICITY_TABLE, len(h))
        self._young = self.births > _days("1978-01-01")
        self._name_everybody()
        self._place_everybody(origin)
        self._number_everybody(origin)
        self.relations = self._relations()
        self.marital = np.select([h.married, h.widowed, h.divorced], [1, 3, 2], 0).astype(np.int8)

    def wide(self, per_household: Ints | Flags) -> Ints | Flags:
        return np.broadcast_to(per_household[:, None], self._h.present.shape)

    def flat(self, matrix: Ints | Flags | Floats) -> Ints:
        return matrix[self._h.present]

    def _draw_names(self, surnames: Ints, *, male: Flags, young: Flags) -> Ints:
        return names.draw_names(
            self._rng, surnames=surnames, ethnicity=self.wide(self.ethnicity), male=male, young=young
        )

    def _name_everybody(self) -> None:
        """Children bear the father's surname; wives keep their own."""
        h = self._h
        surnames = names.draw_surnames(self._rng, self.wide(self.ethnicity))
        own = surnames[:, hh.HEAD]
        surnames[:, hh.FATHER] = surnames[:, hh.SIBLING] = own
        surnames[:, hh.CHILDREN] = np.where(h.male[:, hh.HEAD], own, surnames[:, hh.SPOUSE])[:, None]
        eldest = np.where(h.male[:, hh.ELDEST], surnames[:, hh.ELDEST], surnames[:, hh.IN_LAW])
        surnames[:, hh.GRANDCHILDREN] = eldest[:, None]
        self.names = self._draw_names(surnames, male=h.male, young=self._young)
        everybody = np.ones(h.male.shape, dtype=np.bool_)
        older = self.births - 30 * 365 > _days("1978-01-01")
        self._fathers = self._draw_names(surnames, male=everybody, young=older)
        mothers = names.draw_surnames(self._rng, self.wide(self.ethnicity))
        self._mothers = self._draw_names(mothers, male=~everybody, young=older)

    def other_names(self) -> Ints:
        """A second name in the same family name for one in fifty."""
        others = self._draw_names(names.surname_of(self.names), male=self._h.male, young=self._young)
        return self.flat(np.where(chance(self._rng, 0.02, others.shape), others, names.NO_NAME))

    def _place_everybody(self, origin: Origin) -> None:
        """Origin follows the father; birth is registered at home, near by, or where one comes from."""
        rng, h, places = self._rng, self._h, self._places
        near = places.of_province(f"{origin.province:02d}")
        far = rng.integers(0, len(places.codes), h.present.shape)
        where = rng.random(h.present.shape, dtype=np.float32)
        local = np.where(where < 0.34, origin.home, near[rng.integers(0, near.size, h.present.shape)])
        origins = np.where(where < 0.52, local, far)
        own = origins[:, hh.HEAD]
        origins[:, hh.FATHER] = origins[:, hh.SIBLING] = own
        origins[:, hh.CHILDREN] = np.where(h.male[:, hh.HEAD], own, origins[:, hh.SPOUSE])[:, None]
        eldest = np.where(h.male[:, hh.ELDEST], origins[:, hh.ELDEST], origins[:, hh.IN_LAW])
        origins[:, hh.GRANDCHILDREN] = eldest[:, None]
        born_here = chance(rng, np.where(self._h.age < 25, 0.86, 0.45), h.present.shape)
        near_by = chance(rng, 0.12, h.present.shape)
        elsewhere = np.where(near_by, near[rng.integers(0, near.size, h.present.shape)], origins)
        self.origins = origins.astype(np.int32)
        self.birth_places = np.where(born_here, origin.home, elsewhere).astype(np.int32)

    def _number_everybody(self, origin: Origin) -> None:
        """Draws the numbers of those present; the matrix lets relatives be looked up by slot."""
        births = self.flat(self.births)
        has = ~chance(self._rng, NO_PID_SHARE, births.size)
        self.pids = np.full(self._h.present.shape, numbers.NO_NUMBER, dtype=np.int64)
        self.pids[self._h.present] = numbers.personal_numbers(
            province=self._places.provinces[self.flat(self.birth_places)],
            male=self.flat(self._h.male),
            birth_year=(EPOCH + births).astype("datetime64[Y]").astype(np.int64) + 1970,
            has=has,
            block=origin.block,
            blocks=origin.blocks,
        )

    def _relations(self) -> Ints:
        """Positions in `RELATIONS`."""
        h = self._h
        relations = np.empty(h.present.shape, dtype=np.int8)
        relations[:, hh.HEAD] = IS_HEAD
        relations[:, hh.SPOUSE] = np.where(h.male[:, hh.SPOUSE], 2, 1)
        relations[:, hh.FATHER], relations[:, hh.MOTHER] = 4, 5
        relations[:, hh.CHILDREN], relations[:, hh.GRANDCHILDREN] = 3, 6
        relations[:, hh.IN_LAW] = np.where(h.male[:, hh.IN_LAW], 11, 10)
        elder = np.where(h.male[:, hh.SIBLING], 7, 8)
        relations[:, hh.SIBLING] = np.where(h.age[:, hh.SIBLING] > h.age[:, hh.HEAD], elder, 9)
        return relations

    def _parent_slots(self, *, father: bool) -> Ints:
        """For each member the slot of the father (mother), or -1 when no slot stands for them."""
        h = self._h
        slots = np.full(h.present.shape, -1, dtype=np.int8)
        slots[:, [hh.HEAD, hh.SIBLING]] = hh.FATHER if father else hh.MOTHER
        of_couple = np.where(h.male[:, hh.HEAD] == father, hh.HEAD, hh.SPOUSE)
        slots[:, hh.CHILDREN] = of_couple[:, None]
        of_eldest = np.where(h.male[:, hh.ELDEST] == father, hh.ELDEST, hh.IN_LAW)
        slots[:, hh.GRANDCHILDREN] = of_eldest[:, None]
        return slots

    def _partner_slots(self) -> Ints:
        slots = np.full(self._h.present.shape, -1, dtype=np.int8)
        pairs = ((hh.HEAD, hh.SPOUSE), (hh.FATHER, hh.MOTHER), (hh.ELDEST, hh.IN_LAW))
        for one, other in pairs:
            slots[:, one] = np.where(self._h.married[:, one], other, -1)
            slots[:, other] = np.where(self._h.married[:, other], one, -1)
        return slots

    def _look_up(self, slots: Ints, fallback: Ints) -> tuple[Ints, Ints]:
        """Names and numbers of those in the given slots; the fallback's names where the slot is -1."""
        at = np.maximum(slots, 0)
        found = np.where(slots >= 0, np.take_along_axis(self.names, at, axis=1), fallback)
        ids = np.where(slots >= 0, np.take_along_axis(self.pids, at, axis=1), numbers.NO_NUMBER)
        return self.flat(found), self.flat(ids)

    def relatives(self, rng: np.random.Generator) -> dict[str, Ints]:
        """Names and numbers of father, mother, spouse, representative and head, as a form names them."""
        nobody = np.full(self._h.present.shape, names.NO_NAME, dtype=np.int64)
        father, father_id = self._look_up(self._parent_slots(father=True), self._fathers)
        mother, mother_id = self._look_up(self._parent_slots(father=False), self._mothers)
        spouse, spouse_id = self._look_up(self._partner_slots(), nobody)
        head, head_id = self._look_up(np.zeros(self._h.present.shape, dtype=np.int8), nobody)
        age = self.flat(self.age_years)
        forgotten = chance(rng, np.where(age > 70, 0.12, 0.01), age.size)
        father = np.where(forgotten, names.NO_NAME, father)
        father_id = np.where(forgotten, numbers.NO_NUMBER, father_id)
        minor, by_father = age < 14, chance(rng, 0.5, age.size) & ~forgotten
        of_one = np.where(by_father, father_id, mother_id)
        return {
            "father": father, "father_id": father_id, "mother": mother, "mother_id": mother_id,
            "spouse": spouse, "spouse_id": spouse_id, "head": head, "head_id": head_id,
            "representative": np.where(minor, np.where(by_father, father, mother), names.NO_NAME),
            "representative_id": np.where(minor, of_one, numbers.NO_NUMBER),
        }  # fmt: skip


def _days(iso: str) -> int:
    return int((np.datetime64(iso) - EPOCH).astype(int))
