"""The forms of a chunk: which persons a commune registers, as what, when and where."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from samples import people
from samples.draw import Flags, Ints, chance, stream
from samples.layout import Chunk, Layout, Move
from samples.people import Batch, Origin
from samples.places import Places

MAIN, POOL, MOVES, REGISTER = 2, 3, 4, 5
NOWHERE = -1

#: Days over which forms are declared, up to the day of the night: 2020-08-01 to 2021-06-30.
CAMPAIGN_DAYS = 333

_WHOLE_HOUSEHOLD_MOVES = 0.28
_MEMBER_MOVES = 0.36
_LIVES_ELSEWHERE = 0.03


@dataclass(frozen=True)
class Campaign:
    """What all chunks of a run share. `last_day`: days since 1900-01-01."""

    seed: int
    province: int
    last_day: int
    layout: Layout
    places: Places

    @property
    def first_day(self) -> int:
        """First day on which forms were declared; everybody was born by then."""
        return self.last_day - CAMPAIGN_DAYS


@dataclass
class Forms:
    """Forms as flat arrays, one element a form, in the order in which they are sent.

    Attributes:
        persons: who they are, as the form states it (slips change it here).
        household: number of the household book in the chunk.
        declared: days since 1900-01-01.
        permanent, temporary, current: positions in `Places` or `NOWHERE`.
        permanent_house, temporary_house, current_house: codes of the addresses there.
    """

    persons: Batch
    household: Ints
    declared: Ints
    permanent: Ints
    permanent_house: Ints
    temporary: Ints
    temporary_house: Ints
    current: Ints
    current_house: Ints

    def __len__(self) -> int:
        return len(self.household)

    def take(self, rows: Ints | Flags) -> Self:
        """The given forms."""
        parts = {name: value for name, value in vars(self).items() if name != "persons"}
        return type(self)(persons=self.persons.take(rows), **{name: a[rows] for name, a in parts.items()})

    @classmethod
    def concat(cls, parts: "list[Forms]") -> "Forms":
        """Forms one after the other; household numbers are not changed."""
        columns = [name for name in vars(parts[0]) if name != "persons"]
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
        return Forms(persons=Batch.concat([part.persons for part in parts]), **arrays)


def draw_forms(chunk: Chunk, *, forms: int, campaign: Campaign) -> tuple[Forms, int]:
    """Exactly `forms` distinct forms of a chunk, and how many of its persons have their home there."""
    rng = stream(campaign.seed, campaign.province, REGISTER, chunk.number)
    leaving = [_leaving(move, campaign) for move in campaign.layout.departures(chunk) if move.persons]
    coming = [_coming(rng, move, campaign) for move in campaign.layout.arrivals(chunk) if move.persons]
    settled = forms - sum(len(part) for part in (*leaving, *coming))
    main = _settled(rng, chunk, persons=settled, campaign=campaign)
    _lodge(rng, coming, hosts=main)
    parts = [main, *leaving, *coming]
    shuffled = _shuffle(rng, Forms.concat(_number_households(parts)))
    return shuffled, settled + sum(len(part) for part in leaving)


def _settled(rng: np.random.Generator, chunk: Chunk, *, persons: int, campaign: Campaign) -> Forms:
    """Households with one form a member; a few members live elsewhere without being registered there."""
    batch = people.draw_people(
        persons,
        origin=_origin(campaign, MAIN, chunk.number, home=chunk, block=chunk.number * 4),
        places=campaign.places,
    )
    forms = _register(rng, batch, commune=chunk.commune, days=(0, CAMPAIGN_DAYS), campaign=campaign)
    away = (batch.age >= 17) & (batch.relation != people.IS_HEAD) & chance(rng, _LIVES_ELSEWHERE, persons)
    forms.current = np.where(away, rng.integers(0, len(campaign.places.codes), persons), NOWHERE)
    return forms


def _origin(campaign: Campaign, *purpose: int, home: Chunk, block: int) -> Origin:
    return Origin(
        purpose=(campaign.seed, campaign.province, *purpose),
        home=home.commune,
        block=block,
        blocks=campaign.layout.blocks,
        base_day=campaign.first_day,
        province=campaign.province,
    )


def _pool(move: Move, campaign: Campaign) -> tuple[Batch, Flags, Flags]:
    """A move's members, who of them moves, and who does so with the household; equal from both ends."""
    number, lane = move.arrival.number, move.lane
    origin = _origin(campaign, POOL, number, lane, home=move.home, block=number * 4 + 1 + lane)
    batch = people.draw_people(move.persons, origin=origin, places=campaign.places)
    rng = stream(campaign.seed, campaign.province, MOVES, number, lane)
    whole = chance(rng, _WHOLE_HOUSEHOLD_MOVES, move.persons)[batch.household]
    may = (batch.age >= 17) & (batch.age < 45) & (batch.relation != people.IS_HEAD)
    alone = may & ~whole & chance(rng, _MEMBER_MOVES, move.persons)
    alive = batch.death == people.NO_DAY
    return batch, (whole | alone) & alive, whole


def keys_of_movers(chunk: Chunk, campaign: Campaign) -> Ints:
    """Keys of all in whose households somebody moves from or to a chunk: some of them have two forms."""
    moves = [*campaign.layout.departures(chunk), *campaign.layout.arrivals(chunk)]
    origins = (
        (_origin(campaign, POOL, home=move.home, block=move.arrival.number * 4 + 1 + move.lane), move.persons)
        for move in moves
    )
    return np.concatenate([np.zeros(0, np.int64), *(people.person_keys(origin, count) for origin, count in origins)])


def _leaving(move: Move, campaign: Campaign) -> Forms:
    """The forms of a move's households at home, declared before anybody left."""
    batch, _, _ = _pool(move, campaign)
    rng = stream(campaign.seed, campaign.province, MOVES, move.arrival.number, move.lane, 1)
    return _register(rng, batch, commune=move.home.commune, days=(0, 200), campaign=campaign)


def _coming(rng: np.random.Generator, move: Move, campaign: Campaign) -> Forms:
    """The second forms of those who moved, declared after the first; lodgers are not yet under a roof."""
    batch, moved, whole = _pool(move, campaign)
    movers, settles = batch.take(moved), whole[moved]
    forms = _register(rng, movers, commune=move.arrival.commune, days=(210, CAMPAIGN_DAYS), campaign=campaign)
    found = chance(rng, 0.35, len(movers))
    movers.birth_known = np.where(found, people.FULL, movers.birth_known).astype(np.int8)
    new_house = rng.integers(0, 2**31 - 1, move.persons)[movers.household]
    forms.permanent = np.where(settles, move.arrival.commune, move.home.commune)
    forms.permanent_house = np.where(settles, new_house, movers.house)
    forms.temporary = np.where(settles, NOWHERE, move.arrival.commune)
    forms.current = forms.temporary.copy()
    return forms


def _lodge(rng: np.random.Generator, newcomers: list[Forms], *, hosts: Forms) -> None:
    """Puts each lone newcomer under the roof of a settled household, as lodger or guest of its head."""
    heads = np.flatnonzero(hosts.persons.relation == people.IS_HEAD)
    for forms in newcomers:
        lone = np.flatnonzero(forms.temporary != NOWHERE)
        host = heads[rng.integers(0, heads.size, lone.size)]
        forms.household = forms.household.astype(np.int64)
        forms.household[lone] = -1 - hosts.household[host]
        forms.declared[lone] = np.maximum(forms.declared[lone], hosts.declared[host])
        forms.temporary_house[lone] = forms.current_house[lone] = hosts.permanent_house[host]
        forms.persons.head[lone] = hosts.persons.name[host]
        forms.persons.head_id[lone] = hosts.persons.pid[host]
        forms.persons.relation[lone] = np.where(chance(rng, 0.7, lone.size), people.LODGER, people.GUEST)


def _register(
    rng: np.random.Generator, batch: Batch, *, commune: int, days: tuple[int, int], campaign: Campaign
) -> Forms:
    """Everybody registered at home in `commune`, a household on one day within `days` of the campaign."""
    size = len(batch)
    households = int(batch.household.max(initial=-1)) + 1
    a_household = rng.integers(days[0], days[1] + 1, households)[batch.household]
    return Forms(
        persons=batch,
        household=batch.household.astype(np.int64),
        declared=campaign.first_day + a_household,
        permanent=np.full(size, commune),
        permanent_house=batch.house,
        temporary=np.full(size, NOWHERE),
        temporary_house=batch.house.copy(),
        current=np.full(size, NOWHERE),
        current_house=rng.integers(0, 2**31 - 1, size),
    )


def _number_households(parts: list[Forms]) -> list[Forms]:
    """One numbering for the chunk; a lodger (a negative number) bears that of the host in the first part."""
    used = 0
    for forms in parts:
        own = forms.household
        forms.household = np.where(own < 0, -1 - own, own + used)
        used += int(own.max(initial=-1)) + 1
    return parts


def _shuffle(rng: np.random.Generator, forms: Forms) -> Forms:
    """Households in the order of a walk through the commune, not of how they were made; books numbered so."""
    places = rng.permutation(int(forms.household.max()) + 1)
    forms.household = places[forms.household]
    return forms.take(np.argsort(forms.household, kind="stable"))
