"""Movements: what happened to a person, as a row of a file, and the form that such a row is.

A movement is a form with a kind: its cells are laid into the columns of form DC01 by what they say of the person, so
that one standardiser, one resolver and one fold serve both. `docs/reference/movements.md` is the contract.

Sources of the kinds: Law on Civil Status 60/2014/QH13 (birth, marriage, death, correction), Law on Residence
68/2020/QH14 (residence and absence), Circular 59/2021/TT-BCA art. 6 (personal numbers set up again or cancelled).
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from registry.forms import COLUMNS, STANDARD_SCHEMA
from registry.persons import GROUPS
from registry.writing import TEXT

#: Columns of a movement file that form DC01 does not have.
OWN_COLUMNS: tuple[str, ...] = (
    "movement_no", "movement", "occurred_on",
    "residence_kind", "from_place", "to_place", "to_address",
    "field", "old_value", "new_value", "new_pid", "document_kind", "document_no",
)  # fmt: skip

#: Columns of a movement file, in the order of the contract.
MOVEMENT_COLUMNS: tuple[str, ...] = (
    "movement_no", "movement", "occurred_on", "declared_on", "verified_by",
    "full_name", "birth_date", "sex", "pid", "cmnd_no",
    "residence_kind", "from_place", "to_place", "to_address",
    "household_no", "head_name", "head_id", "relation_to_head",
    "spouse_name", "spouse_id",
    "father_name", "father_id", "mother_name", "mother_id", "representative_name", "representative_id",
    "birth_registration_place", "origin_place", "ethnicity", "nationality",
    "field", "old_value", "new_value", "new_pid", "document_kind", "document_no",
)  # fmt: skip

#: Columns without which a file is none of movements.
NEEDED_COLUMNS: tuple[str, ...] = ("movement_no", "movement", "occurred_on", "full_name")

#: Column of form DC01 that a correction may name → the person's group that holds it. The personal number has kinds of
#: its own.
GROUP_OF: dict[str, str] = {
    column: group.name for group in GROUPS for column in group.columns if column in COLUMNS and column != "pid"
}

#: Standard values of a movement's own columns, beside the columns of a form.
#:
#: - `sent_on`: the day that the file was sent.
#: - `residence_kind`: a code of `config/reference/residence_kind.csv`; `field`: the column of form DC01.
#: - `from_place`, `to_place`: as the places of a form.
#: - `new_value`: in the normal form of the corrected column.
OWN_VALUES: tuple[tuple[str, pa.DataType], ...] = (
    ("sent_on", pa.date32()),
    ("residence_kind", TEXT),
    ("from_place", TEXT),
    ("from_place_from", pa.date32()),
    ("to_place", TEXT),
    ("to_place_from", pa.date32()),
    ("field", TEXT),
    ("new_value", TEXT),
)

#: A standardised movement: the columns of a form; `<column>_raw` is the cell as sent, for its own columns too.
MOVEMENT_SCHEMA = pa.schema([*STANDARD_SCHEMA, *OWN_VALUES, *((f"{column}_raw", TEXT) for column in OWN_COLUMNS)])

#: Columns that say who a movement's person is → SQL over standard movements of what its own cell says, where the
#: column of that name may carry what is new.
KNOWN_BEFORE: dict[str, str] = {
    **{
        column: f"CASE WHEN field = '{column}' THEN known_{column} ELSE {column} END"
        for column in ("full_name", "birth_date", "sex")
    },
    "pid": "CASE WHEN movement IN ('number_change', 'number_cancellation') THEN known_pid ELSE pid END",
}

#: The same for the other columns of a movement file whose standard value has another name, or none of its own.
_AS_SENT: dict[str, str] = {
    **{
        column: f"CASE WHEN field IS DISTINCT FROM '{column}' THEN {column} ELSE trim({column}_raw) END"
        for column in GROUP_OF
        if column in MOVEMENT_COLUMNS
    },
    **KNOWN_BEFORE,
    "movement_no": "form_no",
    "to_address": "trim(to_address_raw)",
    "old_value": "corrected_from",
    "new_pid": "CASE WHEN movement = 'number_change' THEN pid END",
    "document_kind": "trim(document_kind_raw)",
    "document_no": "trim(document_no_raw)",
}

_ARRIVES = "movement IN ('birth', 'move_in')"
#: A child is taken for a permanent resident of the place where it is brought home.
_RESIDENCE = "CASE WHEN movement = 'birth' THEN coalesce(residence_kind, 'permanent') ELSE residence_kind END"
#: When `to_place` is the residence of each kind.
_TAKEN_UP: dict[str, str] = {
    "permanent": f"{_ARRIVES} AND {_RESIDENCE} = 'permanent'",
    "temporary": f"{_ARRIVES} AND {_RESIDENCE} = 'temporary'",
    "current": f"{_ARRIVES} OR (movement = 'move_out' AND residence_kind = 'absence')",
}

#: Column of form DC01 → what a movement states in it, as SQL over its cells; any other is the cell of the same name.
_STATED: dict[str, str] = {
    "form_no": "movement_no",
    "birth_date": "CASE WHEN movement = 'birth' THEN coalesce(birth_date, occurred_on) ELSE birth_date END",
    "death_date": "CASE WHEN movement = 'death' THEN occurred_on END",
    "marital_status": "CASE WHEN movement = 'marriage' THEN 'MARRIED' END",
    "pid": "CASE movement WHEN 'number_change' THEN new_pid WHEN 'number_cancellation' THEN NULL ELSE pid END",
    # Of a residence a correction states the other half, too: a group of columns is taken whole.
    **{f"{kind}_place": f"CASE WHEN {taken} OR field = '{kind}_address' THEN to_place END"
       for kind, taken in _TAKEN_UP.items()},
    **{f"{kind}_address": f"CASE WHEN {taken} OR field = '{kind}_place' THEN to_address END"
       for kind, taken in _TAKEN_UP.items()},
}  # fmt: skip

#: The cells as sent, each in a column of form DC01 that is understood the same way: who the person is as known before.
_BESIDE: dict[str, str] = {
    "form_no": "NULL",
    "father_name": "CASE WHEN field = 'father_name' THEN coalesce(father_name, old_value) ELSE father_name END",
    "mother_name": "CASE WHEN field = 'mother_name' THEN coalesce(mother_name, old_value) ELSE mother_name END",
    "permanent_place": "from_place",
    "current_place": "to_place",
}

#: Nothing but the old value; the day declared tells the century of a short year.
_OLD: dict[str, str] = {**dict.fromkeys(COLUMNS, "NULL"), "declared_on": "declared_on"}

_HOUSEHOLD = "household_no, head_name, head_id, relation_to_head"
_GROUP_OF_FIELD = " ".join(f"WHEN '{column}' THEN '{group}'" for column, group in GROUP_OF.items())
#: `changes` of a movement, see `registry.forms.MOVEMENT_PARTS`.
_CHANGES = f"""
CASE movement
     WHEN 'birth' THEN NULL
     WHEN 'death' THEN 'death'
     WHEN 'marriage' THEN 'marital_status;spouse'
     WHEN 'move_in' THEN
          CASE residence_kind WHEN 'permanent' THEN 'permanent;current' WHEN 'temporary' THEN 'temporary;current'
                              WHEN 'absence' THEN 'current' ELSE '' END
          || CASE WHEN residence_kind <> 'absence' AND coalesce({_HOUSEHOLD}) IS NOT NULL THEN ';household' ELSE '' END
     WHEN 'move_out' THEN
          CASE WHEN residence_kind = 'temporary' THEN 'temporary'
               WHEN residence_kind = 'absence' THEN 'current'
               WHEN residence_kind = 'permanent' THEN 'permanent' ELSE '' END
     WHEN 'correction' THEN CASE field {_GROUP_OF_FIELD} ELSE '' END
     WHEN 'number_change' THEN 'pid'
     WHEN 'number_cancellation' THEN 'pid'
     ELSE ''
END
"""


def as_sent(movements: str) -> str:
    """SQL of standard movements with what was understood of each cell in the column that it was sent in.

    Args:
        movements: a relation of MOVEMENT_SCHEMA.
    """
    added = {column for column in _AS_SENT if column not in MOVEMENT_SCHEMA.names}
    replaced = ", ".join(f"{value} AS {column}" for column, value in _AS_SENT.items() if column not in added)
    more = ", ".join(f"{value} AS {column}" for column, value in _AS_SENT.items() if column in added)
    return f"(SELECT * REPLACE ({replaced}), {more} FROM {movements})"


@dataclass(frozen=True)
class LaidOut:
    """Movements laid into columns of form DC01 (`COLUMNS`), row by row.

    Attributes:
        stated: what each says of its person.
        beside: its cells as sent: who the person is as known before; `from_place` as the permanent and `to_place` as
            the current place.
        old: the old value in the corrected column, nothing else.
        changes: see `registry.forms.MOVEMENT_PARTS`, but for `changes_of`.
        document: see there, too.
    """

    stated: dict[str, pa.Array]
    beside: dict[str, pa.Array]
    old: dict[str, pa.Array]
    changes: pa.Array
    document: pa.Array


def lay_out(cells: pa.Table) -> LaidOut:
    """Lays movements into the columns of forms.

    Args:
        cells: MOVEMENT_COLUMNS as sent but for `movement`, `residence_kind` and `field`, which are standard values;
            `field` only where the movement is a correction.
    """
    with duckdb.connect(config={"threads": 1}) as engine:  # one thread keeps the order of the rows
        engine.register("cells", cells)
        both = engine.sql(
            f"SELECT {_CHANGES} AS changes, nullif(concat_ws(' ', trim(document_kind), trim(document_no)), '')"
            " AS document FROM cells"
        ).to_arrow_table()
        return LaidOut(
            stated=_columns(engine, _STATED, corrected="new_value"),
            beside=_columns(engine, _BESIDE),
            old=_columns(engine, _OLD, corrected="old_value"),
            changes=_text(both["changes"]),
            document=_text(both["document"]),
        )


def _columns(
    engine: duckdb.DuckDBPyConnection, told: dict[str, str], *, corrected: str | None = None
) -> dict[str, pa.Array]:
    expressions = []
    for column in COLUMNS:
        value = told.get(column) or (column if column in MOVEMENT_COLUMNS else "NULL")
        if corrected and column in GROUP_OF:
            value = f"CASE WHEN field = '{column}' THEN {corrected} ELSE {value} END"
        expressions.append(f"({value})::VARCHAR AS {column}")
    found = engine.sql(f"SELECT {', '.join(expressions)} FROM cells").to_arrow_table()
    return {column: _text(found[column]) for column in COLUMNS}


def _text(column: pa.ChunkedArray) -> pa.Array:
    return decoded(column.combine_chunks())


def decoded(column: pa.Array) -> pa.Array:
    """A column as plain text."""
    return (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column).cast(TEXT)


def of_field(field: pa.Array, values: dict[str, pa.Array]) -> pa.Array:
    """Of each row the value in the column that `field` names, as text; null where it names none."""
    found = pa.nulls(len(field), TEXT)
    for column in pc.unique(field).drop_null().to_pylist():
        found = pc.if_else(is_one_of(field, column), decoded(values[column]), found)
    return found


def is_one_of(column: pa.Array, *codes: str) -> pa.BooleanArray:
    """Whether a row has one of the codes; never null."""
    return pc.is_in(column, value_set=pa.array(codes, TEXT))


def places_of(beside: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The standard `from_place` and `to_place` of movements out of what `LaidOut.beside` became."""
    return {
        "from_place": beside["permanent_place"], "from_place_from": beside["permanent_place_from"],
        "to_place": beside["current_place"], "to_place_from": beside["current_place_from"],
    }  # fmt: skip


def changes_of(laid: LaidOut, own: dict[str, pa.Array], to_place: pa.Array) -> pa.Array:
    """`changes` of movements: of a move to another commune nothing, the movement into it says where the person lives.

    Args:
        laid: the movements.
        own: their standard `movement` and `residence_kind`.
        to_place: their standard destination, null where it is no commune of the country.
    """
    leaves = pc.and_(is_one_of(own["movement"], "move_out"), is_one_of(own["residence_kind"], "permanent"))
    return pc.if_else(pc.and_(leaves, to_place.is_valid()), "", laid.changes)


def known_of(movement: pa.Array, field: pa.Array, beside: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Who the person is as known before, `known_…`, where the movement states a new value in that column."""
    new = {column: is_one_of(field, column) for column in ("full_name", "birth_date", "sex")}
    new["pid"] = is_one_of(movement, "number_change", "number_cancellation")
    nothing = pa.scalar(None, TEXT)
    return {f"known_{column}": pc.if_else(rows, decoded(beside[column]), nothing) for column, rows in new.items()}
