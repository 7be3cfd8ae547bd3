"""What of a form can be compared, and by which keys forms find each other."""

import pytest

from registry.linkage.candidates import KINDS
from registry.linkage.evidence import KEYS, narrowed_keys
from tests.unit.compared_forms import candidates_of, evidence_of, person


def column(name: str, **changes: str | None) -> str | int | None:
    found = evidence_of([person(**changes)]).execute(f"SELECT {name} FROM evidence").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize("number", ["000000000000", "999999999999", "123456789012", "111111111", "0000000"])
def test_a_number_that_only_stands_for_one_is_no_evidence(number: str) -> None:
    assert column("pid", pid=number) is None
    assert column("number_key", pid=number) is None
    assert column("card", cmnd_no=number) is None


def test_a_real_number_is_evidence() -> None:
    assert column("pid") == "075090001234"
    assert column("number_key") is not None


@pytest.mark.parametrize(("birth_date", "day"), [("1990-02-13", "1990-02-13"), ("1990-01-01", None), ("1990-02", None)])
def test_the_first_of_january_and_a_month_are_no_day(birth_date: str, day: str | None) -> None:
    assert column("day", birth_date=birth_date) == day
    assert column("year", birth_date=birth_date) == 1990


def test_one_person_has_the_same_keys_whoever_else_is_there() -> None:
    keys = ", ".join(KEYS)
    alone = evidence_of([person()]).execute(f"SELECT {keys} FROM evidence").fetchone()
    others = [person(full_name=f"LÊ THỊ {word}", pid=None) for word in ("MAI", "HOA", "CÚC")]
    among = evidence_of([*others, person()]).execute(f"SELECT {keys} FROM evidence WHERE name_key LIKE 'NGUYEN%'")
    assert among.fetchone() == alone


def test_keys_are_kept_and_never_change() -> None:
    connection = evidence_of([person(household_no="H7")])
    keys = connection.execute("SELECT number_key, household_key, birthday_name_key FROM evidence").fetchone()
    assert keys == KEPT


#: Evidence files of a store hold these: another value here means that old and new forms no longer find each other.
KEPT = (2041137449, 1736518292, 405983191)


def test_a_common_name_is_narrowed_and_a_rare_one_stands_alone() -> None:
    common = narrowed_keys(evidence_of([person()]))
    rare = narrowed_keys(evidence_of([person(full_name="QWERTZ XYLOPH")]))
    assert common["name_origin_key"].narrowed == 1
    assert rare["name_origin_key"].narrowed == 0


def test_what_could_not_be_narrowed_enough_is_told() -> None:
    found = narrowed_keys(evidence_of([person(mother_name=None)]))["birthday_key"]
    assert (found.narrowed, found.without) == (0, 1)


def test_nothing_is_narrowed_that_is_not_there() -> None:
    found = narrowed_keys(evidence_of([person(birth_date=None)]))["birthday_key"]
    assert (found.narrowed, found.without) == (0, 0)


def test_in_a_small_population_a_name_alone_is_a_key() -> None:
    forms = [person(pid=None, birth_date=date, permanent_place=None) for date in ("1990-02-13", "1985-07-30")]
    kinds = candidates_of(forms, population=100).execute("SELECT keys FROM candidate").fetchone()
    assert kinds is not None
    assert kinds[0] >> list(KINDS).index("name_origin_key") & 1


def test_a_given_name_finds_the_one_that_has_it_as_surname() -> None:
    forms = [{"full_name": "JOSHUA CAMPBELL"}, {"full_name": "CAMPBLEL JOSHUA"}]
    assert candidates_of(forms, population=100).execute("SELECT count(*) FROM candidate").fetchone() == (1,)


@pytest.mark.parametrize(
    ("place", "address", "key"),
    [
        ("Mil Park 3181 NW", "9 Muga Lane Conept", "postcode_key"),
        ("Mill Park 3118 NW", "9 Muga Lane Conept", "suburb_key"),
        ("Mil Park 3118 NW", "9 Mugga Lane Conept", "street_key"),
        ("Mil Park 3118 NW", "9 Muga Lane Conept", None),
    ],
)
def test_a_place_told_in_words_is_found_by_each_of_its_parts(place: str, address: str, key: str | None) -> None:
    unlike = {
        "full_name": "HOÀNG THỊ QUÝT",
        "birth_date": "1961-07-30",
        "pid": None,
        "father_name": None,
        "mother_name": None,
        "origin_place": None,
        "birth_registration_place": None,
        "permanent_place": None,
    }
    stated = {**unlike, "full_name": "LÊ VĂN MẬN", "birth_date": "1985-01-25"}
    forms = [
        person(**stated, permanent_place_raw="Mill Park 3181 NSW", permanent_address="7 Mugga Lane Concept"),
        person(**unlike, permanent_place_raw=place, permanent_address=address),
    ]
    found = candidates_of(forms, population=5_000).execute("SELECT keys FROM candidate").fetchall()
    assert found == ([(1 << list(KINDS).index(key),)] if key else [])


def test_a_commune_is_not_found_by_the_parts_of_its_code() -> None:
    assert column("postcode_key") is column("suburb_key") is column("street_key") is None


def test_ten_thousand_of_one_name_and_day_neither_explode_nor_hide_who_shares_another_key() -> None:
    same = {"full_name": "TRẦN THỊ B", "birth_date": "1950-01-01", "permanent_place": "25993"}
    forms = [{**same, "pid": f"07515000{place // 2:04}"} for place in range(10_000)]
    connection = candidates_of(forms, largest_block=300)
    assert connection.execute("SELECT count(*) FROM candidate").fetchone() == (5_000,)
    left_out = dict(connection.execute("SELECT kind, forms FROM left_out WHERE forms > 0").fetchall())
    assert 10_000 in left_out.values()
    assert "number_key" not in left_out


def test_forms_with_nothing_in_them_have_no_keys() -> None:
    connection = candidates_of([{}, {}])
    assert connection.execute("SELECT count(*) FROM candidate").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM compared").fetchone() == (2,)
