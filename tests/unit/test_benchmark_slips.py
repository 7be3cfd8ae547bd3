"""Copies with slips: as many as were asked for, of known persons, and the same again for the same seed."""

import random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.slips import copied, make, mistyped

PEOPLE = [
    {"given": given, "surname": surname, "no": str(1000 + number)}
    for number, (given, surname) in enumerate(
        (given, surname) for given in ("an", "bo", "cy") for surname in ("x", "y")
    )
]
SWAPS = [("given", "surname")]


def test_the_same_seed_makes_the_same_copies() -> None:
    asked = {"rows": 4, "copies": 3, "slips": 5, "swaps": SWAPS}
    one, other, again = (make(PEOPLE, seed=seed, **asked) for seed in (1, 2, 1))  # type: ignore[arg-type]
    assert one[0].equals(again[0])
    assert one[1].equals(again[1])
    assert not one[1].equals(other[1])


def test_every_person_has_copies_and_an_original() -> None:
    originals, copies = make(PEOPLE, rows=5, copies=3, slips=2, seed=3, swaps=SWAPS)
    assert originals["person"].tolist() == ["0", "1", "2", "3", "4"]
    assert set(copies["person"]) == set(originals["person"])
    assert copies.groupby("person").size().max() <= 3


def test_a_copy_without_slips_is_the_row() -> None:
    assert copied(random.Random(1), PEOPLE[0], 0, others=PEOPLE, swaps=SWAPS) == PEOPLE[0]


@given(st.text("abc123", min_size=1, max_size=8), st.integers(0, 1000))
def test_a_slip_is_one_letter(value: str, seed: int) -> None:
    made = mistyped(random.Random(seed), value)
    assert abs(len(made) - len(value)) <= 1
    if len(made) == len(value):
        assert sum(one != other for one, other in zip(made, value, strict=True)) <= 2
