"""The DC01 form as a row: what it is called as sent, and what it becomes once standardised.

Sources of the fields: Circular 66/2015/TT-BCA art. 18 and Circular 104/2020/TT-BCA (form DC01),
Law on Identification 26/2023/QH15 art. 9 (fields of the population database).
"""

from collections.abc import Sequence

import pyarrow as pa

#: Columns of a register file, in the order of the contract.
COLUMNS: tuple[str, ...] = (
    "form_no", "form_edition", "declared_on", "verified_by",
    "full_name", "other_name", "birth_date", "sex",
    "blood_group", "marital_status", "ethnicity", "religion", "nationality",
    "birth_registration_place", "origin_place",
    "permanent_place", "permanent_address",
    "temporary_place", "temporary_address",
    "current_place", "current_address",
    "pid", "cmnd_no",
    "father_name", "father_id", "mother_name", "mother_id",
    "spouse_name", "spouse_id", "representative_name", "representative_id",
    "household_no", "head_name", "head_id", "relation_to_head",
    "phone", "death_date",
)  # fmt: skip

#: Columns that hold a commune; each has a companion `<column>_from`, the first day of the unit's state.
PLACES: tuple[str, ...] = (
    "birth_registration_place",
    "origin_place",
    "permanent_place",
    "temporary_place",
    "current_place",
)

#: Columns that hold a person's name.
NAMES: tuple[str, ...] = (
    "full_name",
    "other_name",
    "father_name",
    "mother_name",
    "spouse_name",
    "representative_name",
    "head_name",
)

#: Where a row stands: the file's ordinal inside its load, and the data row in that file, from 1.
POSITION: tuple[str, ...] = ("file_no", "row_no")


def read_schema(columns: Sequence[str]) -> pa.Schema:
    """One row per readable physical row, every cell as sent (text; null where the cell is empty or absent).

    `returned_file` and `returned_row` are filled only when the file is a returned workbook (see `returns`).
    """
    return pa.schema(
        [
            ("file_no", pa.int32()),
            ("row_no", pa.int64()),
            *((column, pa.large_string()) for column in columns),
            ("returned_file", pa.int64()),
            ("returned_row", pa.int64()),
        ]
    )


#: Rows of register files as read.
READ_SCHEMA = read_schema(COLUMNS)

#: One row per physical row that could not be told into fields.
#: `offset`: position of its first byte in the decompressed file, null where the format has none.
#: `reason`: a code of `registry.formats.reasons`; `detail`: numbers only, never a cell's text.
UNREADABLE_SCHEMA = pa.schema(
    [
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("offset", pa.int64()),
        ("reason", pa.large_string()),
        ("detail", pa.large_string()),
        ("bytes", pa.large_binary()),
    ]
)

_STANDARD_TYPES: dict[str, pa.DataType] = {"declared_on": pa.date32()}

#: What a form has beyond its own columns when it is a movement, see `registry.movements`; null for a form DC01.
#:
#: - `movement`: its kind, a code of `config/reference/movement.csv`.
#: - `changes`: the groups of the person (names of `registry.persons.GROUPS`, in their order, `;` between) whose values
#:   the row states, null ones too; an empty text: none; null: all that are filled.
#: - `occurred_on`: the day of the event.
#: - `known_…`: who the person is as known before, where the row's own column carries a new value.
#: - `corrected_from`: the old value of the corrected column, in the normal form of that column.
#: - `document`: kind and number of the proof document.
MOVEMENT_PARTS: tuple[tuple[str, pa.DataType], ...] = (
    ("movement", pa.large_string()),
    ("changes", pa.large_string()),
    ("occurred_on", pa.date32()),
    ("known_full_name", pa.large_string()),
    ("known_birth_date", pa.large_string()),
    ("known_sex", pa.large_string()),
    ("known_pid", pa.large_string()),
    ("corrected_from", pa.large_string()),
    ("document", pa.large_string()),
)

#: One row per readable row: where it stands, who sent it, the standard values, and beside them the raw ones
#: as `<column>_raw`.
#:
#: - `form_id`: 32 hex digits, the form's identity by content (see `tasks.standardise`).
#: - `birth_date`, `death_date`: ISO 8601 in the precision that is known: `1960`, `1960-05` or `1960-05-17`.
#: - `sex`: `M` or `F`; other coded columns: codes of `config/reference`.
#: - places: 5-digit commune code, with `<place>_from` the first day of the unit's state in which the code
#:   was understood.
#: - `ambiguous_places`: the places, `;` between, whose text may mean several communes; null for most rows.
#: - `stated_on`: the day that dates the row: of a movement `occurred_on`; `declared_on`, failing that the day the file
#:   was sent.
#: - `<name>_key` for full_name, father_name, mother_name: upper case, without accents, single spaces.
STANDARD_SCHEMA = pa.schema(
    [
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("form_id", pa.large_string()),
        ("sender", pa.large_string()),
        ("stated_on", pa.date32()),
        *((column, _STANDARD_TYPES.get(column, pa.large_string())) for column in COLUMNS),
        *((f"{place}_from", pa.date32()) for place in PLACES),
        ("ambiguous_places", pa.large_string()),
        ("full_name_key", pa.large_string()),
        ("father_name_key", pa.large_string()),
        ("mother_name_key", pa.large_string()),
        *MOVEMENT_PARTS,
        *((f"{column}_raw", pa.large_string()) for column in COLUMNS),
        ("returned_file", pa.int64()),
        ("returned_row", pa.int64()),
    ]
)

#: One row per rule that a row failed. `severity`: `critical` or `warning`.
FINDING_SCHEMA = pa.schema(
    [
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("rule", pa.large_string()),
        ("severity", pa.large_string()),
    ]
)
