from pathlib import Path

import pytest

import config
from registry.codes import CODED, CodeList, load_code_lists
from registry.errors import PlatformError
from registry.writing import plain

LISTS = load_code_lists(Path(config.__file__).parent / "reference")
HEAD = "code,vi,en,aliases,source,date\n"


@pytest.mark.parametrize(
    ("column", "word", "code"),
    [
        ("sex", "Nam", "M"),
        ("sex", "nữ", "F"),
        ("sex", "NU", "F"),
        ("sex", "1", "M"),
        ("sex", "2", "F"),
        ("sex", "f", "F"),
        ("sex", "0", None),
        ("sex", "Nam/Nữ", None),
        ("blood_group", "A-", "A-"),
        ("blood_group", "a rh(d) +", "A+"),
        ("blood_group", "O", "O"),
        ("blood_group", "0", None),
        ("marital_status", "goá", "WIDOWED"),
        ("marital_status", "doc than", "SINGLE"),
        ("ethnicity", "Khơ Me", "05"),
        ("ethnicity", "M'nông", "20"),
        ("ethnicity", "Thổ", "24"),
        ("ethnicity", "4", "04"),
        ("ethnicity", "Klingon", None),
        ("religion", "Không", "00"),
        ("religion", "hoà hảo", "03"),
        ("nationality", "Việt Nam", "VN"),
        ("nationality", "viet nam", "VN"),
        ("nationality", "Mỹ", "US"),
        ("nationality", "MY", "MY"),
        ("nationality", "my", None),
        ("relation_to_head", "chủ hộ", "HEAD"),
        ("relation_to_head", "Bà", "GRANDPARENT"),
        ("relation_to_head", "Ba", None),
        ("relation_to_head", "con dâu", "CHILD_IN_LAW"),
    ],
)
def test_a_word_stands_for_one_code_or_none(column: str, word: str, code: str | None) -> None:
    assert LISTS[column].code(word) == code


@pytest.mark.parametrize("column", CODED)
def test_every_spelling_of_a_list_is_understood_with_and_without_accents(column: str) -> None:
    known = LISTS[column]
    for spelling, code in known.written.items():
        assert known.code(spelling) in {code, None}
        assert known.code(plain(spelling)) in {code, None} or plain(spelling) in known.known
    assert all(known.code(code) == code for code in known.known)


def test_the_lists_are_whole() -> None:
    assert {column: len(known.known) for column, known in LISTS.items()} == {
        "sex": 2,
        "blood_group": 12,
        "marital_status": 5,
        "ethnicity": 56,
        "religion": 15,
        "nationality": 249,
        "relation_to_head": 13,
    }


def test_a_list_that_contradicts_itself_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "sex.csv"
    path.write_text(HEAD + "M,Nam,Male,X,us,2026\nF,Nữ,Female,x,us,2026\n", encoding="utf-8")
    with pytest.raises(PlatformError, match="two codes"):
        CodeList.load(path)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"sex\.csv"):
        load_code_lists(tmp_path)
