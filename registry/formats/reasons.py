"""Why a row could not be read, and why a whole file is refused or held."""

from typing import Final

from registry.errors import SenderError

#: Reasons of unreadable rows, in the order in which they are looked for: the first that applies is given.
#: A record's number in this tuple, from 1, is its code in `scan.Records.reason`.
ROW_REASONS: Final[tuple[str, ...]] = (
    "blank_line",
    "row_too_long",
    "nul_byte",
    "stray_quote",
    "unclosed_quote",
    "too_few_fields",
    "too_many_fields",
    "field_too_long",
    "utf-8",
    "not_json",
    "not_an_object",
    "duplicate_key",
    "nested_value",
    "formula",
    "cell_error",
    "unproved",
    "encoding",
)

#: What each reason says to the sender: Vietnamese and English.
ROW_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "blank_line": ("Dòng trống giữa tệp", "A blank line between rows"),
    "row_too_long": ("Dòng quá dài", "The row is too long"),
    "nul_byte": ("Dòng có ký tự NUL (byte 0)", "The row holds a NUL character"),
    "stray_quote": ("Dấu nháy kép đặt sai chỗ", "A quotation mark stands where none may stand"),
    "unclosed_quote": ("Dấu nháy kép mở mà không đóng", "A quotation mark is opened and never closed"),
    "too_few_fields": ("Dòng thiếu ô so với tiêu đề", "The row has fewer cells than the header"),
    "too_many_fields": ("Dòng thừa ô so với tiêu đề", "The row has more cells than the header"),
    "field_too_long": ("Có ô quá dài", "A cell is too long"),
    "utf-8": (
        "Dòng có byte không đúng bảng mã",
        "The row holds bytes that are no text in the file's encoding",
    ),
    "not_json": ("Dòng không phải JSON", "The line is not JSON"),
    "not_an_object": ("Dòng không phải một đối tượng JSON", "The line is not one JSON object"),
    "duplicate_key": ("Một cột xuất hiện hai lần trong dòng", "A column is given twice in the row"),
    "nested_value": ("Ô chứa danh sách hoặc đối tượng", "A cell holds a list or an object"),
    "formula": ("Ô chứa công thức chưa có kết quả", "A cell holds a formula without a result"),
    "cell_error": ("Ô báo lỗi (#N/A, #REF!…)", "A cell shows an error (#N/A, #REF!…)"),
    "encoding": ("Chưa xác định được bảng mã của tệp", "The encoding of the file is not decided"),
    "unproved": (
        "Dòng không tách được thành ô một cách chắc chắn",
        "The row could not be told into cells for sure",
    ),
}


class FileError(SenderError):
    """A file that is not taken.

    Attributes:
        reason: a short code for machines.
        rows: data rows that the file has, where they could be counted.
    """

    def __init__(self, reason: str, sentence: str, *, rows: int | None = None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.rows = rows


class FileRefusedError(FileError):
    """No rows can be had from the file."""


class FileHeldError(FileError):
    """The file has rows, and none is used until people have decided."""


def too_many_blanks(limit: int) -> FileRefusedError:
    """The refusal of a file that is blank for long stretches."""
    return FileRefusedError("blank_rows", f"More than {limit} blank rows stand together; the sender must remove them.")


def code_of(reason: str) -> int:
    """The number that stands for `reason` in arrays; 0 stands for a readable row."""
    return ROW_REASONS.index(reason) + 1
