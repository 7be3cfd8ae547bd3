"""A person as a fold over forms: which columns belong together, and the stamp that decides between two forms.

A *group* is a set of columns that is taken from one form or from the other, never mixed: an address without
its commune would be a place where nobody lives. Every group of a person carries a *stamp*, one 63-bit number
that sorts by

1. trust of the source (4 bits, `config/sources.csv`),
2. completeness of the value (3 bits: a full date beats a year, a name with its accents beats one without),
3. the day that the form was stated on (17 bits: days since 1900-01-01),
4. the form (39 bits: the leading bits of its id, so of its content and not of its arrival).

A person's id is that of its founding form: the night in eight digits (`20210630`), then 24 hex digits of the
form's id, written as a UUID. The least id of a set of persons is the oldest one, so a person keeps its id when
later forms join it, and within one night the id does not depend on which form was read first.

Joining two persons, or a person and a form, takes the greater stamp group by group. The greatest of a set does
not depend on order or repetition, so neither does the store.
"""

import datetime as dt
from dataclasses import dataclass

#: Day 0 of the stamps.
DAY_ZERO = dt.date(1900, 1, 1)

#: Bits of a stamp, from the most significant part down.
TRUST_BITS, COMPLETENESS_BITS, DAY_BITS, FORM_BITS = 4, 3, 17, 39
FORM_MASK = (1 << FORM_BITS) - 1


@dataclass(frozen=True)
class Group:
    """Columns of a person that come from one form together.

    Attributes:
        name: the stamp's column is `<name>_stamp`.
        columns: the person's columns, the same names as in `registry.forms.STANDARD_SCHEMA`.
        completeness: SQL over a standardised form, 1 to 7; a group that the form does not fill has no stamp.
        filled: SQL condition under which the form fills the group.
    """

    name: str
    columns: tuple[str, ...]
    completeness: str
    filled: str

    @property
    def stamp(self) -> str:
        """Column of the stamp."""
        return f"{self.name}_stamp"


def _value(column: str) -> Group:
    return Group(column, (column,), "1", f"{column} IS NOT NULL")


def _name(group: str, column: str) -> Group:
    # More bytes than letters: the name has accents, or a Đ.
    accents = f"1 + (strlen({column}) > length({column}))::INT"
    return Group(group, (column,), accents, f"{column} IS NOT NULL")


def _date(group: str, column: str) -> Group:
    # ISO 8601: 'yyyy', 'yyyy-mm', 'yyyy-mm-dd' are 4, 7 and 10 characters long.
    return Group(group, (column,), f"(length({column}) - 1) // 3", f"{column} IS NOT NULL")


def _place(group: str, place: str, address: str | None = None) -> Group:
    columns = (place, f"{place}_from", *((address,) if address else ()))
    more = f" + ({address} IS NOT NULL)::INT" if address else ""
    return Group(group, columns, f"1{more}", f"{place} IS NOT NULL")


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

#: Columns of a person with a value, its stamps, and what a fold of forms yields.
VALUES: tuple[str, ...] = tuple(column for group in GROUPS for column in group.columns)
STAMPS: tuple[str, ...] = tuple(group.stamp for group in GROUPS)
PERSON_COLUMNS: tuple[str, ...] = ("person_id", *VALUES, *STAMPS)
