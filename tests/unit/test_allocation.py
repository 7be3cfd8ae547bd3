import datetime as dt
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Settings
from registry.allocation import RANGE, as_text, birth_province, draw, key_check, read_key, stamp_base
from registry.errors import PlatformError
from registry.identity_numbers import PROVINCES, decode
from registry.persons import FORM_MASK
from tasks.platform import Platform

KEY = read_key("a made-up key that is long enough for a test")
OTHER = read_key("another made-up key, long enough for tests")


def test_five_million_numbers_of_several_ranges_come_once_each_and_in_their_range() -> None:
    prefixes = ["001090", "075162", "079305", "096200", "012224"]
    start = time.monotonic()
    whole = [draw(KEY, prefix, first=0, count=RANGE) for prefix in prefixes]
    assert time.monotonic() - start < 30
    for prefix, numbers in zip(prefixes, whole, strict=True):
        assert (numbers // RANGE == int(prefix)).all()
        assert (np.sort(numbers) == int(prefix) * RANGE + np.arange(RANGE)).all()
    first = decode(as_text(whole[4][:1])).to_pylist()[0]
    assert first == {"sex": "M", "birth_year": 2024, "province": "12"}


@settings(max_examples=25)
@given(st.integers(0, RANGE - 1), st.integers(1, 50), st.sampled_from(sorted(PROVINCES)))
def test_a_range_goes_on_where_it_stopped(first: int, count: int, province: str) -> None:
    count = min(count, RANGE - first)
    at_once = draw(KEY, f"{province}162", first=first, count=count)
    one_by_one = [draw(KEY, f"{province}162", first=first + n, count=1)[0] for n in range(count)]
    assert at_once.tolist() == one_by_one


def test_the_order_tells_nothing() -> None:
    numbers = draw(KEY, "075162", first=0, count=RANGE) % RANGE
    steps = np.diff(numbers) % RANGE
    # Neighbours in the order are no neighbours in the range, and every last digit follows every other as often.
    assert (steps == 1).sum() < 10
    pairs = np.bincount(numbers[:-1] % 10 * 10 + numbers[1:] % 10, minlength=100)
    assert (abs(pairs - RANGE / 100) < 600).all()
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.01
    for other in (draw(OTHER, "075162", first=0, count=RANGE), draw(KEY, "075163", first=0, count=RANGE)):
        assert (other % RANGE == numbers).sum() < 20


def test_a_number_keeps_its_zeros() -> None:
    assert as_text(np.array([1_090_000_001, 75_162_999_999])).to_pylist() == ["001090000001", "075162999999"]


def test_a_key_is_known_again_and_not_told() -> None:
    assert key_check(KEY) == key_check(KEY) != key_check(OTHER)
    assert len(key_check(KEY)) == 16
    with pytest.raises(PlatformError, match="fewer than 32"):
        read_key("short")


def test_later_and_greater_numbers_come_first_and_any_form_before_them() -> None:
    first, second = stamp_base(dt.date(2021, 6, 30)), stamp_base(dt.date(2021, 7, 1))
    assert first & FORM_MASK == 0
    assert first < first + 96_999_999_999 < second
    assert second + 96_999_999_999 < 1 << 59


def test_places_of_the_new_provinces_begin_no_number() -> None:
    gazetteer = Platform(Settings()).reference.gazetteer
    assert birth_province(gazetteer, "25993", dt.date(2021, 11, 15)) == "075"
    assert birth_province(gazetteer, "26734", dt.date(1900, 1, 1)) == "079"
    assert birth_province(gazetteer, "25993", dt.date(2025, 7, 1)) is None
    assert birth_province(gazetteer, "99999", dt.date(2021, 11, 15)) is None
