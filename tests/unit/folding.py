"""Forms folded into persons, and persons into one another, for tests that say only what the forms state."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from registry.fold import connect, fold_forms, fold_persons
from registry.persons import PERSON_COLUMNS, PERSON_SCHEMA
from tests.factories import standard_table

PERSON = "20210630-0000-0000-0000-000000000001"

_COLUMNS = ", ".join(PERSON_COLUMNS)


def fold(
    forms: Iterable[Mapping[str, Any]], *, trust: int = 6, persons: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The persons that forms make, and `persons` with them.

    A form may say its own `trust`, `person_id` and `changes`.
    """
    forms = list(forms)
    table = standard_table(forms)
    for name, kind, default in (
        ("person_id", pa.string(), PERSON),
        ("trust", pa.int64(), trust),
    ):
        table = table.append_column(name, pa.array([form.get(name, default) for form in forms], kind))
    with connect() as local:
        local.register("forms", table)
        local.register("persons", _table(persons))
        query = fold_forms(forms="forms", persons="persons" if persons else None)
        return local.execute(f"SELECT {_COLUMNS} FROM ({query}) ORDER BY person_id").to_arrow_table().to_pylist()


def fold_each(
    groups: Iterable[Iterable[Mapping[str, Any]]], *, persons: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The person that each of the groups of forms makes, with the one of `persons` in its place; one query for all."""
    forms = [{**form, "person_id": one_of(number)} for number, group in enumerate(groups) for form in group]
    known = [{**person, "person_id": one_of(number)} for number, person in enumerate(persons)]
    return [{**person, "person_id": PERSON} for person in fold(forms, persons=known)]


def join(*persons: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of one person, from several rows of it."""
    (person,) = join_each([persons])
    return person


def join_each(groups: Iterable[Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """What is known of one person from each of the groups of rows; one query for all."""
    rows = [{**row, "person_id": one_of(number)} for number, group in enumerate(groups) for row in group]
    with connect() as local:
        local.register("persons", _table(rows))
        query = f"SELECT {_COLUMNS} FROM ({fold_persons('persons')}) ORDER BY person_id"
        joined = local.execute(query).to_arrow_table().to_pylist()
    return [{**person, "person_id": PERSON} for person in joined]


def one_of(number: int) -> str:
    """The id of one of several persons; they sort by their number."""
    return f"20210630-0000-0000-0000-{number:012}"


def _table(persons: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([dict(person) for person in persons], schema=PERSON_SCHEMA)
