"""One person, one record: what the program cannot tell, a reviewer does, and whatever was said can be undone."""

from pathlib import Path
from typing import Any

from tests.acceptance.homes import Home
from tests.integration.doubtful import ADULT, CHILD, ELSEWHERE, TODDLER, answer, first_form, second_form
from tests.integration.registers import SENDER, as_csv

FIRST, SECOND, THIRD = "2021-06-30", "2021-07-01", "2021-07-02"
ONE, TWO = "Nguyễn Thị Xét", "Trần Văn Duyệt"
SAME, NEVER = "cùng một người / same", "không bao giờ là một / never"


def bring(home: Home, date: str, *forms: dict[str, str]) -> None:
    """A night that takes these forms in."""
    folder = home.landing / SENDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{date}.csv").write_bytes(as_csv(forms))
    home.night(date)


def export(home: Home, name: str) -> Path:
    out = home.root / name
    home.dancu("review", "export", "--locality", ELSEWHERE, "--out", out)
    return out


def apply(home: Home, book: Path, date: str = SECOND) -> dict[str, Any]:
    """Sends a workbook back; the outcomes that there were."""
    found = home.dancu("review", "apply", book, "--date", date)
    return {name: count for name, count in found.items() if name != "rows" and count}


def persons_of(home: Home) -> dict[str, str]:
    """form_no → the person of today."""
    return {line["form_no"]: line["person_id"] for line in home.links()}


def test_a_case_arises_is_answered_and_can_be_undone(home: Home) -> None:
    # Two nights bring two forms of each of three persons; nobody can tell by them whether they are three or six.
    bring(home, FIRST, first_form("C-1", CHILD), first_form("T-1", TODDLER), first_form("A-1", ADULT))
    bring(home, SECOND, second_form("C-2", CHILD), second_form("T-2", TODDLER), second_form("A-2", ADULT))
    assert home.dancu("status")["cases"]["cases"] == 3
    assert home.persons().num_rows == 6

    # The police of the commune get a workbook. Two cases are answered; a card was asked for of the third.
    book = export(home, "cases.xlsx")
    assert oct(book.stat().st_mode)[-3:] == "600"
    answer(book, {CHILD: (SAME, ONE), TODDLER: (NEVER, ONE), ADULT: (SAME, ONE)}, remark="cùng sổ hộ khẩu")
    former = persons_of(home)["C-2"]
    assert apply(home, book) == {"applied": 2, "pending": 1}
    home.prove()
    person = persons_of(home)
    assert person["C-1"] == person["C-2"] != former
    assert person["T-1"] != person["T-2"]
    assert person["A-1"] != person["A-2"]
    status = home.dancu("status")
    assert (status["cases"]["cases"], status["cases"]["second_pending"]) == (1, 1)

    # The same workbook once more changes nothing.
    assert apply(home, book) == {"already_said": 3}

    # A second reviewer says the same of the third case: now it takes effect, and the card is on hold.
    second = export(home, "second.xlsx")
    answer(second, {ADULT: (SAME, TWO)})
    assert apply(home, second) == {"applied": 1}
    home.prove()
    found = home.dancu("person", person["A-2"])
    assert [form["form_no"] for form in found["forms"]] == ["A-1", "A-2"]
    assert [card["on_hold_since"] for card in found["cards"]] == [SECOND]
    assert home.dancu("status")["cards"]["on_hold"] == 1

    # The old id leads to the person of today. By command she is parted and made one again: the same store.
    assert home.dancu("person", former)["person_id"] == person["C-1"]
    before, because = home.persons(), ("--reviewer", TWO, "--reason", "đối chiếu hồ sơ gốc")
    home.dancu("split", former, "--form", f"{SENDER}:C-2", *because)
    assert persons_of(home)["C-2"] == former
    home.prove()
    home.dancu("merge", former, person["C-1"], *because)
    home.prove()
    assert home.persons() == before

    # Who reviewed stands in the store, and in nothing that the program prints.
    assert not any(name in said for said in home.said for name in (ONE, TWO))


def test_a_stale_row_is_refused_while_others_are_applied_and_never_is_for_ever(home: Home) -> None:
    bring(home, FIRST, first_form("C-1", CHILD), first_form("T-1", TODDLER))
    bring(home, SECOND, second_form("C-2", CHILD), second_form("T-2", TODDLER))
    book = export(home, "cases.xlsx")

    # While the workbook is away, a night brings one more form of one of the two.
    bring(home, THIRD, first_form("C-3", CHILD, phone="0251300199"))
    answer(book, {CHILD: (SAME, ONE), TODDLER: (NEVER, ONE)})
    found = home.dancu("review", "apply", book, "--date", THIRD)
    assert (found["applied"], found["refused"]) == (1, 1)
    (refused,) = [row for row in found["rows"] if row["outcome"] == "refused"]
    assert "has changed since it was exported" in refused["reason"]
    home.prove()

    # Exported again, it is what the reviewer sees now, and is applied.
    again = export(home, "again.xlsx")
    answer(again, {CHILD: (SAME, ONE)})
    assert apply(home, again, THIRD) == {"applied": 1}
    person = persons_of(home)
    assert person["C-1"] == person["C-2"] == person["C-3"]

    # A later night brings a form that would tie the two who never are one: they stay two.
    there = {"permanent_place": ELSEWHERE, "permanent_address": "Tổ 3"}
    bring(home, "2021-07-03", first_form("T-3", TODDLER, **there))
    home.prove()
    person = persons_of(home)
    assert person["T-1"] != person["T-2"]

    # A workbook that is none is wrong input, and says so.
    (home.root / "none.xlsx").write_bytes(b"no workbook")
    assert home.dancu("review", "apply", home.root / "none.xlsx", code=2)["exit_code"] == 2
