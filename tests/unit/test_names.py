import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.names import PLACEHOLDERS, legal_names, name_keys
from registry.writing import TEXT, Cells, Values, clean, plain


def cleaned(*texts: str | None) -> list[str | None]:
    return clean(pa.array(texts, TEXT)).to_pylist()


def legal(*texts: str | None) -> list[str | None]:
    return legal_names(clean(pa.array(texts, TEXT))).to_pylist()


def keys(*texts: str | None) -> list[str | None]:
    return name_keys(legal_names(clean(pa.array(texts, TEXT)))).to_pylist()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Nguyễn  Thị Đào ", "Nguyễn Thị Đào"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Đào"), "Nguyễn Thị Đào"),
        ("\u00a0Lê\u00a0\tVăn\r\nAn", "Lê Văn An"),
        ("\ufeffTrần Đồ\u200bng", "Trần Đồng"),
        ("   ", None),
        ("\u200b", None),
        ("", None),
        ("12/3 Đường số 5", "12/3 Đường số 5"),
        ("Nguy\x00n", None),
        ("Nguy\ufffdn", None),
    ],
)
def test_a_cell_is_cleaned(sent: str, kept: str | None) -> None:
    assert cleaned(sent, None, "An") == [kept, None, "An"]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=8))
def test_clean_text_is_composed_single_spaced_and_stays_as_it_is(texts: list[str | None]) -> None:
    once = cleaned(*texts)
    assert len(once) == len(texts)
    assert cleaned(*once) == once
    for text in once:
        if text is not None:
            assert text == unicodedata.normalize("NFC", text)
            assert text == text.strip(" ")
            assert text
            assert "  " not in text
            assert "\u200b" not in text


@pytest.mark.parametrize(
    ("sent", "name", "key"),
    [
        ("nguyễn thị đào", "NGUYỄN THỊ ĐÀO", "NGUYEN THI DAO"),
        ("Ðặng Ɖức ɖạt", "ĐẶNG ĐỨC ĐẠT", "DANG DUC DAT"),
        ("Hoà Thuý", "HOÀ THUÝ", "HOA THUY"),
        ("Y Bhăm Niê", "Y BHĂM NIÊ", "Y BHAM NIE"),
        ("H’Hen Niê", "H’HEN NIÊ", "H'HEN NIE"),
        ("K'Brửu", "K'BRỬU", "K'BRUU"),
        ("Không rõ", "KHÔNG RÕ", None),
        ("CHƯA RÕ", "CHƯA RÕ", None),
        ("-", "-", None),
        ("?", "?", None),
        ("… 1 …", "… 1 …", None),
        ("Không Văn Rõ", "KHÔNG VĂN RÕ", "KHONG VAN RO"),
    ],
)
def test_a_name_and_its_key(sent: str, name: str, key: str | None) -> None:
    assert legal(sent, None) == [name, None]
    assert keys(sent, None) == [key, None]


@given(st.lists(st.text("aăâáàảãạắặấậđeêéếệiíịoôơóốợuưúứựyýỵ nghctmpkrbx", max_size=20), max_size=10))
def test_a_key_is_the_name_without_accents(texts: list[str]) -> None:
    for name, key in zip(legal(*texts), keys(*texts), strict=True):
        if name is None or plain(name) in PLACEHOLDERS:
            assert key is None
        else:
            assert key == plain(name)
            assert key.isascii()


def test_columns_that_are_pooled_share_their_values() -> None:
    columns = [pa.array(["A", None, "B"], TEXT), pa.array(["B", "B", "C"], TEXT)]
    first, second = Cells.pool(columns)
    assert sorted(first.values.texts.to_pylist()) == ["A", "B", "C"]
    assert [cells.spread(cells.values.texts).to_pylist() for cells in (first, second)] == [
        ["A", None, "B"],
        ["B", "B", "C"],
    ]


def test_results_that_are_null_or_equal_are_encoded_once() -> None:
    cells = Cells.of(pa.array(["nam", "NAM", "x", None, "nam"]).dictionary_encode())
    encoded = cells.encoded(pa.array(["M", "M", None], TEXT))
    assert encoded.to_pylist() == ["M", "M", None, None, "M"]
    assert encoded.dictionary.to_pylist() == ["M"]


def test_settled_cells_keep_what_only_the_sender_can_have_meant() -> None:
    values = Values(pa.array([" a  b ", "Ho\u0300a", None], TEXT))
    assert values.settled.to_pylist() == ["a  b", "Hòa", None]
    assert not values.tidy
