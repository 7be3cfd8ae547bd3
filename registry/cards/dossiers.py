"""Dossiers: what a station took of a person who is to get a card, as a row of a file.

A dossier is laid into the columns of form DC01 where it says what they say, so that one standardiser understands both
and what is to be printed can be held against the store. `docs/reference/dossiers.md` is the contract.

Sources: Law on Identification 26/2023/QH15 arts 18 to 24 (what is taken, who must have a card and when it is renewed),
in force since 1 July 2024; before it Law on Citizen Identification 59/2014/QH13 arts 19 to 25.
"""

import duckdb
import pyarrow as pa

from registry.database import load_sql
from registry.forms import COLUMNS, STANDARD_SCHEMA
from registry.writing import TEXT, Cells

#: Columns of a dossier file, in the order of the contract.
DOSSIER_COLUMNS: tuple[str, ...] = (
    "dossier_no", "pid", "form_sender", "form_no", "cmnd_no",
    "captured_at", "mode", "applicant", "reason", "company",
    "full_name", "birth_date", "sex", "nationality",
    "birth_registration_place", "origin_place",
    "permanent_place", "permanent_address", "temporary_place", "temporary_address",
    "representative_name", "representative_id",
    "photo", "photo_sha256", "fingerprints", "fingerprints_sha256", "iris", "iris_sha256",
)  # fmt: skip

#: Columns without which a file is none of dossiers.
NEEDED_COLUMNS: tuple[str, ...] = ("dossier_no", "captured_at", "mode", "applicant", "reason", "full_name")

#: What is taken of the body: a key in the object store below `BIOMETRICS`, beside it `<column>_sha256`.
TAKEN: tuple[str, ...] = ("photo", "fingerprints", "iris")

#: Where all of it lies.
BIOMETRICS = "biometrics/"

#: Columns of a dossier that form DC01 does not have.
OWN_COLUMNS: tuple[str, ...] = tuple(column for column in DOSSIER_COLUMNS if column not in COLUMNS)

#: Columns that are a text and nothing else.
_TEXTS: tuple[str, ...] = ("form_sender", "company", *TAKEN)

#: Standard values of a dossier's own columns, beside the columns of a form.
#:
#: - `form_no` is the dossier's number; `known_form_no` the number of the DC01 form that the row names.
#: - `dossier_id`: 32 hex digits, of station and number, see `dossier_ids`.
#: - `captured_at`: in UTC; `captured_on`: the day of it in the nation's own time.
#: - `mode`, `applicant`, `reason`: codes of `config/reference`.
#: - `…_sha256`: 64 hex digits in small letters.
#: - `full_name_accents`: the name in capitals with its marks, tone marks in one place: two such are one name.
#: - `mrz_name`: the name as it stands in the machine-readable zone; null where it cannot stand there.
OWN_VALUES: tuple[tuple[str, pa.DataType], ...] = (
    ("dossier_id", TEXT),
    ("sent_on", pa.date32()),
    ("known_form_no", TEXT),
    ("captured_at", pa.timestamp("us")),
    ("captured_on", pa.date32()),
    *((column, TEXT) for column in ("mode", "applicant", "reason", *_TEXTS)),
    *((f"{column}_sha256", TEXT) for column in TAKEN),
    ("full_name_accents", TEXT),
    ("mrz_name", TEXT),
)

#: A standardised dossier: the columns of a form; `<column>_raw` is the cell as sent, for its own columns too.
DOSSIER_SCHEMA = pa.schema([*STANDARD_SCHEMA, *OWN_VALUES, *((f"{column}_raw", TEXT) for column in OWN_COLUMNS)])

#: Vietnam keeps one time all year, seven hours before UTC.
HOURS_BEFORE_UTC = 7
#: A time says its zone: what is taken at midnight somewhere is of another day elsewhere.
_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})"


def as_sent(dossiers: str) -> str:
    """SQL of standard dossiers with what was understood of each cell in the column that it was sent in.

    Args:
        dossiers: a relation of DOSSIER_SCHEMA.
    """
    return f"(SELECT * REPLACE (known_form_no AS form_no), form_no AS dossier_no FROM {dossiers})"


def captured(cells: Cells) -> tuple[pa.Array, pa.Array]:
    """When dossiers were taken, row by row: in UTC, and the day of it in the nation's own time.

    Understood is ISO 8601 with its zone: `2026-03-01T08:15:00+07:00`. Null for anything else.
    """
    with duckdb.connect(config={"threads": 1}) as engine:  # one thread keeps the order of the rows
        engine.register("given", pa.table({"text": cells.values.cleaned}))
        found = engine.execute(
            load_sql("dossier", "captured"), {"time": _TIME, "hours": HOURS_BEFORE_UTC}
        ).to_arrow_table()
    taken, day = (found[name].combine_chunks() for name in ("taken", "day"))
    return cells.spread(taken), cells.spread(day)


def dossier_ids(senders: pa.Array, numbers: pa.Array) -> pa.Array:
    """The ids of dossiers: MD5 of `<station>/<number>`, 32 hex digits; null where there is no number."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", pa.table({"sender": senders, "number": numbers}))
        found = engine.sql("SELECT md5(sender || '/' || number) AS id FROM given").to_arrow_table()
    return found["id"].combine_chunks().cast(TEXT)


def lay_out(cells: dict[str, Cells], captured_on: pa.Array) -> dict[str, pa.Array]:
    """Dossiers laid into the columns of forms (`COLUMNS`), row by row; what a dossier does not say is null.

    Args:
        cells: DOSSIER_COLUMNS as sent.
        captured_on: date32; it dates the communes, as the day declared does on a form.
    """
    rows = len(captured_on)
    laid = {column: pa.nulls(rows, TEXT) for column in COLUMNS}
    laid |= {column: _plain(cells[column].column) for column in DOSSIER_COLUMNS if column in COLUMNS}
    laid["form_no"] = _plain(cells["dossier_no"].column)
    laid["declared_on"] = captured_on.cast(pa.string()).cast(TEXT)
    return laid


def _plain(column: pa.Array) -> pa.Array:
    return (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column).cast(TEXT)


def own_texts(cells: dict[str, Cells]) -> dict[str, pa.Array]:
    """The standard values of a dossier's columns that are texts."""
    done = {column: cells[column].spread(cells[column].values.cleaned) for column in _TEXTS}
    done["known_form_no"] = cells["form_no"].spread(cells["form_no"].values.cleaned)
    return done
