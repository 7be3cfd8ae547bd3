import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identity_numbers import PROVINCES, decode, digits, phones
from registry.writing import TEXT


def column(*texts: str | None) -> pa.Array:
    return pa.array(texts, TEXT)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("001060000001", "001060000001"),
        ("001 060 000 001", "001060000001"),
        ("001.060.000.001", "001060000001"),
        ("024-123-456", "024123456"),
        ("０２４１２３４５６", "024123456"),
        ("75199000001", "75199000001"),
        ("75199000001.0", None),
        ("7.5199E+10", None),
        ("O24123456", None),
        ("024123456 (cũ)", None),
        ("không có", None),
        ("-", None),
        ("١٢٣", None),
    ],
)
def test_a_number_is_its_digits_or_not_understood(sent: str, number: str | None) -> None:
    assert digits(column(sent, None, "1")).to_pylist() == [number, None, "1"]


@given(st.from_regex(r"[0-9]{9}([0-9]{3})?", fullmatch=True), st.sampled_from([" ", "-", "–"]), st.integers(1, 8))
def test_separators_do_not_change_a_number(number: str, sign: str, place: int) -> None:
    assert digits(column(number[:place] + sign + number[place:])).to_pylist() == [number]


@given(st.lists(st.one_of(st.none(), st.text(max_size=15)), max_size=8))
def test_what_is_understood_is_digits_only(texts: list[str | None]) -> None:
    for number in digits(column(*texts)).to_pylist() + phones(column(*texts)).to_pylist():
        assert number is None or (number == "" or (number.isascii() and number.isdecimal()))


@pytest.mark.parametrize(
    ("sent", "phone"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("(+84) 0912.345.678", "0912345678"),
        ("0251-3822-222", "02513822222"),
        ("+1 408 555 0100", None),
        ("hỏi con trai", None),
    ],
)
def test_a_phone_is_national(sent: str, phone: str | None) -> None:
    assert phones(column(sent, None)).to_pylist() == [phone, None]


def test_numbers_are_decoded() -> None:
    decoded = decode(column("001060000001", "075305123456", "003160000001", "02412345", "0010600000012", None))
    assert decoded.to_pylist() == [
        {"sex": "M", "birth_year": 1960, "province": "01"},
        {"sex": "F", "birth_year": 2005, "province": "75"},
        {"sex": "F", "birth_year": 1960, "province": None},
        *[{"sex": None, "birth_year": None, "province": None}] * 3,
    ]


@given(st.sampled_from(sorted(PROVINCES)), st.integers(1900, 2399), st.sampled_from("MF"), st.integers(0, 999_999))
def test_decoding_turns_the_making_round(prefix: str, year: int, sex: str, tail: int) -> None:
    century_sex = 2 * (year // 100 - 19) + "MF".index(sex)
    (decoded,) = decode(column(f"{prefix}{century_sex}{year % 100:02}{tail:06}")).to_pylist()
    assert decoded == {"sex": sex, "birth_year": year, "province": prefix[1:] if year <= 2025 else None}


def test_the_table_has_the_63_provinces_of_before_2025() -> None:
    assert len(PROVINCES) == 63
    assert all(len(prefix) == 3 and prefix.startswith("0") for prefix in PROVINCES)
