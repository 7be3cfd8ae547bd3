"""The workbook of a review, as a spreadsheet shows it and as it comes back."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from registry.cases import MEASURES, Case, case_id_of
from registry.errors import UsageError
from registry.formats.reasons import FileRefusedError
from registry.linkage.clusters import VERDICTS
from registry.review_answers import REASONS, Applied, RowAnswer, contradicting, malformed
from registry.review_sides import Shown, Side
from registry.review_workbook import Answer, Block, read_answers, verdict_of, write_review

PERSONS = tuple(f"20210630-0000-0000-0000-{number:012x}" for number in range(6))
VERDICT, REVIEWER, REMARK = "H", "I", "J"


def case(left: int, right: int) -> Case:
    persons = (PERSONS[left], PERSONS[right])
    return Case(
        case_id=case_id_of(persons), fingerprint="f" * 32, persons=persons, weight=3.0, parts=(), pairs=1,
        is_unsure=False, open_since=dt.date(2021, 7, 1), measures=dict.fromkeys(MEASURES, 0),
    )  # fmt: skip


def side(person: int, **values: str) -> Side:
    return Side(PERSONS[person], {name: Shown(value, "26734 P-1, 01/03/2021") for name, value in values.items()}, "P-1")


def block(left: int, right: int) -> Block:
    sides = (
        side(left, full_name="LÝ VĂN THỬ", pid="075062001557", phone="=1+1"),
        side(right, full_name="LÝ VĂN THƯ", pid="075062001557"),
    )
    return Block(case(left, right), sides, ("Vì\nsao", "Why"), ("", ""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cases.xlsx"
    write_review(path, [block(0, 1), block(2, 3)], labels={"full_name": "Họ và tên"})
    return path


def type_in(path: Path, **cells: str) -> None:
    book = load_workbook(path)
    for cell, text in cells.items():
        book.worksheets[0][cell] = text
    book.save(path)


#: Rows of the cases: a block has a first row, reasons, forms and three values.
FIRST, SECOND = 2, 8


def test_both_sides_stand_beside_each_other_and_differences_are_marked(path: Path) -> None:
    sheet = load_workbook(path).worksheets[0]
    name, pid, phone = (next(row for row in sheet.values if str(row[1]).endswith(end)) for end in
                        ("/ full_name", "/ pid", "/ phone"))  # fmt: skip
    assert name[1:7] == ("Họ và tên / full_name", "LÝ VĂN THỬ", "26734 P-1, 01/03/2021", "≠", "LÝ VĂN THƯ",
                         "26734 P-1, 01/03/2021")  # fmt: skip
    assert not pid[4]
    assert phone[2:6] == ("=1+1", "26734 P-1, 01/03/2021", "○", None)
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value)


def test_only_answers_can_be_typed_and_the_verdict_is_chosen(path: Path) -> None:
    sheet = load_workbook(path).worksheets[0]
    assert sheet.protection.sheet
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert open_cells == {f"{column}{row}" for column in (VERDICT, REVIEWER, REMARK) for row in (FIRST, SECOND)}
    (choices,) = sheet.data_validations.dataValidation
    assert [verdict_of(choice) for choice in choices.formula1.strip('"').split(",")] == list(VERDICTS)
    assert len(choices.formula1) <= 257
    assert all(sheet.column_dimensions[column].hidden for column in "KLM")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("same", "same"), ("Cùng một người", "same"), (" CUNG MOT NGUOI / SAME ", "same"), ("khác người", "different"),
        ("Không bao giờ là một", "never"), ("chưa xác định", "unsure"), ("maybe", None), ("same person", None),
        ("không", None),
    ],
)  # fmt: skip
def test_a_verdict_is_one_of_four_in_either_language_or_none(text: str, verdict: str | None) -> None:
    assert verdict_of(text) == verdict


def test_what_was_typed_is_read_and_nothing_else_counts(path: Path) -> None:
    type_in(
        path, **{f"{VERDICT}{FIRST}": "khác người / different", f"{REVIEWER}{FIRST}": " Ba ", f"{REMARK}{FIRST}": "x"}
    )
    first, second = read_answers(path)
    assert first == Answer(FIRST, case(0, 1).case_id, "f" * 32, PERSONS[:2], "different", "Ba", "x")
    assert (second.row, second.verdict, second.case_id) == (SECOND, "", case(2, 3).case_id)


def test_answers_beside_the_case_and_changed_identities_are_no_case(path: Path) -> None:
    type_in(path, **{f"{VERDICT}4": "same", f"K{FIRST}": case(2, 3).case_id, f"{VERDICT}{FIRST}": "same"})
    assert malformed(read_answers(path))[4] == malformed(read_answers(path))[FIRST] == "no_case"


def test_a_formula_is_never_an_answer(path: Path) -> None:
    type_in(path, **{f"{VERDICT}{FIRST}": '="same"', f"{REVIEWER}{FIRST}": "Ba"})
    assert malformed([answer for answer in read_answers(path) if answer.row == FIRST]) == {FIRST: "formula"}


def test_a_workbook_that_libreoffice_saved_is_read_as_it_was_answered(path: Path) -> None:
    type_in(
        path,
        **{
            f"{VERDICT}{FIRST}": "cùng một người / same",
            f"{REVIEWER}{FIRST}": "Ba",
            f"{REMARK}{FIRST}": "đã đối chiếu",
        },
    )
    saved = Path(__file__).with_name("answered_in_libreoffice.xlsx")
    assert read_answers(saved) == read_answers(path)
    sheet = load_workbook(saved).worksheets[0]
    assert sheet.protection.sheet
    assert all(sheet.column_dimensions[column].hidden for column in "KLM")


def test_another_workbook_and_no_workbook_are_told_apart_from_a_review(tmp_path: Path) -> None:
    other, broken = tmp_path / "other.xlsx", tmp_path / "broken.xlsx"
    with xlsxwriter.Workbook(other) as book:
        book.add_worksheet().write_row(0, 0, ["form_no", "Kết luận / Verdict"])
    with pytest.raises(UsageError, match=r"lacks Người xét / Reviewer, .*dancu_case"):
        read_answers(other)
    with xlsxwriter.Workbook(other) as book:
        book.add_worksheet()
    with pytest.raises(UsageError, match="no review workbook"):
        read_answers(other)
    broken.write_bytes(b"PK\3\4")
    with pytest.raises(FileRefusedError, match="damaged"):
        read_answers(broken)


# -- what is wrong with answers --------------------------------------------------------------------------


def answered(row: int, left: int, right: int, verdict: str | None) -> tuple[Answer, Case]:
    found = case(left, right)
    return Answer(row, found.case_id, found.fingerprint, found.persons, verdict, "Ba", ""), found


def test_each_row_is_refused_for_its_first_fault() -> None:
    sound = answered(2, 0, 1, "same")[0]
    rows = [
        sound,
        replace(answered(3, 1, 2, None)[0]),
        replace(answered(4, 2, 3, "same")[0], reviewer=""),
        replace(answered(5, 3, 4, "same")[0], reviewer="B" * 101),
        answered(6, 4, 5, "same")[0],
        answered(7, 4, 5, "never")[0],
        replace(sound, row=8, case_id="", fault="cell_error"),
    ]
    assert malformed(rows) == {3: "verdict", 4: "reviewer", 5: "reviewer", 6: "twice", 7: "twice", 8: "cell_error"}
    assert set(malformed(rows).values()) <= set(REASONS)


def test_rows_that_contradict_each_other_are_found_and_the_others_left_alone() -> None:
    rows = [
        answered(2, 0, 1, "same"),
        answered(3, 1, 2, "same"),
        answered(4, 0, 2, "never"),
        answered(5, 3, 4, "same"),
        answered(6, 4, 5, "different"),
        answered(7, 2, 5, "unsure"),
    ]
    assert contradicting(rows, never=[]) == {2, 3, 4}
    assert contradicting(rows[:2], never=[(PERSONS[0], PERSONS[3])]) == set()
    assert contradicting(rows[:2], never=[(PERSONS[0], PERSONS[2])]) == {2, 3}


def test_the_answer_counts_and_explains_in_both_languages() -> None:
    applied = Applied([RowAnswer(2, "a", "applied"), RowAnswer(9, "b", "refused", "stale")], unanswered=3)
    assert applied.counts == {"applied": 1, "pending": 0, "already_said": 0, "refused": 1, "unanswered": 3}
    assert "reason" not in applied.as_json()["rows"][0]
    assert applied.as_json()["rows"][1]["reason"] == REASONS["stale"][1]
    first, second = applied.as_table().rows
    assert first == (2, "a", "đã ghi nhận / applied")
    assert second == (9, "b", "từ chối / refused", *REASONS["stale"])
