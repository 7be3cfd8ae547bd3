"""The closed set of legal syllables, and the codecs over all of it."""

from collections import Counter

import pytest

from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.encodings.syllables import how_vietnamese, marked_syllables, syllables
from tests.unit.made_texts import made_names, unit_names

GOOD = (
    "nguyễn thúy thuý hòa hoà quý quí giá giếng gì gìn quốc huỳnh khuya thuở nghĩa kỳ giường ỷ ý yến uông oanh "
    "quách qua quà xoong đặng ngoèo khuỷu uyên tuyết ươm ghế nghệ nghiêng cương"
)
BAD = "ngễ cế kà qa nguyếnn hoaà bít̀ cáng̣ tách̀ tập̉ đắk lắk kạn été général là-bas étage müller øo µo thiị"


def test_the_set_is_closed_under_its_rules() -> None:
    assert 15_000 < len(syllables()) < 20_000
    assert not [word for word in GOOD.split() if word not in syllables()]
    assert not [word for word in BAD.split() if word in syllables()]
    assert all(word == word.lower() and not word.isascii() for word in marked_syllables())


def test_names_of_persons_and_places_are_made_of_them() -> None:
    words = Counter(word for text in made_names(2000) + unit_names() for word in text.lower().split())
    legal = sum(count for word, count in words.items() if word in syllables() or word.isdigit())
    assert legal > 0.95 * words.total()


@pytest.mark.parametrize("codec", [TCVN3, VNI, VIQR, WINDOWS_1258])
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_every_legal_syllable_is_written_and_read_back(codec: str, case) -> None:
    words = [case(word) for word in sorted(syllables())]
    assert [word.encode(codec).decode(codec) for word in words] == words
    together = "\n".join(words)
    assert together.encode(codec).decode(codec) == together
    assert " ".join(words).encode(codec).decode(codec).split(" ") == words


def test_most_capitals_of_tcvn3_are_written_with_one_byte_a_letter() -> None:
    long = [word.upper() for word in syllables() if len(word) > 2 and word[-1] in "cghmnpt"]
    assert all(len(word.encode(TCVN3)) == len(word) for word in long)


def test_the_score_tells_right_readings_from_wrong_ones() -> None:
    assert how_vietnamese(made_names(500)) > 0.5
    assert how_vietnamese(["Nguyen Van An", "12/03/1960", ""]) == 0
    assert how_vietnamese(["NguyÔn ThÞ §µo", "Nguyeãn Thò Ñaøo"]) < -0.5
    assert how_vietnamese(["Hélène", "François", "né à Besançon"]) < 0
    assert how_vietnamese([]) == 0
