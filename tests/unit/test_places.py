from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from registry.errors import PlatformError
from registry.places import BEGINNING, Gazetteer
from registry.writing import TEXT, plain

GAZETTEER = Gazetteer.open(Path(config.__file__).parent / "places")
IN_2022, IN_APRIL_2025, IN_2026 = date(2022, 6, 1), date(2025, 4, 1), date(2026, 6, 1)
REFORM = date(2025, 7, 1)


def resolve(text: str, day: date) -> tuple[str | None, date | None]:
    codes, first_days = GAZETTEER.resolve(pa.array([text], TEXT), day)
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
        ("Hóa An, Đồng Nai", None),
        ("Phường Sa Pa, Thị xã Sa Pa, Tỉnh Lào Cai", None),  # Sa Pả is there as well
        ("a,b,c,d,e,f", None),
        ("2606", None),
        ("99999", None),
        (", ,", None),
    ],
)
def test_a_text_means_one_commune_or_none(text: str, code: str | None) -> None:
    assert resolve(text, IN_2022)[0] == code


def test_a_path_of_before_the_reform_is_understood_after_it() -> None:
    text = "Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai"
    assert resolve(text, IN_2026) == ("26068", BEGINNING)


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
