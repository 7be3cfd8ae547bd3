"""I5: texts that are no place for persons, searched for numbers and names that the store knows.

What is looked for is taken out of the texts (few) and then looked up among the forms (many): numbers of 9, 10
and 12 digits that stand alone, and names of three words and more. A place named after somebody is no leak.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.forms import NAMES
from registry.proofs.breach import Proof

_NUMBER = re.compile(r"(?<![\w.:,\-/])(?:\d{12}|0\d{9}|\d{9})(?![\w:\-/]|[.,]\d)")
_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){2,}")
_SHORTEST, _LONGEST = 3, 6

_NUMBERS: tuple[str, ...] = ("pid", "cmnd_no", "phone", "father_id", "mother_id", "spouse_id", "head_id")


@dataclass
class Suspects:
    """What texts hold that might be a person's, each with the places where it was seen."""

    numbers: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)

    def look(self, place: str, text: str) -> None:
        """Collects suspects from a text; `place` says where it stands and holds nothing personal."""
        for number in set(_NUMBER.findall(text)):
            self.numbers.setdefault(number, set()).add(place)
        for run in set(_WORDS.findall(unicodedata.normalize("NFC", text))):
            for name in names_in(run):
                self.names.setdefault(name, set()).add(place)


def names_in(run: str) -> Iterator[str]:
    """Upper-case stretches of three to six words that each begin with a capital."""
    words = run.split(" ")
    capital = [word[:1].isupper() for word in words]
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            if not capital[end - 1]:
                break
            if end - start >= _SHORTEST:
                yield " ".join(words[start:end]).upper()


def prove_privacy(
    proof: Proof, suspects: Suspects, *, standards: Sequence[Path], public: Callable[[], Iterable[str]], folder: Path
) -> None:
    """Looks suspects up among all forms, those in quarantine too.

    Args:
        proof: takes a breach for each place with something personal; which value it is, it does not say.
        suspects: out of all texts.
        standards: the archived forms of all loads.
        public: what may stand in any text, such as names of places; only asked for when a name was found.
        folder: scratch.
    """
    if not standards:
        return
    places: dict[str, int] = {}
    with duckdb.connect(config={"threads": 2, "temp_directory": str(folder), "memory_limit": "1GB"}) as local:
        numbers = _known(local, list(suspects.numbers), _NUMBERS, standards)
        names = set(_known(local, list(suspects.names), NAMES, standards))
    if names:
        names -= {name for text in public() for run in _WORDS.findall(text) for name in names_in(run)}
    for seen in [*(suspects.numbers[number] for number in numbers), *(suspects.names[name] for name in names)]:
        for place in seen:
            places[place] = places.get(place, 0) + 1
    for place, count in sorted(places.items()):
        proof.add("I5", place, f"{count} numbers or names of persons")


def _known(
    local: duckdb.DuckDBPyConnection, values: list[str], columns: Sequence[str], standards: Sequence[Path]
) -> list[str]:
    if not values:
        return []
    local.register("suspect", pa.table({"value": values}))
    paths = [str(path) for path in standards]
    each = " UNION ".join(
        f"SELECT {column} AS value FROM read_parquet($paths) SEMI JOIN suspect ON suspect.value = {column}"
        for column in columns
    )
    return [row[0] for row in local.execute(each, {"paths": paths}).fetchall()]
