"""Labelled tables of others, read as forms: each of our columns from the columns that a map names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from registry.codes import CODED, CodeList
from registry.dates import parse_dates
from registry.errors import UsageError
from registry.forms import COLUMNS, NAMES, PLACES, STANDARD_SCHEMA
from registry.names import legal_names, name_keys
from registry.writing import TEXT, clean

DATES: frozenset[str] = frozenset({"birth_date", "death_date", "declared_on"})
#: The columns of a movement, which no table of others has.
MOVEMENT = ("movement", "known_full_name", "known_birth_date", "known_sex", "known_pid")
_SEPARATORS = (",", ";", "\t", "|")
#: Parts of a date's pattern that stand for digits.
_DIGITS = {"%Y": r"(?P<Y>\d{4})", "%m": r"(?P<m>\d{1,2})", "%d": r"(?P<d>\d{1,2})"}


@dataclass(frozen=True)
class Source:
    """Where a column of ours comes from: theirs, joined by a space, and the pattern of a date."""

    columns: tuple[str, ...]
    format: str | None = None


def read_map(path: Path) -> dict[str, Source]:
    """Reads a map: our column → theirs, a list of theirs, or `{column: theirs, format: pattern}`.

    Raises:
        UsageError: it is no such map.
    """
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(stated, dict) or not stated:
        raise UsageError(f"{path.name} maps no column.")
    if unknown := sorted(set(map(str, stated)) - set(COLUMNS)):
        raise UsageError(f"{path.name} maps columns that a form does not have: {', '.join(unknown)}.")
    return {ours: _source(ours, theirs) for ours, theirs in stated.items()}


def _source(ours: str, theirs: object) -> Source:
    if isinstance(theirs, dict) and {"column"} <= theirs.keys() <= {"column", "format"}:
        return Source(_source(ours, theirs["column"]).columns, theirs.get("format"))
    columns = [theirs] if isinstance(theirs, str) else theirs
    if not isinstance(columns, list) or not columns or not all(isinstance(column, str) for column in columns):
        raise UsageError(f"{ours}: a column, a list of columns, or a column and a format are expected.")
    return Source(tuple(columns))


def read_table(path: Path) -> pd.DataFrame:
    """Reads a table of text with one header line, CSV in any usual separator or Parquet; an empty cell is None."""
    if path.suffix == ".parquet":
        # a whole number in a column with gaps comes as 7.0
        read = pd.read_parquet(path).convert_dtypes().astype("string")
    else:
        with path.open(encoding="utf-8-sig") as lines:
            header = lines.readline()
        read = pd.read_csv(
            path, sep=max(_SEPARATORS, key=header.count), dtype="string", skipinitialspace=True,
            keep_default_na=False, na_values=[""], encoding="utf-8-sig",
        )  # fmt: skip
    return read.rename(columns=str.strip)


def texts_of(table: pd.DataFrame, columns: Sequence[str]) -> pa.Array:
    """Returns columns joined by a space, as clean texts.

    Raises:
        UsageError: the table lacks one.
    """
    if missing := [column for column in columns if column not in table]:
        raise UsageError(f"The data have no column {', '.join(missing)}.")
    parts = [pa.array(table[column].fillna("").to_numpy(object), TEXT) for column in columns]
    return clean(pc.binary_join_element_wise(*parts, pa.scalar(" ", TEXT)))


def as_forms(tables: Sequence[pd.DataFrame], sources: Mapping[str, Source], *, sexes: CodeList) -> pa.Table:
    """Returns rows of `STANDARD_SCHEMA` and the columns of a movement, one a row of the tables, `file_no` by table."""
    return pa.concat_tables(_forms_of(number, table, sources, sexes) for number, table in enumerate(tables))


def _forms_of(file_no: int, table: pd.DataFrame, sources: Mapping[str, Source], sexes: CodeList) -> pa.Table:
    rows = len(table)
    made: dict[str, pa.Array] = {
        "file_no": pa.array([file_no] * rows, pa.int32()),
        "row_no": pa.array(range(1, rows + 1), pa.int64()),
        "form_id": pa.array([f"{file_no:08x}{row:024x}" for row in range(rows)], TEXT),
    }
    for column, source in sources.items():
        text = texts_of(table, source.columns)
        made[f"{column}_raw"] = text
        made |= _standard(column, text, source, sexes)
    whole = {field.name: made.get(field.name, pa.nulls(rows, field.type)) for field in STANDARD_SCHEMA}
    return pa.table(whole | {column: pa.nulls(rows, TEXT) for column in MOVEMENT})


def _standard(column: str, text: pa.Array, source: Source, sexes: CodeList) -> dict[str, pa.Array]:
    if column in NAMES:
        names = legal_names(text)
        return {column: names, f"{column}_key": name_keys(names)}
    if column in DATES:
        days = parse_dates(text) if source.format is None else _days(text, source.format)
        return {} if column == "declared_on" else {column: days}
    if column in PLACES:
        return {}  # a text that is no commune of ours stands for itself
    if column in CODED:
        return {column: sexes.codes(text) if column == "sex" else text}
    return {column: text}


def _days(texts: pa.Array, pattern: str) -> pa.Array:
    known = texts.dictionary_encode()
    return pa.array([text and _day(text, pattern) for text in known.dictionary.to_pylist()], TEXT).take(known.indices)


def _day(text: str, pattern: str) -> str | None:
    """ISO 8601 by a pattern; a day that no calendar has is kept as it was typed: a slip of it says something still."""
    numeric = "".join(_DIGITS.get(part, re.escape(part)) for part in re.split("(%.)", pattern))
    if "%" not in numeric:
        found: dict[str, Any] = getattr(re.fullmatch(numeric, text), "groupdict", dict)()
        parts = [found.get("Y", ""), *(found.get(part, "").zfill(2) for part in "md" if part in found)]
        return "-".join(parts) if found.get("Y") else None
    try:
        return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
