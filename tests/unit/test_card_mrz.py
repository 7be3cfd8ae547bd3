"""The machine-readable zone agrees with the standard's own example, and with a reader that others wrote."""

import re
import string
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.cards.mrz import NEVER, card_lines, check_digits, td1_lines
from registry.errors import PlatformError
from registry.writing import TEXT, plain
from tests.unit import passport_eye
from tests.unit.made_cards import made_cards

READER = passport_eye.load()
SPECIMEN = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
MOCK = (
    "IDVNM1990000014075199000001<<0",
    "9901018F3901016VNM<<<<<<<<<<<2",
    "NGUYEN<<THI<DAO<<<<<<<<<<<<<<<",
)


def text(*values: str | None) -> pa.Array:
    return pa.array(values, TEXT)


def lines_of(zone: tuple[pa.Array, pa.Array, pa.Array]) -> list[tuple[str, str, str]]:
    return list(zip(*(line.to_pylist() for line in zone), strict=True))


def letters_of(name: str) -> str:
    """A legal name in the letters of the zone, word by word."""
    return re.sub("['’]", "", plain(name.replace("Ø", "OE"))).replace("-", " ")


def card(**changed: Any) -> tuple[pa.Array, pa.Array, pa.Array]:
    days = pa.array(["1999-01-01", "1999-01-01"]).cast(pa.date32()), pa.array(["2039-01-01", None]).cast(pa.date32())
    given_values: dict[str, Any] = {
        "pids": text("075199000001", "075199000001"),
        "names": text("NGUYỄN THỊ ĐÀO", "NGUYỄN THỊ ĐÀO"),
        "births": days[0],
        "sexes": text("F", "F"),
        "expires_on": days[1],
    }
    return card_lines(**(given_values | changed))


def test_the_example_of_icao_doc_9303_part_5() -> None:
    zone = td1_lines(
        code="I",
        state="UTO",
        nationality="UTO",
        numbers=text("D23145890"),
        optional=text(""),
        births=text("740812"),
        sexes=text("F"),
        expiries=text("120415"),
        names=text("ERIKSSON<<ANNA<MARIA"),
    )
    assert lines_of(zone) == [SPECIMEN]


def test_a_card_of_a_made_up_person() -> None:
    first, for_life = lines_of(card())
    assert first == MOCK
    assert for_life[1][8:15] == f"{NEVER}5"
    assert READER.MRZ(list(for_life)).valid


@settings(deadline=None)
@given(st.lists(st.text(string.ascii_uppercase + string.digits + "<", min_size=39, max_size=39), min_size=1))
def test_check_digits_are_those_of_the_reader(texts: list[str]) -> None:
    signs = np.array([list(sign.encode()) for sign in texts], np.uint8)
    assert bytes(check_digits(signs)).decode() == "".join(map(READER.MRZCheckDigit.compute, texts))


def test_ten_thousand_made_up_persons_with_hard_names_are_read_as_written() -> None:
    cards = made_cards(10_000)
    births = pa.array(cards["birth_date"]).cast(pa.string()).cast(pa.date32())
    zone = card_lines(
        pa.array(cards["pid"], TEXT),
        pa.array(cards["full_name"], TEXT),
        births,
        pa.array(cards["sex"], TEXT),
        pa.array(cards["expires_on"], pa.date32()),
    )
    for lines, sent in zip(lines_of(zone), cards.to_dict("records"), strict=True):
        read = READER.MRZ(list(lines))
        assert read.valid, lines
        assert (read.mrz_type, read.type, read.country, read.nationality) == ("TD1", "ID", "VNM", "VNM")
        assert (read.number, read.optional1[:14]) == (sent["pid"][3:], f"{sent['pid']}<<")
        assert READER.MRZCheckDigit.compute(read.optional1[:14]) == read.optional1[14]
        assert f"{read.date_of_birth}{read.sex}" == sent["birth_date"][2:].replace("-", "") + sent["sex"]
        never = sent["expires_on"] is None or sent["expires_on"] != sent["expires_on"]
        assert read.expiration_date == (NEVER if never else f"{sent['expires_on']:%y%m%d}")
        written = f"{read.surname} {read.names}".strip()
        if lines[2].endswith("<"):
            assert written == letters_of(sent["full_name"])
        else:  # cut, or of just thirty letters
            assert [word[0] for word in written.split(" ")[:2]] == [
                word[0] for word in letters_of(sent["full_name"]).split()[:2]
            ]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"pids": text("075199000001", "07519900001")}, "personal number"),
        ({"pids": text("075199000001", "07519900000O")}, "personal number"),
        ({"pids": text("075199000001", "07519900000\u0661")}, "personal number"),
        ({"pids": text("075199000001", None)}, "personal number"),
        ({"names": text("NGUYỄN THỊ ĐÀO", "\u0410\u041d\u041d\u0410")}, "name"),
        ({"names": text("NGUYỄN THỊ ĐÀO", None)}, "name"),
        ({"names": text("NGUYỄN THỊ ĐÀO", "-")}, "name"),
        ({"sexes": text("F", "Nam")}, "sex"),
        ({"births": pa.array([None, None], pa.date32())}, "birth date"),
    ],
)
def test_what_cannot_be_printed_is_named_by_its_row_and_never_by_its_value(changed: dict[str, Any], what: str) -> None:
    with pytest.raises(PlatformError) as refused:
        card(**changed)
    said = str(refused.value)
    assert what in said
    assert f"row {0 if 'births' in changed else 1} first" in said
    assert "the operator acts" in said
    for value in changed.values():
        for cell in value.to_pylist():
            assert cell is None or len(cell) < 4 or cell not in said


def test_no_card_is_no_line() -> None:
    empty = pa.array([], pa.date32())
    assert lines_of(card_lines(text(), text(), empty, text(), empty)) == []
