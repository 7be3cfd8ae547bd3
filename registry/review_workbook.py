"""The workbook of a review: a block of rows a case, both persons side by side, and three cells to answer in.

The sheet is locked but for the answers; hidden columns say which case, in which state, a block is of. Every cell is
text, so nothing in it is ever run as a formula. What comes back is read as strictly as a register is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from registry import workbooks
from registry.cases import Case, case_id_of
from registry.errors import UsageError
from registry.formats.headers import plain
from registry.formats.limits import Limits
from registry.formats.xlsx import SheetRow, sheet_rows
from registry.persons import VALUES
from registry.review_sides import Shown, Side
from registry.workbooks import Sheet, Table, column_letters, row_of, table_sheet, text_cell, write_workbook

#: Column → its heading and its width.
_COLUMNS: dict[str, tuple[str, int]] = {
    "number": ("Hồ sơ / Case", 13),
    "field": ("Mục / Field", 52),
    "left": ("Người thứ nhất / First person", 44),
    "left_source": ("Nguồn thứ nhất / First source", 30),
    "differs": ("Khác / Differs", 13),
    "right": ("Người thứ hai / Second person", 44),
    "right_source": ("Nguồn thứ hai / Second source", 30),
    "verdict": ("Kết luận / Verdict", 26),
    "reviewer": ("Người xét / Reviewer", 24),
    "remark": ("Ghi chú / Remark", 40),
    "case": ("dancu_case", 18),
    "fingerprint": ("dancu_fingerprint", 34),
    "persons": ("dancu_persons", 76),
}
_PLACE = {column: place for place, column in enumerate(_COLUMNS)}
_ANSWERS = ("verdict", "reviewer", "remark")
_IDENTITY = ("case", "fingerprint", "persons")
_NEEDED = (*_ANSWERS, *_IDENTITY)

#: Verdict → its Vietnamese words; a cell may hold these, the English word, or both as the list offers them.
VERDICT_WORDS = {
    "same": "cùng một người",
    "different": "khác người",
    "never": "không bao giờ là một",
    "unsure": "chưa xác định",
}
_CHOICES = {verdict: f"{words} / {verdict}" for verdict, words in VERDICT_WORDS.items()}
_UNDERSTOOD = {
    plain(text): verdict for verdict, words in VERDICT_WORDS.items() for text in (verdict, words, _CHOICES[verdict])
}

_DIFFERS, _ONE_SIDED = "≠", "○"
_PERSON_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_GUIDE = (
    (
        "Chọn kết luận ở dòng đầu của mỗi hồ sơ và ghi tên người xét.",
        "Choose a verdict in the first row of each case, and say who reviewed it.",
    ),
    (
        "cùng một người / same: hai hồ sơ thành một; vẫn tách lại được.",
        "same: the two become one person; nothing is lost, and they can be parted again.",
    ),
    (
        "khác người / different: theo các phiếu hiện có; chỉ hỏi lại khi có phiếu mới.",
        "different: two persons by these forms; asked again only when a new form comes.",
    ),
    (
        "không bao giờ là một / never: chắc chắn là hai người, như sinh đôi; luôn tách riêng.",
        "never: two persons for sure, such as twins; kept apart whatever comes.",
    ),
    ("chưa xác định / unsure: hồ sơ vẫn mở.", "unsure: cannot be told; the case stays open."),
    (
        f"{_DIFFERS}: hai giá trị khác nhau; {_ONE_SIDED}: chỉ một bên có giá trị.",
        f"{_DIFFERS}: two values; {_ONE_SIDED}: one side alone has a value.",
    ),
    (
        "Tệp có dữ liệu cá nhân: gửi lại rồi xóa.",
        "The file holds personal data: send it back, then delete it.",
    ),
)


@dataclass(frozen=True)
class Block:
    """A case with its sides and what is said of it; each text in Vietnamese and in English."""

    case: Case
    sides: tuple[Side, Side]
    reasons: tuple[str, str]
    notes: tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """What stands in a row of an answered workbook.

    Attributes:
        row: of the sheet, from 1.
        case_id, fingerprint, persons: which case, in which state; empty where the hidden cells are not ours.
        verdict: of `registry.linkage.clusters.VERDICTS`; empty where none was chosen, None where the cell holds
            something else.
        reviewer, remark: as typed, without spaces around.
        fault: reason of `registry.formats.reasons` why the cells could not be told.
    """

    row: int
    case_id: str
    fingerprint: str
    persons: tuple[str, ...]
    verdict: str | None
    reviewer: str
    remark: str
    fault: str | None = None


# -- writing ---------------------------------------------------------------------------------------------


def write_review(to: Path | BinaryIO, blocks: Sequence[Block], *, labels: Mapping[str, str]) -> None:
    """Writes the workbook.

    Args:
        to: the file.
        blocks: in the order in which they are to be looked at.
        labels: column of a person → its Vietnamese label.
    """
    headings = [text_cell(n, 1, heading, workbooks.HEADER) for n, (heading, _) in enumerate(_COLUMNS.values())]
    lines = _Lines(labels)
    rows = [row_of(1, headings), *chain.from_iterable(lines.block(*numbered) for numbered in enumerate(blocks, 1))]
    last, verdict = max(lines.line, 2), column_letters(_PLACE["verdict"])
    sheet = Sheet(
        name="Hồ sơ - Cases",
        widths=[width for _, width in _COLUMNS.values()],
        rows=rows,
        frozen=f"{column_letters(_PLACE['left'])}2",
        filtered=f"A1:{column_letters(len(_COLUMNS) - 1)}{last}",
        style=workbooks.TEXT,
        hidden=[_PLACE[column] for column in _IDENTITY],
        choices=(f"{verdict}2:{verdict}{last}", tuple(_CHOICES.values())),
        locked=True,
    )
    guide = Table("Hướng dẫn - Guide", "Hướng dẫn | Guide", (("Tiếng Việt", 70), ("English", 90)), _GUIDE)
    write_workbook(to, [sheet, table_sheet(guide)])


class _Lines:
    """Makes the rows of blocks, one below the other."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self.line = 1

    def block(self, number: int, block: Block) -> Iterator[str]:
        left, right = block.sides
        yield self._case_row(number, block)
        yield self._pair_row(number, "Vì sao / Why", block.reasons)
        if block.notes[0]:
            yield self._pair_row(number, "Lưu ý / Note", block.notes)
        yield self._pair_row(number, "Phiếu / Forms", (left.forms, right.forms))
        for column in VALUES:
            if column in left.values or column in right.values:
                yield self._value_row(number, column, left.values.get(column), right.values.get(column))

    def _case_row(self, number: int, block: Block) -> str:
        case = block.case
        standing = f"Điểm / Weight {case.weight:+.1f}, từ / since {case.open_since:%d/%m/%Y}"
        texts = {
            "number": str(number), "field": standing,
            "left": block.sides[0].person_id, "left_source": "", "differs": "", "right": block.sides[1].person_id,
            "right_source": "", "case": case.case_id, "fingerprint": case.fingerprint,
            "persons": " ".join(case.persons),
        }  # fmt: skip
        answers = dict.fromkeys(_ANSWERS, ("", workbooks.ANSWER))
        return self._row({**{column: (text, workbooks.BAND) for column, text in texts.items()}, **answers})

    def _pair_row(self, number: int, name: str, texts: tuple[str, str]) -> str:
        sides = dict(zip(("left", "right"), ((text, workbooks.REASON) for text in texts), strict=True))
        high = max(text.count("\n") + 1 for text in texts)
        return self._row({**_named(number, name), **sides}, lines_of_text=high)

    def _value_row(self, number: int, column: str, left: Shown | None, right: Shown | None) -> str:
        style, mark = workbooks.TEXT, ""
        if left is None or right is None:
            style, mark = workbooks.WARNING, _ONE_SIDED
        elif left.value != right.value:
            style, mark = workbooks.CRITICAL, _DIFFERS
        cells = _named(number, f"{self._labels.get(column, column)} / {column}")
        for name, shown in (("left", left), ("right", right)):
            if shown is not None:
                cells |= {name: (shown.value, style), f"{name}_source": (shown.source, workbooks.IDENTITY)}
        return self._row({**cells, "differs": (mark, workbooks.TEXT)})

    def _row(self, cells: Mapping[str, tuple[str, int]], *, lines_of_text: int = 1) -> str:
        self.line += 1
        placed = sorted((_PLACE[column], text, style) for column, (text, style) in cells.items())
        made = [text_cell(place, self.line, text, style) for place, text, style in placed]
        return row_of(self.line, made, lines_of_text=lines_of_text)


def _named(number: int, name: str) -> dict[str, tuple[str, int]]:
    return {"number": (str(number), workbooks.IDENTITY), "field": (name, workbooks.TEXT)}


# -- reading ---------------------------------------------------------------------------------------------


def verdict_of(text: str) -> str | None:
    """The verdict that a cell means; None for anything else."""
    return _UNDERSTOOD.get(plain(text))


def read_answers(path: Path) -> list[Answer]:
    """The rows of an answered workbook that are a case's first one, or in which somebody wrote an answer.

    Raises:
        UsageError: it is no workbook of a review.
        FileRefusedError: it is damaged, hostile or over a limit.
    """
    rows = sheet_rows(path, Limits())
    header = next(rows, SheetRow(1, {}))
    found = {plain(label): place for place, label in header.cells.items()}
    places = {column: found.get(plain(_COLUMNS[column][0])) for column in _NEEDED}
    lacking = [_COLUMNS[column][0] for column, place in places.items() if place is None]
    if lacking:
        raise UsageError(
            f"this is no review workbook: row {header.number} of its first sheet lacks {', '.join(lacking)};"
            " whoever sent it exports the cases again"
        )
    known = {column: place for column, place in places.items() if place is not None}
    answers = (
        _answer(row, {column: row.cells.get(place, "").strip() for column, place in known.items()}) for row in rows
    )
    return [answer for answer in answers if answer]


def _answer(row: SheetRow, cells: Mapping[str, str]) -> Answer | None:
    if not any(cells.values()) and not row.fault:
        return None
    persons = tuple(cells["persons"].split())
    ours = all(map(_PERSON_ID.fullmatch, persons)) and cells["case"] == case_id_of(persons)
    case_id, fingerprint = (cells["case"], cells["fingerprint"]) if ours else ("", "")
    return Answer(
        row=row.number, case_id=case_id, fingerprint=fingerprint, persons=persons if ours else (),
        verdict=verdict_of(cells["verdict"]) if cells["verdict"] else "", reviewer=cells["reviewer"],
        remark=cells["remark"], fault=row.fault,
    )  # fmt: skip
