import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from registry.codes import CODED, ETHNIC_SCHEMES, MOVEMENT_CODED, CodeList, load_code_lists
from registry.errors import PlatformError
from registry.writing import plain

FOLDER = Path(config.__file__).parent / "reference"
LISTS = load_code_lists(FOLDER)
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
        ("ethnicity", "Tho", None),  # the name of one group, and what others are called by
        ("ethnicity", "Trại", None),
        ("ethnicity", "Chil", None),
        ("ethnicity", "Dân tộc Kinh", "01"),
        ("ethnicity", "người h’mông", "08"),
        ("ethnicity", "Hmông (Mèo)", "08"),
        ("ethnicity", "dao do", "09"),
        ("ethnicity", "1", "01"),
        ("ethnicity", "4", None),
        ("ethnicity", "04", None),
        ("ethnicity", "57", None),
        ("ethnicity", "khác", None),
        ("ethnicity", "Klingon", None),
        ("religion", "Không", "00"),
        ("religion", "hoà hảo", "03"),
        ("nationality", "Việt Nam", "VN"),
        ("nationality", "viet nam", "VN"),
        ("nationality", "Mỹ", "US"),
        ("nationality", "quốc tịch Việt Nam", "VN"),
        ("nationality", "Việt nam.", "VN"),
        ("nationality", "người Pháp", "FR"),
        ("nationality", "XX", None),
        ("nationality", "MY", "MY"),
        ("nationality", "my", None),
        ("relation_to_head", "chủ hộ", "HEAD"),
        ("relation_to_head", "Bà", "GRANDPARENT"),
        ("relation_to_head", "Ba", None),
        ("relation_to_head", "con dâu", "CHILD_IN_LAW"),
        ("relation_to_head", "Em rể", "SIBLING_IN_LAW"),
        ("relation_to_head", "dì", "UNCLE_AUNT"),
        ("relation_to_head", "khác", "OTHER"),
        ("relation_to_head", "hàng xóm", None),
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
    for code in known.known:
        schemes = ETHNIC_SCHEMES[:1] if column == "ethnicity" else (None,)
        assert [known.code(code, scheme) for scheme in schemes] == [code]


def test_the_lists_are_whole() -> None:
    assert {column: len(known.known) for column, known in LISTS.items()} == {
        "sex": 2,
        "blood_group": 12,
        "marital_status": 5,
        "ethnicity": 56,
        "religion": 15,
        "nationality": 249,
        "relation_to_head": 16,
        "movement": 8,
        "residence_kind": 3,
        "mode": 4,
        "applicant": 2,
        "reason": 9,
    }


@pytest.mark.parametrize(
    ("number", "of_1979", "of_2008"),
    [
        ("04", "04", "06"),
        ("6", "06", "04"),
        ("11", "11", "12"),
        ("24", "24", "23"),
        ("54", "54", "53"),
        ("1", "01", "01"),
    ],
)
def test_a_number_is_read_in_the_numbering_of_its_sender(number: str, of_1979: str, of_2008: str) -> None:
    assert [LISTS["ethnicity"].code(number, scheme) for scheme in ETHNIC_SCHEMES] == [of_1979, of_2008]
    assert LISTS["ethnicity"].code(number) == (of_1979 if of_1979 == of_2008 else None)


def test_every_group_has_one_number_in_each_numbering() -> None:
    groups = {f"{number:02}" for number in range(1, 55)}
    for scheme in ETHNIC_SCHEMES:
        assert {LISTS["ethnicity"].code(number, scheme) for number in groups} == groups


def test_every_code_has_a_name_in_both_languages_and_a_source() -> None:
    for column in (*CODED, *MOVEMENT_CODED):
        assert all(vi and en for vi, en in LISTS[column].names.values())
        with (FOLDER / f"{column}.csv").open(encoding="utf-8", newline="") as lines:
            assert all(row["source"] and row["date"] for row in csv.DictReader(lines))


@given(st.text(max_size=8))
def test_any_text_is_a_code_of_the_list_or_nothing(text: str) -> None:
    for known in LISTS.values():
        assert known.code(text) in {*known.known, None}


def test_a_list_that_contradicts_itself_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "sex.csv"
    path.write_text(HEAD + "M,Nam,Male,X,us,2026\nF,Nữ,Female,x,us,2026\n", encoding="utf-8")
    with pytest.raises(PlatformError, match="two codes"):
        CodeList.load(path)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"sex\.csv"):
        load_code_lists(tmp_path)
