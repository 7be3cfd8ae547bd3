"""Forms folded into persons: set-based, in DuckDB, the same for a night's load and for a proof of the store."""

import duckdb

from registry.persons import (
    COMPLETENESS_BITS,
    DAY_BITS,
    DAY_ZERO,
    FORM_BITS,
    GROUPS,
    PERSON_COLUMNS,
    Group,
)

_DAY_SHIFT = FORM_BITS
_COMPLETENESS_SHIFT = _DAY_SHIFT + DAY_BITS
_TRUST_SHIFT = _COMPLETENESS_SHIFT + COMPLETENESS_BITS

#: The part of a stamp that is the same for all groups of a form. Ten hex digits are 40 bits, one too many.
_FORM_STAMP = f"""
    (trust::BIGINT << {_TRUST_SHIFT})
    + (least(greatest(coalesce(stated_on - DATE '{DAY_ZERO}', 0), 0), {(1 << DAY_BITS) - 1})::BIGINT << {_DAY_SHIFT})
    + (('0x' || left(form_id, 10))::BIGINT >> 1)
"""


def connect(*, memory: str = "2GB", spill: str | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB for the work inside one load, spilling to the folder `spill`."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": memory, "preserve_insertion_order": False})
    if spill:
        connection.execute("SET temp_directory = ?", [spill])
    return connection


def _stamped(group: Group) -> str:
    stamp = f"form_stamp + (({group.completeness})::BIGINT << {_COMPLETENESS_SHIFT})"
    values = [f"CASE WHEN {group.filled} THEN {column} END AS {column}" for column in group.columns]
    if group.filled == f"{group.columns[0]} IS NOT NULL" and len(group.columns) == 1:
        values = list(group.columns)
    return ", ".join([*values, f"CASE WHEN {group.filled} THEN {stamp} END AS {group.stamp}"])


def stamp_forms(forms: str) -> str:
    """SQL that gives every form as a person of its own.

    Args:
        forms: a relation with `person_id`, `form_id` (32 hex digits), `trust` (0 to 15), `stated_on` and the
            columns of `registry.persons.VALUES`.

    Returns:
        SQL with the columns of `registry.persons.PERSON_COLUMNS`.
    """
    groups = ",\n       ".join(_stamped(group) for group in GROUPS)
    return f"SELECT person_id,\n       {groups}\n  FROM (SELECT *, {_FORM_STAMP} AS form_stamp FROM {forms})"


def _greatest(group: Group) -> str:
    values = ", ".join(f"{column} := {column}" for column in group.columns)
    return f"arg_max(struct_pack({values}), {group.stamp}) AS {group.name}_group, max({group.stamp}) AS {group.stamp}"


def fold_persons(persons: str) -> str:
    """SQL that joins all rows of one person: group by group, the one with the greatest stamp.

    Args:
        persons: a relation with the columns of `registry.persons.PERSON_COLUMNS`, several rows a person.

    Returns:
        SQL with the same columns, one row a person.
    """
    values = ", ".join(
        ", ".join([*(f"{group.name}_group.{column} AS {column}" for column in group.columns)]) for group in GROUPS
    )
    stamps = ", ".join(group.stamp for group in GROUPS)
    greatest = ",\n           ".join(_greatest(group) for group in GROUPS)
    return (
        f"SELECT person_id, {values}, {stamps}\n"
        f"  FROM (SELECT person_id,\n           {greatest}\n          FROM {persons} GROUP BY person_id)"
    )


def fold_forms(*, forms: str, persons: str | None = None) -> str:
    """SQL that folds forms, and persons that join them, into one row a person.

    Most persons have a single row and pass as they are; only the others are grouped.

    Args:
        forms: as for `stamp_forms`.
        persons: rows of persons that join them (columns of `PERSON_COLUMNS`), if any.

    Returns:
        SQL with the columns of `PERSON_COLUMNS`.
    """
    columns = ", ".join(PERSON_COLUMNS)
    more = f"UNION ALL SELECT {columns} FROM {persons}" if persons else ""
    ids = f"UNION ALL SELECT person_id FROM {persons}" if persons else ""
    return f"""
        WITH several AS MATERIALIZED (
            SELECT person_id FROM (SELECT person_id FROM {forms} {ids}) GROUP BY person_id HAVING count(*) > 1
        ), stamped AS NOT MATERIALIZED (
            SELECT {columns} FROM ({stamp_forms(forms)}) {more}
        )
        SELECT {columns} FROM stamped ANTI JOIN several USING (person_id)
        UNION ALL
        SELECT {columns} FROM ({fold_persons("(FROM stamped SEMI JOIN several USING (person_id))")})
    """
