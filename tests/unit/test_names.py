import unicodedata

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.encodings.letters import TONES
from registry.names import PLACEHOLDERS, accented_keys, legal_names, mrz_names, name_keys, one_name, split_names
from registry.writing import TEXT, Cells, Values, clean, plain, tones_in_place


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


@settings(deadline=None)
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
        ("L\u00ea V\u0103n \u0410n", "LÊ VĂN AN", "LE VAN AN"),  # a Cyrillic A
        ("Tr\u1ea7n Th\u1ecb \u039d\u03bfa", "TRẦN THỊ NOA", "TRAN THI NOA"),  # Greek
        ("Ph\u1ea1m H\u043e\u0300a", "PHẠM HÒA", "PHAM HOA"),  # the mark stands on a Cyrillic o
        ("\uff2c\u00ea\u3000\uff21\uff4e", "LÊ AN", "LE AN"),  # full-width
        ("L\u00ea \u03bda", "LÊ \u039dA", "LE \u039dA"),  # a small nu: v or n?
        ("\u0410\u041d\u041d\u0410", "\u0410\u041d\u041d\u0410", "\u0410\u041d\u041d\u0410"),  # no Latin letter
        ("Ann\u0430 \u0416", "ANN\u0410 \u0416", "ANN\u0410 \u0416"),  # one that is no look-alike
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


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("written", "placed"),
    [
        ("HOÀ", "HÒA"),
        ("THUÝ", "THÚY"),
        ("UỶ", "ỦY"),
        ("KHOẺ", "KHỎE"),
        ("THUỲ DƯƠNG", "THÙY DƯƠNG"),
        ("HOÀ-HOÀ", "HÒA-HÒA"),
        ("HÙYNH", "HUỲNH"),
        ("TÒAN", "TOÀN"),
        ("QÚY", "QUÝ"),
        ("QÚA", "QUÁ"),
        *((name, name) for name in ("QUÝ", "QUỲ", "GIÀ", "HOÀNG", "NGOÀI", "TUẤN", "THUỞ", "HÒA", "QUÝT", "Y BHOĂ")),
    ],
)
def test_tone_marks_are_put_in_one_place_in_the_key_alone(written: str, placed: str) -> None:
    assert tones_in_place(written) == placed
    assert tones_in_place(placed) == placed
    assert accented_keys(pa.array([written, None, "AN"], TEXT)).to_pylist() == [placed, None, "AN"]
    assert legal(written) == [written]
    assert plain(written) == plain(placed)


def test_names_in_a_table_are_one_where_their_accented_keys_are() -> None:
    tails = ["A", "AN", "E", "EN", "Y", "YN"]
    syllables = {
        unicodedata.normalize("NFC", f"{head}{vowel}{first}{tail[0]}{second}{tail[1:]}")
        for head, vowel in (("H", "O"), ("H", "U"), ("Q", "U"))
        for tail in tails
        for first, second in (("", ""), *((tone, "") for tone in TONES), *(("", tone) for tone in TONES))
    }
    names = pa.array(
        sorted({*(f"LÊ {syllable} AN" for syllable in syllables), "LÊ H’HẠNH", "LÊ H'HẠNH", "LÊ HUYỀN"}), TEXT
    )
    placed = accented_keys(names).to_pylist()
    with duckdb.connect() as local:
        local.register("names", pa.table({"name": names}))
        told = [text for (text,) in local.execute(f"SELECT {one_name('name')} FROM names").fetchall()]
    assert len(set(placed)) == len(set(told)) == len(set(zip(placed, told, strict=True))) < len(names)


@pytest.mark.parametrize(
    ("name", "parts", "line"),
    [
        ("NGUYỄN VĂN AN", ("NGUYỄN", "VĂN", "AN"), "NGUYEN<<VAN<AN"),
        ("ĐẶNG ĐÀO", ("ĐẶNG", None, "ĐÀO"), "DANG<<DAO"),
        ("NGUYỄN HOÀNG THỊ ANH", ("NGUYỄN", "HOÀNG THỊ", "ANH"), "NGUYEN<<HOANG<THI<ANH"),
        ("Y MOAN ÊNUÔL", (None, None, "Y MOAN ÊNUÔL"), "Y<MOAN<ENUOL"),
        ("Y MOAN", (None, None, "Y MOAN"), "Y<MOAN"),
        ("H'HEN NIÊ", (None, None, "H'HEN NIÊ"), "HHEN<NIE"),
        ("K’BRỂU", (None, None, "K’BRỂU"), "KBREU"),
        ("KSOR H'LAN", ("KSOR", None, "H'LAN"), "KSOR<<HLAN"),
        ("SIU Y BƠ", ("SIU", "Y", "BƠ"), "SIU<<Y<BO"),
        ("RƠ CHÂM PÁO", (None, None, "RƠ CHÂM PÁO"), "RO<CHAM<PAO"),
        ("GIÀNG A PÁO", ("GIÀNG", "A", "PÁO"), "GIANG<<A<PAO"),
        ("THỊ LAN", (None, None, "THỊ LAN"), "THI<LAN"),
        ("ÚT", (None, None, "ÚT"), "UT"),
        ("LÊ THỊ MỸ-LINH", ("LÊ", "THỊ", "MỸ-LINH"), "LE<<THI<MY<LINH"),
        ("LÊ -AN", ("LÊ", None, "-AN"), "LE<<AN"),
        ("JØRN O'NEIL", (None, None, "JØRN O'NEIL"), "JOERN<ONEIL"),
    ],
)
def test_a_name_in_its_parts_and_on_the_card(name: str, parts: tuple[str | None, ...], line: str) -> None:
    names = pa.array([name, None], TEXT)
    assert [tuple(found.values()) for found in split_names(names).to_pylist()] == [parts, (None, None, None)]
    assert mrz_names(names).to_pylist() == [line.ljust(30, "<"), None]


@settings(deadline=None)
@given(st.lists(st.text("ABĐÊGHINOỐRSTUYK'- ", max_size=40), max_size=6))
def test_parts_are_the_name_and_a_line_is_thirty_signs(texts: list[str]) -> None:
    names = legal_names(clean(pa.array(texts, TEXT)))
    for name, found, line in zip(
        names.to_pylist(), split_names(names).to_pylist(), mrz_names(names).to_pylist(), strict=True
    ):
        if name is not None:
            assert " ".join(filter(None, found.values())) == name
        if line is not None:
            assert len(line) == 30
            assert set(line) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ<")
            assert "<<<" not in line.strip("<")
            assert line.rstrip("<").count("<<") <= (found["surname"] is not None)


def test_a_line_that_is_cut_ends_in_a_letter() -> None:
    long = [
        "NGUYỄN HOÀNG THỊ PHƯƠNG THẢO NGUYÊN ANH",
        "TRẦN " + "A" * 40,
        "NGUYỄN THỊ PHƯƠNG THẢO NGU Y LAN",
        "H'PHƯƠNG THỊ THANH THẢO NGUY Y LAN",
    ]
    assert mrz_names(pa.array(long, TEXT)).to_pylist() == [
        "NGUYEN<<HOANG<THI<PHUONG<THA<N",
        "TRAN<<AAAAAAAAAAAAAAAAAAAAAAAA",
        "NGUYEN<<THI<PHUONG<THAO<NGU<LA",
        "HPHUONG<THI<THANH<THAO<NGUY<LA",
    ]


def test_letters_that_have_no_latin_form_are_for_people() -> None:
    assert mrz_names(pa.array(["\u0410\u041d\u041d\u0410", "LÊ 3"], TEXT)).to_pylist() == [None, None]
