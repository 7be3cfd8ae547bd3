"""A person as a fold over forms: which columns belong together, and the stamp that decides between two forms.

A *group* is a set of columns that is taken from one form or from the other, never mixed: an address without
its commune would be a place where nobody lives. Every group of a person carries a *stamp*, one 63-bit number
of four parts. The first three stand in the order that `config/survivorship.csv` gives for the group:

- trust of the source (4 bits, `config/sources.csv`),
- completeness of the value (3 bits: a full date beats a year, a name with its accents beats one without),
- the day that the form was stated on (17 bits: days since 1900-01-01).

The form comes last (39 bits: the leading bits of its id, so of its content and not of its arrival).

A person's id is that of its founding form: the night in eight digits (`20210630`), then 24 hex digits of the
form's id, written as a UUID. The least id of a set of persons is the oldest one, so a person keeps its id when
later forms join it, and within one night the id does not depend on which form was read first.

Joining two persons, or a person and a form, takes the greater stamp group by group. The greatest of a set does
not depend on order or repetition, so neither does the store.

Where trusted sources may not disagree (the table says on what, and from which trust on), a group also carries a
*witness*: the least key of the values that they state in full. Two persons, or a person and a form, whose
witnesses differ bring a *conflict*, a bit of `conflicts` that stays. Every set in which two different values are
stated has it, in whatever order it was joined: the first join of two sides with different values finds different
witnesses, since before it each side knows one value only. An agency's verified decision settles it: see `in_conflict`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from registry.errors import PlatformError
from registry.names import one_name
from registry.survivorship import Precedence, load_survivorship

#: Day 0 of the stamps.
DAY_ZERO = dt.date(1900, 1, 1)

#: Bits of a stamp's parts; those of the form are the least.
PART_BITS = {"trust": 4, "completeness": 3, "day": 17}
FORM_BITS = 39
FORM_MASK = (1 << FORM_BITS) - 1

#: The longest day that a stamp can hold.
LAST_DAY = (1 << PART_BITS["day"]) - 1

#: From this trust on a statement is an agency's verified decision: it settles a conflict, and no source has it.
DECIDED_TRUST = 14

_PRECEDENCE = load_survivorship()


@dataclass(frozen=True)
class Group:
    """Columns of a person that come from one form together.

    Attributes:
        name: the stamp's column is `<name>_stamp`.
        columns: the person's columns, the same names as in `registry.forms.STANDARD_SCHEMA`.
        completeness: SQL over a standardised form, 1 to 7; a group that the form does not fill has no stamp.
        filled: SQL condition under which the form fills the group.
        compared: SQL of DuckDB for the text by which two values differ, null where the value does not say all that
            it could; empty for groups on which nobody asks whether sources differ.
    """

    name: str
    columns: tuple[str, ...]
    completeness: str
    filled: str
    compared: str = ""

    @property
    def stamp(self) -> str:
        """Column of the stamp."""
        return f"{self.name}_stamp"

    @property
    def witness(self) -> str:
        """Column of the witness, of the groups in `DISPUTABLE`."""
        return f"{self.name}_witness"

    @property
    def precedence(self) -> Precedence:
        """What decides between two statements of the group."""
        return _PRECEDENCE[self.name]

    def shift(self, part: str) -> int:
        """Bits to the right of a part (`PART_BITS`) in the group's stamps."""
        order = self.precedence.order
        return FORM_BITS + sum(PART_BITS[later] for later in order[order.index(part) + 1 :])

    def pack(self, **parts: int) -> int:
        """The stamp with these parts (`PART_BITS`), less the form."""
        return sum(value << self.shift(part) for part, value in parts.items())

    def part(self, part: str, stamp: int) -> int:
        """A part (`PART_BITS`) of a stamp."""
        return (stamp >> self.shift(part)) & ((1 << PART_BITS[part]) - 1)


def _value(column: str) -> Group:
    return Group(column, (column,), "1", f"{column} IS NOT NULL", column)


def _name(group: str, column: str) -> Group:
    # More bytes than letters: the name has accents, or a Đ.
    accents = f"strlen({column}) > length({column})"
    legal = f"CASE WHEN {accents} THEN {one_name(column)} END"
    return Group(group, (column,), f"1 + ({accents})::INT", f"{column} IS NOT NULL", legal)


def _date(group: str, column: str) -> Group:
    # ISO 8601: 'yyyy', 'yyyy-mm', 'yyyy-mm-dd' are 4, 7 and 10 characters long.
    full = f"CASE WHEN length({column}) = 10 THEN {column} END"
    return Group(group, (column,), f"(length({column}) - 1) // 3", f"{column} IS NOT NULL", full)


def _place(group: str, place: str, address: str | None = None) -> Group:
    columns = (place, f"{place}_from", *((address,) if address else ()))
    more = f" + ({address} IS NOT NULL)::INT" if address else ""
    return Group(group, columns, f"1{more}", f"{place} IS NOT NULL", f"{place} || {place}_from::VARCHAR")


def _relative(relative: str) -> Group:
    name, number = f"{relative}_name", f"{relative}_id"
    complete = f"2 * ({name} IS NOT NULL)::INT + ({number} IS NOT NULL)::INT"
    return Group(relative, (name, number), complete, f"coalesce({name}, {number}) IS NOT NULL")


_HOUSEHOLD = ("household_no", "head_name", "head_id", "relation_to_head")

#: Every column of a person that comes from forms, in the order of the form.
GROUPS: tuple[Group, ...] = (
    _name("name", "full_name"),
    _name("other_name", "other_name"),
    _date("birth", "birth_date"),
    _value("sex"),
    _value("blood_group"),
    _value("marital_status"),
    _value("ethnicity"),
    _value("religion"),
    _value("nationality"),
    _place("birth_registration", "birth_registration_place"),
    _place("origin", "origin_place"),
    _place("permanent", "permanent_place", "permanent_address"),
    _place("temporary", "temporary_place", "temporary_address"),
    _place("current", "current_place", "current_address"),
    _value("pid"),
    _value("cmnd_no"),
    _relative("father"),
    _relative("mother"),
    _relative("spouse"),
    _relative("representative"),
    Group(
        "household",
        _HOUSEHOLD,
        " + ".join(f"({column} IS NOT NULL)::INT" for column in _HOUSEHOLD),
        f"coalesce({', '.join(_HOUSEHOLD)}) IS NOT NULL",
    ),
    _value("phone"),
    _date("death", "death_date"),
)


def _disputable(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The groups on which trusted sources may not disagree.

    Raises:
        PlatformError: the table names other groups than there are, or one whose values nobody can compare.
    """
    names = {group.name for group in groups}
    if names != set(_PRECEDENCE):
        raise PlatformError(f"survivorship.csv must have one line for each of {', '.join(sorted(names))}")
    found = tuple(group for group in groups if group.precedence.conflict_from is not None)
    for group in found:
        if not group.compared:
            raise PlatformError(f"survivorship.csv: sources cannot be in conflict on {group.name}")
    return found


#: The groups on which sources may be in conflict; the n-th has the n-th bit of `conflicts`, and a column in `person`.
DISPUTABLE: tuple[Group, ...] = _disputable(GROUPS)

#: Columns of a person with a value, its stamps, and what a fold of forms yields.
VALUES: tuple[str, ...] = tuple(column for group in GROUPS for column in group.columns)
STAMPS: tuple[str, ...] = tuple(group.stamp for group in GROUPS)
WITNESSES: tuple[str, ...] = tuple(group.witness for group in DISPUTABLE)
PERSON_COLUMNS: tuple[str, ...] = ("person_id", *VALUES, *STAMPS, *WITNESSES, "conflicts")


def _kind(column: str) -> pa.DataType:
    if column in STAMPS or column in WITNESSES:
        return pa.int64()
    if column == "conflicts":
        return pa.int16()
    return pa.date32() if column.endswith("_from") else pa.large_string()


#: `PERSON_COLUMNS` with their types.
PERSON_SCHEMA = pa.schema([(column, _kind(column)) for column in PERSON_COLUMNS])


def conflict_bit(group: Group) -> int:
    """The bit of a group of `DISPUTABLE` in `conflicts`."""
    return 1 << DISPUTABLE.index(group)


def in_conflict(person: str) -> str:
    """SQL condition, of PostgreSQL and DuckDB alike: trusted sources are in conflict and no decision has settled it.

    Args:
        person: name or alias of a relation with the columns of `PERSON_COLUMNS`.
    """
    mask = (1 << PART_BITS["trust"]) - 1
    open_groups = (
        f"({person}.conflicts & {conflict_bit(group)}) <> 0"
        f" AND (({person}.{group.stamp} >> {group.shift('trust')}) & {mask}) < {DECIDED_TRUST}"
        for group in DISPUTABLE
    )
    return f"({person}.conflicts <> 0 AND ({' OR '.join(open_groups)}))"
