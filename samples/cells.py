"""The forms of a chunk as cells of text, one Arrow column for each column of the contract."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples import names, people
from samples.draw import Flags, Ints, stream
from samples.forms import NOWHERE, Campaign, Forms
from samples.layout import Chunk

Cells = dict[str, pa.Array]

STYLE = 6
_OFFICERS = 3
#: Forms declared from this day on bear the later edition.
_EDITION_2020_FROM = int((np.datetime64("2021-01-01") - people.EPOCH).astype(int))
_LAST_YEAR = 2100


@dataclass(frozen=True)
class Style:
    """How a commune fills in its forms.

    Attributes:
        capitals: names in capitals, as Circular 104/2020/TT-BCA asks; not all communes do.
        short_months: the months 3–9 as one digit, likewise.
        officers: names of those who check.
    """

    capitals: bool
    short_months: bool
    officers: Ints


def style_of(chunk: Chunk, campaign: Campaign) -> Style:
    """The habits of the commune that a chunk belongs to."""
    rng = stream(campaign.seed, campaign.province, STYLE, chunk.commune)
    capitals, short_months = rng.random(2) < (0.4, 0.2)
    kinh, yes = np.zeros(_OFFICERS, dtype=np.int8), np.ones(_OFFICERS, dtype=np.bool_)
    surnames = names.draw_surnames(rng, kinh)
    officers = names.draw_names(rng, surnames=surnames, ethnicity=kinh, male=yes, young=yes)
    return Style(bool(capitals), bool(short_months), officers)


def render(forms: Forms, *, chunk: Chunk, style: Style, campaign: Campaign, places: pa.Array) -> Cells:
    """Every column of the contract as text; null where the form says nothing. Addresses come quoted.

    `places`: what is written for each commune of `Places`.
    """
    persons = forms.persons
    commune = campaign.places.codes[chunk.commune].as_py()
    rng = stream(campaign.seed, campaign.province, STYLE, chunk.commune, chunk.number)
    officers = style.officers[rng.integers(0, _OFFICERS, len(forms))]
    serial = chunk.first + np.arange(len(forms))
    edition = (forms.declared >= _EDITION_2020_FROM).astype(np.int8)
    return {
        "form_no": join(pa.scalar(f"{commune}-"), digits(serial + 1, 7)),
        "form_edition": words(("66/2015", "104/2020"), edition),
        "declared_on": dates(forms.declared, short_months=False),
        "verified_by": names.render(officers, upper=False),
        **_person(persons, style),
        **_places(forms, places),
        "pid": digits(persons.pid, 12),
        "cmnd_no": card_numbers(persons.cmnd),
        **_relatives(persons, style),
        "household_no": join(pa.scalar(commune), digits(chunk.first + forms.household + 1, 7)),
        "relation_to_head": words(people.RELATIONS, persons.relation),
        "phone": digits(persons.phone, 10),
        "death_date": dates(persons.death, short_months=False),
    }


def _person(persons: people.Batch, style: Style) -> Cells:
    return {
        "full_name": names.render(persons.name, upper=style.capitals),
        "other_name": names.render(persons.other_name, upper=style.capitals),
        "birth_date": dates(persons.birth, short_months=style.short_months, known=persons.birth_known),
        "sex": words(("Nữ", "Nam"), persons.male.astype(np.int8)),
        "blood_group": words(people.BLOOD_GROUPS, persons.blood),
        "marital_status": words(people.MARITAL_STATUSES, persons.marital),
        "ethnicity": words(names.ETHNICITIES, persons.ethnicity),
        "religion": words(people.RELIGIONS, persons.religion),
        "nationality": pa.repeat("Việt Nam", len(persons)),
    }


def _relatives(persons: people.Batch, style: Style) -> Cells:
    cells: Cells = {}
    for who in ("father", "mother", "spouse", "representative", "head"):
        cells[f"{who}_name"] = names.render(getattr(persons, who), upper=style.capitals)
        cells[f"{who}_id"] = digits(getattr(persons, f"{who}_id"), 12)
    return cells


def _places(forms: Forms, places: pa.Array) -> Cells:
    persons = forms.persons
    cells = {
        "birth_registration_place": take(places, persons.birth_place),
        "origin_place": take(places, persons.origin),
    }
    for kind in ("permanent", "temporary", "current"):
        place = getattr(forms, kind)
        cells[f"{kind}_place"] = take(places, place)
        cells[f"{kind}_address"] = addresses(getattr(forms, f"{kind}_house"), place != NOWHERE)
    return cells


def join(*parts: pa.Array | pa.Scalar) -> pa.Array:
    """Texts put together element by element, null where one of them is."""
    return pc.binary_join_element_wise(*parts, "")


def take(pool: pa.Array, positions: Ints) -> pa.Array:
    """Words by position, null for a negative one."""
    return pool.take(pa.array(positions, mask=positions < 0))


def words(pool: tuple[str, ...], positions: Ints) -> pa.Array:
    """Words of a short list by position, null for a negative one."""
    return take(pa.array(pool), positions)


def digits(values: Ints, width: int) -> pa.Array:
    """Numbers as text of `width` digits with leading zeros, null for a negative number."""
    left = np.maximum(values, 0)
    text = np.empty((values.size, width), dtype=np.uint8)
    for at in range(width - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        text[:, at] = digit + 48
    offsets = np.arange(values.size + 1, dtype=np.int32) * width
    known = values >= 0
    validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.StringArray.from_buffers(values.size, pa.py_buffer(offsets), pa.py_buffer(text), validity)


def card_numbers(values: Ints) -> pa.Array:
    """Old card numbers: nine digits, or twelve where the number is a personal number."""
    long = values >= 10**9
    nine = digits(np.where(long, -1, values), 9)
    return pc.coalesce(nine, digits(np.where(long, values, -1), 12))


@cache
def _calendar(*, short_months: bool) -> pa.Array:
    """All days from 1900-01-01 as `dd/mm/yyyy`, then the same days as `mm/yyyy`, then as `yyyy`."""
    days = pa.array(np.arange(people.EPOCH, np.datetime64(f"{_LAST_YEAR}-01-01")))
    full = pc.strftime(days, format="%d/%m/%Y")
    if short_months:
        full = pc.replace_substring_regex(full, pattern="/0([3-9])/", replacement=r"/\1/")
    return pa.concat_arrays([full, pc.strftime(days, format="%m/%Y"), pc.strftime(days, format="%Y")])


def dates(days: Ints, *, short_months: bool, known: Ints | None = None) -> pa.Array:
    """Days since 1900-01-01 as text, null for a negative one; `known`: `FULL`, `MONTH` or `YEAR`."""
    calendar = _calendar(short_months=short_months)
    at = days if known is None else days + known.astype(np.int64) * (len(calendar) // 3)
    return take(calendar, np.where(days < 0, -1, at))


@cache
def _address_words() -> tuple[pa.Array, pa.Array]:
    """Beginnings and ends of addresses, with the quotes that their commas need."""
    hamlets = (
        "ấp 1", "ấp 2", "ấp 3", "ấp 4", "ấp Tân Hòa", "ấp Bình Phước", "ấp Long Đức", "thôn Đông",
        "khu phố 1", "khu phố 2", "khu phố 3", "khu phố 4", "khu phố 5", "khu phố 6", "thôn Trung",
        "thôn 1", "thôn 2", "xóm Mới",
    )  # fmt: skip
    houses = [f'"Số {n}' for n in range(1, 400)] + [f'"{n}/{m}' for n in range(1, 40) for m in range(1, 9)]
    ends = [f', tổ {group}, {hamlet}"' for group in range(1, 31) for hamlet in hamlets]
    return pa.array(houses), pa.array(ends)


def addresses(houses: Ints, given: Flags) -> pa.Array:
    """Addresses below the commune, e.g. `"Số 12, tổ 3, khu phố 2"`, null where not given."""
    starts, ends = _address_words()
    start = np.where(given, houses % len(starts), -1)
    end = np.where(given, houses // len(starts) % len(ends), -1)
    return join(take(starts, start), take(ends, end))
