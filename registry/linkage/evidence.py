"""Evidence: what of a form can be compared, and the keys by which forms that may be of one person find each other.

A key is made of parts, from the first one on, until it is expected to match no more than a few forms of the whole
population: "Nguyễn Văn A, 01/01/1950" is narrowed by more parts, a rare name stands alone. What is expected
depends on the model alone, so two forms of one person choose the same parts, whatever else is in the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.database import load_sql
from registry.linkage.model import RAREST_NAME, RAREST_WORD, LinkageModel
from registry.places import Gazetteer

#: Share of persons who have a given day of birth, year, commune, household, number, old card.
_DAY, _YEAR, _PLACE, _HOUSEHOLD, _NUMBER, _CARD = 1 / 25_000, 1 / 80, 1e-4, 4e-8, 1e-9, 1e-8


@dataclass(frozen=True)
class Part:
    """A part of a key.

    Attributes:
        hashes: what must agree: columns of `create_evidence.sql` that hold 32 bits of a hash.
        share: SQL for the share of the population that agrees by chance.
    """

    hashes: tuple[str, ...]
    share: str


_MOTHER = Part(("mother_hash",), "mother_share")
_FATHER = Part(("father_hash",), "father_share")
_NAME = Part(("name_hash",), "tf_name_key")
_GIVEN = Part(("given_hash",), "given_share")
_FIRST = Part(("first_hash",), "first_share")
_DAY_PART = Part(("day_hash",), f"{_DAY}")
_YEAR_PART = Part(("year_hash",), f"{_YEAR}")
_ORIGIN = Part(("origin_hash",), f"{_PLACE}")
_HOME = Part(("home_hash",), f"{_PLACE}")
_ADDRESS = Part(("address_hash",), "address_share")
# of a place told in words
_POSTCODE = Part(("postcode_hash",), f"{_PLACE}")
_SUBURB = Part(("suburb_hash",), f"{_PLACE}")
_STREET = Part(("street_hash",), f"{_PLACE}")


def _together(*parts: Part) -> Part:
    """Parts of which each alone would be no key."""
    return Part(sum((part.hashes for part in parts), ()), " * ".join(part.share for part in parts))


#: The keys, each with its parts from the one that must agree to those that narrow it.
KEYS: dict[str, tuple[Part, ...]] = {
    "number_key": (Part(("pid_hash",), f"{_NUMBER}"),),
    "known_number_key": (Part(("known_pid_hash",), f"{_NUMBER}"),),
    "card_key": (Part(("card_hash",), f"{_CARD}"),),
    "birthday_key": (_DAY_PART, _GIVEN, _FIRST, _MOTHER),
    "birthday_mother_key": (_together(_MOTHER, _DAY_PART), _FATHER),
    "birthday_name_key": (_together(_NAME, _DAY_PART), _ORIGIN),
    "name_origin_key": (_NAME, _together(_ORIGIN, _YEAR_PART)),
    "name_place_key": (_NAME, _together(_HOME, _YEAR_PART), _ADDRESS),
    "name_address_key": (_NAME, _ADDRESS, _HOME),
    "name_parents_key": (_together(_NAME, _MOTHER), _FATHER),
    "household_key": (_together(Part(("household_hash",), f"{_HOUSEHOLD}"), _GIVEN),),
    "given_key": (_GIVEN, _HOME, _ADDRESS),
    # a household shares its surname and its address: the year keeps its members apart
    "first_key": (_FIRST, _together(_HOME, _ADDRESS, _YEAR_PART)),
    "home_key": (_HOME, _together(_ADDRESS, _YEAR_PART)),
    "address_key": (_ADDRESS, _DAY_PART),
    "postcode_key": (_POSTCODE, _STREET),
    "suburb_key": (_SUBURB, _STREET),
    "street_key": (_STREET, _POSTCODE),
}

#: What the comparisons of the model read.
COMPARED: tuple[str, ...] = (
    "name", "name_key", "odd", "other_key", "birth", "year", "day", "sex", "pid", "known_pid", "card", "father",
    "mother", "spouse", "origin", "birth_registration", "permanent", "temporary", "current", "home", "address",
    "household", "phone", "tf_name_key",
)  # fmt: skip

_TYPES = {"odd": pa.bool_(), "year": pa.int16(), "tf_name_key": pa.float64()}
#: What a file of evidence holds: the form, its keys (32 bits of a hash), and what is compared.
EVIDENCE_SCHEMA = pa.schema(
    [
        ("file_no", pa.int32()),
        ("row_no", pa.int64()),
        ("form_id", pa.string()),
        *((key, pa.uint32()) for key in KEYS),
        *((column, _TYPES.get(column, pa.string())) for column in COMPARED),
    ]
)

_MASK = (1 << 32) - 1
#: A prime below 2^32, and Knuth's multiplier for hashing (2^32 by the golden ratio; Art of Computer Programming 6.4).
_PRIME, _MULTIPLIER = 4_294_967_291, 2_654_435_761

#: DuckDB's own hash may change with its version, and these are kept: MD5 for texts, once a distinct name, and
#: arithmetic for whatever is a number already.
_MACROS = (
    "key_of_name(name) AS trim(upper(strip_accents(replace(replace(name, 'đ', 'd'), 'Đ', 'D'))))",
    # 000000000000, 999999999 and 123456789 are typed where a number is asked for and none is known.
    (
        "real_number(number) AS CASE WHEN NOT regexp_full_match(number, '0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|123456789.*')"
        " THEN number END"
    ),
    f"hash_of_text(content) AS md5_number_upper(content) & {_MASK}",
    f"joined(before, part) AS (before * {_MULTIPLIER} + part) & {_MASK}",
    (
        "hash_of_number(content) AS CASE WHEN try_cast(content AS UBIGINT) IS NULL THEN hash_of_text(content)"
        f" ELSE joined(try_cast(content AS UBIGINT) % {_PRIME}, 1) END"
    ),
)


@dataclass(frozen=True)
class Narrowed:
    """Forms whose first part of a key is too common: those that found a narrower key, and those left without."""

    narrowed: int
    without: int


def create_evidence(connection: duckdb.DuckDBPyConnection, *, forms: str, model: LinkageModel) -> None:
    """Creates the table `evidence` (`EVIDENCE_SCHEMA`) of all rows of a relation.

    Args:
        connection: with the table `place_today` of `create_places`.
        forms: a relation with the columns of `registry.forms.STANDARD_SCHEMA`, `movement` and what it knew.
        model: says how common names are, and how much a key may match.

    Rows keep no order; a form without a name or a birth date has few keys or none, and is compared with few.
    The table has one column more, for `narrowed_keys`.
    """
    for macro in _MACROS:
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
    connection.register("word_share", model.words)
    rarest = {"rarest_word": RAREST_WORD, "rarest_name": RAREST_NAME}
    connection.execute(load_sql("link", "create_name_fact").format(forms=forms, **rarest))
    connection.unregister("word_share")
    keys = ", ".join(_key(name, parts, model) for name, parts in KEYS.items())
    connection.execute(load_sql("link", "create_evidence").format(forms=forms, keys=keys, narrowed=_narrowed(model)))
    connection.execute("DROP TABLE name_fact")


def _fits(parts: Sequence[Part], model: LinkageModel) -> str:
    """SQL: parts are expected to match few enough forms."""
    return f"{' * '.join([str(model.population), *(part.share for part in parts)])} <= {model.candidates_per_key}"


def _key(name: str, parts: Sequence[Part], model: LinkageModel) -> str:
    """SQL of a key: the hash of the fewest parts that are expected to match few enough, never 0; null without any."""
    cases = []
    for number in range(1, len(parts) + 1):
        content = f"{number}::UBIGINT"
        for column in (column for part in parts[:number] for column in part.hashes):
            content = f"joined({content}, {column})"
        cases.append(f"WHEN {_fits(parts[:number], model)} THEN {content}")
    return f"nullif((CASE {' '.join(cases)} END)::UINTEGER, 0) AS {name}"


def _known(part: Part) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in part.hashes)


def _narrowed(model: LinkageModel) -> str:
    """SQL: a bit a key, for those whose first part would match too many."""
    bits = [
        f"(CASE WHEN {_known(parts[0])} AND NOT {_fits(parts[:1], model)} THEN {1 << place} ELSE 0 END)"
        for place, parts in enumerate(KEYS.values())
        if len(parts) > 1
    ]
    return " + ".join(bits)


def narrowed_keys(connection: duckdb.DuckDBPyConnection) -> dict[str, Narrowed]:
    """What had to be narrowed in the table `evidence`, and what could not be narrowed enough, by key."""
    counts = ", ".join(
        f"count(*) FILTER (narrowed >> {place} & 1 = 1 AND {name} IS NOT NULL),"
        f" count(*) FILTER (narrowed >> {place} & 1 = 1 AND {name} IS NULL)"
        for place, name in enumerate(KEYS)
    )
    found = connection.execute(f"SELECT {counts} FROM evidence").fetchone() or ()
    return {name: Narrowed(*found[2 * place : 2 * place + 2]) for place, name in enumerate(KEYS)}


def create_places(connection: duckdb.DuckDBPyConnection, gazetteer: Gazetteer) -> None:
    """Creates the table `place_today`: code, valid_from, and the code of the unit of today that it lies in."""
    connection.register("places_given", _places_today(gazetteer))
    connection.execute("CREATE OR REPLACE TEMP TABLE place_today AS FROM places_given")
    connection.unregister("places_given")


@cache
def _places_today(gazetteer: Gazetteer) -> pa.Table:
    rows = []
    for unit, ended in gazetteer.facts():
        if unit.level == "commune" and ended is not None:
            today = [
                lies_in.unit.code for lies_in in gazetteer.successors(unit.code, unit.valid_from) if lies_in.is_default
            ]
            rows += [(unit.code, unit.valid_from, code) for code in today]
    codes, days, todays = zip(*rows, strict=True)
    return pa.table({"code": codes, "valid_from": pa.array(days, pa.date32()), "today": todays})


def write_evidence(connection: duckdb.DuckDBPyConnection, to: Path) -> None:
    """Writes the table `evidence` as an Arrow file of one batch, in the clear: its rows are found where they lie."""
    found = connection.execute(f"SELECT {', '.join(EVIDENCE_SCHEMA.names)} FROM evidence").to_arrow_table()
    with pa.ipc.new_file(to, EVIDENCE_SCHEMA) as file:
        file.write_table(found.cast(EVIDENCE_SCHEMA).combine_chunks())


def read_evidence(file: Path) -> pa.Table:
    """Maps a file of evidence into memory: `EVIDENCE_SCHEMA`, of one batch.

    Raises:
        pa.ArrowException: it is no such file.
    """
    with pa.memory_map(str(file)) as mapped:
        try:
            table = pa.ipc.open_file(mapped).read_all()
        except OSError as error:  # so Arrow calls damage to what it reads first
            raise pa.ArrowInvalid("the file of evidence is damaged") from error
    if table.schema != EVIDENCE_SCHEMA:
        raise pa.ArrowInvalid("the file holds something else than evidence")
    return table


def read_every_evidence(files: Mapping[str, Path] | Mapping[int, Path], *, load: str) -> pa.Table:
    """Maps files of several loads: `EVIDENCE_SCHEMA`, and in the column `load` what each load is called there.

    Raises:
        pa.ArrowException: one of them is no such file.
    """
    tables = ((name, read_evidence(file)) for name, file in files.items())
    return pa.concat_tables([table.append_column(load, pa.repeat(name, len(table))) for name, table in tables])
