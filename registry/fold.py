"""Forms folded into persons: set-based, in DuckDB, the same for a night's load and for a proof of the store."""

import duckdb
import pyarrow as pa

from registry.hashes import key_of
from registry.persons import (
    DAY_ZERO,
    DISPUTABLE,
    FORM_BITS,
    GROUPS,
    LAST_DAY,
    PERSON_COLUMNS,
    STAMPS,
    WITNESSES,
    Group,
    conflict_bit,
)

#: Parts of a stamp that are the same for all groups of a form. Ten hex digits are 40 bits, one too many.
_DAY = f"least(greatest(coalesce(stated_on - DATE '{DAY_ZERO}', 0), 0), {LAST_DAY})::BIGINT"
_FORM = f"(('0x' || left(form_id, 10))::BIGINT >> {40 - FORM_BITS})"

#: Which groups a form states, as bits: all that it fills, unless it says itself which ones it changes.
_TOLD = " + ".join(
    f"(contains(';' || changes || ';', ';{group.name};')::BIGINT << {bit})" for bit, group in enumerate(GROUPS)
)
_ALL = -1

#: Rows of a batch that DuckDB reads at once.
_BATCH_ROWS = 50_000

_COLUMNS = ", ".join(PERSON_COLUMNS)


def connect(*, memory: str = "2GB", spill: str | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB for the work inside one load, spilling to the folder `spill`.

    It keeps nothing of the files that it has read. DuckDB 1.5.6 knows a file again by its path, inode, size and second,
    and so has taken a load's footer for that of the next load, which had been written in its place.
    """
    config = {"threads": 2, "memory_limit": memory, "preserve_insertion_order": False}
    connection = duckdb.connect(config={**config, "enable_external_file_cache": False})
    if spill:
        connection.execute("SET temp_directory = ?", [spill])
    return connection


def keep(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Makes an Arrow table one of DuckDB's own, which its other cursors see too."""
    # DuckDB reads batches side by side
    connection.register("given", pa.Table.from_batches(table.to_batches(_BATCH_ROWS), table.schema))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
    connection.unregister("given")


def _base(group: Group) -> str:
    """Column with a stamp's trust, day and form: one for all groups of the same order."""
    return f"base_{group.shift('trust')}_{group.shift('day')}"


def _bases() -> str:
    bases = {
        _base(group): f"(trust::BIGINT << {group.shift('trust')}) + ({_DAY} << {group.shift('day')}) + {_FORM}"
        for group in GROUPS
    }
    return ", ".join(f"{expression} AS {name}" for name, expression in bases.items())


def _stamped(bit: int, group: Group) -> str:
    """The columns of a group as a form states them; a value that it clears is null and has a stamp."""
    told = f"(told & {1 << bit}) <> 0"
    shift = group.shift("completeness")
    alone = group.filled == f"{group.columns[0]} IS NOT NULL" and len(group.columns) == 1
    stated = told if alone else f"{told} AND {group.filled}"
    stamp = f"""CASE WHEN {told} THEN
           CASE WHEN {group.filled} THEN {_base(group)} + (({group.completeness})::BIGINT << {shift})
                WHEN told <> {_ALL} THEN {_base(group)} + {1 << shift} END END"""
    values = [f"CASE WHEN {stated} THEN {column} END AS {column}" for column in group.columns]
    return ", ".join([*values, f"{stamp} AS {group.stamp}"])


def _witness(bit: int, group: Group) -> str:
    trusted = f"trust >= {group.precedence.conflict_from} AND (told & {1 << bit}) <> 0"
    return f"CASE WHEN {trusted} THEN {key_of(f'({group.compared})')} END AS {group.witness}"


def stamp_forms(forms: str) -> str:
    """SQL that gives every form as a person of its own.

    Args:
        forms: a relation with `person_id`, `form_id` (32 hex digits), `trust` (0 to 15), `stated_on`, `changes` and
            the columns of `registry.persons.VALUES`. A form whose `changes` is null states what it fills. One that
            names groups there, `;` between, states these alone, and those that it does not fill it clears.

    Returns:
        SQL with the columns of `registry.persons.PERSON_COLUMNS`.
    """
    bits = {group: bit for bit, group in enumerate(GROUPS)}
    columns = [_stamped(bit, group) for group, bit in bits.items()]
    columns += [_witness(bits[group], group) for group in DISPUTABLE]
    told = f"CASE WHEN changes IS NULL THEN {_ALL} ELSE {_TOLD} END AS told"
    return (
        f"SELECT person_id,\n       {', '.join(columns)}, 0::SMALLINT AS conflicts\n"
        f"  FROM (SELECT *, {told}, {_bases()} FROM {forms})"
    )


def _greatest(group: Group) -> str:
    values = ", ".join(f"{column} := {column}" for column in group.columns)
    return f"arg_max(struct_pack({values}), {group.stamp}) AS {group.name}_group, max({group.stamp}) AS {group.stamp}"


def _conflicts() -> str:
    """Those that one of the rows has, and those that they bring together."""
    brought = [
        f"coalesce((min({group.witness}) <> max({group.witness}))::INT * {conflict_bit(group)}, 0)"
        for group in DISPUTABLE
    ]
    return f"({' | '.join(['bit_or(conflicts)', *brought])})::SMALLINT AS conflicts"


def fold_persons(persons: str) -> str:
    """SQL that joins all rows of one person: group by group, the one with the greatest stamp; and their conflicts.

    Args:
        persons: a relation with the columns of `registry.persons.PERSON_COLUMNS`, several rows a person.

    Returns:
        SQL with the same columns, one row a person.
    """
    values = ", ".join(
        ", ".join([*(f"{group.name}_group.{column} AS {column}" for column in group.columns)]) for group in GROUPS
    )
    stamps = ", ".join((*STAMPS, *WITNESSES, "conflicts"))
    witnesses = (f"min({witness}) AS {witness}" for witness in WITNESSES)
    joined = ",\n           ".join([*map(_greatest, GROUPS), *witnesses, _conflicts()])
    return (
        f"SELECT person_id, {values}, {stamps}\n"
        f"  FROM (SELECT person_id,\n           {joined}\n          FROM {persons} GROUP BY person_id)"
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
    ids = f"UNION ALL SELECT person_id FROM {persons}" if persons else ""
    return f"""
        WITH several AS MATERIALIZED (
            SELECT person_id FROM (SELECT person_id FROM {forms} {ids}) GROUP BY person_id HAVING count(*) > 1
        )
        {_stamped_persons(forms, persons, "ANTI")}
        UNION ALL
        SELECT {_COLUMNS} FROM ({fold_persons(f"({_stamped_persons(forms, persons, 'SEMI')})")})
    """


def _stamped_persons(forms: str, persons: str | None, join: str) -> str:
    """Forms as persons, and persons, of those only that the join with `several` leaves: the others are not stamped."""
    left = f"{join} JOIN several USING (person_id)"
    more = f"UNION ALL SELECT {_COLUMNS} FROM {persons} {left}" if persons else ""
    return f"SELECT {_COLUMNS} FROM ({stamp_forms(f'(FROM {forms} {left})')}) {more}"
