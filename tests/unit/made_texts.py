"""Rows of a made-up register: names from samples, places from the units of the country."""

import csv
import random
from functools import cache
from pathlib import Path

import numpy as np

import config
from samples import names

HEADER = "form_no,full_name,birth_date,sex,current_place,ethnicity,current_address"


@cache
def made_names(count: int) -> list[str]:
    """So many names, in the proportions of the samples."""
    rng = np.random.default_rng(7)
    ethnicity = rng.choice(names.ETHNICITY_TABLE, count).astype(np.int64)
    surnames = names.draw_surnames(rng, ethnicity)
    male, young = rng.random(count) < 0.5, rng.random(count) < 0.5
    codes = names.draw_names(rng, surnames=surnames, ethnicity=ethnicity, male=male, young=young)
    return names.render(codes, upper=False).to_pylist()


@cache
def unit_names() -> list[str]:
    """Full names of the units of 2025."""
    path = Path(config.__file__).with_name("places") / "units_2025-03-12.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row["full_name"] for row in csv.DictReader(file)]


def made_register(rows: int) -> str:
    """A CSV of so many rows."""
    dice = random.Random(rows)
    people, units = made_names(2000), unit_names()
    lines = [HEADER]
    for number in range(rows):
        place = ", ".join(dice.sample(units, 2))
        name, sex, group = dice.choice(people), dice.choice(["Nam", "Nữ"]), dice.choice(["Kinh", "Tày", "Hoa"])
        street = dice.choice(units).split(maxsplit=1)[-1]
        lines.append(f'A{number},{name},12/03/1960,{sex},"{place}",{group},"Số {number} ấp {street}"')
    return "\n".join(lines) + "\n"
