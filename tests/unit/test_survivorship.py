"""Which of two statements holds: one small story for each order in which evidence decides."""

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from config.sources import Sources
from registry.errors import PlatformError
from registry.persons import DECIDED_TRUST, DISPUTABLE, GROUPS, PERSON_SCHEMA, in_conflict
from registry.survivorship import load_survivorship
from tests.factories import standard_form
from tests.unit.folding import fold

TRUST = Sources.load().trust_of
COMMUNE, ARCHIVE, CIVIL_STATUS = (TRUST[source] for source in ("commune", "identity-archive", "civil-status"))

EARLY, LATE = dt.date(2010, 1, 1), dt.date(2021, 6, 1)


def said(trust: int, day: dt.date, **cells: Any) -> dict[str, Any]:
    return {**standard_form(stated_on=day, **cells), "trust": trust}


def known(*forms: dict[str, Any]) -> dict[str, Any]:
    (person,) = fold(forms)
    return person


def disputed(*forms: dict[str, Any]) -> bool:
    """Whether people must decide about the person that the forms make."""
    with duckdb.connect() as local:
        local.register("p", pa.Table.from_pylist([known(*forms)], schema=PERSON_SCHEMA))
        ((answer,),) = local.execute(f"SELECT {in_conflict('p')} FROM p").fetchall()
        return bool(answer)


# -- trust > completeness > day: what does not change in life ------------------------------------------


def test_the_birth_certificate_beats_whatever_was_declared_later() -> None:
    assert known(said(CIVIL_STATUS, EARLY, sex="F"), said(COMMUNE, LATE, sex="M"))["sex"] == "F"


def test_a_year_alone_does_not_replace_a_full_date_however_late_it_is_stated() -> None:
    person = known(said(COMMUNE, EARLY, birth_date="1960-05-17"), said(COMMUNE, LATE, birth_date="1960"))
    assert person["birth_date"] == "1960-05-17"


def test_a_name_without_its_marks_does_not_replace_one_with_them() -> None:
    person = known(said(COMMUNE, EARLY, full_name="TRẦN THỊ ĐÀO"), said(COMMUNE, LATE, full_name="TRAN THI DAO"))
    assert person["full_name"] == "TRẦN THỊ ĐÀO"


def test_a_number_that_was_given_anew_holds() -> None:
    person = known(said(ARCHIVE, EARLY, pid="075062001557"), said(ARCHIVE, LATE, pid="075162001557"))
    assert person["pid"] == "075162001557"


# -- trust > day > completeness: what changes by registration ------------------------------------------


def test_a_move_without_house_number_beats_the_full_address_before_it() -> None:
    old = said(COMMUNE, EARLY, permanent_place="26050", permanent_address="Số 1, tổ 2")
    person = known(old, said(COMMUNE, LATE, permanent_place="26068"))
    assert (person["permanent_place"], person["permanent_address"]) == ("26068", None)


def test_a_household_of_which_less_is_known_beats_the_one_that_was_left() -> None:
    old = said(COMMUNE, EARLY, household_no="1", head_name="CHỦ HỘ", relation_to_head="02")
    person = known(old, said(COMMUNE, LATE, household_no="2"))
    assert (person["household_no"], person["head_name"]) == ("2", None)


def test_a_register_of_marriages_is_believed_before_a_later_form() -> None:
    person = known(said(CIVIL_STATUS, EARLY, marital_status="2"), said(COMMUNE, LATE, marital_status="1"))
    assert person["marital_status"] == "2"


def test_a_declaration_of_death_is_revoked_by_a_later_one_of_the_same_source() -> None:
    alive = {**said(CIVIL_STATUS, LATE), "changes": "death"}
    assert known(said(CIVIL_STATUS, EARLY, death_date="2009-12-31"), alive)["death_date"] is None


# -- day > trust > completeness: what no register decides on -------------------------------------------


def test_where_somebody_lives_now_is_told_by_whoever_says_it_last() -> None:
    old = said(ARCHIVE, EARLY, current_place="26050", current_address="Số 1")
    assert known(old, said(COMMUNE, LATE, current_place="26068"))["current_place"] == "26068"


def test_the_latest_phone_number_holds_and_on_one_day_that_of_the_more_trusted_source() -> None:
    old = said(ARCHIVE, EARLY, phone="0900000001")
    assert known(old, said(COMMUNE, LATE, phone="0900000002"))["phone"] == "0900000002"
    assert known(said(ARCHIVE, LATE, phone="0900000001"), said(COMMUNE, LATE, phone="0900000002"))["phone"][-1] == "1"


# -- conflicts: what people decide ---------------------------------------------------------------------

OURS = {"full_name": "TRẦN THỊ ĐÀO", "birth_date": "1960-05-17", "sex": "F", "origin_place": "26050"}
FROM = {"origin_place_from": dt.date(2021, 1, 1)}


@pytest.mark.parametrize(
    ("theirs", "group"),
    [
        ({"full_name": "TRẦN THỊ ĐẠO"}, "name"),
        ({"birth_date": "1960-05-18"}, "birth"),
        ({"sex": "M"}, "sex"),
        ({"origin_place": "26068"}, "origin"),
        ({"origin_place_from": dt.date(2025, 7, 1)}, "origin"),
    ],
)
def test_two_databases_that_disagree_are_for_people_to_decide(theirs: dict[str, Any], group: str) -> None:
    forms = said(CIVIL_STATUS, EARLY, **OURS, **FROM), said(ARCHIVE, LATE, **{**OURS, **FROM, **theirs})
    person = known(*forms)
    assert [g.name for bit, g in enumerate(DISPUTABLE) if person["conflicts"] >> bit & 1] == [group]
    assert disputed(*forms)


@pytest.mark.parametrize(
    "theirs",
    [
        {"full_name": "TRAN THI DAO"},
        {"birth_date": "1961"},
        {"phone": "0900000002"},
    ],
    ids=["without marks", "a year only", "not asked"],
)
def test_what_says_less_or_is_not_asked_is_no_conflict(theirs: dict[str, Any]) -> None:
    assert not disputed(said(CIVIL_STATUS, EARLY, **OURS, phone="1"), said(ARCHIVE, LATE, **{**OURS, **theirs}))


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("LÊ THỊ HÒA", "LÊ THỊ HOÀ"),
        ("LÊ THÚY QUỲNH", "LÊ THUÝ QÙYNH"),
        ("LÊ H’HẠNH", "LÊ H'HẠNH"),
        ("LÊ HOÀI", "LÊ HÒAI"),
    ],
)
def test_where_a_syllable_has_its_tone_mark_is_no_conflict(mine: str, theirs: str) -> None:
    assert not disputed(said(CIVIL_STATUS, EARLY, full_name=mine), said(ARCHIVE, LATE, full_name=theirs))


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("LÊ HOÀ AN", "LÊ HOA ÀN"), ("LÊ THỊ HÒA", "LÊ THỊ HÓA"), ("LÊ SƠN", "LÊ SÔN"), ("LÊ ĐAN", "LÊ DAN")],
)
def test_another_mark_is_another_name(mine: str, theirs: str) -> None:
    assert disputed(said(CIVIL_STATUS, EARLY, full_name=mine), said(ARCHIVE, LATE, full_name=theirs))


def test_a_locality_is_in_conflict_with_nobody() -> None:
    assert not disputed(said(COMMUNE, LATE, sex="M"), said(CIVIL_STATUS, EARLY, sex="F"), said(COMMUNE, EARLY, sex="F"))


def test_a_verified_decision_settles_the_conflict_whoever_states_what_later() -> None:
    forms = [said(CIVIL_STATUS, EARLY, sex="F"), said(ARCHIVE, EARLY, sex="M"), said(DECIDED_TRUST, EARLY, sex="M")]
    assert disputed(*forms[:2])
    assert not disputed(*forms)
    assert not disputed(*forms, said(CIVIL_STATUS, LATE, sex="F"))
    assert known(*forms)["sex"] == "M"


def test_a_decision_on_one_field_leaves_the_other_open() -> None:
    theirs = {**OURS, "sex": "M", "birth_date": "1960-05-18"}
    decided = {**said(DECIDED_TRUST, LATE, sex="M"), "changes": "sex"}
    assert disputed(said(CIVIL_STATUS, EARLY, **OURS), said(ARCHIVE, EARLY, **theirs), decided)


# -- the table -----------------------------------------------------------------------------------------


def test_the_table_has_every_group_in_their_order() -> None:
    assert list(load_survivorship()) == [group.name for group in GROUPS]


def test_the_columns_of_the_store_are_those_of_the_groups_that_the_table_marks() -> None:
    assert [group.name for group in DISPUTABLE] == ["name", "birth", "sex", "origin"]


def test_only_the_state_databases_are_trusted_sources_and_none_decides() -> None:
    trusted = {
        source for source, trust in TRUST.items() if trust >= min(g.precedence.conflict_from or 0 for g in DISPUTABLE)
    }
    assert trusted == {"civil-status", "identity-archive", "residence-database"}
    assert max(TRUST.values()) < DECIDED_TRUST


@pytest.mark.parametrize("order", ["trust > day", "trust > day > day", "trust > day > luck", ""])
def test_an_order_that_leaves_something_open_is_refused(tmp_path: Path, order: str) -> None:
    path = tmp_path / "survivorship.csv"
    path.write_text(f"group,name_vi,name_en,order,conflict_from,basis\nsex,,,{order},,\n", encoding="utf-8")
    with pytest.raises(PlatformError, match="each of trust, completeness, day once"):
        load_survivorship(path)


def test_a_group_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    line = "sex,,,trust > day > completeness,,\n"
    path = tmp_path / "survivorship.csv"
    path.write_text(f"group,name_vi,name_en,order,conflict_from,basis\n{line}{line}", encoding="utf-8")
    with pytest.raises(PlatformError, match="a group twice"):
        load_survivorship(path)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_stamp_gives_its_parts_back(group: Any) -> None:
    parts = {"trust": 12, "completeness": 3, "day": 44_000}
    stamp = group.pack(**parts) + 7
    assert {part: group.part(part, stamp) for part in parts} == parts
    assert stamp < 1 << 63
