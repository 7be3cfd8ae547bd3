from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from registry.errors import PlatformError
from registry.places import AMBIGUOUS, BEGINNING, UNKNOWN, Gazetteer
from registry.writing import TEXT, plain

GAZETTEER = Gazetteer.open(Path(config.__file__).parent / "places")
IN_2022, IN_APRIL_2025, IN_2026 = date(2022, 6, 1), date(2025, 4, 1), date(2026, 6, 1)
REFORM = date(2025, 7, 1)


def resolve(text: str, day: date) -> tuple[str | None, date | None]:
    codes, first_days, _ = GAZETTEER.resolve(pa.array([text], TEXT), day)
    return codes[0].as_py(), first_days[0].as_py()


def communes(state: int) -> list[str]:
    return [code for code, unit in GAZETTEER.states[state].units.items() if unit.level == "commune"]


@pytest.mark.parametrize(("state", "count"), [(0, 10_599), (1, 10_035), (2, 3_321)])
def test_the_states_are_whole(state: int, count: int) -> None:
    assert len(communes(state)) == count


def test_a_code_means_the_unit_of_its_day() -> None:
    assert resolve("26068", REFORM - timedelta(days=1)) == ("26068", BEGINNING)
    assert resolve("26068", REFORM) == ("26068", REFORM)
    assert GAZETTEER.path("26068", IN_2022) == "Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai"


def test_an_old_code_is_understood_long_after_and_a_new_one_not_before() -> None:
    old = next(code for code in communes(0) if not any(code in GAZETTEER.states[n].units for n in (1, 2)))
    new = next(code for code in communes(2) if not any(code in GAZETTEER.states[n].units for n in (0, 1)))
    assert resolve(old, IN_2026) == (old, BEGINNING)
    assert resolve(new, IN_2026) == (new, REFORM)
    assert resolve(new, IN_2022) == (None, None)


@given(st.sampled_from(communes(1)))
def test_an_unchanged_unit_is_one_fact(code: str) -> None:
    before, after = GAZETTEER.states[0].units.get(code), GAZETTEER.states[1].units[code]
    assert (after.valid_from == BEGINNING) == after.same(before)
    assert resolve(code, IN_APRIL_2025) == (code, after.valid_from)


@pytest.mark.parametrize(("state", "day"), [(0, IN_2022), (1, IN_APRIL_2025), (2, IN_2026)])
@pytest.mark.parametrize("write", [str, plain, str.upper])
def test_a_full_path_is_its_own_commune_or_none(state: int, day: date, write: type[str]) -> None:
    codes = communes(state)[::7]
    texts = [write(GAZETTEER.path(code, day) or "") for code in codes]
    found = GAZETTEER.resolve(pa.array(texts, TEXT), day)[0].to_pylist()
    assert all(answer in {code, None} for answer, code in zip(found, codes, strict=True))
    assert found.count(None) < len(codes) * 0.01


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("P. Hóa An, TP.Biên Hòa, Đồng Nai", "26068"),
        ("Hoa An, Bien Hoa, Dong Nai", "26068"),
        ("P.01, Q.3, TP. Hồ Chí Minh", "27160"),
        ("Hóa An", None),
        ("Hóa An, Đồng Nai", "26068"),
        ("Hoá An; BIÊN HOÀ", "26068"),
        ("Hòa An, Biên Hòa, Đồng Nai", None),  # what is written contradicts
        ("tỉnh Đồng Nai - thành phố Biên Hòa - phường Hóa An", "26068"),
        ("Phường Hóa An Thành phố Biên Hòa Tỉnh Đồng Nai", "26068"),
        ("P. Hóa An (T.P. Biên Hòa)", "26068"),
        ("Khu phố 3, P. Hóa An, Biên Hòa, Đồng Nai, Việt Nam", "26068"),
        ("P. An Bình, P. Hóa An, Biên Hòa, Đồng Nai", None),
        ("P12,Q.Gò Vấp,TPHCM", "26881"),
        ("Phường 1-Vũng Tàu-Bà Rịa-Vũng Tàu", "26506"),
        ("Phường 1, TP. Hồ Chí Minh", None),
        ("Xã Cư M’gar, huyện Cư M'Gar, Đắc Lắc", "24289"),
        ("Phường Sa Pa, Thị xã Sa Pa, Tỉnh Lào Cai", "03001"),
        ("Phuong Sa Pa, Thi xa Sa Pa, Tinh Lao Cai", None),  # Sa Pả is there as well
        ("TT. Long Thành, Đồng Nai", "26368"),
        ("Long Thành, Đồng Nai", None),  # is the district, too
        ("a,b,c,d,e,f", None),
        ("2606", None),
        ("99999", None),
        (", ,", None),
    ],
)
def test_a_text_means_one_commune_or_none(text: str, code: str | None) -> None:
    assert resolve(text, IN_2022)[0] == code


@pytest.mark.parametrize(
    ("text", "day", "how"),
    [
        ("26068", IN_2022, "code"),
        ("00004", IN_2026, "code"),
        ("Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai", IN_2022, "path"),
        ("p. hóa an, tp. biên hòa, t. đồng nai", IN_2022, "path"),
        ("P. Hoa An, TP. Bien Hoa, T. Dong Nai", IN_2022, "without accents"),
        ("Hóa An, Biên Hòa, Đồng Nai", IN_2022, "without kind"),
        ("T. Đồng Nai, TP. Biên Hòa, P. Hóa An", IN_2022, "other order"),
        ("P. Hóa An, TP. Biên Hòa", IN_2022, "partial"),
        ("Ấp 1, P. Hóa An, TP. Biên Hòa, T. Đồng Nai", IN_2022, "with more"),
        ("P. Hoa An, TP. Bien Hoa", IN_2026, "old name, partial, without accents"),
        ("Xã Xuân Tâm, Xã Xuân Hòa, TP. Đồng Nai", IN_2026, "old and new names"),
        ("Phường 1, TP. Hồ Chí Minh", IN_2022, AMBIGUOUS),
        ("Phường 1", IN_2022, UNKNOWN),
        ("27", IN_2022, UNKNOWN),
        (None, IN_2022, UNKNOWN),
    ],
)
def test_it_says_how_a_text_was_understood(text: str | None, day: date, how: str) -> None:
    assert GAZETTEER.resolve(pa.array([text], TEXT), day).how.to_pylist() == [how]


def test_a_path_of_before_the_reform_is_understood_after_it() -> None:
    text = "Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai"
    assert resolve(text, IN_2026) == ("26068", BEGINNING)
    assert resolve("Biên Hòa, Đồng Nai", IN_2026) == (None, None)  # the ward of today, or the city of earlier
    assert resolve("Phường Biên Hòa, Đồng Nai", IN_2026) == ("26068", REFORM)


def test_a_commune_that_was_split_needs_more_to_be_one_of_today() -> None:
    old = resolve("Xã Xuân Tâm, Huyện Xuân Lộc, Tỉnh Đồng Nai", IN_2026)
    assert old == ("26449", BEGINNING)
    assert {(after.unit.full_name, after.extent) for after in GAZETTEER.successors(*old)} == {
        ("Xã Xuân Hoà", "part"),
        ("Xã Xuân Đông", "part"),
    }
    assert resolve("Xuân Tâm, Xã Xuân Hòa, Đồng Nai", IN_2026) == ("26446", REFORM)


@pytest.mark.parametrize("level", ["province", "district", "commune"])
def test_every_unit_of_before_the_reform_leads_to_today(level: str) -> None:
    for unit in (unit for unit in GAZETTEER.states[1].units.values() if unit.level == level):
        after = GAZETTEER.successors(unit.code, unit.valid_from)
        assert after
        assert {successor.unit.level for successor in after} == {"province" if level == "province" else "commune"}
        assert (len(after) == 1) == all(successor.extent == "whole" for successor in after)
        assert sum(successor.is_default for successor in after) == 1
        assert all(GAZETTEER.states[2].units[successor.unit.code] is successor.unit for successor in after)


def test_a_unit_in_force_is_its_own_successor() -> None:
    for unit in GAZETTEER.states[2].units.values():
        assert [(after.unit, after.extent) for after in GAZETTEER.successors(unit.code, unit.valid_from)] == [
            (unit, "whole")
        ]


def test_what_became_of_provinces_that_lent_their_code() -> None:
    assert [after.unit.full_name for after in GAZETTEER.successors("80", BEGINNING)] == ["Tỉnh Tây Ninh"]
    assert [after.unit.full_name for after in GAZETTEER.successors("755", BEGINNING)] == ["Đặc khu Côn Đảo"]
    assert GAZETTEER.successors("26068", date(1999, 1, 1)) == []


def test_the_facts_are_the_units_of_all_states() -> None:
    facts = list(GAZETTEER.facts())
    keys = {(unit.code, unit.valid_from) for unit, _ in facts}
    assert len(keys) == len(facts)
    for state in GAZETTEER.states:
        in_force = [
            unit
            for unit, until in facts
            if unit.valid_from <= state.first_day and (not until or until > state.first_day)
        ]
        assert {unit.code: unit for unit in in_force} == state.units
        assert len(in_force) == len(state.units)
    assert all(GAZETTEER.unit(unit.code, unit.valid_from) is unit for unit, _ in facts)


def test_a_unit_keeps_its_path() -> None:
    assert GAZETTEER.path_of("26068", BEGINNING) == "Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai"
    assert GAZETTEER.path_of("26068", REFORM) == "Phường Biên Hoà, Thành phố Đồng Nai"
    assert GAZETTEER.path_of("26068", date(1999, 1, 1)) is None


@given(st.text(max_size=30), st.dates())
def test_no_text_breaks_it(text: str, day: date) -> None:
    code, first_day = resolve(text, day)
    assert (code is None) == (first_day is None)


@pytest.mark.parametrize(
    ("code", "day", "province"),
    [
        ("75", IN_2026, "75"),
        ("731", IN_2022, "75"),
        ("731", IN_2026, "75"),
        ("26068", IN_2022, "75"),
        ("99999", IN_2022, None),
        ("gso", IN_2022, None),
    ],
)
def test_a_sender_lies_in_a_province(code: str, day: date, province: str | None) -> None:
    assert GAZETTEER.province_of(code, day) == province


def test_a_province_code_is_named_on_its_day() -> None:
    assert GAZETTEER.name("80", IN_2022) == "Tỉnh Long An"
    assert GAZETTEER.name("80", IN_2026) == "Tỉnh Tây Ninh"
    assert GAZETTEER.name("00", IN_2026) is None


def test_missing_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"units_2021-11-15\.csv"):
        Gazetteer.open(tmp_path)
