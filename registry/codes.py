"""Code lists: words, spellings and codes of a coded column, and the one code that each stands for.

The lists are `config/reference/<column>.csv`, see its README. An unknown word stands for nothing: it is never `other`.
Of the ethnic groups two numberings are about, and one number names two groups (04 is Hoa in Decision 121-TCTK/PPCĐ
of 1979, Mường in Decision 1019/QĐ-TCTK of 2008): a bare number is understood in the numbering that its sender is known
to use, else only where both agree. The code that dancu keeps is the decision's of 1979.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from registry.errors import PlatformError
from registry.writing import TEXT, plain, tones_in_place

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

#: Columns of a movement that do, beside them.
MOVEMENT_CODED: tuple[str, ...] = ("movement", "residence_kind")

#: The same of a dossier.
DOSSIER_CODED: tuple[str, ...] = ("mode", "applicant", "reason")

#: Every column that holds a code of a list.
ALL_CODED: tuple[str, ...] = (*CODED, *MOVEMENT_CODED, *DOSSIER_CODED)

#: Numberings of the ethnic groups, the one that dancu keeps first.
ETHNIC_SCHEMES: tuple[str, ...] = ("121-TCTK/PPCĐ", "1019/QĐ-TCTK")
_OTHER_NUMBERING = {"code_1019": ETHNIC_SCHEMES[1]}

#: What people write before the word itself: `dân tộc Kinh`, `quốc tịch Việt Nam`.
_LEADS: dict[str, tuple[str, ...]] = {
    "ethnicity": ("Dân tộc", "Người", "DT"),
    "religion": ("Đạo", "Tôn giáo", "Theo đạo"),
    "nationality": ("Quốc tịch", "Nước", "Người"),
}

#: Signs between the letters of a word say nothing, but A+ and A- are two blood groups.
_BETWEEN = re.compile(r"[\s.,'’ʼ‘`_()/\[\]]|-(?=\w)")


def _folded(text: str) -> str:
    return tones_in_place(_BETWEEN.sub("", unicodedata.normalize("NFC", text).upper().replace("−", "-")))


@dataclass(frozen=True)
class CodeList:
    """One list.

    Attributes:
        known: the codes themselves.
        written: code of each spelling with its accents (bà is a grandmother, ba a father).
        bare: code of each spelling without accents; None where it could be two codes.
        names: code → its Vietnamese and its English name.
        numbered: numbering → code in it → code of this list; empty where there is one numbering only.
    """

    known: frozenset[str]
    written: dict[str, str]
    bare: dict[str, str | None]
    names: dict[str, tuple[str, str]]
    numbered: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "CodeList":
        """Reads a list.

        Raises:
            PlatformError: one spelling stands for two codes.
        """
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        numbered = _numberings(rows)
        written: dict[str, str] = {}
        bare: dict[str, str | None] = {}
        for code, word in _spellings(rows, numbers=not numbered):
            if written.setdefault(_folded(word), code) != code:
                raise PlatformError(f"{path.name}: “{word}” stands for two codes; mend the list.")
            key = plain(_folded(word))
            bare[key] = code if bare.get(key, code) == code else None
        _add_unsure(rows, written, bare)
        leads = [_folded(lead) for lead in _LEADS.get(path.stem, ())]
        names = {row["code"]: (row["vi"], row["en"]) for row in rows}
        return cls(frozenset(names), _with_leads(written, leads), _with_leads(bare, map(plain, leads)), names, numbered)

    def code(self, text: str, scheme: str | None = None) -> str | None:
        """Returns the code that a clean text stands for; None for an unknown or an ambiguous one.

        A code as the list writes it is that code: `MY` is Malaysia. Any other text is a word, and a word
        without accents may be two: `My` could be Mỹ, `ba` could be bà.

        Args:
            text: a clean text.
            scheme: the numbering that a bare number is in (`ETHNIC_SCHEMES`), where the list has several.
        """
        if self.numbered and text.isdecimal():
            return self._number(text, scheme)
        if text in self.known:
            return text
        word = _folded(text)
        bare = plain(word)
        return self.bare.get(bare) if word == bare else self.written.get(word) or self.bare.get(bare)

    def _number(self, text: str, scheme: str | None) -> str | None:
        schemes = self.numbered if scheme is None else {scheme: self.numbered[scheme]}
        found = {codes.get(text.lstrip("0")) for codes in schemes.values()} - {None}
        return found.pop() if len(found) == 1 else None

    def codes(self, texts: pa.Array, scheme: str | None = None) -> pa.Array:
        """Returns `code` of each of a column's distinct clean texts, as large_string."""
        return pa.array([text and self.code(text, scheme) for text in texts.to_pylist()], TEXT)


Rows = Sequence[dict[str, str]]
Code = TypeVar("Code", str, str | None)


def _numberings(rows: Rows) -> dict[str, dict[str, str]]:
    """Numbering → number without zeros at its left → code; empty for a list that has one numbering only."""
    numbered: dict[str, dict[str, str]] = {}
    for row in rows:
        for column, scheme in (("code", row.get("scheme")), *_OTHER_NUMBERING.items()):
            if scheme and row.get(column):
                numbered.setdefault(scheme, {})[row[column].lstrip("0")] = row["code"]
    return numbered


def _spellings(rows: Rows, *, numbers: bool) -> Iterator[tuple[str, str]]:
    """Code and spelling, the code itself too where its numbers are those of one numbering only."""
    for row in rows:
        code = row["code"]
        codes = (code, code.lstrip("0") or "0") if numbers else ()
        for word in (*codes, row["vi"], row["en"], *row["aliases"].split("|")):
            if word:
                yield code, word


def _add_unsure(rows: Rows, written: dict[str, str], bare: dict[str, str | None]) -> None:
    """Adds spellings that others too are called by (`ambiguous`): only as the very name of a group are they one."""
    names = {_folded(row["vi"]) for row in rows}
    for row in rows:
        for word in filter(None, (row.get("ambiguous") or "").split("|")):
            folded = _folded(word)
            bare[plain(folded)] = None
            if folded not in names:
                written.pop(folded, None)


def _with_leads(codes: dict[str, Code], leads: Iterable[str]) -> dict[str, Code]:
    """Adds each spelling with each of the words before it; a spelling of the list itself goes before such a one."""
    return {lead + word: code for lead in leads for word, code in codes.items()} | codes


def load_code_lists(folder: Path) -> dict[str, CodeList]:
    """Reads the list of every coded column from `folder`, by column.

    Raises:
        PlatformError: a list is missing or contradicts itself.
    """
    try:
        return {column: CodeList.load(folder / f"{column}.csv") for column in ALL_CODED}
    except FileNotFoundError as error:
        raise PlatformError(f"The code list {error.filename} is missing; restore config/reference.") from error
