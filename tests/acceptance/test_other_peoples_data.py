"""The resolver, unchanged, on data that are nothing like a register of ours: made here, with errors as people make."""

import random
from pathlib import Path

import pandas as pd
import pytest

import config
from benchmarks.labelled import Source, as_forms
from benchmarks.linkage import measure_dancu
from benchmarks.slips import mistyped
from registry.codes import CodeList

SEXES = CodeList.load(Path(config.__file__).parent / "reference" / "sex.csv")
PERSONS = 1_000


def word(draw: random.Random, syllables: int) -> str:
    return "".join(draw.choice("bcdfghklmnprstvw") + draw.choice("aeiou") for _ in range(syllables))


def made_up(draw: random.Random) -> dict[str, str]:
    """A person of a country where nothing is as here: few given names, some surnames often, numbers of seven digits."""
    return {
        "given": GIVEN[int(draw.random() ** 2 * len(GIVEN))],
        "surname": SURNAMES[int(draw.random() ** 3 * len(SURNAMES))],
        "born": f"{draw.randint(1900, 1999)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}",
        "no": str(draw.randint(1_000_000, 9_999_999)),
        "house": str(draw.randint(1, 250)),
        "street": f"{STREETS[draw.randrange(len(STREETS))]} {draw.choice(('street', 'place', 'crescent'))}",
        "town": TOWNS[int(draw.random() ** 2 * len(TOWNS))],
        "postcode": str(draw.randint(2000, 7999)),
    }


_WORDS = random.Random(1)
GIVEN, SURNAMES, STREETS, TOWNS = (
    [word(_WORDS, syllables) for _ in range(count)] for count, syllables in ((150, 3), (500, 3), (800, 4), (200, 4))
)


def copied(draw: random.Random, person: dict[str, str], slips: int) -> dict[str, str]:
    """The person as somebody copied it: letters wrong, words swapped, cells empty."""
    made = dict(person)
    for _ in range(slips):
        column = draw.choice(list(made))
        if draw.random() < 0.1:
            made["given"], made["surname"] = made["surname"], made["given"]
        elif draw.random() < 0.15:
            made[column] = ""
        elif made[column]:
            made[column] = mistyped(draw, made[column])
    return made


MAPS = {
    "everything": {
        "full_name": Source(("surname", "given")),
        "birth_date": Source(("born",), "%Y%m%d"),
        "cmnd_no": Source(("no",)),
        "permanent_address": Source(("house", "street")),
        "permanent_place": Source(("town", "postcode")),
    },
    "no address": {
        "full_name": Source(("given", "surname")),
        "birth_date": Source(("born",), "%Y%m%d"),
        "pid": Source(("no",)),
        "permanent_place": Source(("postcode",)),
    },
    "no number": {
        "full_name": Source(("given", "surname")),
        "birth_date": Source(("born",), "%Y%m%d"),
        "permanent_address": Source(("house", "street", "town")),
    },
}


def found_in(
    persons: list[dict[str, str]], copies: list[dict[str, str]], columns: dict[str, Source], *, linked: bool
) -> dict[str, float]:
    """What comes of persons and of copies of them, these in the persons' order, once or several times over."""
    tables = [pd.DataFrame(persons), pd.DataFrame(copies)] if linked else [pd.DataFrame(persons + copies)]
    truth = [str(place % len(persons)) for place in range(len(persons) + len(copies))]
    return measure_dancu(as_forms(tables, columns, sexes=SEXES), truth, linked=linked)


@pytest.mark.parametrize(
    ("name", "linked", "bound"),
    [
        ("everything", True, 0.998),
        ("everything", False, 0.996),
        ("no address", True, 0.985),
        ("no number", True, 0.98),
    ],
)
def test_who_is_who_in_data_of_another_kind(name: str, linked: bool, bound: float) -> None:
    draw = random.Random(7)
    persons = [made_up(draw) for _ in range(PERSONS)]
    copies = [copied(draw, person, draw.randint(0, 4)) for person in persons]
    found = found_in(persons, copies, MAPS[name], linked=linked)
    assert found["true_pairs"] == PERSONS
    assert found["f1"] >= bound


def shares_half_a_name(one: dict[str, str], other: dict[str, str]) -> bool:
    """And nothing else: not even a date that a slip or two would make the other's."""
    dates = [(made["born"][2], made["born"][5], made["born"][7]) for made in (one, other)]
    return (
        one["given"] == other["given"]
        and one["surname"] != other["surname"]
        and all(ones != others for ones, others in zip(*dates, strict=True))
    )


@pytest.mark.parametrize("linked", [True, False])
def test_a_number_copied_from_somebody_else_ties_nobody(linked: bool) -> None:
    draw = random.Random(8)
    persons = [made_up(draw) for _ in range(PERSONS)]
    copies = [dict(person) for person in persons]
    for copy in copies[::10]:
        copy["no"] = next((other["no"] for other in persons if shares_half_a_name(copy, other)), copy["no"])
    columns = {name: source for name, source in MAPS["everything"].items() if name != "cmnd_no"}
    found = found_in(persons, copies, columns | {"pid": Source(("no",))}, linked=linked)
    assert found["recall"] == 1
    assert found["precision"] >= (1 if linked else 0.99)


def test_a_linked_data_set_may_have_doubles_of_its_own() -> None:
    draw = random.Random(9)
    persons = [made_up(draw) for _ in range(PERSONS)]
    copies = [copied(draw, person, draw.randint(0, 2)) for person in persons * 2]
    found = found_in(persons, copies, MAPS["everything"], linked=True)
    assert found["true_pairs"] == 2 * PERSONS
    assert found["f1"] >= 0.998
