"""Made-up persons of whom two forms agree too little to tie them and too much to be told apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.integration.registers import MAN

#: Names neither rare nor common: a rare one and a birth date tie two forms, a common one tells nothing.
CHILD, TODDLER, ADULT = "PHÙNG VĂN TUẤN", "VŨ VĂN AN", "ĐOÀN VĂN LONG"
BIRTHS = {CHILD: "05/12/2015", TODDLER: "09/09/2016", ADULT: "07/03/1971"}

#: Where the second forms say that the persons live.
ELSEWHERE = "26050"

#: Columns of the workbook, from 0.
VERDICT, REVIEWER, REMARK, CASE, FINGERPRINT, PERSONS = 7, 8, 9, 10, 11, 12

_SILENT = {"father_name": "", "mother_name": "", "birth_registration_place": "", "origin_place": "", "pid": ""}


def first_form(form_no: str, name: str, **cells: str) -> dict[str, str]:
    """A form with parents and places; of the adult with a number, so that a card is asked for."""
    known = {"full_name": name, "birth_date": BIRTHS[name], "pid": "075071001557" if name == ADULT else ""}
    return {"form_no": form_no, **MAN, "death_date": "", **known, **cells}


def second_form(form_no: str, name: str, **cells: str) -> dict[str, str]:
    """The same name and birth date elsewhere, and nothing else to tell by."""
    where = {"permanent_place": ELSEWHERE, "permanent_address": "Tổ 3"}
    return first_form(form_no, name, **{**_SILENT, **where, **cells})


def answer(path: Path, said: Mapping[str, tuple[str, str]], *, remark: str = "") -> None:
    """Answers cases as a person would: `said` is a name in the block → the verdict's cell and the reviewer's."""
    book = load_workbook(path)
    first: Any = ()
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[CASE].value:
            first = row
        if row[2].value in said and str(row[1].value).endswith("full_name"):
            verdict, reviewer = said[str(row[2].value)]
            first[VERDICT].value, first[REVIEWER].value, first[REMARK].value = verdict, reviewer, remark
    book.save(path)
