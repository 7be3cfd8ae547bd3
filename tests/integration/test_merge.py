"""Resolve, merge and hand off, on a real store: who is who over several nights, and who gets a card, once."""

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dancu.show_person import person_lines
from registry.persons import DECIDED_TRUST
from tasks.look import look_at
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, land, man, persons, verdicts

FIRST, SECOND, THIRD = (dt.date(2021, 6, 30) + dt.timedelta(days=day) for day in range(3))


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="merge") as place:
        yield place
        assert examine(place).breaches == []


def night(place: Platform, date: dt.date, *forms: dict[str, str]) -> dict[str, int]:
    if forms:
        land(place, f"{date}-{forms[0]['form_no']}.csv", as_csv(forms))
    return work_night(date)


# -- who is who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False], ids=["one night", "two nights"])
def test_a_number_that_two_persons_state_is_for_people_to_decide(place: Platform, together: bool) -> None:
    mine, theirs = man("1"), man("2", full_name="TRỊNH VĂN LẠ", birth_date="07/08/1962", father_name="TRỊNH VĂN CHA")
    if together:
        night(place, FIRST, mine, theirs)
        assert sorted(verdicts(place).values()) == ["review", "review"]
    else:
        night(place, FIRST, mine)
        night(place, SECOND, theirs)
        assert verdicts(place) == {"1": "new", "2": "review"}
    assert persons(place) == [("LÝ VĂN THỬ", True), ("TRỊNH VĂN LẠ", True)]


#: So little is said of each half of a man that the two may be one, and need not.
LITTLE = {"mother_name": "", "father_name": "", "birth_date": "1962"}
HALVES = (
    man("1", **LITTLE, pid="", cmnd_no="276187399", permanent_address="17B tổ 19"),
    man("2", **LITTLE, permanent_address="8C tổ 2", origin_place="26050"),
)


def test_a_form_that_ties_two_persons_joins_them_and_both_ids_still_lead_there(place: Platform) -> None:
    night(place, FIRST, HALVES[0])
    night(place, SECOND, HALVES[1])
    assert [review for _, review in persons(place)] == [True, True]
    night(place, THIRD, man("3", cmnd_no="276187399", mother_name=""))
    assert persons(place) == [("LÝ VĂN THỬ", False)]
    [(person_id,)] = ask(place, "SELECT person_id::text FROM person")
    assert person_id.startswith("20210630")
    aliases = ask(place, "SELECT old_id::text, person_id::text FROM person_alias")
    assert [(old[:8], new) for old, new in aliases] == [("20210701", person_id)]
    assert ask(place, "SELECT pid, cmnd_no FROM person") == [("075062001557", "276187399")]


def test_twins_told_apart_by_an_accent_and_a_digit_stay_two(place: Platform) -> None:
    twins = [("LÝ VĂN HÙNG", "075062001557"), ("LÝ VĂN HƯNG", "075062001558")]
    night(place, FIRST, *(man(f"{number}", full_name=name, pid=pid) for number, (name, pid) in enumerate(twins)))
    later = (
        man(f"{number}", full_name=name, pid=pid, phone="0912000111") for number, (name, pid) in enumerate(twins, 2)
    )
    night(place, SECOND, *later)
    # Nearly all speaks for one man, so people decide.
    assert persons(place) == [(name, True) for name, _ in twins]
    assert verdicts(place) == {"0": "review", "1": "review", "2": "matched", "3": "matched"}


# -- what trusted sources disagree on ------------------------------------------------------------------

#: What each of three senders states of one woman; the second one differs.
OF_HER = {"sex": "Nữ", "full_name": "LÝ THỊ THỬ", "pid": "075162001557"}
CONFLICT = {
    "civil-status": man("1", **OF_HER),
    "residence-database": man("2", **OF_HER, birth_date="06/12/1962"),
    SENDER: man("3", **OF_HER, phone="0912000111"),
}
#: A source that only a test has: an agency's verified decision.
DECISION = "decision"


def night_of(place: Platform, date: dt.date, *senders: str) -> None:
    for sender in senders:
        land(place, f"{date}.csv", as_csv([CONFLICT[sender]]), sender=sender)
    work_night(date)


def conflicts(place: Platform) -> list[tuple[int, bool, str]]:
    return ask(place, "SELECT conflicts, in_review, birth_date FROM person")


@pytest.mark.parametrize("order", list(itertools.permutations(CONFLICT)), ids="-".join)
def test_what_two_databases_disagree_on_is_for_people_to_decide(place: Platform, order: tuple[str, ...]) -> None:
    for day, sender in enumerate(order):
        night_of(place, FIRST + dt.timedelta(days=day), sender)
    assert conflicts(place) == [(2, True, "1962-12-05")]


def test_sources_that_disagree_from_the_first_night_on_are_for_people_to_decide(place: Platform) -> None:
    night_of(place, FIRST, *CONFLICT)
    assert conflicts(place) == [(2, True, "1962-12-05")]


def test_a_locality_that_differs_brings_nobody_into_review(place: Platform) -> None:
    night(place, FIRST, man("1"), man("2", birth_date="06/12/1962"))
    land(place, "one.csv", as_csv([man("3", birth_date="07/12/1962")]), sender="civil-status")
    work_night(SECOND)
    assert conflicts(place) == [(0, False, "1962-12-07")]


def test_two_persons_who_are_tied_bring_their_sources_conflict(place: Platform) -> None:
    for date, sender, half in zip((FIRST, SECOND), ("civil-status", "identity-archive"), HALVES, strict=True):
        land(place, "half.csv", as_csv([half]), sender=sender)
        work_night(date)
    assert len(persons(place)) == 2
    night(place, THIRD, man("3", cmnd_no="276187399", mother_name=""))
    assert conflicts(place) == [(8, True, "1962")]


def test_a_decision_settles_a_conflict(place: Platform) -> None:
    night_of(place, FIRST, *CONFLICT)
    place.sources.trust_of[DECISION], place.sources.province_of[DECISION] = DECIDED_TRUST, ""
    land(place, "decided.csv", as_csv([man("4", **OF_HER, birth_date="06/12/1962")]), sender=DECISION)
    work_night(SECOND)
    assert conflicts(place) == [(2, False, "1962-12-06")]
    [(person_id,)] = ask(place, "SELECT person_id::text FROM person")
    dossier = look_at(place, person_id)
    assert dossier["conflicts"] == [{"group": "birth", "settled": True}]
    [birth] = [field for field in dossier["fields"] if field["column"] == "birth_date"]
    assert (birth["value"], birth["source"]["sender"], birth["source"]["trust"]) == ("1962-12-06", DECISION, 14)
    [rival] = birth["rivals"]
    assert rival["value"] == "1962-12-05"
    assert {form["sender"] for form in rival["stated_by"]} == {"civil-status", SENDER}


def test_a_dossier_shows_who_says_what_in_a_conflict(place: Platform) -> None:
    night_of(place, FIRST, *CONFLICT)
    [(person_id,)] = ask(place, "SELECT person_id::text FROM person")
    lines = list(person_lines(look_at(place, person_id)))
    assert lines[0].endswith("in review: trusted sources disagree on birth")
    assert "Trusted sources disagree on birth: to be verified" in lines
    [rival] = [line for line in lines if "1962-12-06" in line]
    assert rival.split() == ["birth_date", "1962-12-06", "2021-03-01", "residence-database", "2021-06-30.csv", "1", "2"]
