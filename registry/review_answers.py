"""What becomes of the rows of an answered workbook: applied, waiting for a second opinion, said before, or refused."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.cases import Case
from registry.formats.reasons import ROW_MESSAGES
from registry.linkage.clusters import DIFFERENT, NEVER, SAME
from registry.review_workbook import Answer
from registry.workbooks import Table

APPLIED, PENDING, ALREADY_SAID, REFUSED = OUTCOMES = ("applied", "pending", "already said", "refused")

_OUTCOMES_VI = {
    APPLIED: "đã ghi nhận",
    PENDING: "chờ ý kiến thứ hai",
    ALREADY_SAID: "đã nói trước đó",
    REFUSED: "từ chối",
}

#: Letters of a reviewer's name; more is no name.
LONGEST_NAME = 100

#: Why a row is refused, and who mends it: Vietnamese and English.
REASONS: Mapping[str, tuple[str, str]] = {
    **ROW_MESSAGES,
    "no_case": (
        "Dòng không phải dòng đầu của hồ sơ, hoặc các cột ẩn đã bị sửa: xuất lại rồi trả lời ở dòng đầu",
        "the row is no case's first one, or its hidden cells were changed: export again and answer in the first row",
    ),
    "verdict": (
        "Kết luận không hợp lệ: chọn trong danh sách",
        "the cell under Verdict holds none of the four verdicts: choose from its list",
    ),
    "reviewer": (
        f"Thiếu tên người xét, hoặc dài hơn {LONGEST_NAME} chữ",
        f"the cell under Reviewer is empty or has more than {LONGEST_NAME} letters: say who reviewed the case",
    ),
    "twice": (
        "Hồ sơ có ở hai dòng của tệp: chỉ giữ một",
        "the case is answered in two rows of this file: leave one of them",
    ),
    "stale": (
        "Hồ sơ đã đóng hoặc đã thay đổi từ khi xuất: xuất lại rồi xét lại",
        "the case is closed, or has changed since it was exported: export it again and look at it anew",
    ),
    "contradiction": (
        "Mâu thuẫn giữa các dòng, hoặc với kết luận “không bao giờ”: nơi này cùng một người, nơi kia khác người",
        "rows contradict each other, or a standing never: by some the two are one person, by another they are not",
    ),
    "too_many": (
        "Quá nhiều phiếu cho một kết luận: đơn vị vận hành tách dần",
        "the two have more forms than one decision may speak of: the operator parts the persons step by step",
    ),
}


@dataclass(frozen=True)
class RowAnswer:
    """What became of a row; `reason` is a key of `REASONS`, of refused rows alone."""

    row: int
    case_id: str
    outcome: str
    reason: str | None = None


@dataclass(frozen=True)
class Applied:
    """What became of a workbook: its answered rows in order, and how many cases nobody answered."""

    rows: Sequence[RowAnswer]
    unanswered: int

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, and the cases without an answer; no person's data."""
        counted = Counter(row.outcome for row in self.rows)
        return {**{outcome.replace(" ", "_"): counted[outcome] for outcome in OUTCOMES}, "unanswered": self.unanswered}

    def as_json(self) -> dict[str, Any]:
        """The object of `dancu review apply --json`."""
        return {**self.counts, "rows": [_line(row) for row in self.rows]}

    def as_table(self) -> Table:
        """The sheet that goes back to the locality."""
        headers = (("Dòng / Row", 14), ("dancu_case", 20), ("Kết quả / Outcome", 34), ("Lý do", 70), ("Reason", 90))
        rows = [
            (row.row, row.case_id, f"{_OUTCOMES_VI[row.outcome]} / {row.outcome}", *REASONS.get(row.reason or "", ()))
            for row in self.rows
        ]
        title = "Kết quả các hồ sơ đã gửi | What became of the cases that were sent"
        return Table("Kết quả - Answer", title, headers, rows)


def _line(row: RowAnswer) -> dict[str, Any]:
    line = {"row": row.row, "case": row.case_id, "outcome": row.outcome}
    return {**line, "reason": REASONS[row.reason][1]} if row.reason else line


def malformed(answers: Sequence[Answer]) -> dict[int, str]:
    """Rows that cannot be understood by themselves, or stand twice, each with the key of its reason."""
    times = Counter(answer.case_id for answer in answers)
    found = ((answer.row, _malformation(answer, times)) for answer in answers)
    return {row: reason for row, reason in found if reason}


def _malformation(answer: Answer, times: Mapping[str, int]) -> str | None:
    if answer.fault:
        return answer.fault
    if not answer.case_id:
        return "no_case"
    if not answer.verdict:
        return "verdict"
    if not 0 < len(answer.reviewer) <= LONGEST_NAME:
        return "reviewer"
    return "twice" if times[answer.case_id] > 1 else None


def contradicting(decisions: Iterable[tuple[Answer, Case]], *, never: Iterable[tuple[str, str]]) -> set[int]:
    """Rows that together make two persons one whom another row, or a word from before, keeps apart.

    Args:
        decisions: answers and their cases.
        never: two persons each, of whom somebody has said before that they never are one.
    """
    found = list(decisions)
    groups = _Groups()
    for answer, case in found:
        if answer.verdict == SAME:
            groups.join(*case.persons)
    apart = [case.persons for answer, case in found if answer.verdict in (DIFFERENT, NEVER)]
    torn = {groups.of(one) for one, other in (*apart, *never) if groups.of(one) == groups.of(other)}
    return {answer.row for answer, case in found if {groups.of(one) for one in case.persons} <= torn}


class _Groups:
    """Persons that answers make one."""

    def __init__(self) -> None:
        self._group: dict[str, str] = {}
        self._members: dict[str, list[str]] = defaultdict(list)

    def of(self, person: str) -> str:
        return self._group.get(person, person)

    def join(self, one: str, other: str) -> None:
        kept, gone = self.of(one), self.of(other)
        if kept != gone:
            moved = [gone, *self._members.pop(gone, [])]
            self._members[kept] += moved
            self._group.update(dict.fromkeys(moved, kept))
