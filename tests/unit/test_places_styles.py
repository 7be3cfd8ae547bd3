"""Every unit of the three states, as people write it: its own commune, or a declared ambiguity; never another one."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

import config
from registry.places import AMBIGUOUS, Gazetteer, Unit
from registry.writing import TEXT, plain

GAZETTEER = Gazetteer.open(Path(config.__file__).parent / "places")
DAYS = (date(2022, 6, 1), date(2025, 4, 1), date(2026, 6, 1))

SHORT = {
    "Xã": "X. ", "Phường": "P.", "Thị trấn": "TT. ", "Đặc khu": "ĐK ",
    "Quận": "Q.", "Huyện": "H. ", "Thị xã": "TX.", "Thành phố": "TP.", "Tỉnh": "T.",
}  # fmt: skip
KIND = re.compile(rf"({'|'.join(SHORT)}) ", re.IGNORECASE)
#: The same tones on the other vowel.
OTHER_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "ọa": "oạ", "ủy": "uỷ", "úy": "uý", "ùy": "uỳ", "òe": "oè"}


def short(name: str) -> str:
    return KIND.sub(lambda kind: SHORT[kind[1].capitalize()], name, count=1)


def bare(name: str) -> str:
    return KIND.sub("", name, count=1)


def other_tones(path: list[str]) -> str:
    text = ", ".join(path)
    for one, other in OTHER_TONES.items():
        text = re.sub(rf"{one}\b", other, text)
    return text


Style = Callable[[list[str]], str]

#: How a path is written, and the least share of the communes that is found by it: what is measured, rounded down.
STYLES: dict[str, tuple[Style, float]] = {
    "full": (", ".join, 1.0),
    "upper case": (lambda path: ", ".join(path).upper(), 1.0),
    "abbreviated": (lambda path: ", ".join(map(short, path)), 1.0),
    "without spaces": (lambda path: ",".join(part.replace(" ", "") for part in map(short, path[:-1])) + ","
                       + path[-1], 0.99),
    "province first": (lambda path: " - ".join(reversed(path)), 1.0),
    "province first, abbreviated": (lambda path: "; ".join(map(short, reversed(path))), 1.0),
    "without accents": (lambda path: plain(", ".join(path)), 0.995),
    "abbreviated, without accents": (lambda path: plain("/".join(map(short, path))).lower(), 0.995),
    "tones on the other vowel": (other_tones, 1.0),
    "in brackets": (lambda path: f"{short(path[0])} ({', '.join(path[1:])})", 1.0),
    "below a hamlet": (lambda path: "Ấp 3, " + ", ".join(path), 1.0),
    "without separators": (" ".join, 0.99),
    "without kinds": (lambda path: ", ".join(map(bare, path)), 0.98),
    "without kinds and accents": (lambda path: plain(", ".join(map(bare, path))), 0.97),
    "commune and province": (lambda path: f"{path[0]}, {path[-1]}", 0.96),
    "commune and district": (lambda path: ", ".join(path[:2]), 0.998),
}  # fmt: skip


def communes(state: int) -> list[Unit]:
    return [unit for unit in GAZETTEER.states[state].units.values() if unit.level == "commune"]


def found_share(state: int, write: Style) -> float:
    """Share of the communes that are found when written so; that the others are not taken for another is asserted."""
    units = communes(state)
    texts = [write(GAZETTEER.states[state].path(unit).split(", ")) for unit in units]
    codes, first_days, _ = GAZETTEER.resolve(pa.array(texts, TEXT), DAYS[state])
    own = [(unit.code, unit.valid_from) for unit in units]
    found = list(zip(codes.to_pylist(), first_days.to_pylist(), strict=True))
    wrong = [text for text, mine, its in zip(texts, found, own, strict=True) if mine not in {its, (None, None)}]
    assert wrong == []
    return sum(mine == its for mine, its in zip(found, own, strict=True)) / len(units)


@pytest.mark.parametrize("style", STYLES)
def test_every_unit_is_its_own_commune_or_undecided(style: str) -> None:
    write, least = STYLES[style]
    sizes = [len(communes(state)) for state in range(3)]
    shares = [found_share(state, write) for state in range(3)]
    assert sum(share * size for share, size in zip(shares, sizes, strict=True)) / sum(sizes) >= least


@pytest.mark.parametrize("style", ["full", "upper case", "abbreviated", "without accents", "province first"])
def test_what_is_not_found_in_the_five_styles_is_a_declared_ambiguity(style: str) -> None:
    for state, day in enumerate(DAYS):
        texts = [STYLES[style][0](GAZETTEER.states[state].path(unit).split(", ")) for unit in communes(state)]
        codes, _, how = GAZETTEER.resolve(pa.array(texts, TEXT), day)
        assert {reason for code, reason in zip(codes.to_pylist(), how.to_pylist(), strict=True) if code is None} <= {
            AMBIGUOUS
        }


def test_every_code_means_the_unit_of_its_day() -> None:
    for state, day in enumerate(DAYS):
        units = communes(state)
        codes, first_days, how = GAZETTEER.resolve(pa.array([unit.code for unit in units], TEXT), day)
        assert codes.to_pylist() == [unit.code for unit in units]
        assert first_days.to_pylist() == [unit.valid_from for unit in units]
        assert set(how.to_pylist()) == {"code"}


def test_codes_that_changed_their_meaning() -> None:
    before, after = (GAZETTEER.states[n].units for n in (1, 2))
    renamed = [code for code in after if code in before and before[code].name != after[code].name]
    renamed = [code for code in renamed if after[code].level == "commune"]
    assert len(renamed) > 1_800
    for day, units in zip(DAYS[1:], (before, after), strict=True):
        assert [GAZETTEER.name(code, day) for code in renamed] == [units[code].full_name for code in renamed]


@pytest.mark.parametrize("style", ["full", "abbreviated", "without accents"])
def test_a_path_of_earlier_is_never_another_place_later(style: str) -> None:
    before = communes(1)
    texts = [STYLES[style][0](GAZETTEER.states[1].path(unit).split(", ")) for unit in before]
    codes, first_days, how = GAZETTEER.resolve(pa.array(texts, TEXT), DAYS[2])
    for unit, code, first_day, reason in zip(
        before, codes.to_pylist(), first_days.to_pylist(), how.to_pylist(), strict=True
    ):
        assert (code, first_day) == (unit.code, unit.valid_from) or reason == AMBIGUOUS
