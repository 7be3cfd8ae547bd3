"""Measures: what a rule wants to know of a form that does not stand in its own cells.

A rule across cells or rows ("a household has one head") is measured as a column first and then expected like
any other. The measures of a load are taken over the whole load, whatever slices the suites run on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.identity_numbers import PROVINCES
from registry.movements import KNOWN_BEFORE

_SQL = Path(__file__).with_name("sql") / "validate"

#: What one load may use; beyond it DuckDB spills into the load's own folder.
_LIMITS = {"threads": 2, "memory_limit": "2GB"}

#: What is measured of each form, beside its own columns.
MEASURES: dict[str, str] = {
    "business_day": "the night that is being worked, ISO 8601",
    "birth_year": "year of birth",
    "age_at_most": "whole years on the day stated, were a partly known birth date as early as it can be",
    "age_at_least": "the same, were it as late as it can be",
    "pid_number": "the personal number, where it is 12 digits",
    "pid_sex": "sex that the personal number says (M, F)",
    "pid_birth_year": "year of birth that the personal number says",
    "pid_province": "first three digits of the personal number, as a number",
    "pid_province_known": "whether these digits are those of a province",
    "birth_registration_province": "the same digits for the place of birth registration, of places until 2025-06-30",
    "form_no_repeated": "the sender used this form number in this load for forms of different content",
    "pid_shared": "in this load the personal number stands beside different names and birth dates",
    "household_member_repeated": "the same name and birth date stand twice in this household",
    "household_size": "different forms of this household in this load",
    "household_heads": "of these, heads",
    "household_spouses": "of these, spouses of the head",
    "household_head_name_agrees": "the forms of this household name one head",
    "household_place_agrees": "the forms of this household have one permanent place",
    "head_sex": "sex of the household's only head",
    "head_birth_year": "year of birth of the household's only head",
}

#: What is measured of each movement, beside its own columns.
MOVEMENT_MEASURES: dict[str, str] = {
    "sent_full_name": "the person's name as the row has it, where `full_name` is the new one",
    "sent_birth_date": "the same of the birth date",
    "sent_sex": "the same of the sex",
    "sent_pid": "the same of the personal number",
    "sent_pid_number": "that number, where it is 12 digits",
    "new_pid_number": "the new number of a change of number, where it is 12 digits",
    "sent_day": "the day that the file was sent, ISO 8601",
    "occurred_day": "the day of the event, ISO 8601",
    "age_at_most": "whole years on the day of the event, were a partly known birth date as early as it can be",
    "movement_no_repeated": "the sender used this number in this load for movements of different content",
}


@contextmanager
def measured_forms(
    standard: Path, *, business_date: date, units: Sequence[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `forms`: a load's standard forms, the columns of MEASURES beside their own.

    Args:
        standard: Parquet of STANDARD_SCHEMA.
        business_date: the night; it dates a form that states no day.
        units: CSV files of the units of the three-level states (level, code, name, full_name, parent_code).
    """
    config = {**_LIMITS, "temp_directory": str(standard.parent / "spill"), "preserve_insertion_order": False}
    with duckdb.connect(config=config) as connection:
        connection.read_parquet(str(standard), file_row_number=True).create_view("standard")
        connection.read_csv([str(path) for path in units], all_varchar=True).create_view("units")
        connection.execute(
            "CREATE TEMP TABLE night AS SELECT $day AS business_date, strftime($day, '%Y-%m-%d') AS business_day",
            {"day": business_date},
        )
        connection.register("pid_provinces", pa.table({"province": [int(digits) for digits in PROVINCES]}))
        for step in ("communes", "keys", "households", "repeats", "forms"):
            connection.execute((_SQL / f"{step}.sql").read_text(encoding="utf-8"))
        connection.execute("DROP TABLE keys")
        yield connection


@contextmanager
def measured_movements(standard: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `movements`: standard movements, the columns of MOVEMENT_MEASURES beside their own.

    Args:
        standard: Parquet of `registry.movements.MOVEMENT_SCHEMA`.
    """
    config = {**_LIMITS, "temp_directory": str(standard.parent / "spill"), "preserve_insertion_order": False}
    with duckdb.connect(config=config) as connection:
        connection.read_parquet(str(standard)).create_view("standard")
        as_sent = ", ".join(f"{value} AS sent_{column}" for column, value in KNOWN_BEFORE.items())
        connection.execute((_SQL / "movements.sql").read_text(encoding="utf-8").format(as_sent=as_sent))
        yield connection
