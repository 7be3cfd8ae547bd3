"""What goes wrong between a person and a row: the error model, each slip named in the truth.

A form has at most two slips. Slips of numbers and dates are made before the form becomes text, the others in
the text. A slip that would change nothing on its form (no number to mistype) becomes a mistyped name instead,
so that the truth never names a slip that is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples import people
from samples.cells import Cells, join
from samples.draw import Flags, Ints, chance, pick, weighted_table
from samples.forms import Forms
from samples.numbers import NO_NUMBER
from samples.writing import Writing

#: Slip → weight among forms with slips; with the default share of 10 % such forms, a tenth of it is its rate.
WEIGHTS: dict[str, float] = {
    "name_typed_wrong": 0.10,
    "name_accents_lost": 0.13,
    "name_spacing": 0.04,
    "parent_typed_wrong": 0.09,
    "parent_accents_lost": 0.06,
    "day_month_swapped": 0.12,
    "birth_year_wrong": 0.04,
    "pid_digit_wrong": 0.06,
    "pid_missing": 0.09,
    "cell_missing": 0.157,
    # critical: the row cannot be taken
    "birth_date_impossible": 0.03,
    "name_missing": 0.015,
    "sex_missing": 0.015,
    "place_unknown": 0.02,
    # the row cannot be read
    "field_missing": 0.0015,
    "field_too_many": 0.0015,
    # the same row is sent twice
    "sent_twice": 0.03,
}
#: Slips for which a row is quarantined, and for which it cannot be read.
CRITICAL = ("birth_date_impossible", "name_missing", "sex_missing", "place_unknown")
UNREADABLE = ("field_missing", "field_too_many")
_CODES = {name: code for code, name in enumerate(("", *WEIGHTS))}
_DRAWN = [name for name in WEIGHTS if name != "sent_twice"]
_DRAWN_TABLE = weighted_table([_CODES[name] for name in _DRAWN], [WEIGHTS[name] for name in _DRAWN])
#: Slips that may come on top of another one.
_MILD = ("name_typed_wrong", "parent_typed_wrong", "cell_missing")
_MILD_TABLE = weighted_table([_CODES[name] for name in _MILD], [WEIGHTS[name] for name in _MILD])
_SECOND_SLIP_SHARE = 0.15

#: Cells that clerks leave out.
_LEFT_OUT = (
    "origin_place", "birth_registration_place", "mother_name", "father_name", "ethnicity", "marital_status",
    "declared_on", "permanent_address", "religion", "nationality", "verified_by", "relation_to_head",
)  # fmt: skip


@dataclass
class Slips:
    """For each form up to two slips, as codes; 0 is none."""

    first: Ints
    second: Ints

    def of(self, name: str) -> Flags:
        """Forms with the named slip."""
        rows: Flags = (self.first == _CODES[name]) | (self.second == _CODES[name])
        return rows

    def turn(self, name: str, rows: Flags, *, into: str) -> None:
        """Renames a slip that found nothing to spoil on the given rows."""
        self.first[rows & (self.first == _CODES[name])] = _CODES[into]
        self.second[self.second == self.first] = 0

    def labels(self) -> pa.Array:
        """The slips of each form, `;` between, empty for none."""
        names = ("", *WEIGHTS)
        pool = [f"{one};{two}".strip(";") for one in names for two in names]
        return pa.array(pool).take(pa.array(self.first.astype(np.int32) * len(names) + self.second))


def rows_sent_twice(rows: int, clean_share: float) -> int:
    """How many of a chunk's rows are second copies of another."""
    return round(rows * (1 - clean_share) * WEIGHTS["sent_twice"])


def draw_slips(rng: np.random.Generator, forms: int, *, clean_share: float, twice: int) -> Slips:
    """Which form gets which slips; exactly `twice` of the forms are sent twice and have no other slip."""
    spoilt = rng.permutation(forms)[: max(twice, round(forms * (1 - clean_share)))]
    first = np.zeros(forms, dtype=np.int16)
    first[spoilt] = pick(rng, _DRAWN_TABLE, spoilt.size)
    first[spoilt[:twice]] = _CODES["sent_twice"]
    again = (first > 0) & (first < _CODES["birth_date_impossible"]) & chance(rng, _SECOND_SLIP_SHARE, forms)
    second = np.where(again, pick(rng, _MILD_TABLE, forms), 0)
    second[second == first] = 0
    return Slips(first, second)


def spoil_numbers(rng: np.random.Generator, forms: Forms, slips: Slips) -> None:
    """Slips of birth dates and personal numbers, in place."""
    _swap_day_and_month(forms, slips)
    _mistake_year(rng, forms, slips)
    persons = forms.persons
    without = persons.pid == NO_NUMBER
    for name in ("pid_digit_wrong", "pid_missing"):
        slips.turn(name, without, into="name_typed_wrong")
    rows = np.flatnonzero(slips.of("pid_digit_wrong"))
    power = 10 ** rng.integers(0, 9, rows.size)
    digit = persons.pid[rows] // power % 10
    other = (digit + rng.integers(1, 10, rows.size)) % 10
    persons.pid[rows] += (other - digit) * power
    persons.pid[slips.of("pid_missing")] = NO_NUMBER


def _swap_day_and_month(forms: Forms, slips: Slips) -> None:
    persons, name = forms.persons, "day_month_swapped"
    birth = people.EPOCH + persons.birth
    month_start = birth.astype("datetime64[M]")
    day = (birth - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    month = month_start.astype(np.int64) % 12 + 1
    able = (day <= 12) & (day != month) & (persons.birth_known == people.FULL)
    slips.turn(name, ~able, into="name_typed_wrong")
    rows = slips.of(name)
    swapped = (month_start + (day - month)).astype("datetime64[D]") + (month - 1)
    persons.birth[rows] = (swapped - people.EPOCH).astype(np.int64)[rows]


def _mistake_year(rng: np.random.Generator, forms: Forms, slips: Slips) -> None:
    """One or ten years too early."""
    persons, name = forms.persons, "birth_year_wrong"
    slips.turn(name, persons.birth < 12 * 366, into="name_typed_wrong")
    rows = np.flatnonzero(slips.of(name))
    birth = people.EPOCH + persons.birth[rows]
    month = birth.astype("datetime64[M]")
    day = (birth - month.astype("datetime64[D]")).astype(np.int64)
    years = np.where(chance(rng, 0.75, rows.size), 1, 10)
    earlier = (month - 12 * years).astype("datetime64[D]") + day
    persons.birth[rows] = (earlier - people.EPOCH).astype(np.int64)


def spoil_cells(rng: np.random.Generator, cells: Cells, slips: Slips, *, writing: Writing) -> None:
    """Slips of text, in place; `writing`: how the places are written."""
    for column, name in (("full_name", "name_accents_lost"), ("mother_name", "parent_accents_lost")):
        rows = np.flatnonzero(slips.of(name))
        texts = cells[column].take(pa.array(rows))
        bare = plain(texts)
        same = np.zeros(slips.first.size, dtype=np.bool_)
        same[rows] = pc.equal(bare, texts).to_numpy(zero_copy_only=False)
        slips.turn(name, same, into="name_typed_wrong")
        changed = slips.of(name)
        _put(cells, column, changed, plain)
    _mistype(rng, cells, "mother_name", slips.of("parent_typed_wrong"))
    _mistype(rng, cells, "full_name", slips.of("name_typed_wrong"))
    _put(cells, "full_name", slips.of("name_spacing"), lambda cell: pc.replace_substring(cell, " ", "  "))
    _leave_out(rng, cells, slips)
    _put(cells, "birth_date", slips.of("birth_date_impossible"), lambda cell: _impossible(rng, cell))
    _blank(cells, "full_name", slips.of("name_missing"))
    _blank(cells, "sex", slips.of("sex_missing"))
    _put(cells, "permanent_place", slips.of("place_unknown"), lambda cell: _unknown_place(rng, cell, writing))


def _put(cells: Cells, column: str, rows: Flags, change: Callable[[pa.Array], pa.Array]) -> None:
    """Applies a change to the cells of the given rows."""
    cells[column] = _change(cells[column], rows, change)


def _change(texts: pa.Array, rows: Flags, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    if not rows.any():
        return texts
    mask = pa.array(rows)
    return pc.replace_with_mask(texts, mask, change(texts.filter(mask)))


def _blank(cells: Cells, column: str, rows: Flags) -> None:
    _put(cells, column, rows, lambda cell: pa.nulls(len(cell), pa.string()))


def plain(cell: pa.Array) -> pa.Array:
    """Text without accents and with d for đ."""
    bare = pc.replace_substring_regex(pc.utf8_normalize(cell, form="NFD"), pattern=r"\p{Mn}", replacement="")
    return pc.replace_substring(pc.replace_substring(bare, "đ", "d"), "Đ", "D")


def _leave_out(rng: np.random.Generator, cells: Cells, slips: Slips) -> None:
    """Empties one cell of each form that has this slip; the origin where the chosen one is empty anyway."""
    rows = slips.of("cell_missing")
    chosen = rng.integers(0, len(_LEFT_OUT), rows.size)
    chosen[slips.second > 0] = 0
    for at, column in enumerate(_LEFT_OUT):
        empty = cells[column].is_null().to_numpy(zero_copy_only=False)
        chosen[empty & (chosen == at)] = 0
    for at, column in enumerate(_LEFT_OUT):
        _blank(cells, column, rows & (chosen == at))


def _impossible(rng: np.random.Generator, cell: pa.Array) -> pa.Array:
    days = pa.array(["31/02/", "30/02/", "31/04/", "32/10/", "15/13/", "00/05/"])
    return join(days.take(pa.array(rng.integers(0, len(days), len(cell)))), pc.utf8_slice_codeunits(cell, -4))


def _unknown_place(rng: np.random.Generator, cell: pa.Array, writing: Writing) -> pa.Array:
    """A digit too few or a name that no commune has, or a number that none has."""
    wrong = pc.utf8_slice_codeunits(cell, 0, 4) if writing.in_codes else writing.without_commune(cell)
    return _change(wrong, chance(rng, 0.5, len(cell)), lambda texts: pa.repeat("99999", len(texts)))


def _mistype(rng: np.random.Generator, cells: Cells, column: str, rows: Flags) -> None:
    """One slip of the fingers or of the ear near the end of a name; always another text than before."""
    _put(cells, column, rows, lambda cell: _typed_wrong(rng, cell))


def _typed_wrong(rng: np.random.Generator, cell: pa.Array) -> pa.Array:
    kinds = (_dropped, _doubled, _swapped, _wrong_tone)
    kind, place = rng.integers(0, len(kinds), len(cell)), rng.integers(1, 5, len(cell))
    typed = cell
    for k, change in enumerate(kinds):
        for at in range(1, 5):
            typed = _change(typed, (kind == k) & (place == at), partial(change, at=at))
    same = pc.equal(typed, cell).to_numpy(zero_copy_only=False)
    return _change(typed, same, partial(_dropped, at=1))


def _split(texts: pa.Array, at: int) -> tuple[pa.Array, pa.Array, pa.Array]:
    """What stands before, at and after the letter that is `at` places before the last one."""
    before, rest = pc.utf8_slice_codeunits(texts, 0, -at - 1), pc.utf8_slice_codeunits(texts, -at - 1)
    return before, pc.utf8_slice_codeunits(rest, 0, 1), pc.utf8_slice_codeunits(rest, 1)


def _dropped(texts: pa.Array, at: int) -> pa.Array:
    before, _, after = _split(texts, at)
    return join(before, after)


def _doubled(texts: pa.Array, at: int) -> pa.Array:
    before, letter, after = _split(texts, at)
    return join(before, letter, letter, after)


def _swapped(texts: pa.Array, at: int) -> pa.Array:
    before, letter, after = _split(texts, at)
    return join(before, pc.utf8_slice_codeunits(after, 0, 1), letter, pc.utf8_slice_codeunits(after, 1))


def _wrong_tone(texts: pa.Array, at: int) -> pa.Array:
    """Hook for tilde, which sound alike in the south (the other way round for every other place)."""
    tones = ("\u0309", "\u0303") if at % 2 else ("\u0303", "\u0309")
    split = pc.utf8_normalize(texts, form="NFD")
    return pc.utf8_normalize(pc.replace_substring(split, *tones), form="NFC")
