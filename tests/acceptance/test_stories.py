"""One person, one record: made-up lives as their papers tell them, and what reviewers say where papers do not.

All of them land in one home, night after night, and the questions are asked as a user would ask them.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.homes import Home, home_at
from tests.integration.doubtful import ADULT, CHILD, TODDLER, answer, first_form, second_form

FIRST, SECOND, THIRD, FOURTH = "2021-06-30", "2021-07-01", "2021-07-02", "2021-07-03"

#: A commune, another one of its district, and one of another province.
HOME, NEARBY, CITY = "25993", "26050", "26740"

Paper = Mapping[str, str]

_ANYBODY = {
    "declared_on": "01/03/2021", "nationality": "Việt Nam", "ethnicity": "Kinh", "permanent_place": HOME,
    "birth_registration_place": HOME, "origin_place": HOME,
}  # fmt: skip
_WOMAN, _MAN = {**_ANYBODY, "sex": "Nữ"}, {**_ANYBODY, "sex": "Nam"}
_LATER = {"declared_on": "15/06/2021"}


@dataclass(frozen=True)
class Register:
    """What a home knows after the second night.

    Attributes:
        home: to ask for more.
        person_of: form_no → id of the person.
        records: id of the person → golden record.
    """

    home: Home
    person_of: Mapping[str, str]
    records: Mapping[str, Mapping[str, Any]]

    def whose(self, *forms: str) -> Mapping[str, Any]:
        """The record of the one person whom these forms, and no others, are of."""
        (person,) = {self.person_of[form] for form in forms}
        assert {form for form, whose in self.person_of.items() if whose == person} == set(forms)
        return self.records[person]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Register]:
    with home_at(tmp_path_factory.mktemp("stories") / "home", api=prefect_api) as home:
        bring(home, FIRST, ON_THE_FIRST)
        bring(home, SECOND, ON_THE_SECOND)
        records = {row["person_id"]: row for row in home.persons().to_pylist()}
        yield Register(home, persons_of(home), records)


def bring(home: Home, date: str, files: Mapping[str, Sequence[Paper]]) -> None:
    """A night that takes these files in: `<kind>/<sender>` → papers."""
    for folder, papers in files.items():
        path = home.root / "objects/landing" / folder / f"{date}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            columns = dict.fromkeys(column for paper in papers for column in paper)
            writer = csv.DictWriter(file, list(columns), restval="")
            writer.writeheader()
            writer.writerows(papers)
    rows = home.night(date)["rows"]
    assert rows["read"] == sum(map(len, files.values())) == rows["new"] + rows["matched"] + rows["review"]


def persons_of(home: Home) -> dict[str, str]:
    return {line["form_no"]: line["person_id"] for line in home.links()}


# -- twins -----------------------------------------------------------------------------------------------

#: Born on one day in one house, with numbers that follow each other. In June nobody has their numbers at hand.
_TWIN = {
    **_MAN, "birth_date": "05/12/2006", "father_name": "LÝ VĂN TÁM", "mother_name": "ĐỖ THỊ MƯỜI",
    "permanent_address": "Số 7, tổ 2", "household_no": "HK-7", "head_name": "LÝ VĂN TÁM", "relation_to_head": "Con",
}  # fmt: skip
HUNG = {**_TWIN, "form_no": "HUNG-1", "full_name": "LÝ VĂN HÙNG", "pid": "075206000117"}
HOA = {**_TWIN, "form_no": "HOA-1", "full_name": "LÝ VĂN HÒA", "pid": "075206000118"}
TWINS = [HUNG, HOA]
TWINS_IN_JUNE = [{**HOA, **_LATER, "form_no": "HOA-2", "pid": ""}, {**HUNG, **_LATER, "form_no": "HUNG-2", "pid": ""}]


def test_twins_are_two_and_each_form_finds_its_own(register: Register) -> None:
    hung, hoa = register.whose("HUNG-1", "HUNG-2"), register.whose("HOA-1", "HOA-2")
    assert (hung["full_name"], hung["pid"]) == ("LÝ VĂN HÙNG", HUNG["pid"])
    assert (hoa["full_name"], hoa["pid"]) == ("LÝ VĂN HÒA", HOA["pid"])
    assert not hung["in_review"]
    assert not hoa["in_review"]


# -- a father and a son of one name ----------------------------------------------------------------------

#: In one house, under one head. In June of the father only the year of birth is told, of the son no number.
_THANH = {
    **_MAN, "full_name": "TRẦN VĂN THÀNH", "permanent_address": "Số 9, tổ 4", "household_no": "HK-9",
    "head_name": "TRẦN VĂN THÀNH",
}  # fmt: skip
FATHER = {
    **_THANH, "form_no": "FATHER-1", "birth_date": "11/02/1965", "pid": "075065000231", "cmnd_no": "270000231",
    "spouse_name": "LÊ THỊ NA", "relation_to_head": "Chủ hộ",
}  # fmt: skip
SON = {
    **_THANH, "form_no": "SON-1", "birth_date": "23/08/1992", "pid": "075092000232", "father_name": "TRẦN VĂN THÀNH",
    "mother_name": "LÊ THỊ NA", "relation_to_head": "Con",
}  # fmt: skip
FATHER_IN_JUNE = {**FATHER, **_LATER, "form_no": "FATHER-2", "birth_date": "1965", "pid": ""}
SON_IN_JUNE = {
    **SON, **_LATER, "form_no": "SON-2", "pid": "", "current_place": CITY, "current_address": "12 Lê Lợi",
}  # fmt: skip


def test_a_father_and_a_son_of_one_name_are_two(register: Register) -> None:
    father, son = register.whose("FATHER-1", "FATHER-2"), register.whose("SON-1", "SON-2")
    assert father["full_name"] == son["full_name"]
    assert (father["birth_date"], father["pid"]) == ("1965-02-11", FATHER["pid"])
    assert (son["birth_date"], son["pid"], son["current_place"]) == ("1992-08-23", SON["pid"], CITY)
    assert not father["in_review"]
    assert not son["in_review"]


# -- a woman whose name lost its accents -----------------------------------------------------------------

#: She moves. The new commune's machine knows no accents, and the number of her old card is all that it has.
HUONG = {
    **_WOMAN, "form_no": "HUONG-1", "full_name": "NGUYỄN THỊ HƯỜNG", "birth_date": "14/02/1985", "pid": "075185000345",
    "cmnd_no": "271234567", "father_name": "NGUYỄN VĂN BẢY", "mother_name": "LÊ THỊ SÁU",
    "permanent_address": "Số 21, tổ 1",
}  # fmt: skip
HUONG_WITHOUT_ACCENTS = {
    **HUONG, **_LATER, "form_no": "HUONG-2", "full_name": "NGUYEN THI HUONG", "father_name": "NGUYEN VAN BAY",
    "mother_name": "LE THI SAU", "pid": "", "permanent_place": NEARBY, "permanent_address": "Số 3, tổ 8",
}  # fmt: skip


def test_a_woman_whose_name_lost_its_accents_is_herself_and_keeps_them(register: Register) -> None:
    huong = register.whose("HUONG-1", "HUONG-2")
    assert huong["full_name"] == "NGUYỄN THỊ HƯỜNG"
    assert (huong["pid"], huong["permanent_place"], huong["in_review"]) == (HUONG["pid"], NEARBY, False)


# -- a worker registered in two provinces ----------------------------------------------------------------

#: At home he is registered for good; in June the city registers where he works.
WORKER = {
    **_MAN, "form_no": "WORKER-1", "full_name": "PHẠM VĂN CẦN", "birth_date": "19/05/1994", "pid": "075094000456",
    "father_name": "PHẠM VĂN KIỆM", "mother_name": "HỒ THỊ LÀNH", "permanent_address": "Số 30, tổ 6",
    "current_place": HOME, "current_address": "Số 30, tổ 6",
}  # fmt: skip
WORKER_IN_THE_CITY = {
    **WORKER, **_LATER, "form_no": "WORKER-2", "pid": "", "temporary_place": CITY, "temporary_address": "80 Cô Bắc",
    "current_place": CITY, "current_address": "80 Cô Bắc",
}  # fmt: skip


def test_a_worker_registered_in_two_provinces_is_one_and_lives_where_he_said_last(register: Register) -> None:
    worker = register.whose("WORKER-1", "WORKER-2")
    assert (worker["permanent_place"], worker["permanent_address"]) == (HOME, "Số 30, tổ 6")
    assert (worker["temporary_place"], worker["current_place"], worker["current_address"]) == (CITY, CITY, "80 Cô Bắc")
    told = {field["column"]: field for field in register.home.dancu("person", worker["person_id"])["fields"]}
    assert told["current_place"]["source"]["sender"] == CITY
    assert [rival["value"] for rival in told["current_place"]["rivals"]] == [HOME]
    assert told["pid"]["source"]["sender"] == HOME


# -- a cancelled number ----------------------------------------------------------------------------------

#: The movement says whose number is cancelled, and which, and no more of her.
CANCELLED = {
    **_WOMAN, "form_no": "CANCELLED-1", "full_name": "LÝ THỊ HỦY", "birth_date": "03/03/1990", "pid": "075190000567",
    "father_name": "LÝ VĂN ĐOÀN", "mother_name": "TÔ THỊ VIỆT", "permanent_address": "Số 44, tổ 3",
}  # fmt: skip
CANCELLATION = {
    "movement_no": "CANCELLED-2", "movement": "Hủy số định danh", "occurred_on": "20/06/2021",
    **{column: CANCELLED[column] for column in ("full_name", "birth_date", "sex", "pid")},
}  # fmt: skip


def test_a_cancelled_number_is_nobodys_and_stays_in_her_history(register: Register) -> None:
    woman = register.whose("CANCELLED-1", "CANCELLED-2")
    assert (woman["full_name"], woman["pid"], woman["in_review"]) == ("LÝ THỊ HỦY", None, False)
    (number,) = register.home.dancu("person", woman["person_id"])["numbers"]
    assert (number["number"], number["in_force"]) == (CANCELLED["pid"], False)


# -- a number stolen by a typing slip --------------------------------------------------------------------

#: Whoever types Nga's form hits one wrong key, and the number is Lan's.
LAN = {
    **_WOMAN, "form_no": "LAN-1", "full_name": "ĐINH THỊ LAN", "birth_date": "20/10/1970", "pid": "075170004444",
    "father_name": "ĐINH VĂN TRÚC", "mother_name": "MAI THỊ CÚC", "permanent_address": "Số 58, tổ 5",
}  # fmt: skip
NGA = {
    **_WOMAN, "form_no": "NGA-1", "full_name": "BÙI THỊ NGA", "birth_date": "03/05/1970", "pid": "075170004454",
    "father_name": "BÙI VĂN HẢI", "mother_name": "CAO THỊ NGỌC", "permanent_address": "Số 66, tổ 9",
}  # fmt: skip
NGA_MISTYPED = {**NGA, "pid": LAN["pid"]}


def test_a_stolen_number_joins_nobody_and_waits_for_people(register: Register) -> None:
    lan, nga = register.whose("LAN-1"), register.whose("NGA-1")
    assert (lan["in_review"], nga["in_review"]) == (True, True)
    told = register.home.dancu("person", nga["person_id"])
    assert [rival["person_id"] for rival in told["rivals"]] == [lan["person_id"]]


# -- what reviewers say ----------------------------------------------------------------------------------

ONE, TWO = "Nguyễn Thị Xét", "Trần Văn Duyệt"
SAME, NEVER = "cùng một người / same", "không bao giờ là một / never"


def export(home: Home, name: str) -> Path:
    out = home.root / name
    home.dancu("review", "export", "--locality", HOME, "--out", out)
    return out


def apply(home: Home, book: Path) -> tuple[dict[str, int], list[str]]:
    """Sends a workbook back: how many rows ended how, and why some were refused."""
    found = home.dancu("review", "apply", book, "--date", THIRD)
    counts = {name: count for name, count in found.items() if name != "rows" and count}
    return counts, [row["reason"] for row in found["rows"] if row["outcome"] == "refused"]


def test_reviewers_answer_in_a_workbook_and_what_is_stale_is_refused_row_by_row(register: Register) -> None:
    home = register.home
    # The commune gets its cases: two forms each of three persons that may be six, and the stolen number.
    book = export(home, "cases.xlsx")
    assert oct(book.stat().st_mode)[-3:] == "600"
    assert home.dancu("status")["cases"]["cases"] == 4

    # While the workbook is away, a night brings one more form of the child.
    bring(home, THIRD, {f"registers/{HOME}": [first_form("CHILD-3", CHILD, phone="0251300199")]})
    said = {CHILD: (SAME, ONE), TODDLER: (NEVER, ONE), ADULT: (SAME, ONE), LAN["full_name"]: (NEVER, ONE)}
    answer(book, said, remark="cùng sổ hộ khẩu")
    counts, (reason,) = apply(home, book)
    # Two women state one number: there two reviewers must say the same.
    assert counts == {"applied": 2, "pending": 1, "refused": 1}
    assert "has changed since it was exported" in reason

    # Exported again, the child's case is what the reviewer sees now. The second reviewer says the same of the number.
    again = export(home, "again.xlsx")
    answer(again, {CHILD: (SAME, TWO), LAN["full_name"]: (NEVER, TWO)})
    assert apply(home, again) == ({"applied": 2}, [])

    # Later forms tie whom they please, but not the two who never are one, and nobody is asked about them again.
    there = {"permanent_place": NEARBY, "permanent_address": "Tổ 3"}
    bring(home, FOURTH, {f"registers/{HOME}": [first_form("TODDLER-3", TODDLER, **there), {**NGA, "form_no": "NGA-2"}]})
    person = persons_of(home)
    assert person["CHILD-1"] == person["CHILD-2"] == person["CHILD-3"]
    assert person["ADULT-1"] == person["ADULT-2"]
    assert person["TODDLER-1"] != person["TODDLER-2"]
    assert person["NGA-1"] == person["NGA-2"] != person["LAN-1"]
    status = home.dancu("status")
    assert (status["cases"]["cases"], status["in_review"]) == (0, 0)
    home.prove()
    # Who reviewed stands in the store, and in nothing that the program says.
    assert not any(name in said for said in home.said for name in (ONE, TWO))


# -- what lands ------------------------------------------------------------------------------------------

ON_THE_FIRST: Mapping[str, Sequence[Paper]] = {
    f"registers/{HOME}": [
        *TWINS, FATHER, SON, HUONG, WORKER, CANCELLED, LAN,
        first_form("CHILD-1", CHILD), first_form("TODDLER-1", TODDLER), first_form("ADULT-1", ADULT),
    ],
}  # fmt: skip
ON_THE_SECOND: Mapping[str, Sequence[Paper]] = {
    f"registers/{HOME}": [
        *TWINS_IN_JUNE, FATHER_IN_JUNE, SON_IN_JUNE, NGA_MISTYPED,
        second_form("CHILD-2", CHILD), second_form("TODDLER-2", TODDLER), second_form("ADULT-2", ADULT),
    ],
    f"registers/{NEARBY}": [HUONG_WITHOUT_ACCENTS],
    f"registers/{CITY}": [WORKER_IN_THE_CITY],
    f"movements/{HOME}": [CANCELLATION],
}  # fmt: skip
