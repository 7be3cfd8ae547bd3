"""The codecs: what is written is read back, in pieces too, and bytes that are no text are told."""

import codecs
import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.encodings.letters import MARKED, TONES

CODECS = (TCVN3, VNI, VIQR, WINDOWS_1258)
LETTERS = "abcdeghiklmnopqrstuvxy" + MARKED + "ABCDEGHIKLMNOPQRSTUVXY" + MARKED.upper()
SIGNS = " ,;.'`?~^(+*-/\\|0123456789\"\n"


@pytest.mark.parametrize(
    ("codec", "sent"),
    [
        (TCVN3, "NguyÔn ThÞ §µo".encode("latin-1")),
        (VNI, "Nguyeãn Thò Ñaøo".encode("latin-1")),
        (VIQR, b"Nguye^~n Thi. DDa`o"),
    ],
)
def test_known_writings(codec: str, sent: bytes) -> None:
    assert sent.decode(codec) == "Nguyễn Thị Đào"
    assert "Nguyễn Thị Đào".encode(codec) == sent


def test_capitals_of_tcvn3_are_written_as_typists_do() -> None:
    assert "NGUYỄN THỊ HOÀ ĐÀO".encode(TCVN3) == "NGUYÔN THÞ HOµ §µO".encode("latin-1")
    assert "NGUYÔN V¡N ¸NH, Hµ, ¸nh".encode("latin-1").decode(TCVN3) == "NGUYỄN VĂN ÁNH, Hà, ánh"


def test_what_a_typist_may_write_otherwise() -> None:
    assert "Aùnh AÙnh aùnh".encode("latin-1").decode(VNI) == "Ánh Ánh ánh"
    assert rb"Ddo^` Tu* Tu+` Q\. u. O\* dd".decode(VIQR) == "Đồ Tư Từ Q. ụ O* đ"
    assert "Nguyễn".encode("cp1258", "replace") == b"Nguy?n"


@pytest.mark.parametrize("codec", CODECS)
@given(text=st.text(LETTERS + SIGNS, max_size=80))
def test_any_text_of_vietnamese_letters_is_read_back(codec: str, text: str) -> None:
    assert text.encode(codec).decode(codec) == text


@pytest.mark.parametrize("codec", CODECS)
@given(text=st.text(LETTERS + SIGNS, max_size=80), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_pieces_decode_as_the_whole(codec: str, text: str, cuts: list[int]) -> None:
    sent = text.encode(codec)
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    decoder = codecs.getincrementaldecoder(codec)("strict")
    pieces = [decoder.decode(sent[a:b]) for a, b in pairwise(edges)]
    assert "".join(pieces) + decoder.decode(b"", final=True) == text


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_text_or_an_error(codec: str, data: bytes) -> None:
    escaped = data.decode(codec, "surrogateescape")
    lost = any("\udc80" <= sign <= "\udcff" for sign in escaped)
    if lost:
        with pytest.raises(UnicodeDecodeError):
            data.decode(codec)
    else:
        assert data.decode(codec) == escaped


@pytest.mark.parametrize("codec", CODECS)
def test_letters_that_a_code_has_not_are_an_error(codec: str) -> None:
    for text in ("中", "a中", "ñ中"):
        with pytest.raises(UnicodeEncodeError):
            text.encode(codec)
    if codec != WINDOWS_1258:
        with pytest.raises(UnicodeEncodeError):
            "ä".encode(codec)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("tone", TONES)
def test_decomposed_text_is_written_as_composed(codec: str, tone: str) -> None:
    assert len(f"a{tone}".encode(codec).decode(codec)) == 1


def test_a_file_is_written_and_read_through_open(tmp_path: Path) -> None:
    rows = [["Nguyễn Thị Ánh", "P. An Bình, TP. Biên Hòa"], ["TRẦN VĂN Ý", "đường Số 1"]]
    for codec in CODECS:
        path = tmp_path / codec
        with path.open("w", encoding=codec, newline="") as file:
            csv.writer(file).writerows(rows)
        with path.open(encoding=codec, newline="") as file:
            assert list(csv.reader(file)) == rows
