"""Cases of a real store: which are open, in which state, and what becomes of what reviewers say."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from config.review import Stakes
from dancu.cli import main
from registry.cases import Case, case_id_of, cases_of_persons, waiting_cases
from registry.database import nightly_lock
from registry.errors import UsageError
from tasks import night as night_of_tasks
from tasks import review as review_of_tasks
from tasks.judge import tie_persons
from tasks.look import look_at
from tasks.platform import Platform
from tasks.review import apply_answers, export_cases
from tasks.take_reviews import take_workbooks
from tasks.verify import examine
from tests.integration.dossiers import dossier, land_dossiers, put_photos
from tests.integration.doubtful import (
    ADULT,
    BIRTHS,
    CASE,
    CHILD,
    ELSEWHERE,
    REVIEWER,
    TODDLER,
    VERDICT,
    answer,
    first_form,
    second_form,
)
from tests.integration.real_store import FIRST, SECOND, installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, land, persons

THIRD = SECOND + dt.timedelta(days=1)
ONE, TWO, THREE = "Nguyễn Thị Xét", "Trần Văn Duyệt", "Lê Thị Ba"
SAME, DIFFERENT, NEVER, UNSURE = "cùng một người / same", "khác người", "Never", "chưa xác định / unsure"


@pytest.fixture(scope="module")
def filled(postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a store after two nights, after which three persons may be three others; closed, to be copied."""
    home = tmp_path_factory.mktemp("filled")
    with installation(postgres_server, home, name="review_filled") as place:
        put_photos(place, "D-1")
        known = {"pid": "075071001557", "full_name": ADULT, "birth_date": BIRTHS[ADULT]}
        land_dossiers(place, "captured.jsonl", [dossier(**known)])
        work(place, FIRST, [first_form("C-1", CHILD), first_form("M-1", TODDLER), first_form("A-1", ADULT)])
        work(place, SECOND, [second_form("C-2", CHILD), second_form("M-2", TODDLER), second_form("A-2", ADULT)])
    return home


@pytest.fixture
def place(postgres_server: Engine, filled: Path, tmp_path: Path) -> Iterator[Platform]:
    """A copy of it; what a test leaves must hold."""
    shutil.copytree(filled, tmp_path / "home")
    with installation(postgres_server, tmp_path / "home", name="review", template="review_filled") as place:
        yield place
        assert examine(place).breaches == []


def work(place: Platform, date: dt.date, forms: list[dict[str, str]]) -> None:
    land(place, f"{date}.csv", as_csv(forms))
    work_night(date)


@pytest.fixture
def book(place: Platform, tmp_path: Path) -> Path:
    out = tmp_path / "cases.xlsx"
    assert export_cases(place, SENDER, out) == {"cases": 3, "left_out": 0}
    return out


def say(place: Platform, book: Path, **said: Any) -> dict[str, Any]:
    """Answers with `said` (name → verdict and reviewer) and applies; the answer."""
    answer(book, said.pop("said"))
    return apply_answers(place, book, date=THIRD, **said).as_json()


def open_cases(place: Platform) -> dict[str, Case]:
    """Open cases by the name of their persons."""
    named = ask(place, "SELECT person_id::text, full_name FROM person WHERE in_review")
    with place.engine.begin() as store:
        cases = cases_of_persons(store, [person for person, _ in named])
    return {dict(named)[case.persons[0]]: case for case in cases}


def count(place: Platform, name: str) -> int:
    return sum(found == name for found, _ in persons(place))


def outcomes(found: dict[str, Any]) -> dict[str, int]:
    return {name: number for name, number in found.items() if name != "rows" and number}


# -- which cases there are -------------------------------------------------------------------------------


def test_a_case_is_two_persons_of_today_between_whom_pairs_wait(place: Platform) -> None:
    cases = open_cases(place)
    assert set(cases) == {CHILD, TODDLER, ADULT}
    for case in cases.values():
        assert case.case_id == case_id_of(case.persons)
        assert (case.pairs, case.open_since, case.opinions, case.is_unsure) == (1, SECOND, (), False)
        assert -2 < case.weight < 6
    assert cases[ADULT].measures == {"cards": 1, "contested": 0, "numbers": 1, "forms": 2}


def test_the_fingerprint_changes_with_what_decides_and_with_nothing_else(place: Platform, book: Path) -> None:
    before = open_cases(place)
    assert open_cases(place) == before
    say(place, book, said={CHILD: (UNSURE, ONE)})
    work(place, THIRD, [first_form("M-3", TODDLER, phone="0251300199")])
    after = open_cases(place)
    assert {name: case.case_id for name, case in after.items()} == {name: case.case_id for name, case in before.items()}
    assert {name for name in after if after[name].fingerprint != before[name].fingerprint} == {TODDLER}
    assert after[CHILD].is_unsure


def test_cases_belong_to_the_places_of_both_persons_and_to_what_lies_above_them(
    place: Platform, tmp_path: Path
) -> None:
    for locality, cases in ((SENDER, 3), (ELSEWHERE, 3), ("731", 3), ("75", 3), ("79", 0), ("26740", 0)):
        out = tmp_path / f"{locality}.xlsx"
        assert export_cases(place, locality, out) == {"cases": cases, "left_out": 0}, locality
    with pytest.raises(UsageError, match="no locality has that code"):
        export_cases(place, "00000", tmp_path / "none.xlsx")


def test_a_person_without_a_place_belongs_to_the_sender_of_its_form(place: Platform, tmp_path: Path) -> None:
    with place.engine.begin() as store:
        homes = ("permanent", "current", "temporary")
        cleared = ", ".join(f"{home}_place = NULL, {home}_place_from = NULL" for home in homes)
        kept = store.exec_driver_sql("SELECT person_id, permanent_place FROM person").all()
        store.exec_driver_sql(f"UPDATE person SET {cleared}")
    assert export_cases(place, SENDER, tmp_path / "a.xlsx")["cases"] == 3
    assert export_cases(place, ELSEWHERE, tmp_path / "b.xlsx")["cases"] == 0
    assert export_cases(place, "residence-database", tmp_path / "c.xlsx")["cases"] == 0
    with place.engine.begin() as store:  # as it was, for the proof
        for person, code in kept:
            store.exec_driver_sql(
                "UPDATE person SET permanent_place = %s, permanent_place_from = '1900-01-01' WHERE person_id = %s",
                (code, person),
            )


def test_the_worst_cases_alone_when_a_number_is_asked_for(place: Platform, tmp_path: Path) -> None:
    out = tmp_path / "one.xlsx"
    assert export_cases(place, "75", out, most=1) == {"cases": 1, "left_out": 2}
    assert oct(out.stat().st_mode)[-3:] == "600"
    with pytest.raises(UsageError, match="cannot be written"):
        export_cases(place, "75", tmp_path / "no-folder" / "out.xlsx")


# -- what is said of them --------------------------------------------------------------------------------


def test_each_verdict_does_what_it_says_and_says_it_once(place: Platform, book: Path) -> None:
    said = {CHILD: (SAME, ONE), TODDLER: (DIFFERENT, ONE), ADULT: (UNSURE, ONE)}
    found = say(place, book, said=said)
    assert outcomes(found) == {"applied": 3}
    assert (count(place, CHILD), count(place, TODDLER), count(place, ADULT)) == (1, 2, 2)
    assert set(open_cases(place)) == {ADULT}
    before = ask(place, "SELECT count(*) FROM verdict"), ask(place, "SELECT count(*) FROM opinion")
    assert outcomes(say(place, book, said=said)) == {"already_said": 3}
    assert (ask(place, "SELECT count(*) FROM verdict"), ask(place, "SELECT count(*) FROM opinion")) == before


def test_a_stale_row_is_refused_and_the_others_are_applied(place: Platform, book: Path) -> None:
    work(place, THIRD, [first_form("M-3", TODDLER, phone="0251300199")])
    found = say(place, book, said={CHILD: (SAME, ONE), TODDLER: (SAME, ONE)})
    assert outcomes(found) == {"applied": 1, "refused": 1, "unanswered": 1}
    (refused,) = [row for row in found["rows"] if row["outcome"] == "refused"]
    assert "changed since it was exported" in refused["reason"]
    assert (count(place, CHILD), count(place, TODDLER)) == (1, 2)


def test_different_holds_until_a_form_comes_and_never_holds_for_ever(place: Platform, book: Path) -> None:
    say(place, book, said={CHILD: (NEVER, ONE), TODDLER: (DIFFERENT, ONE)})
    assert set(open_cases(place)) == {ADULT}
    # Whole forms, with as much weight as ties the two: the one that is never one stays two.
    both = {"permanent_place": ELSEWHERE, "permanent_address": "Tổ 3"}
    work(place, THIRD, [first_form("C-3", CHILD, **both), first_form("M-3", TODDLER, **both)])
    assert (count(place, CHILD), count(place, TODDLER)) == (2, 1)
    assert set(open_cases(place)) == {ADULT}


@pytest.mark.parametrize("form", [first_form, second_form], ids=["of the one", "of the other"])
def test_nobody_is_asked_again_about_two_who_never_are_one(
    place: Platform, book: Path, form: Callable[..., Any]
) -> None:
    say(place, book, said={CHILD: (NEVER, ONE)})
    work(place, THIRD, [form("C-3", CHILD, phone="0251300199")])
    assert count(place, CHILD) == 2
    assert set(open_cases(place)) == {TODDLER, ADULT}
    assert [found for found in persons(place) if found[0] == CHILD] == [(CHILD, False)] * 2


def test_a_reviewer_takes_a_never_back(place: Platform, book: Path) -> None:
    one, other = open_cases(place)[CHILD].persons
    say(place, book, said={CHILD: (NEVER, ONE)})
    tie_persons(place, one, other, reviewer=TWO, reason="seen both", date=THIRD)
    work(place, THIRD, [second_form("C-3", CHILD, phone="0251300199")])
    assert count(place, CHILD) == 1


def test_answers_that_would_join_two_who_never_are_one_are_refused(place: Platform, book: Path, tmp_path: Path) -> None:
    say(place, book, said={CHILD: (NEVER, ONE)})
    # A third child, of whom nobody can tell which of the two it is, or whether it is one of them.
    work(place, THIRD, [second_form("C-3", CHILD, permanent_place="26740", permanent_address="12 Lê Lợi")])
    export_cases(place, "75", tmp_path / "third.xlsx")
    found = say(place, tmp_path / "third.xlsx", said={CHILD: (SAME, ONE)})
    assert outcomes(found) == {"refused": 2, "unanswered": 2}
    assert {"a standing never" in row["reason"] for row in found["rows"]} == {True}
    assert count(place, CHILD) == 3


def test_above_a_stake_two_reviewers_must_say_the_same(place: Platform, book: Path, tmp_path: Path) -> None:
    assert outcomes(say(place, book, said={ADULT: (SAME, ONE)})) == {"pending": 1, "unanswered": 2}
    assert count(place, ADULT) == 2
    assert ask(place, "SELECT count(*) FROM verdict") == [(0,)]
    assert outcomes(say(place, book, said={ADULT: (SAME, f" {ONE.upper()} ")}))["already_said"] == 1
    assert waiting(place) == (3, 1, 0)
    assert outcomes(say(place, book, said={ADULT: (DIFFERENT, TWO)}))["pending"] == 1
    assert waiting(place) == (3, 0, 1)
    export_cases(place, "75", tmp_path / "again.xlsx")
    sheet = load_workbook(tmp_path / "again.xlsx").worksheets[0]
    notes = " ".join(str(cell) for row in sheet.values for cell in row if cell)
    assert "Reviewers have disagreed." in notes
    assert ONE not in notes
    assert outcomes(say(place, book, said={ADULT: (SAME, THREE)}))["applied"] == 1
    assert (count(place, ADULT), waiting(place)) == (1, (2, 0, 0))
    assert ask(place, "SELECT DISTINCT reviewer FROM verdict") == [(f"{ONE} and {THREE}",)]


def test_an_opinion_on_a_state_that_is_no_more_counts_no_more(place: Platform, book: Path, tmp_path: Path) -> None:
    say(place, book, said={ADULT: (SAME, ONE)})
    work(place, THIRD, [first_form("A-3", ADULT, phone="0251300199")])
    assert waiting(place) == (3, 0, 0)
    fresh = tmp_path / "fresh.xlsx"
    export_cases(place, "75", fresh)
    assert outcomes(say(place, fresh, said={ADULT: (SAME, TWO)}))["pending"] == 1
    assert ask(place, "SELECT count(*) FROM opinion") == [(2,)]


def waiting(place: Platform) -> tuple[int, int, int]:
    with place.engine.begin() as store:
        found = waiting_cases(store, THIRD)
    assert (found.week, found.oldest) == (found.cases, 1)
    return found.cases, found.second_pending, found.disagreed


def test_without_a_stake_one_reviewer_is_enough(place: Platform, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_of_tasks, "stakes", lambda: Stakes({}))
    assert outcomes(say(place, book, said={ADULT: (SAME, ONE)}))["applied"] == 1


def test_rows_that_cannot_be_applied_are_refused_one_by_one(
    place: Platform, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {CHILD: ("maybe", ONE), TODDLER: (SAME, ""), ADULT: (UNSURE, ONE)}
    found = say(place, book, said=said)
    reasons = [row.get("reason", row["outcome"]) for row in found["rows"]]
    assert sum("none of the four verdicts" in reason for reason in reasons) == 1
    assert sum("under Reviewer" in reason for reason in reasons) == 1
    assert "applied" in reasons
    monkeypatch.setattr("tasks.judge.MOST_PAIRS", 0)
    found = say(place, book, said={CHILD: (SAME, ONE), TODDLER: (DIFFERENT, ONE)})
    assert sorted(row.get("reason", row["outcome"])[:18] for row in found["rows"]) == [
        "already said", "applied", "the two have more "
    ]  # fmt: skip


def test_the_reviewer_of_a_file_answers_the_rows_that_name_nobody(place: Platform, book: Path) -> None:
    found = say(place, book, said={CHILD: (SAME, ""), TODDLER: (SAME, ONE)}, reviewer=TWO)
    assert outcomes(found)["applied"] == 2
    assert dict(ask(place, "SELECT reviewer, count(*) FROM opinion GROUP BY 1")) == {ONE: 1, TWO: 1}


# -- cards, commands, the inbox --------------------------------------------------------------------------


def test_cards_of_persons_who_are_tied_or_parted_are_on_hold(
    place: Platform, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (case,) = [case for name, case in open_cases(place).items() if name == ADULT]
    say(place, book, said={ADULT: (SAME, ONE)})
    say(place, book, said={ADULT: (SAME, TWO)})
    shown = look_at(place, case.persons[1])
    assert shown["person_id"] == case.persons[0]
    assert [card["on_hold"] for card in shown["cards"]] == ["identity"]
    for command, sentence in ((["person", case.persons[1]], "on hold: identity"), (["status"], "cards on hold")):
        with pytest.raises(SystemExit):
            main(command)
        assert sentence in capsys.readouterr().out


def golden(place: Platform) -> list[tuple[Any, ...]]:
    return ask(place, "SELECT p.*, array(SELECT form_id FROM membership m WHERE m.person_id = p.person_id ORDER BY 1)"
                      " FROM person AS p ORDER BY person_id")  # fmt: skip


def test_merge_and_split_by_command_undo_each_other(place: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = open_cases(place)[CHILD].persons
    because = ["--reviewer", ONE, "--reason", "seen both"]

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main([*arguments, *because])
        assert end.value.code == code
        said = capsys.readouterr()
        return said.out + said.err

    assert "1 persons tied" in run("merge", one, other)
    tied = golden(place)
    assert "1 forms moved" in run("split", other, "--form", f"{SENDER}:C-2")
    assert count(place, CHILD) == 2
    run("merge", other, one)
    assert golden(place) == tied
    assert "none of the person's forms" in run("split", one, "--form", "C-2", code=2)
    assert "a part must stay" in run("split", one, "--form", f"{SENDER}:C-1", "--form", f"{SENDER}:C-2", code=2)
    assert "one person already" in run("merge", one, other, code=2)
    assert "no person's id" in run("merge", one, "nobody", code=2)


def test_what_changes_persons_by_hand_waits_for_the_night(
    place: Platform, book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(night_of_tasks, "PATIENCE", 0.1)
    with nightly_lock(place.engine), pytest.raises(SystemExit) as end:
        main(["review", "apply", str(book)])
    assert end.value.code == 2
    assert "a night is being run" in capsys.readouterr().err


def test_the_inbox_is_taken_archived_and_answered(place: Platform, book: Path) -> None:
    answer(book, {CHILD: (SAME, ONE)})
    place.objects.put(f"inbox/reviews/{SENDER}/cases.xlsx", book)
    place.objects.put_bytes("inbox/reviews/75/broken.xlsx", b"no workbook")
    left = {"inbox/reviews/75/notes.txt", "inbox/reviews/nobody/cases.xlsx", "inbox/reviews/75/half.xlsx.part"}
    for key in left:
        place.objects.put_bytes(key, b"x")
    counts = take_workbooks(place, date=THIRD)
    assert {name: number for name, number in counts.items() if number} == {
        "taken": 1, "applied": 1, "unanswered": 2, "refused_files": 1, "left_lying": 3,
    }  # fmt: skip
    assert {info.key for info in place.objects.list("inbox/reviews/")} == left
    assert len(list(place.objects.list("archive/reviews/"))) == 2
    told = {info.key for info in place.objects.list("outbox/reviews/")}
    assert told == {f"outbox/reviews/{SENDER}/cases.answer.xlsx", "outbox/reviews/75/broken.answer.xlsx"}
    lines = list(
        load_workbook(place.objects.local_path(f"outbox/reviews/{SENDER}/cases.answer.xlsx")).worksheets[0].values
    )
    assert lines[2][2] == "đã ghi nhận / applied"
    # What was killed after the store and before the inbox was cleared is taken again, and nothing is said twice.
    place.objects.put(f"inbox/reviews/{SENDER}/cases.xlsx", book)
    assert take_workbooks(place, date=THIRD)["already_said"] == 1


def test_the_workbook_can_be_answered_without_opening_what_is_locked(book: Path) -> None:
    sheet = load_workbook(book).worksheets[0]
    assert sheet.protection.sheet
    for row in sheet.iter_rows(min_row=2):
        if row[CASE].value:
            assert not any(cell.protection.locked for cell in row[VERDICT : REVIEWER + 2])
        assert all(cell.data_type == "s" for cell in row if cell.value)
