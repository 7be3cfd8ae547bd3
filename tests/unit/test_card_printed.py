"""What is printed on cards of both layouts."""

import unicodedata
from datetime import date
from typing import Any

import pandas as pd
import pytest

from config.card_fields import card_fields, layout_on, printed_texts
from registry.cards.printed import CARDS, CODES, FOR_LIFE, PRINTED, QR_FIELDS, printed
from registry.errors import PlatformError
from tests.unit.made_cards import made_cards

TEXTS = printed_texts()


def one_card(**changed: Any) -> pd.DataFrame:
    holder: dict[str, Any] = dict.fromkeys(CARDS.names)
    holder |= {
        "layout": "2021",
        "issued_on": date(2021, 6, 30),
        "expires_on": date(2039, 1, 1),
        "pid": "075199000001",
        "cmnd_no": "271000001",
        "full_name": "NGUYỄN THỊ ĐÀO",
        "birth_date": "1999-01-01",
        "sex": "F",
        "nationality": "VN",
        "origin_place": "Xã Đá, Huyện Núi",
        "birth_registration_place": "Xã Mây, Huyện Núi",
        "permanent_place": "Phường Trăng, Thành phố Sao",
        "permanent_address": "Số 1, tổ 2",
        "temporary_place": "Xã Gió, Thành phố Sao",
        "father_name": "NGUYỄN VĂN CHA",
        "mother_name": "VÕ THỊ MẸ",
    }
    return pd.DataFrame([holder | changed])


def texts_of(**changed: Any) -> dict[str, Any]:
    row = printed(one_card(**changed), TEXTS).iloc[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def test_a_card_of_2021() -> None:
    assert texts_of() == {
        "number": "075199000001",
        "full_name": "NGUYỄN THỊ ĐÀO",
        "birth_date": "01/01/1999",
        "sex": "Nữ",
        "nationality": "Việt Nam",
        "origin_place": "Xã Đá, Huyện Núi",
        "birth_registration_place": None,
        "residence": "Số 1, tổ 2, Phường Trăng, Thành phố Sao",
        "issue_date": "30/06/2021",
        "expiry_date": "01/01/2039",
        "mrz_1": "IDVNM1990000014075199000001<<0",
        "mrz_2": "9901018F3901016VNM<<<<<<<<<<<2",
        "mrz_3": "NGUYEN<<THI<DAO<<<<<<<<<<<<<<<",
        "qr": "075199000001|271000001|NGUYỄN THỊ ĐÀO|01011999|Nữ|Số 1, tổ 2, Phường Trăng, Thành phố Sao|30062021",
    }


def test_a_card_of_2024() -> None:
    found = texts_of(layout="2024", issued_on=date(2024, 7, 1), cancelled_pid="075099000009")
    assert found["origin_place"] is None
    assert found["birth_registration_place"] == "Xã Mây, Huyện Núi"
    assert found["qr"] == (
        "075199000001|NGUYỄN THỊ ĐÀO|01011999|Nữ|Số 1, tổ 2, Phường Trăng, Thành phố Sao|01072024"
        "|271000001|075099000009||"
    )


@pytest.mark.parametrize(("birth", "named"), [("2010-07-02", True), ("2010-07-01", False), ("2024-07-01", True)])
def test_the_code_of_a_child_names_its_parents(birth: str, *, named: bool) -> None:
    found = texts_of(layout="2024", issued_on=date(2024, 7, 1), birth_date=birth, cmnd_no=None)
    assert found["qr"].endswith("|||NGUYỄN VĂN CHA|VÕ THỊ MẸ") == named
    assert found["qr"].count("|") == 9


@pytest.mark.parametrize(
    ("layout", "permanent", "residence"),
    [
        ("2021", "Phường Trăng", "Phường Trăng"),
        ("2024", "Phường Trăng", "Phường Trăng"),
        ("2021", None, None),
        ("2024", None, "Xã Gió, Thành phố Sao"),
    ],
)
def test_who_has_no_permanent_residence(layout: str, permanent: str | None, residence: str | None) -> None:
    found = texts_of(layout=layout, permanent_place=permanent, permanent_address=None)
    assert found["residence"] == residence


def test_a_card_for_life_and_a_sign_that_would_end_a_field() -> None:
    found = texts_of(expires_on=None, permanent_address="Số 1|2")
    assert found["expiry_date"] == FOR_LIFE
    assert found["mrz_2"][8:15] == "9912315"
    assert found["residence"].startswith("Số 1|2")
    assert found["qr"].split("|")[5].startswith("Số 1 2")


def test_many_cards_are_printed_as_each_of_them_alone() -> None:
    cards = made_cards(300).set_index(pd.Index(range(1000, 1300)))
    together = printed(cards, TEXTS)
    assert list(together.columns) == [*PRINTED, *CODES]
    assert list(together.index) == list(cards.index)
    alone = pd.concat([printed(cards.iloc[[row]], TEXTS) for row in range(0, 300, 7)])
    pd.testing.assert_frame_equal(together.loc[alone.index], alone)
    for layout in TEXTS:
        rows = together[cards["layout"] == layout]
        assert len(rows)
        assert rows.drop(columns=[*TEXTS[layout], *CODES]).isna().all(axis=None)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"layout": "2016"}, "layout"),
        ({"layout": None}, "layout"),
        ({"nationality": "LA"}, "citizen"),
        ({"nationality": None}, "citizen"),
        ({"sex": None}, "sex"),
        ({"issued_on": None}, "day of issue"),
        ({"birth_date": "1999-01"}, "birth date"),
        ({"birth_date": "1999-02-29"}, "birth date"),
        ({"birth_date": "19990101"}, "birth date"),
        ({"birth_date": None}, "birth date"),
        ({"pid": "27100000"}, "personal number"),
        ({"full_name": "\u0416\u0416\u0416 \u0416"}, "name"),
    ],
)
def test_a_card_that_cannot_be_printed_is_named_by_its_row(changed: dict[str, Any], what: str) -> None:
    cards = pd.concat([one_card(), one_card(**changed)])
    with pytest.raises(PlatformError, match=rf"1 of 2 cards .*{what}.* \(row 1 first") as refused:
        printed(cards, TEXTS)
    for value in changed.values():
        assert value is None or value not in str(refused.value)


@pytest.mark.parametrize(
    ("day", "layout"),
    [("2021-01-22", "2021"), ("2021-01-23", "2021"), ("2024-06-30", "2021"), ("2024-07-01", "2024")],
)
def test_the_layout_of_a_day(day: str, layout: str) -> None:
    assert layout_on(date.fromisoformat(day)) == layout


def test_the_table_and_the_code_know_the_same_fields() -> None:
    assert {name for names in TEXTS.values() for name in names} == set(PRINTED)
    assert set(QR_FIELDS) == set(TEXTS)
    keys = [(field.field, field.layout) for field in card_fields()]
    assert len(keys) == len(set(keys))
    assert {field.side for field in card_fields()} == {"front", "back"}
    assert {field.made_of for field in card_fields()} == {
        "text", "code", "photo", "fingerprints", "centre", "absent",
    }  # fmt: skip
    for field in card_fields():
        assert field.source
        assert field.label == unicodedata.normalize("NFC", field.label)
        assert layout_on(field.since) == field.layout
        assert field.until is None or layout_on(field.until) == field.layout
