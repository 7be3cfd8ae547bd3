"""Every rule of the row and household suites: forms that fail it, and forms near by that do not."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations.rules import SUITES, load_rules, rules_by_id
from expectations.rules_page import PAGE, page
from expectations.store import STORE_METRICS
from registry.cards.dossiers import DOSSIER_COLUMNS
from registry.forms import COLUMNS
from registry.movements import MOVEMENT_COLUMNS
from tasks.validate import FileFacts, validate_load, validate_store
from tests.unit.made_forms import NIGHT, changed, good_form, write_standard

COUNTS = {"row": 69, "household": 19, "movement": 67, "dossier": 64, "load": 22, "linkage": 12, "store": 14}
UNREAD = "@@"
Case = list[dict[str, Any]]


def absent(column: str) -> dict[str, Any]:
    return {column: None}


def unread(column: str) -> dict[str, Any]:
    return {column: None, f"{column}_raw": UNREAD}


def not_understood(column: str) -> tuple[Case, Case]:
    """Fails with a raw cell and no standard value; passes when the cell is empty."""
    return [unread(column)], [absent(column)]


def number(column: str) -> tuple[Case, Case]:
    return [{column: "12345678"}, {column: "1234567890"}, unread(column)], [
        {column: "123456789"},
        {column: "012345678901"},
        absent(column),
    ]


def several(place: str) -> tuple[Case, Case]:
    """Fails where the place's text may mean several communes, alone or among other places."""
    other = "origin_place" if place != "origin_place" else "current_place"
    return (
        [{**unread(place), "ambiguous_places": found} for found in (place, f"{other};{place}")],
        [{**unread(place), "ambiguous_places": other}, absent("ambiguous_places")],
    )


def missing(column: str) -> tuple[Case, Case]:
    return [absent(column)], [unread(column)]


#: Rule: what makes a single form fail it, and what comes close without failing.
ALONE: dict[str, tuple[Case, Case]] = {
    "ROW-FORM-NO-MISSING": ([absent("form_no")], [{"form_no": "1"}]),
    "ROW-FORM-EDITION-UNKNOWN": not_understood("form_edition"),
    "ROW-NAME-MISSING": missing("full_name"),
    "ROW-NAME-UNREADABLE": not_understood("full_name"),
    "ROW-NAME-DIGITS": ([{"full_name": "NGUYỄN VĂN 4N"}], [{"full_name": "H'MLÔ NIÊ"}]),
    "ROW-NAME-LOOK-ALIKE": (
        [
            {"full_name_raw": "L\u00ea V\u0103n \u0410n"},
            {"full_name_raw": "Lê V\u200băn An"},
            {"full_name_raw": "Ｌê An"},
        ],
        [{"full_name_raw": "Ðặng H’Hen Niê"}, absent("full_name")],
    ),
    "ROW-NAME-NOT-LATIN": (
        [{"full_name": "\u0410\u041d\u041d\u0410"}, {"full_name": "LÊ 安"}],
        [{"full_name": "HʼHEN NIÊ"}, {"full_name": "ĐẶNG-ĐỖ O’NEIL"}, absent("full_name")],
    ),
    "ROW-NAME-ONE-WORD": ([{"full_name": "ÚT"}], [{"full_name": "LÊ ÚT"}]),
    "ROW-NAME-LENGTH": ([{"full_name": "A" * 61}, {"full_name": "A"}], [{"full_name": "A" * 60}]),
    "ROW-BIRTH-MISSING": missing("birth_date"),
    "ROW-BIRTH-UNREADABLE": not_understood("birth_date"),
    "ROW-BIRTH-SERIAL": (
        [{"birth_date": None, "birth_date_raw": "22053"}, {"birth_date": None, "birth_date_raw": " 22053.0 "}],
        [{"birth_date": None, "birth_date_raw": "220"}, {"birth_date": "1960"}, absent("birth_date")],
    ),
    "ROW-BIRTH-YEAR-SHORT": (
        [{"birth_date": "1960-05-18", "birth_date_raw": "18/5/60"}],
        [{"birth_date": "1960-05-18", "birth_date_raw": "18/5/1960"}, {"birth_date": "1960"}, absent("birth_date")],
    ),
    "ROW-BIRTH-FUTURE": (
        [{"birth_date": "2021-07-01"}, {"birth_date": "2021-07"}, {"birth_date": "2022"}],
        [{"birth_date": "2021-06-30"}, {"birth_date": "2021-06"}, {"birth_date": "2021"}],
    ),
    "ROW-BIRTH-AFTER-DECLARED": (
        [{"birth_date": "2021-05-02"}, {"birth_date": "2021-06"}],
        [{"birth_date": "2021-05-01"}, {"birth_date": "2021-05"}, absent("declared_on")],
    ),
    "ROW-BIRTH-BEFORE-1900": ([{"birth_date": "1899-12-31"}, {"birth_date": "1899"}], [{"birth_date": "1900"}]),
    "ROW-BIRTH-INCOMPLETE": ([{"birth_date": "1990"}, {"birth_date": "1990-02"}], [{"birth_date": "1990-02-03"}]),
    "ROW-AGE-OVER-120": (
        [{"birth_date": "1900-04-30"}, {"birth_date": "1899"}],
        [{"birth_date": "1900-05-02"}, {"birth_date": "1900"}, {"birth_date": "1900-01-01", "death_date": "1999"}],
    ),
    "ROW-SEX-MISSING": missing("sex"),
    "ROW-SEX-UNREADABLE": not_understood("sex"),
    "ROW-PID-FORMAT": ([{"pid": "75090000001"}, {"pid": "0750900000012"}, unread("pid")], [absent("pid")]),
    "ROW-PID-PLACEHOLDER": (
        [{"pid": "000000000000"}, {"pid": "999999999999"}, {"pid": "123456789012"}],
        [{"pid": "000000000001"}, {"pid": "75"}, absent("pid")],
    ),
    "ROW-PID-SEX": ([{"pid": "075190000001"}, {"sex": "F"}], [{"pid": "0751"}, absent("sex"), absent("pid")]),
    "ROW-PID-BIRTH-YEAR": (
        [{"birth_date": "1991-02-03"}, {"pid": "075290000001"}],
        [{"birth_date": "1990"}, {"birth_date": "2090", "pid": "075290000002"}, absent("birth_date")],
    ),
    "ROW-PID-PROVINCE": (
        [{"pid": "003090000001"}, {"pid": "099090000001"}, {"pid": "003225000001", "birth_date": "2025-06-30"}],
        [
            {"pid": "143090000001"},
            {"pid": "003225000002", "birth_date": "2025-07-01"},
            {"pid": "003225000003", "birth_date": "2025-07"},
            {"pid": "003225000004", "birth_date": "2025"},
            absent("pid"),
        ],
    ),
    "ROW-PID-BIRTH-PLACE": (
        [{"pid": "079090000001"}],
        [
            absent("birth_registration_place"),
            {"pid": "079090000002", "birth_registration_place_from": NIGHT.replace(2025, 7, 1)},
            {"pid": "079225000003", "birth_date": "2025-07-01"},
        ],
    ),
    "ROW-CMND-FORMAT": number("cmnd_no"),
    "ROW-PLACE-MISSING": (
        [absent("permanent_place")],
        [{"permanent_place": None, "current_place": "25993"}, unread("permanent_place")],
    ),
    "ROW-PERMANENT-PLACE-UNKNOWN": not_understood("permanent_place"),
    "ROW-PERMANENT-PLACE-AMBIGUOUS": several("permanent_place"),
    "ROW-CURRENT-PLACE-UNKNOWN": not_understood("current_place"),
    "ROW-CURRENT-PLACE-AMBIGUOUS": several("current_place"),
    "ROW-TEMPORARY-PLACE-UNKNOWN": not_understood("temporary_place"),
    "ROW-TEMPORARY-PLACE-AMBIGUOUS": several("temporary_place"),
    "ROW-ORIGIN-PLACE-UNKNOWN": not_understood("origin_place"),
    "ROW-ORIGIN-PLACE-AMBIGUOUS": several("origin_place"),
    "ROW-ORIGIN-PLACE-MISSING": missing("origin_place"),
    "ROW-BIRTH-PLACE-UNKNOWN": not_understood("birth_registration_place"),
    "ROW-BIRTH-PLACE-AMBIGUOUS": several("birth_registration_place"),
    "ROW-BIRTH-PLACE-MISSING": missing("birth_registration_place"),
    "ROW-DECLARED-UNREADABLE": not_understood("declared_on"),
    "ROW-DECLARED-FUTURE": ([{"declared_on": NIGHT.replace(month=7, day=1)}], [{"declared_on": NIGHT}]),
    "ROW-DECLARED-MISSING": missing("declared_on"),
    "ROW-DEATH-UNREADABLE": not_understood("death_date"),
    "ROW-DEATH-BEFORE-BIRTH": (
        [{"death_date": "1990-02-02"}, {"death_date": "1989"}, {"birth_date": "1990-02", "death_date": "1990-01-31"}],
        [{"death_date": "1990-02-03"}, {"death_date": "1990"}, {"birth_date": "1990", "death_date": "1990-01-01"}],
    ),
    "ROW-DEATH-FUTURE": ([{"death_date": "2021-07-01"}, {"death_date": "2022"}], [{"death_date": "2021"}]),
    "ROW-MARITAL-STATUS-UNKNOWN": not_understood("marital_status"),
    "ROW-MARRIED-UNDER-AGE": (
        [
            {"marital_status": "MARRIED", "birth_date": "2001-05-02"},
            {"marital_status": "MARRIED", "birth_date": "2003-05-02", "sex": "F"},
        ],
        [
            {"marital_status": "MARRIED", "birth_date": "2001-05-01"},
            {"marital_status": "MARRIED", "birth_date": "2001"},
            {"marital_status": "MARRIED", "birth_date": "2003-05-01", "sex": "F"},
            {"marital_status": "SINGLE", "birth_date": "2010-01-01"},
        ],
    ),
    "ROW-SINGLE-WITH-SPOUSE": (
        [{"spouse_name": "LÊ THỊ B"}],
        [{"spouse_name": "LÊ THỊ B", "marital_status": "MARRIED"}],
    ),
    "ROW-ETHNICITY-UNKNOWN": not_understood("ethnicity"),
    "ROW-ETHNICITY-NUMBER": (
        [{"ethnicity": None, "ethnicity_raw": "04"}, {"ethnicity": None, "ethnicity_raw": " 6"}],
        [{"ethnicity": "01", "ethnicity_raw": "1"}, unread("ethnicity"), absent("ethnicity")],
    ),
    "ROW-ETHNICITY-MISSING": missing("ethnicity"),
    "ROW-RELIGION-UNKNOWN": not_understood("religion"),
    "ROW-NATIONALITY-UNKNOWN": not_understood("nationality"),
    "ROW-NATIONALITY-MISSING": missing("nationality"),
    "ROW-BLOOD-GROUP-UNKNOWN": not_understood("blood_group"),
    "ROW-FATHER-NAME-UNREADABLE": not_understood("father_name"),
    "ROW-MOTHER-NAME-UNREADABLE": not_understood("mother_name"),
    "ROW-PARENT-NAME-LOOK-ALIKE": (
        [{"father_name_raw": "L\u00ea \u0410n"}, {"mother_name_raw": "Lê\u200b An", "father_name": None}],
        [{"father_name": None}, {"father_name": None, "mother_name": None}],
    ),
    "ROW-FATHER-ID-FORMAT": number("father_id"),
    "ROW-MOTHER-ID-FORMAT": number("mother_id"),
    "ROW-SPOUSE-ID-FORMAT": number("spouse_id"),
    "ROW-REPRESENTATIVE-ID-FORMAT": number("representative_id"),
    "ROW-OWN-NUMBER-OF-RELATIVE": (
        [{"pid": "075090000011", "mother_id": "075090000011"}, {"pid": "075090000012", "father_id": "075090000012"}],
        [{"mother_id": "075190000001"}, {"pid": None, "mother_id": "075190000002"}],
    ),
    "ROW-PARENTS-ONE-NUMBER": (
        [{"father_id": "123456789", "mother_id": "123456789"}],
        [{"father_id": "123456789", "mother_id": "123456780"}, {"father_id": "123456789"}],
    ),
    "ROW-MINOR-ALONE": (
        [{"birth_date": "2010-01-01", "father_name": None, "mother_name": None}],
        [
            {"birth_date": "2010-01-01", "father_name": None},
            {"birth_date": "2010-01-01", "father_name": None, "mother_name": None, "representative_name": "LÊ VĂN C"},
            {"birth_date": "2003-05-01", "father_name": None, "mother_name": None},
        ],
    ),
    "ROW-PHONE-FORMAT": ([{"phone": "12345"}, unread("phone")], [{"phone": "0912345678"}, absent("phone")]),
    "HSE-NO-HEAD": ([{"relation_to_head": "CHILD"}], [{"relation_to_head": "HEAD"}, {"household_no": None}]),
    "HSE-HEAD-NAME-MISSING": ([absent("head_name")], [{"household_no": None, "head_name": None}]),
    "HSE-HEAD-NAMES-ITSELF": ([{"head_name": "LÊ VĂN C"}], [absent("head_name")]),
    "HSE-HEAD-UNDER-AGE": ([{"birth_date": "2003-05-02"}], [{"birth_date": "2003-05-01"}, {"birth_date": "2003"}]),
    "HSE-SPOUSE-WORD": ([{"relation_to_head": "WIFE"}], [{"relation_to_head": "HUSBAND"}]),
    "HSE-PARENT-SEX": ([{"relation_to_head": "MOTHER"}], [{"relation_to_head": "FATHER"}]),
    "HSE-RELATION-MISSING": (
        [absent("relation_to_head")],
        [{"relation_to_head": None, "household_no": None}, unread("relation_to_head")],
    ),
    "HSE-RELATION-UNKNOWN": not_understood("relation_to_head"),
    "HSE-NUMBER-MISSING": ([absent("household_no")], [{"household_no": None, "relation_to_head": None}]),
    "HSE-HEAD-ID-FORMAT": number("head_id"),
}

HEAD: dict[str, Any] = {}
OTHER_HEAD = {"form_id": "f9"}
CHILD = {"relation_to_head": "CHILD", "birth_date": "2010-05-05", "full_name_key": "CON", "form_id": "f1"}
CHILDREN = [{**CHILD, "form_id": f"c{n}"} for n in range(30)]
WIFE = {"relation_to_head": "WIFE", "sex": "F", "full_name_key": "VO", "form_id": "f2"}
MOTHER = {"relation_to_head": "MOTHER", "sex": "F", "birth_date": "1960", "full_name_key": "ME", "form_id": "f3"}

#: Rule: households (forms of one sender and one household) whose last form fails it, and such that do not.
TOGETHER: dict[str, tuple[list[Case], list[Case]]] = {
    "ROW-FORM-NO-TWICE": (
        [[HEAD, {**CHILD, "form_no": "A"}, {**WIFE, "form_no": "A"}]],
        [[{**CHILD, "form_no": "A"}, {**CHILD, "form_no": "A"}], [CHILD, {**WIFE, "form_no": "A"}]],
    ),
    "ROW-PID-SHARED": (
        [[HEAD, {**CHILD, "pid": "075090777777"}, {**WIFE, "pid": "075090777777"}]],
        [
            [{**CHILD, "pid": "075090777778"}, {**CHILD, "pid": "075090777778", "full_name_key": "CON ÚT"}],
            [{**CHILD, "pid": "1"}, {**WIFE, "pid": "1"}],
        ],
    ),
    "HSE-ONE-HEAD": ([[HEAD, OTHER_HEAD]], [[HEAD, CHILD], [HEAD, HEAD]]),
    "HSE-HEAD-NAMES-DIFFER": (
        [[HEAD, {**CHILD, "head_name": "LÊ VĂN C"}]],
        [[HEAD, {**CHILD, "head_name": None}], [HEAD, CHILD]],
    ),
    "HSE-SPOUSE-SEX": (
        [[HEAD, {**WIFE, "sex": "M"}]],
        [[HEAD, WIFE], [CHILD, WIFE], [HEAD, OTHER_HEAD, {**WIFE, "sex": "M"}]],
    ),
    "HSE-ONE-SPOUSE": ([[HEAD, WIFE, {**WIFE, "form_id": "f7"}]], [[HEAD, CHILD, WIFE]]),
    "HSE-CHILD-AGE": (
        [[HEAD, {**CHILD, "birth_date": "2001-12-31"}]],
        [[HEAD, {**CHILD, "birth_date": "2002"}], [WIFE, {**CHILD, "birth_date": "1950"}]],
    ),
    "HSE-PARENT-AGE": ([[HEAD, {**MOTHER, "birth_date": "1979"}]], [[HEAD, {**MOTHER, "birth_date": "1978"}]]),
    "HSE-SIZE": ([[HEAD, *CHILDREN[:30]]], [[HEAD, *CHILDREN[:29]], [HEAD, *CHILDREN[:29], CHILDREN[0]]]),
    "HSE-ONE-PLACE": ([[HEAD, {**CHILD, "permanent_place": "25996"}]], [[HEAD, {**CHILD, "permanent_place": None}]]),
    "HSE-MEMBER-TWICE": (
        [[HEAD, CHILD, {**CHILD, "form_id": "f8"}]],
        [[HEAD, CHILD, CHILD], [HEAD, CHILD, {**CHILD, "form_id": "f8", "birth_date": "2011-05-05"}]],
    ),
}


def households() -> dict[str, tuple[list[Case], list[Case]]]:
    alone = {rule: ([[form] for form in bad], [[form] for form in good]) for rule, (bad, good) in ALONE.items()}
    return {**alone, **TOGETHER}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool, int], set[str]]:
    """Rules that the last form of each household fails, by (rule in question, meant to fail it, ordinal)."""
    forms, last, n = [], {}, 100
    for rule, sides in households().items():
        for bad, side in zip((True, False), sides, strict=True):
            for ordinal, household in enumerate(side):
                n += 1
                forms += [changed(good_form(n), changes) for changes in household]
                last[rule, bad, ordinal] = len(forms)
    folder = tmp_path_factory.mktemp("cases")
    write_standard(folder, forms)
    validate_load(folder, files=[FileFacts(0, len(forms), 0)], business_date=NIGHT, docs=None)
    found: dict[int, set[str]] = {}
    for row in pq.read_table(folder / "findings.parquet").to_pylist():
        found.setdefault(row["row_no"], set()).add(row["rule"])
    return {case: found.get(row, set()) for case, row in last.items()}


@pytest.mark.parametrize("rule", households())
def test_a_rule_finds_what_it_is_for_and_nothing_near_by(
    rule: str, failing: dict[tuple[str, bool, int], set[str]]
) -> None:
    for (about, bad, ordinal), rules in failing.items():
        if about == rule:
            assert (rule in rules) == bad, (bad, ordinal, sorted(rules))


def test_every_rule_of_the_row_and_household_suites_has_a_case() -> None:
    assert households().keys() == {rule.id for suite in ("row", "household") for rule in load_rules(suite)}
    assert all(bad and good for bad, good in households().values())


def test_a_good_form_fails_nothing(tmp_path: Path) -> None:
    write_standard(tmp_path, [good_form(1), good_form(2)])
    validated = validate_load(tmp_path, files=[FileFacts(0, 2, 0)], business_date=NIGHT, docs=None)
    assert validated.failed == {}
    assert pq.read_table(tmp_path / "findings.parquet").num_rows == 0


def test_each_rule_of_the_store_suite_fails_on_its_own_count() -> None:
    assert validate_store(dict.fromkeys(STORE_METRICS, 0), business_date=NIGHT) == []
    counts = {name: n for n, name in enumerate(STORE_METRICS, start=1)}
    assert [(failed.rule, failed.severity, failed.count) for failed in validate_store(counts, business_date=NIGHT)] == [
        (rule.id, rule.severity, counts[rule.kwargs["column"]]) for rule in load_rules("store")
    ]


def test_the_suites_are_what_they_are_said_to_be() -> None:
    assert {suite: len(load_rules(suite)) for suite in SUITES} == COUNTS
    prefixes = {
        "row": "ROW-",
        "household": "HSE-",
        "movement": "MOVE-",
        "dossier": "DOSS-",
        "load": "LOAD-",
        "linkage": "LNK-",
        "store": "STORE-",
    }
    columns = {"movement": MOVEMENT_COLUMNS, "dossier": DOSSIER_COLUMNS}
    for suite in SUITES:
        for rule in load_rules(suite):
            assert rule.id.startswith(prefixes[suite])
            assert rule.severity in {"critical", "warning"}
            assert set(rule.columns) <= set(columns.get(suite, COLUMNS))
            assert len(rule.message_vi) > 20
            assert len(rule.message_en) > 20
    assert len(rules_by_id()) == sum(len(load_rules(suite)) for suite in SUITES)
    assert {rule.column for rule in load_rules("store")} == set(STORE_METRICS)


def test_the_page_of_rules_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
