"""Code lists: words, spellings and codes of a coded column, and the one code that each stands for.

The lists are `config/reference/<column>.csv` with code, Vietnamese name, English name, other spellings
joined by `|`, source and date; ethnicity also names its numbering, since two numberings of the same groups
are about and a bare number can only be read in the list's own (Decision 121-TCTK/PPCĐ of 1979).
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from registry.errors import PlatformError
from registry.writing import TEXT, plain

#: Columns of the form that hold a code of a list.
CODED: tuple[str, ...] = (
    "sex",
    "blood_group",
    "marital_status",
    "ethnicity",
    "religion",
    "nationality",
    "relation_to_head",
)

#: Signs between the letters of a word say nothing, but A+ and A- are two blood groups.
_BETWEEN = re.compile(r"[\s.,'’ʼ‘`_()/\[\]]|-(?=\w)")


def _folded(text: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFC", text).upper().replace("−", "-"))


@dataclass(frozen=True)
class CodeList:
    """One list.

    Attributes:
        known: the codes themselves.
        written: code of each spelling with its accents (bà is a grandmother, ba a father).
        bare: code of each spelling without accents; None where it could be two codes.
    """

    known: frozenset[str]
    written: dict[str, str]
    bare: dict[str, str | None]

    @classmethod
    def load(cls, path: Path) -> "CodeList":
        """Reads a list.

        Raises:
            PlatformError: one spelling stands for two codes.
        """
        written: dict[str, str] = {}
        bare: dict[str, str | None] = {}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                code = row["code"]
                for word in (code, code.lstrip("0") or "0", row["vi"], row["en"], *row["aliases"].split("|")):
                    if not word:
                        continue
                    if written.setdefault(_folded(word), code) != code:
                        raise PlatformError(f"{path.name}: “{word}” stands for two codes; mend the list.")
                    key = plain(_folded(word))
                    bare[key] = code if bare.get(key, code) == code else None
        return cls(frozenset(written.values()), written, bare)

    def code(self, text: str) -> str | None:
        """Returns the code that a clean text stands for; None for an unknown or an ambiguous one.

        A code as the list writes it is that code: `MY` is Malaysia. Any other text is a word, and a word
        without accents may be two: `My` could be Mỹ, `ba` could be bà.
        """
        if text in self.known:
            return text
        word = _folded(text)
        bare = plain(word)
        return self.bare.get(bare) if word == bare else self.written.get(word) or self.bare.get(bare)

    def codes(self, texts: pa.Array) -> pa.Array:
        """Returns `code` of each of a column's distinct clean texts, as large_string."""
        return pa.array([text and self.code(text) for text in texts.to_pylist()], TEXT)


def load_code_lists(folder: Path) -> dict[str, CodeList]:
    """Reads the list of every coded column from `folder`, by column.

    Raises:
        PlatformError: a list is missing or contradicts itself.
    """
    try:
        return {column: CodeList.load(folder / f"{column}.csv") for column in CODED}
    except FileNotFoundError as error:
        raise PlatformError(f"The code list {error.filename} is missing; restore config/reference.") from error
