"""Evidence: what of a form can be compared, and the keys by which forms that may be of one person find each other.

A key is made of parts, from the first one on, until it is expected to match no more than a few forms of the whole
population: "Nguyễn Văn A, 01/01/1950" is narrowed by more parts, a rare name stands alone. What is expected
depends on the model alone, so two forms of one person choose the same parts, whatever else is in the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.database import load_sql
from registry.linkage.model import RAREST_NAME, RAREST_WORD, LinkageModel
from registry.places import Gazetteer

#: Share of persons who have a given day of birth, year, commune, address text, household, number, old card.
_DAY, _YEAR, _PLACE, _ADDRESS, _HOUSEHOLD, _NUMBER, _CARD = 1 / 25_000, 1 / 80, 1e-4, 1e-3, 4e-8, 1e-9, 1e-8


@dataclass(frozen=True)
class Part:
    """A part of a key.

    Attributes:
        values: columns of the evidence that must agree.
        share: SQL for the share of the population that agrees by chance.
    """

    values: tuple[str, ...]
    share: str


_MOTHER = Part(("mother",), "mother_share")
_FATHER = Part(("father",), "father_share")
_NAME = Part(("sorted_name",), "tf_name_key")
_GIVEN = Part(("given",), "given_share")
_DAY_PART = Part(("day",), f"{_DAY}")
_ORIGIN = Part(("origin",), f"{_PLACE}")
_PERMANENT = Part(("permanent",), f"{_PLACE}")
_YEAR_PART = Part(("year::VARCHAR",), f"{_YEAR}")
_ADDRESS_PART = Part(("address",), f"{_ADDRESS}")

#: The keys, each with its parts from the one that must agree to those that narrow it.
KEYS: dict[str, tuple[Part, ...]] = {
    "number_key": (Part(("pid",), f"{_NUMBER}"),),
    "known_number_key": (Part(("known_pid",), f"{_NUMBER}"),),
    "card_key": (Part(("card",), f"{_CARD}"),),
    "birthday_key": (_DAY_PART, _GIVEN, Part(("first",), "first_share"), _MOTHER),
    "birthday_mother_key": (Part(("mother", "day"), f"mother_share * {_DAY}"), _FATHER),
    "birthday_name_key": (Part(("sorted_name", "day"), f"tf_name_key * {_DAY}"), _ORIGIN),
    "name_origin_key": (_NAME, _ORIGIN, _YEAR_PART),
    "name_place_key": (_NAME, _PERMANENT, _ADDRESS_PART),
    "name_parents_key": (Part(("sorted_name", "mother"), "tf_name_key * mother_share"), _FATHER),
    "name_father_key": (Part(("sorted_name", "father"), "tf_name_key * father_share"), _YEAR_PART),
    "parents_year_key": (Part(("mother", "year::VARCHAR"), f"mother_share * {_YEAR}"), _FATHER),
    "home_key": (_ADDRESS_PART, _GIVEN, _PERMANENT),
    "household_key": (Part(("household", "given"), f"{_HOUSEHOLD} * given_share"),),
}

#: What the comparisons of the model read.
COMPARED: tuple[str, ...] = (
    "name", "name_key", "other_key", "birth", "year", "day", "sex", "pid", "known_pid", "card", "father", "mother",
    "spouse", "origin", "birth_registration", "permanent", "temporary", "current", "address", "household", "phone",
    "tf_name_key",
)  # fmt: skip

#: What a file of evidence holds: the form, its keys (32 bits of a hash), and what is compared.
EVIDENCE_COLUMNS: tuple[str, ...] = ("file_no", "row_no", "form_id", *KEYS, *COMPARED)

_MACROS = (
    "CREATE OR REPLACE TEMP MACRO name_key_of(name) AS trim(upper(strip_accents(replace(replace(name, 'đ', 'd'), 'Đ', 'D'))))",
    # 000000000000, 999999999 and 123456789 are typed where a number is asked for and none is known.
    "CREATE OR REPLACE TEMP MACRO real_number(number) AS CASE WHEN replace(number, left(number, 1), '') <> ''"
    " AND NOT starts_with(number, '123456789') THEN number END",
    "CREATE OR REPLACE TEMP MACRO key_of(content) AS (md5_number_upper(content) & 4294967295)::UINTEGER",
)


def create_evidence(connection: duckdb.DuckDBPyConnection, *, forms: str, model: LinkageModel) -> None:
    """Creates the table `evidence` (`EVIDENCE_COLUMNS`) of all rows of a relation.

    Args:
        connection: with the table `place_today` of `create_places`.
        forms: a relation with the columns of `registry.forms.STANDARD_SCHEMA`.
        model: says how common names are, and how much a key may match.

    Rows keep no order; a form without a name or a birth date has few keys or none, and is compared with few.
    """
    for macro in _MACROS:
        connection.execute(macro)
    connection.register("word_share_given", model.words)
    connection.execute("CREATE OR REPLACE TEMP TABLE word_share AS FROM word_share_given")
    connection.unregister("word_share_given")
    rarest = {"rarest_word": RAREST_WORD, "rarest_name": RAREST_NAME}
    connection.execute(load_sql("link", "create_name_share").format(forms=forms, **rarest))
    connection.execute(load_sql("link", "create_evidence").format(forms=forms))
    keys = ", ".join(f"{_key(parts, model)} AS {name}" for name, parts in KEYS.items())
    split = (
        "SELECT *, list_aggregate(list_sort(string_split(name_key, ' ')), 'string_agg', ' ') AS sorted_name,"
        " split_part(name_key, ' ', 1) AS first, split_part(name_key, ' ', -1) AS given FROM evidence"
    )
    columns = ", ".join(column for column in EVIDENCE_COLUMNS if column not in KEYS)
    connection.execute(f"CREATE TEMP TABLE keyed AS SELECT {columns}, {keys} FROM ({split})")
    connection.execute("DROP TABLE evidence")
    connection.execute("DROP TABLE name_share")
    connection.execute("ALTER TABLE keyed RENAME TO evidence")


def _key(parts: Sequence[Part], model: LinkageModel) -> str:
    """SQL of a key: the hash of the fewest parts that are expected to match few enough; null where none are."""
    cases, values, expected = [], [], f"{model.population}"
    for number, part in enumerate(parts, start=1):
        values += part.values
        expected = f"{expected} * {part.share}"
        content = " || chr(31) || ".join([f"'{number}'", *values])
        cases.append(f"WHEN {expected} <= {model.candidates_per_key} THEN key_of({content})")
    return f"CASE {' '.join(cases)} END"


def narrowed_keys(connection: duckdb.DuckDBPyConnection, model: LinkageModel) -> dict[str, int]:
    """Forms of the table `evidence` whose key had to be narrowed, or could not be narrowed enough, by key."""
    raise NotImplementedError


def create_places(connection: duckdb.DuckDBPyConnection, gazetteer: Gazetteer) -> None:
    """Creates the table `place_today`: code, valid_from, and the code of the unit of today that it lies in."""
    rows = []
    for unit, ended in gazetteer.facts():
        if unit.level == "commune" and ended is not None:
            today = [lies_in.unit.code for lies_in in gazetteer.successors(unit.code, unit.valid_from) if lies_in.is_default]
            rows += [(unit.code, unit.valid_from, code) for code in today]
    codes, days, todays = zip(*rows, strict=True)
    table = pa.table({"code": codes, "valid_from": pa.array(days, pa.date32()), "today": todays})
    connection.register("places_given", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE place_today AS FROM places_given")
    connection.unregister("places_given")


def write_evidence(connection: duckdb.DuckDBPyConnection, to: Path) -> None:
    """Writes the table `evidence` as a Parquet file."""
    connection.execute(f"COPY (SELECT {', '.join(EVIDENCE_COLUMNS)} FROM evidence) TO '{to}' (COMPRESSION zstd)")

